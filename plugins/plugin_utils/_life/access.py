# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access: people x entitlements x connections -> what each connection should hold, and what differs from that."""

from __future__ import annotations

import hashlib
import json
import typing as t

from .life import Life, User, life_of
from .people import ACTIVE, LEAVE, Person, account_names, entitled, fold, standing, written

Document = t.Mapping[str, t.Any]
Directories = t.Mapping[str, "list[User] | None"]
"""Connection -> its users, as the info modules tell them; None where they could not be read."""

SUMMARY = ("created", "updated", "renamed", "disabled", "deleted", "restored", "unchanged", "failed")


def _key(grant: t.Any) -> str:
    return json.dumps(grant, sort_keys=True)


def _unique(grants: t.Iterable[t.Any]) -> list[t.Any]:
    return list({_key(grant): grant for grant in grants}.values())


def managed(document: Document, connection: str) -> dict[str, list[t.Any]]:
    """Return what the entitlements name in a connection, by facet: nothing else is given or taken there."""
    found: dict[str, list[t.Any]] = {}
    for entitlement in (document.get("identity_entitlements") or {}).values():
        for facet, grants in (entitlement["grants"].get(connection) or {}).items():
            found[facet] = _unique([*found.get(facet, ()), *grants])
    return found


def desired(document: Document, directories: Directories, day: str) -> dict[str, dict[str, t.Any]]:
    """Return for each connection that could be read what its bulk module is to be given, and what there is to say.

    ``users`` and ``protect`` are options of the bulk module. ``people`` maps the folded name of each account to the id of its person.
    ``notes`` are entries of drift that no plan shows: accounts without an entitlement, and what the API cannot do.
    """
    connections = document.get("identity_connections") or {}
    return {name: _Wishes(document, name, users, day).result() for name in connections if (users := directories.get(name)) is not None}


class _Wishes:
    """The wishes for one connection."""

    def __init__(self, document: Document, name: str, users: list[User], day: str) -> None:
        self._name, self._day = name, day
        self._connection = document["identity_connections"][name]
        self._life: Life = life_of(self._connection["provider"])
        self._entitlements = document.get("identity_entitlements") or {}
        self._people: list[Person] = document.get("identity_people") or []
        self._managed = managed(document, name)
        self._there = {fold(str(user["user"])): user for user in users if user.get("user")}
        self._notes: list[dict[str, t.Any]] = []
        self._owners: dict[str, str] = {}

    def result(self) -> dict[str, t.Any]:
        """Return what ``desired`` returns for the connection."""
        present = [person for person in self._people if self._standing(person) in (ACTIVE, LEAVE) or not written(person)]
        # An address that somebody has today is that person's, whoever had it before.
        taken = {name for person in present for name in account_names(person, self._name).all()[:1]}
        users, protect = [], list(self._connection.get("protect") or ())
        for person in self._people:
            names = [name for number, name in enumerate(account_names(person, self._name).all()) if (number == 0 and person in present) or name not in taken]
            account = next((self._there[name] for name in names if name in self._there), None)
            if account is not None:
                self._owners[fold(account["user"])] = person["id"]
            if not written(person):
                protect += account_names(person, self._name).all()
                continue
            wish = self._wish(person, account)
            if wish is not None:
                self._owners.setdefault(fold(wish["user"]), person["id"])
                users.append(wish)
        return {"users": users, "protect": protect, "people": self._owners, "notes": self._notes}

    def _standing(self, person: Person) -> str:
        return standing(person, self._day)

    def _wish(self, person: Person, account: User | None) -> User | None:
        """Return the entry of the bulk module for one person, None where there is nothing to wish for."""
        stands, life = self._standing(person), self._life
        if stands == LEAVE:
            return None if account is None else {"user": account["user"], **life.blocked}
        if stands != ACTIVE:
            return None if account is None else {"user": account["user"], **life.blocked, **({} if life.takes_all else self._facets([]))}
        granting = [self._entitlements[name]["grants"][self._name] for name in entitled(person, self._day) if self._name in self._entitlements[name]["grants"]]
        if not granting:
            if account is None:
                return None
            self._note(account["user"], person, "extra", "has an account, and no entitlement that grants one")
            return {"user": account["user"], **self._facets([])}
        return self._active(person, account, granting)

    def _active(self, person: Person, account: User | None, granting: list[dict[str, t.Any]]) -> User:
        life, names = self._life, account_names(person, self._name)
        # Who has no name in the file keeps what is there; who is new needs one.
        named = {"name": person["id"], **person} if account is None else person
        profile = {field: value for field, value in life.profile(named, self._connection, account is None).items() if value not in (None, "")}
        wish: User = {"user": names.key, **profile, **self._facets(granting)}
        if account is None:
            wish.update(life.new)
        elif account.get("enabled") is not True:
            wish.update(life.active)
        if account is not None and fold(account["user"]) != fold(names.key):
            if life.renames:
                wish["previous_users"] = list(names.earlier)
            else:
                wish["user"] = account["user"]
                advice = f"should be called {names.key}, and {life.provider} cannot rename; make the new account on purpose"
                self._note(account["user"], person, "attribute", advice)
        differing = (person.get("accounts") or {}).get(self._name) or {}
        wish.update({field: value for field, value in differing.items() if field != "user"})
        return wish

    def _facets(self, granting: list[dict[str, t.Any]]) -> User:
        """Return the managed facets, with what is granted in each."""
        found: User = {}
        for facet, bounds in self._managed.items():
            found[facet] = _unique(grant for grants in granting for grant in grants.get(facet) or ())
            found[f"{facet}_state"] = "managed"
            found[f"managed_{facet}"] = bounds
        return found

    def _note(self, account: str, person: Person, kind: str, text: str) -> None:
        self._notes.append({"connection": self._name, "account": account, "person": person["id"], "kind": kind, "text": text, "before": None, "after": None})


