# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Role access: joiners, movers and leavers of a company in all five providers, from one file."""

from __future__ import annotations

import datetime
import itertools
import json
import pathlib
from typing import Any

import pytest
import yaml
from jobs import PROVIDERS, person
from playbooks import Playbooks, Run
from scenarios import assert_silent

from simulator.harness import Simulator

CANARY = "canary-of-a-connection"
CONNECTIONS: dict[str, dict[str, Any]] = {name: {"provider": provider} for name, provider in PROVIDERS.items()}
ENTITLEMENTS = {
    "data": {
        "owner": "E1",
        "grants": {"ol": {"roles": ["Snowflake"]}, "kes": {"groups": ["platform"], "roles": ["Viewer"]}},
    },
    "cloud": {"grants": {"co": {"roles": ["Snowflake"]}, "se": {"permissions": ["Snowflake"]}}},
    "base": {"grants": {name: {} for name in PROVIDERS}},
}


def role(name: str, people: list[dict[str, Any]] | None, mode: str = "apply", **variables: Any) -> dict[str, Any]:
    """Return a task that runs the role and goes on if it fails."""
    given = {"access_mode": mode, **({"identity_people": people} if people is not None else {}), **variables}
    return {
        "name": name,
        "block": [{"name": name, "ansible.builtin.include_role": {"name": "rollcall.identity.access"}, "vars": given}],
        "rescue": [
            {
                "name": f"{name} failed",
                "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg | default('') }}"},
            }
        ],
        "always": [{"name": f"{name} result", "ansible.builtin.debug": {"msg": "{{ access_result | default({}) }}"}}],
    }


def company(**more: Any) -> dict[str, Any]:
    """Return the variables of a play."""
    return {
        "identity_connections": CONNECTIONS,
        "identity_entitlements": ENTITLEMENTS,
        "identity_as_of": "2026-06-15",
        "access_unlisted": "ignore",
        **more,
    }


def results(run: Run, name: str) -> dict[str, Any]:
    """Return the summary that a run of the role made."""
    found: dict[str, Any] = run[f"{name} result"].result["msg"]
    return found


def names_of(run: Run) -> list[str]:
    """Return the names of the runs of the role, which keeps its own result in a task of a similar name."""
    shown = (outcome.name for outcome in run.outcomes if outcome.name != "Keep the result")
    return [name.removesuffix(" result") for name in shown if name.endswith(" result")]


def writes(run: Run, first: str, last: str) -> list[dict[str, Any]]:
    """Return the writes between the starts of two tasks."""
    names = [outcome.name for outcome in run.outcomes]
    begin, end = names.index(first), names.index(last)
    return [request for outcome in run.outcomes[begin:end] for request in outcome.writes]


@pytest.fixture
def simulator(simulator: Simulator) -> Simulator:
    """Twenty users everywhere, who are nobody's."""
    simulator.reset(seed_users=20)
    return simulator


def accounts(simulator: Simulator, connection: str) -> dict[str, dict[str, Any]]:
    """Return who there is, by address or name."""
    users = simulator.state(PROVIDERS[connection])["users"]
    users = list(users.values()) if isinstance(users, dict) else users
    return {str(user.get("email") or user.get("userid") or user.get("username")): user for user in users}


PEOPLE = [
    person(1, "base", "data"),
    person(2, "base", "data", "cloud"),
    person(3, "base", {"name": "cloud", "until": "2026-06-30", "ticket": "R-1"}),
    person(4, "base", start=datetime.date(2026, 7, 1)),
    person(5, "base", "cloud", kind="contractor", end=datetime.date(2026, 6, 30)),
    person(6, "base", kind="break_glass"),
    person(7, "base", status="left"),
]
"""The company in June."""
MOVED = [
    person(1, "base", "cloud", email="new1@acme.com", previous_emails=["e1@acme.com"]),
    person(2, "base", "data", "cloud", status="leave"),
    *PEOPLE[2:],
]
"""In July: E1 has another name and another job, and E2 is on leave."""
BACK = [MOVED[0], *PEOPLE[1:]]
"""A day later E2 is back."""
REUSED = [person(1, "base", status="left"), person(9, "base", email="e1@acme.com")]
"""E9 gets the address that E1 had."""


