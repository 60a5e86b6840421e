# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts of somebody who leaves, which answer calls as the modules do, and a run from its beginning to its
evidence."""

from __future__ import annotations

import copy

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.data import load
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.begin import begin, options_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.evidence import evidence, failures
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.steps import advance
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS

DAY = "2026-06-15"
ADA = {
    "id": "E1",
    "name": "Ada Lovelace",
    "email": "ada@acme.com",
    "end": "2026-05-01",
    "previous_emails": ["ada@old.com"],
}
KESTRA = {"provider": "kestra", "protect": []}


def settings(connections, /, **changes):
    """Return the parameters of a run, and with them the memory and the evidence of an earlier run."""
    return {
        "people": [ADA], "connections": connections, "as_of": DAY, "person": "E1", "level": "disable",
        "delete_after": "30d", "left_on": "",
        "previous_emails": [], "only": [], "ids": {}, "sessions": "unproven", "proof_wait": 0, "none_found": "fail",
        "check": False, "earlier": {},
        "memory": Memory(), **changes,
    }  # fmt: skip


def started(given):
    """Return the offboarding as it begins, None where something is wrong, and everything that is."""
    problems = []
    options = options_of(given, problems)
    data = load(
        {**given, "entitlements": {}, "rules": []}, "", given["as_of"], "offboard_people_file", problems, entitled=False
    )
    work = begin(options, data, given["memory"], given["as_of"], "2026-06-15T10:00:00Z", given["check"], problems)
    if work is not None:
        work.earlier, work.directories = given["earlier"], given.get("directories", {})
    return work, [str(problem) for problem in problems]


def account(provider, **changes):
    """Return an account that can log in and has something of everything, as the provider's info module tells it."""
    shared = {"id": "1", "user": "ada@acme.com", "enabled": True, "last_login": None}
    own = {
        "contabo": {"roles": ["Admin"]},
        "kestra": {
            "tenants": ["main"],
            "groups": [{"tenant": "main", "name": "data"}],
            "roles": [{"tenant": "main", "role": "Dev", "namespace": "a.b"}],
            "tokens": [{"id": "t1", "name": "ci"}, {"id": "t2", "name": "cd"}],
            "instance_owner": False,
        },
        "nextauth": {"permissions": ["users"], "number_accounts": 1},
        "onelogin": {"roles": ["Snowflake", "VPN"]},
        "scim": {"groups": ["data"]},
        "sendauth": {"permissions": ["VPN"], "groups": ["Data"], "has_passkeys": True, "enabled": None},
    }[provider]
    return {**shared, **own, **changes}


class World:
    """Accounts by connection, which answer calls as the modules do.

    ``broken`` are connections or (connection, module) that fail; ``mapped`` roles stay.
    """

    def __init__(self, connections, users, broken=(), mapped=(), stopped=()):
        self.connections, self.users, self.broken, self.mapped, self.stopped = (
            connections,
            users,
            set(broken),
            mapped,
            stopped,
        )
        self.made = []

    def answer(self, call, check):
        name, module, options = call.connection, call.module, call.options
        self.made.append((name, module, options))
        if name in self.broken or (name, module) in self.broken:
            return {"changed": False, "failed": True, "msg": f"{name} does not answer."}
        if name in self.stopped and module != "user_info":
            return {"changed": False, "failed": True, "msg": "It is protected.", "stopped": ["ada@acme.com"]}
        place = bool(options.get("deleted"))
        found = [
            user for user in self.users[name] if (user.get("state") == "absent") is place and self._is(user, options)
        ]
        if module == "user_info" and not found:
            return {"changed": False, "failed": True, "msg": "Nobody.", "found": False}
        if module == "user_info":
            return {"changed": False, "users": copy.deepcopy(found), "api_calls": 1}
        user = next(user for user in self.users[name] if user["id"] == options["id"])
        target = copy.deepcopy(user) if check else user
        before = copy.deepcopy(target)
        self._do(name, module, options, target)
        return {
            "changed": before != target or module == "user_session",
            "user": {**target},
            "api_calls": 1,
            "request_id": "r",
        }

    @staticmethod
    def _is(user, options):
        if "id" in options:
            return user["id"] == options["id"]
        return options.get("user_key") != "email" and user["user"] == options["user"]

    def _do(self, name, module, options, user):
        state = options.get("state")
        if module == "api_token":
            user["tokens"] = [token for token in user["tokens"] if token["id"] != options["token_id"]]
        elif module == "user_passkey":
            user["has_passkeys"] = False
        elif module == "user_accounts" or options.get("enabled") is False:
            user["enabled"] = False
            if self.connections[name]["provider"] == "kestra":
                user.update(tenants=[], groups=[], roles=[], tokens=[], instance_owner=False)
        elif module == "user" and state == "absent" and self.connections[name]["provider"] == "sendauth":
            user.update(state="absent", enabled=False)
        elif module == "user" and state in ("absent", "destroyed"):
            self.users[name] = (
                [other for other in self.users[name] if other["id"] != user["id"]]
                if user in self.users[name]
                else self.users[name]
            )
            user["gone"] = True
        elif module != "user_session":
            for facet in ("roles", "groups", "tenants", "permissions"):
                if facet in options:
                    user[facet] = [item for item in user.get(facet, ()) if item in self.mapped]


def run(given, world):
    """Run an offboarding to its end and return the evidence."""
    work, problems = started(given)
    assert problems == [], problems
    number = 0
    while work.phase != "end":
        number += 1
        answers = [world.answer(call, given["check"]) for call in work.calls]
        advance(work, answers, f"2026-06-15T10:00:{number:02d}Z")
    return evidence(work, "2026-06-15T10:01:00Z", failures(work))


def rows(document):
    """Return (connection, step, outcome) of the entries."""
    return [(entry["connection"], entry["step"], entry["outcome"]) for entry in document["steps"]]


def outcomes(document, *steps):
    return {entry["outcome"] for entry in document["steps"] if not steps or entry["step"] in steps}


ALL = {provider: {"provider": provider} for provider in PROVIDERS}
OL = {"ol": {"provider": "onelogin"}}