# -- what differs --------------------------------------------------------------------------------------------------


def digest(plans: t.Mapping[str, t.Any]) -> str:
    """Return the SHA-256 of all connections' plans; one that could not be planned is part of it as such."""
    told = {name: (plan.get("plan_digest") if "error" not in plan else None) for name, plan in plans.items()}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def summary(
    wishes: t.Mapping[str, t.Any], plans: t.Mapping[str, t.Any], applied: t.Mapping[str, t.Any], errors: t.Mapping[str, str], day: str, mode: str
) -> dict[str, t.Any]:
    """Return one summary over all connections.

    ``plans`` and ``applied`` are results of the bulk modules by connection (check mode, and the real run where there was one), ``errors``
    why connections could not be read. The drift is what was found before anything was applied.
    """
    connections: dict[str, dict[str, t.Any]] = {}
    drift: list[dict[str, t.Any]] = []
    losses: list[dict[str, t.Any]] = []
    for name in sorted({*plans, *errors}):
        if name in errors:
            connections[name] = {"error": errors[name]}
            drift.append({"connection": name, "account": None, "person": None, "kind": "unreadable", "text": errors[name], "before": None, "after": None})
            continue
        plan, done = plans[name], applied.get(name)
        told = done if done is not None else plan
        counts = {key: (told.get("summary") or {}).get(key, 0) for key in SUMMARY}
        counts["changed"] = sum(counts[key] for key in SUMMARY if key not in ("unchanged", "failed"))
        connections[name] = {**counts, "mails": told.get("mails", 0), **({"error": told["error"]} if told.get("error") else {})}
        found = [*_drift(name, plan, wishes[name]["people"]), *wishes[name]["notes"], *_mapped(name, plan, done, wishes[name]["people"])]
        drift += found
        losses += [entry for entry in found if entry["kind"] == "extra" and entry["before"] not in (None, "")]
    totals = {key: sum(one.get(key, 0) for one in connections.values()) for key in (*SUMMARY, "changed", "mails")}
    report: dict[str, t.Any] = {
        "day": day, "mode": mode, "digest": digest({**plans, **{name: {"error": text} for name, text in errors.items()}}), "totals": totals,
        "connections": connections, "losses": losses, "drift": drift,
        "failed": [f"{name}: {one['error']}" for name, one in connections.items() if "error" in one],
    }
    return {**report, "text": text(report)}


