# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the access job in this process, against the simulator over sockets: as its action runs it,
without Ansible."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import yaml

from ansible_collections.rollcall.identity.plugins.modules.identity_access import SPEC
from ansible_collections.rollcall.identity.plugins.modules.identity_offboard import SPEC as OFFBOARD
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.job import run_access
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.job import run_offboard
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

PROVIDERS = {"ol": "onelogin", "kes": "kestra", "co": "contabo", "na": "nextauth", "se": "sendauth"}
ENTITLEMENTS: dict[str, Any] = {
    "base": {"grants": {name: {} for name in PROVIDERS}},
    "mail": {"grants": {"ol": {}}},
    "data": {"grants": {"ol": {"roles": ["Snowflake"]}, "kes": {"groups": ["platform"], "roles": ["Viewer"]}}},
    "cloud": {"grants": {"co": {"roles": ["Snowflake"]}, "se": {"permissions": ["Snowflake"]}}},
}
"""Over one connection of each provider."""
UNREADABLE = [
    {"provider": "contabo", "operation": "retrieve_user_list", "count": 0, "status": 403, "body": {"message": "no"}},
]
"""Faults of the simulator: Contabo refuses the list of users."""


def reset_odd_company(simulator: Simulator, seed_users: int) -> None:
    """Reset the simulator to its company and more users, and to odd users at the providers that have such a mode."""
    odd = {provider: {"odd_users": True} for provider in ("nextauth", "contabo", "sendauth")}
    simulator.reset(seed_users=seed_users, preset="company", **odd)


def person(number: int, *entitlements: Any, **more: Any) -> dict[str, Any]:
    """Return a person: Given1 Family1, e1@acme.com and so on."""
    return {
        "id": f"E{number}",
        "name": f"Given{number} Family{number}",
        "email": f"e{number}@acme.com",
        "entitlements": list(entitlements),
        **more,
    }


@dataclasses.dataclass
class Access:
    """The access job over some connections, with a links file in a folder.

    ``connections`` may be changed between runs.
    """

    simulator: Simulator
    folder: pathlib.Path
    connections: dict[str, dict[str, Any]]
    entitlements: dict[str, Any] = dataclasses.field(default_factory=lambda: ENTITLEMENTS)
    sent: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    """(provider, operation) of the writes of the last run."""
    defaults: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    """Module -> what module_defaults specify for it."""

    @property
    def file(self) -> pathlib.Path:
        """Return the path of the links file."""
        return self.folder / "links.yml"

    def __call__(
        self, people: list[dict[str, Any]], mode: str = "apply", *, check: bool = False, **params: Any
    ) -> dict[str, Any]:
        """Run the job and return its result."""
        names = set(self.connections)
        entitlements = {
            name: {**about, "grants": {one: grants for one, grants in about["grants"].items() if one in names}}
            for name, about in self.entitlements.items()
        }
        arguments = {
            "connections": self.connections, "entitlements": entitlements, "people": people, "mode": mode,
            "as_of": "2026-06-15", "unlisted": "ignore",
            "links": str(self.file), "dest": str(self.folder / "report.json"), **params,
        }
        mark = self.simulator.last
        result = run_access(
            arguments_of(SPEC, arguments),
            Frame(check=check, folder=str(self.folder), defaults=lambda module: self.defaults.get(module, {})),
        )
        self.sent = [(request["provider"], request["operation"]) for request in self.simulator.writes(since=mark)]
        return plain(result)

    def links(self) -> dict[tuple[str, str], str]:
        """Return (person, connection) -> name of the account, as the links file has them."""
        document = yaml.safe_load(self.file.read_text(encoding="utf-8"))
        return {(link["person"], link["connection"]): link["name"] for link in document["links"]}

    def holds(self) -> list[str]:
        """Return the people who are held, as the links file has them."""
        return [hold["person"] for hold in yaml.safe_load(self.file.read_text(encoding="utf-8"))["holds"]]

    def users(self, connection: str = "ol") -> dict[str, dict[str, Any]]:
        """Return the users of a provider by address or name."""
        users = self.simulator.state(self.connections[connection]["provider"])["users"]
        users = list(users.values()) if isinstance(users, dict) else users
        return {str(user.get("email") or user.get("userid") or user.get("username")): user for user in users}


def everywhere(simulator: Simulator, folder: pathlib.Path) -> Access:
    """Return the job over all five providers."""
    return Access(simulator, folder, {name: {"provider": provider} for name, provider in PROVIDERS.items()})


def plain(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result of plain data: Ansible warns of anything else, such as a subclass of str."""

    def check(value: Any, place: str) -> None:
        assert type(value) in (dict, list, str, int, float, bool, type(None)), f"{place} is a {type(value).__name__}"
        for name, part in value.items() if isinstance(value, dict) else enumerate(value) if type(value) is list else ():
            check(part, f"{place}.{name}")

    check(result, "result")
    return result


def arguments_of(spec: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a job as its action passes them on, with all defaults. None stands for an option that
    is not given."""
    validated = validate(spec, {}, {name: value for name, value in arguments.items() if value is not None})
    assert not validated.error_messages, validated.error_messages
    return validated.validated_parameters


class _Untagged(yaml.SafeLoader):
    """Reads a text that is marked as no template as the text that it is."""


_Untagged.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def untagged(text: str | bytes) -> Any:
    """Return the content of a file that the job export has written."""
    return yaml.load(text, Loader=_Untagged)  # a safe loader


def ok(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result that is no failure."""
    assert not result.get("failed"), result.get("msg")
    return result


def warned(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (code, text) of the warnings of a result, which has the same texts in the same order for Ansible."""
    assert ("warnings" in result) == ("warning_details" in result)
    details = result.get("warning_details", [])
    assert [detail["message"] for detail in details] == result.get("warnings", [])
    return [(detail["code"], detail["message"]) for detail in details]


def offboard(access: Access, people: list[dict[str, Any]], who: str, **params: Any) -> None:
    """Run the offboarding of somebody with the same links file. It succeeds."""
    ok(offboarded(access, people, who, **params))


def offboarded(access: Access, people: list[dict[str, Any]], who: str, **params: Any) -> dict[str, Any]:
    """Run the offboarding of somebody with the same links file, and return its result."""
    entitlements = {"mail": {"grants": {"ol": {}}}, "data": {"grants": {"ol": {"roles": ["Snowflake"]}}}}
    arguments = {
        "person": who,
        "connections": access.connections,
        "entitlements": entitlements,
        "people": people,
        "as_of": "2026-06-15",
        "links": str(access.file),
        "dest": str(access.folder / "evidence"),
        "proof_wait": 0,
        **params,
    }
    frame = Frame(folder=str(access.folder))
    return plain(run_offboard(arguments_of(OFFBOARD, arguments), frame, lambda seconds: None))


def findings(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (code, person) of the findings of a run."""
    return [(finding["code"], finding["person"]) for finding in result["report"]["findings"]]


def changes(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (person, connection, operation) of the changes of a run."""
    return [(change["person"], change["connection"], change["operation"]) for change in result["report"]["changes"]]