def test_a_company_through_the_year(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    july, day_after = {"identity_as_of": "2026-07-02"}, {"identity_as_of": "2026-07-03"}
    run = playbooks.run(
        [
            role("planned", PEOPLE, "plan"),
            role("wrong digest", PEOPLE, access_plan_digest="0" * 64),
            role("joined", PEOPLE, access_plan_digest="{{ first_digest }}"),
            role("again", PEOPLE),
            role("shown", PEOPLE, "plan"),
            role("reused", REUSED, "plan", access_connections="ol"),
            role("moved", MOVED, **july),
            role("moved again", MOVED, **july),
            role("back", BACK, **day_after),
            role("back again", BACK, **day_after),
        ],
        variables=company(first_digest="{{ access_result.digest }}", access_links=str(tmp_path / "links.yml")),
        verbosity=0,
    )
    assert_only_the_approved_plan_is_applied(run)
    assert_nothing_is_written(run, "again", "shown", "reused", "moved again", "back again")
    assert_a_reused_address_moves_no_account(run)
    assert_july_is_reported(run)
    assert_accounts_at_the_end(simulator)


def assert_only_the_approved_plan_is_applied(run: Run) -> None:
    """A plan writes nothing, and only the one with the digest that was approved is applied, as it was planned."""
    planned, joined = results(run, "planned"), results(run, "joined")
    assert planned["failed"] == joined["failed"] == []
    assert (planned["mode"], planned["totals"]["created"]) == ("plan", 4 * 5)
    assert writes(run, run.outcomes[0].name, "planned result") == []
    assert "it is not the approved plan" in run["wrong digest failed"].result["msg"]
    assert [name for name in names_of(run) if f"{name} failed" in run.by_name] == ["wrong digest"]
    assert joined["digest"] == planned["digest"]
    assert [{**about, "api_calls": 0} for about in joined["connections"].values()] == [
        {**about, "api_calls": 0} for about in planned["connections"].values()
    ]


def assert_nothing_is_written(run: Run, *names: str) -> None:
    """These runs of the role write nothing, and neither does one that is refused."""
    sent = {end: writes(run, f"{begin} result", f"{end} result") for begin, end in itertools.pairwise(names_of(run))}
    assert [name for name in ("wrong digest", *names) if sent[name]] == []
    # What was applied before is not reported again. That of "reused" has a change to show.
    assert {results(run, name)["totals"]["changed"] for name in names if name != "reused"} == {0}


def assert_a_reused_address_moves_no_account(run: Run) -> None:
    """E1 has left, and E9 does not get the account of E1."""
    reused = results(run, "reused")
    assert [(change["person"], change["operation"]) for change in reused["changes"]] == [("E1", "disable")]
    assert ("held_back", "E9") in [(finding["code"], finding["person"]) for finding in reused["findings"]]


def assert_july_is_reported(run: Run) -> None:
    """Who starts, who moves, whose contract is over, and what was granted for a time."""
    moved = results(run, "moved")
    drift = [(entry["connection"], entry["person"], entry["kind"], entry["text"]) for entry in moved["drift"]]
    assert ("ol", "E1", "extra", "roles: Snowflake") in drift
    assert ("co", "E3", "extra", "roles: Snowflake") in drift, "what was for a time is over"
    assert ("na", "E1", "attribute", "should be named new1@acme.com, but the API cannot rename accounts") in drift
    assert {name for name, who, _kind, text in drift if who == "E4" and text == "account"} == set(PROVIDERS), (
        "who starts has accounts"
    )
    blocked = {name for name, who, _kind, _text in drift if who == "E5"}
    assert blocked == {"ol", "co", "se"}, "whose contract is over is blocked; in nextAuth there is no device to block"
    renamed = {name: about["renamed"] for name, about in moved["connections"].items()}
    assert renamed == {"ol": 1, "kes": 1, "co": 1, "na": 0, "se": 1}


def assert_accounts_at_the_end(simulator: Simulator) -> None:
    """Who works has accounts, who has left is blocked, and who is nobody's is left alone."""
    contabo, onelogin = accounts(simulator, "co"), accounts(simulator, "ol")
    assert {name: contabo[f"{name}@acme.com"]["enabled"] for name in ("new1", "e2", "e5")} == {
        "new1": True, "e2": True, "e5": False,
    }
    assert {name: onelogin[f"{name}@acme.com"]["status"] for name in ("e2", "e5")} == {"e2": 1, "e5": 2}
    assert "e2@acme.com" in accounts(simulator, "se"), "back from leave, restored"
    for name in PROVIDERS:
        there = accounts(simulator, name)
        assert not {"e6@acme.com", "e7@acme.com"} & set(there), "nobody is made for emergencies, or who has left"
        assert "user0001@example.com" in there


FEED = "id,name,email,entitlements\nE1,Ada Lovelace,ada@acme.com,all\nE2,Bob Bee,bob@acme.com,all until=2026-12-31\n"


def ten_connections(simulator: Simulator) -> dict[str, dict[str, Any]]:
    """Return nine connections to one directory of OneLogin, and one whose credentials are wrong."""
    own = {"client_id": simulator.env["ONELOGIN_CLIENT_ID"], "client_secret": simulator.env["ONELOGIN_CLIENT_SECRET"]}
    wrong = {"client_id": "nobody", "client_secret": CANARY}
    credentials = {**{f"ol{number}": own for number in range(9)}, "bad": wrong}
    return {name: {"provider": "onelogin", "credentials": some} for name, some in credentials.items()}


def keeper(folder: pathlib.Path) -> pathlib.Path:
    """Write a task file that delivers: it keeps the digest of a result in the file ``kept``."""
    copy = {"content": "{{ identity_delivery.content.digest }}", "dest": str(folder / "kept"), "mode": "0600"}
    path = folder / "keep.yml"
    path.write_text(json.dumps([{"name": "Keep", "ansible.builtin.copy": copy}]), encoding="utf-8")
    return path


def test_ten_connections_of_one_provider_a_failing_one_and_files(
    simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    feed, summary, many = tmp_path / "people.csv", tmp_path / "summary.json", ten_connections(simulator)
    feed.write_text(FEED, encoding="utf-8")
    everywhere = {
        "identity_connections": many,
        "identity_entitlements": {"all": {"grants": {name: {} for name in many}}},
        "access_people_file": str(feed),
    }
    goes_on = {**everywhere, "access_on_error": "continue"}
    files = {"access_dest": str(summary), "access_deliver": str(keeper(tmp_path))}
    run = playbooks.run(
        [
            role("stops", None, **everywhere),
            role("continues", None, **goes_on, **files),
            role("rest", None, **goes_on),
            role("some", None, **everywhere, access_connections=["ol3", "ol4"]),
        ],
        variables=company(),
    )
    words = 'problems below. To write the remaining connections only, set access_on_error to "continue".'
    assert words in run["stops failed"].result["msg"]
    assert writes(run, run.outcomes[0].name, "stops result") == []
    assert "bad: " in run["continues failed"].result["msg"]
    mixed, rest, some = (results(run, name) for name in ("continues", "rest", "some"))
    assert_one_directory_is_written_once(mixed)
    assert [text.split(":")[0] for text in rest["failed"]] == ["bad"], rest["failed"]
    assert rest["totals"]["unchanged"] == 2
    digests = (json.loads(summary.read_text(encoding="utf-8"))["digest"], (tmp_path / "kept").read_text("utf-8"))
    assert digests == (mixed["digest"], mixed["digest"])
    assert summary.stat().st_mode & 0o777 == 0o600
    assert (set(some["connections"]), some["totals"]["changed"]) == ({"ol3", "ol4"}, 0)
    assert_silent(run, (CANARY, simulator.env["ONELOGIN_CLIENT_SECRET"]))


def assert_one_directory_is_written_once(mixed: dict[str, Any]) -> None:
    """Nine connections lead to one directory: two people get one account each, and the tenth is named as unreadable."""
    assert mixed["totals"]["created"] == 2
    shared = {name: about.get("shared_with") for name, about in mixed["connections"].items()}
    assert shared == {**{f"ol{number}": "ol0" for number in range(9)}, "ol0": shared["ol0"], "bad": shared["bad"]}
    assert [entry["connection"] for entry in mixed["drift"] if entry["kind"] == "unreadable"] == ["bad"]


def test_mistakes_are_reported_before_the_first_log_in(
    simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    wrong = [person(1, "base", "daata", manager="E9"), person(2, kind="contractor")]
    run = playbooks.run(
        [
            role("wrong", wrong, access_min_people=3, access_max_feed_age="36h", access_connections=["okta"]),
            role("cut", [person(1, "base")], access_min_people=2500),
            role("unapproved", [person(1, "base")], access_plan_digest="{{ approved | default('') }}"),
            role("lost", [person(1, "base")], access_dest="summary.json", awx_job_id="7"),
            role("links", [person(1, "base")], access_mode="apply", identity_links="links.yml", awx_job_id="7"),
            role(
                "nowhere", None, access_people_file="nobody.csv", access_dest="/dev/null/summary.json",
                access_deliver="nothing.yml",
            ),
            role(
                "form", [person(1, "base")], identity_connections=["ol"], identity_entitlements=["base"],
                access_dest=str(tmp_path / "form.json"),
            ),
        ],
        variables=company(),
    )
    message = run["wrong failed"].result["msg"]
    for text in (
        "entitlement daata", "a contractor requires end", "access_min_people is 3",
        "the age of the people data is unknown", "there is no connection okta in identity_connections",
    ):  # fmt: skip
        assert text in message
    assert "truncated" in run["cut failed"].result["msg"]
    assert "access_plan_digest is empty. Specify a value" in run["unapproved failed"].result["msg"]
    assert "access_dest is lost with the container" in run["lost failed"].result["msg"]
    assert "access_links is lost with the container" in run["links failed"].result["msg"]
    nowhere = run["nowhere failed"].result["msg"]
    for option in ("people_file", "deliver"):
        assert f"access_{option}: there is no file /" in nowhere
    assert "access_dest: /dev/null is not a folder." in nowhere
    assert "access_min_people" not in nowhere
    failed = [
        f"{option} is not a mapping. Write it as {{name: value}}."
        for option in ("identity_connections", "identity_entitlements")
    ]
    report = json.loads((tmp_path / "form.json").read_text(encoding="utf-8"))
    assert (report["outcome"], report["failed"], results(run, "form")) == ("invalid", failed, report)
    for form in ("txt", "html"):
        assert failed[0] in (tmp_path / f"form.{form}").read_text(encoding="utf-8")
    assert not any(outcome.requests for outcome in run.outcomes)


def test_a_blank_credential_does_not_become_that_of_the_environment(simulator: Simulator, playbooks: Playbooks) -> None:
    """Not even if the environment has credentials that work."""
    entry = {"provider": "onelogin", "credentials": {"client_id": "{{ not_set | default('') }}"}, "api_url": "{{ '' }}"}
    variables = company(identity_entitlements={"mail": {"grants": {"ol": {}}}})
    run = playbooks.run(
        [role("blank", [person(1, "mail")], identity_connections={"ol": entry})], variables=variables
    )
    message = run["blank failed"].result["msg"]
    for option, variable in (("credentials.client_id", "ONELOGIN_CLIENT_ID"), ("api_url", "ONELOGIN_API_URL")):
        assert (
            f"identity_connections.ol.{option} is empty. Set it, or remove it to use {variable} in the environment."
            in message
        )
    assert not any(outcome.requests for outcome in run.outcomes)
    unset = {"ol": {"provider": "onelogin"}}
    run = playbooks.run([role("unset", [person(1, "mail")], identity_connections=unset)], variables=variables)
    assert any(outcome.requests for outcome in run.outcomes)


def test_everybody_who_failed_is_named(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    links = tmp_path / "links.yml"
    simulator.faults(
        [
            {
                "provider": "onelogin",
                "operation": "create_user",
                "count": 2,
                "status": 422,
                "body": {"message": "not today"},
            }
        ]
    )
    only_ol = {
        "identity_connections": {"ol": CONNECTIONS["ol"]},
        "identity_entitlements": {"base": {"grants": {"ol": {}}}},
    }
    tasks = [role("apply", [person(number, "base") for number in (1, 2, 3)], access_links=str(links))]
    run = playbooks.run(tasks, variables={**company(), **only_ol})
    summary = results(run, "apply")
    assert summary["outcome"] == "partly"
    assert (summary["connections"]["ol"]["created"], summary["connections"]["ol"]["failed"]) == (1, 2)
    # They are written at the same time, so which two fail is up to the server.
    failed = [change["label"] for change in summary["changes"] if change["error"] and not change["done"]]
    done = [change["person"] for change in summary["changes"] if change["done"] and not change["error"]]
    assert (len(failed), len(done)) == (2, 1)
    assert sorted(text.partition(" - ")[0] for text in summary["failed"][1:]) == sorted(failed)
    assert all("not today" in text for text in summary["failed"])
    assert "ol: 1 created, 2 failed" in summary["text"]
    assert [link["person"] for link in yaml.safe_load(links.read_text(encoding="utf-8"))["links"]] == done