def _drift(name: str, plan: Document, people: t.Mapping[str, str]) -> t.Iterator[dict[str, t.Any]]:
    def entry(account: str, kind: str, text: str, before: t.Any = None, after: t.Any = None) -> dict[str, t.Any]:
        return {"connection": name, "account": account, "person": people.get(fold(account)), "kind": kind, "text": text, "before": before, "after": after}

    for change in plan.get("changes") or ():
        account, before, after = change["before_header"], change.get("before") or {}, change.get("after") or {}
        if not before and after:
            yield entry(account, "missing", _ACCOUNT, None, after)
            continue
        if before and not after:
            yield entry(account, "extra", _ACCOUNT, before, None)
            continue
        for field in {**before, **after}:
            old, new = before.get(field), after.get(field)
            if isinstance(old, list) or isinstance(new, list):
                gained, lost = _less(new, old), _less(old, new)
                if gained:
                    yield entry(account, "missing", f"{field}: {_named(gained)}", None, gained)
                if lost:
                    yield entry(account, "extra", f"{field}: {_named(lost)}", lost, None)
            elif field == "enabled" and new is False:
                yield entry(account, "extra", "login", old, new)
            elif field == "enabled" or field == "state":
                yield entry(account, "missing", "login", old, new)
            else:
                yield entry(account, "attribute", field, old, new)
    for user in plan.get("unmanaged") or ():
        for facet, grants in user.items():
            if facet != "user":
                yield entry(user["user"], "unmanaged", f"{facet}: {_named(grants)}", grants, grants)
    for account in plan.get("unlisted") or ():
        if fold(account) not in people:
            yield entry(account, "unmanaged", _STRANGER, account, account)


def _less(one: t.Any, other: t.Any) -> list[t.Any]:
    without = {_key(item) for item in other or ()}
    return [item for item in one or () if _key(item) not in without]


def _mapped(name: str, plan: Document, done: Document | None, people: t.Mapping[str, str]) -> t.Iterator[dict[str, t.Any]]:
    accounts = [change["before_header"] for change in plan.get("changes") or ()]
    for warning in (done or {}).get("warnings") or ():
        if "could not be taken away" in warning or "mapping" in warning:
            # The longest name that the warning begins with: one name may begin like another.
            account = max((known for known in accounts if warning.startswith(known)), key=len, default=None)
            person = people.get(fold(account)) if account else None
            yield {"connection": name, "account": account, "person": person, "kind": "mapped", "text": warning, "before": None, "after": None}


def _named(grants: t.Any) -> str:
    shown = []
    for grant in grants if isinstance(grants, list) else [grants]:
        shown.append("/".join(str(value) for _name, value in sorted(grant.items(), reverse=True)) if isinstance(grant, dict) else str(grant))
    return ", ".join(shown)


_SHOWN = 5
"""Accounts of a crowd that the text names; the summary itself has them all."""
_ACCOUNT, _STRANGER = "account", "account that is nobody's"
_SIGNS = {"missing": "+", "extra": "-", "attribute": "~", "unmanaged": "?", "mapped": "=", "unreadable": "!"}


def text(report: Document) -> list[str]:
    """Return a summary as lines for people, longest story last."""
    verb = "Applied" if report["mode"] == "apply" else "Plan"
    lines = [f"{verb} for {report['day']}, digest {report['digest']}"]
    for name, one in report["connections"].items():
        counts = ", ".join(f"{one[key]} {key}" for key in SUMMARY if one.get(key))
        mails = f", {one['mails']} mails" if one.get("mails") else ""
        lines.append(f"{name}: {one.get('error', counts or 'nobody')}{mails}")
    # Whole accounts come in crowds: those of a kind are one line.
    crowds: dict[tuple[str, str, str], list[str]] = {}
    for entry in report["drift"]:
        if entry["text"] in (_ACCOUNT, _STRANGER):
            crowds.setdefault((entry["connection"], entry["kind"], entry["text"]), []).append(entry["account"])
            continue
        change = f": {_value(entry['before'])} -> {_value(entry['after'])}" if entry["kind"] == "attribute" and (entry["before"] or entry["after"]) else ""
        who = f" {entry['account']}" if entry["account"] else ""
        lines.append(f"  {_SIGNS[entry['kind']]} {entry['connection']}{who}: {entry['kind']}: {entry['text']}{change}")
    for (name, kind, what), accounts in crowds.items():
        more = f" and {len(accounts) - _SHOWN} more" if len(accounts) > _SHOWN else ""
        lines.append(f"  {_SIGNS[kind]} {name}: {kind}: {what}: {', '.join(accounts[:_SHOWN])}{more}")
    return lines


def _value(value: t.Any) -> str:
    return "nothing" if value in (None, "") else str(value)
