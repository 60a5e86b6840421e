# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence of closing a review: who decided what, what was done when, and what is refused."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

import pytest
from closing import (
    FILES,
    content,
    digest_of,
    outcomes,
    put,
    refused,
    roles,
)
from jobs import UNREADABLE, ok, warned
from playbooks import Playbooks
from reviews import Reviews, revoke
from scenarios import assert_silent

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from simulator.harness import Simulator

pytestmark = [pytest.mark.in_process(users=0), pytest.mark.usefixtures("closing")]


def test_the_evidence_says_who_decided_what_and_when_it_was_done(simulator: Simulator, review: Reviews) -> None:
    ok(review.open())
    review.decide(
        lambda row: (
            "revoke" if row["grant_name"] == "Snowflake" else "change" if row["account"] == "bob@acme.com" else "keep"
        )
    )
    result = ok(review.close())
    document = review.document("closed.json")
    assert (
        document["kind"],
        document["review"],
        document["outcomes"]["removed"],
        document["outcomes"]["follow_up"],
    ) == ("access_review_closed", "q2", 1, 1)
    row = next(row for row in document["rows"] if row["outcome"] == "removed")
    assert (row["decided_by"], row["decided_by_name"], row["reason"], row["decided"]) == (
        "AUD", "Audrey Tor", "as agreed", document["opened"],
    )
    assert document["opened"] < row["time"] <= document["closed"]
    assert set(document["read"]) == {"manifest.json", "review.json", "decisions: decisions.json"}
    assert [(row["account"], row["reason"]) for row in result["review"]["follow_up"]] == [("bob@acme.com", "as agreed")]
    assert roles(simulator)["bob@acme.com"] == ["VPN"], "a change is not written"
    manifest = review.document("closed-manifest.json")
    assert manifest["files"] == {name: digest_of(review.dest / name) for name in FILES[:3]}
    rows = list(csv.DictReader((review.dest / "closed.csv").open(encoding="utf-8")))
    assert [one["outcome"] for one in rows] == [one["outcome"] for one in document["rows"]]
    assert "Audrey Tor" in (review.dest / "closed.html").read_text(encoding="utf-8")


def test_row_without_a_decision_follows_the_option_within_the_limits(simulator: Simulator, review: Reviews) -> None:
    ok(review.open())
    assert refused(review) == ["no_decisions"]
    limited = review.close(undecided="revoke", loss_limit="1")
    assert "at most 1 may" in limited["msg"]
    assert [error["code"] for error in limited["errors"]] == ["loss_limit"]
    assert "raise access_review_loss_limit." in limited["msg"]
    assert (review.sent, limited["review"]["outcomes"]["failed"]) == ([], 4)
    ok(review.close(undecided="revoke", loss_limit="3"))
    assert {outcome for _account, _grant, outcome in outcomes(review)} == {"removed"}
    document = review.document("closed.json")
    assert {(row["undecided"], row["decided_by"]) for row in document["rows"]} == {(True, "")}
    assert roles(simulator)["ada@acme.com"] == []


def test_undecided_rows_may_be_kept(simulator: Simulator, review: Reviews) -> None:
    ok(review.open())
    result = ok(review.close(undecided="keep"))
    assert (review.sent, result["review"]["outcomes"]["kept"]) == ([], 4)
    assert warned(result) == []


def test_warnings_of_a_close_have_codes(review: Reviews) -> None:
    for person in review.people[:2]:
        person["manager"] = "E3"
    ok(review.open(by="manager"))
    (review.dest / "review.csv").unlink()
    review.decide(lambda row: "keep" if row["account"] == "bob@acme.com" else "")
    file = review.folder / "people.csv"
    file.write_text("id,name,email,status\nE1,Ada x,ada@acme.com,gone fishing\n", encoding="utf-8")
    result = ok(review.close(undecided="keep", people=None, people_file=str(file)))
    assert [(code, text.partition(". ")[0]) for code, text in warned(result)] == [
        ("unknown_status", "people.csv line 2 (E1): status: 'gone fishing' is unknown"),
        ("other_page", "AUD has decided 1 row of the page of E3."),
        ("missing_decisions", "Of the 3 rows of E3 Cyd x, 1 is decided."),
        ("no_file", "review.csv is listed in manifest.json, but no longer exists"),
    ]
    with pytest.raises(InputError, match="The review was opened with 3 people, but there are no people now") as error:
        review.close(undecided="revoke", people=[])
    assert [problem.code for problem in error.value.problems] == ["no_people"]
    (review.dest / "decisions" / "decisions.json").unlink()
    result = ok(review.close(undecided="revoke", people=[]))
    text = (
        "There are no people, so it is not known what the role access would give again. Set identity_people or "
        "access_review_people_file."
    )
    assert ("no_people", text) in warned(result)


def test_what_an_entitlement_would_give_again_is_reported_with_the_place_in_the_data(
    simulator: Simulator, review: Reviews
) -> None:
    review.entitlements = {
        "crm": {"grants": {"ol": {"roles": ["VPN"]}}},
        "all": {"grants": {"ol": {"roles": ["Snowflake"]}}},
        "old": {"grants": {"ol": {"roles": ["VPN"]}}},
    }
    file = review.folder / "people.csv"
    file.write_text(
        "id,name,email,status,entitlements,department\nE1,Ada x,ada@acme.com,active,crm,Sales\nE2,Bob "
        "x,bob@acme.com,left,crm,Sales\nE3,Cyd x,cyd@acme.com,active,,IT\n",
        encoding="utf-8",
    )
    rules = [{"when": {"id": "x"}, "entitlements": "old"}, {"when": {"department": "Sales"}, "entitlements": ["all"]}]
    feed: dict[str, Any] = {"people": None, "people_file": str(file), "rules": rules}
    ok(review.open(**feed))
    review.decide(lambda row: "revoke")
    result = ok(review.close(**feed))
    again = {
        (row["account"], row["grant_name"]): (row["given_again_by"], row["advice"])
        for row in result["review"]["given_again"]
    }
    assert set(again) == {("ada@acme.com", "VPN"), ("ada@acme.com", "Snowflake")}, (
        "who has left gets nothing again, nor who is entitled to nothing"
    )
    assert again["ada@acme.com", "VPN"][0] == "entitlement 'crm' of E1 (people.csv line 2)"
    assert again["ada@acme.com", "VPN"][1].startswith(
        "Remove the entitlement 'crm' of E1 in people.csv line 2; or remove VPN from identity_entitlements.crm"
    )
    assert again["ada@acme.com", "Snowflake"][0] == "entitlement 'all' of E1 by identity_rules[1] (people.csv line 2)"
    assert again["ada@acme.com", "Snowflake"][1].startswith(
        "Change identity_rules[1], or the data of E1 in people.csv line 2"
    )
    assert sum("would give this again" in line for line in result["review"]["text"]) == 2
    assert "would give this again" not in "".join(ok(review.close(**feed))["review"]["text"]), "once is enough"
    simulator.faults(
        [{"provider": "onelogin", "operation": "list_users", "count": 0, "status": 403, "body": {"message": "no"}}]
    )
    failed = review.close(**feed)
    assert (failed["changed"], len(failed["review"]["given_again"])) == (False, 2), (
        "what cannot be read has not changed"
    )


def test_evidence_that_was_edited_and_decisions_that_changed_are_refused(review: Reviews) -> None:
    ok(review.open())
    review.decide(revoke(("bob@acme.com", "VPN")))
    ok(review.close())
    review.decide(lambda row: "keep")
    assert refused(review) == ["decision_changed"]
    review.decide(revoke(("bob@acme.com", "VPN"), ("ada@acme.com", "VPN")))
    ok(review.close())
    assert ("ada@acme.com", "VPN", "removed") in outcomes(review), "what was kept may be revoked later"
    closed = review.dest / "closed.json"
    text = closed.read_text(encoding="utf-8")
    edited = text.replace("bob@acme.com", "bib@acme.com")
    for wrong, code in (
        (edited, "review_edited"),
        (text.replace('"q2"', '"q1"'), "other_review"),
        ("{", "unreadable_file"),
    ):
        closed.write_text(wrong, encoding="utf-8")
        assert refused(review) == [code]
    closed.write_text(text, encoding="utf-8")
    (review.dest / "closed.csv").unlink()
    (review.dest / "closed.html").write_text("edited", encoding="utf-8")
    assert ok(review.close())["files"] == ["closed.csv", "closed.html"], "the others are made again"


def test_a_close_with_other_decisions_keeps_the_earlier_evidence(review: Reviews) -> None:
    ok(review.open())
    review.decide(lambda row: "keep")
    ok(review.close())
    first, moment = content(review), re.sub("[-:]", "", review.document("closed.json")["closed"])
    names = sorted(path.name for path in review.dest.iterdir())
    assert ok(review.close())["files"] == [], "the same decisions change nothing"
    assert sorted(path.name for path in review.dest.iterdir()) == names
    review.decide(revoke(("bob@acme.com", "VPN")))
    result = ok(review.close(check=True))
    assert f"closed-{moment}.json" in result["files"]
    assert content(review) == first, "check mode writes nothing"
    assert "Its evidence would be kept as closed-" in warned(result)[0][1]
    task = review.folder / "deliver.yml"
    task.write_text("- ansible.builtin.debug:\n", encoding="utf-8")
    result = ok(review.close(deliver=str(task)))
    kept = {f"closed-{moment}.json", f"closed-{moment}.csv", f"closed-{moment}.html", f"closed-manifest-{moment}.json"}
    assert kept < set(result["content"])
    ((code, text),) = warned(result)
    assert code == "replaced_evidence"
    assert text.startswith("An earlier close had other decisions. Its evidence is kept as closed-")
    for name, text in first.items():
        stem, end = name.split(".")
        assert (review.dest / f"{stem}-{moment}.{end}").read_bytes() == text
    assert ("bob@acme.com", "VPN", "removed") in outcomes(review)
    review.decide(revoke(("bob@acme.com", "VPN"), ("ada@acme.com", "VPN")))
    second = content(review)
    ok(review.close())
    texts = [path.read_bytes() for path in review.dest.iterdir() if path.is_file()]
    assert all(text in texts for text in (*first.values(), *second.values())), "even within one second"


def test_an_incomplete_connection_is_left_out_on_purpose_alone(simulator: Simulator, review: Reviews) -> None:
    review.connections["co"] = {"provider": "contabo"}
    simulator.faults(UNREADABLE)
    ok(review.open(on_missing="report"))
    review.decide(revoke(("bob@acme.com", "VPN")))
    assert refused(review) == ["incomplete_connection"]
    result = ok(review.close(only=["ol"]))
    assert "INCOMPLETE: could not be read when the review was opened: co" in result["review"]["text"]
    assert review.document("closed.json")["incomplete"] == ["co"]
    assert "INCOMPLETE" in (review.dest / "closed.html").read_text(encoding="utf-8")


def test_connections_may_be_closed_one_after_the_other(simulator: Simulator, review: Reviews) -> None:
    review.connections["co"] = {"provider": "contabo"}
    simulator.put_users(
        [{"email": "eve@acme.com", "firstName": "Eve", "lastName": "x", "roles": ["Snowflake"]}], "contabo"
    )
    ok(review.open())
    review.decide(lambda row: "revoke" if row["account"] in ("bob@acme.com", "eve@acme.com") else "keep")
    result = ok(review.close(only=["ol"]))
    assert "INCOMPLETE: left out when it was closed: co" in result["review"]["text"]
    assert (outcomes(review), review.document("closed.json")["left_out"]) == (
        {("bob@acme.com", "VPN", "removed")},
        ["co"],
    )
    ok(review.close(only="co"))
    assert review.document("closed.json")["left_out"] == []
    assert outcomes(review) == {("bob@acme.com", "VPN", "removed"), ("eve@acme.com", "Snowflake", "removed")}
    assert ok(review.close())["changed"] is False


def test_evidence_that_cannot_be_written_is_in_the_result(review: Reviews, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review import close as close_module

    def full(path: str, text: str) -> None:
        raise InputError(f"{path} cannot be written: No space left on device.")

    ok(review.open())
    review.decide(revoke(("bob@acme.com", "VPN")))
    monkeypatch.setattr(close_module, "write_text", full)
    failed = review.close()
    text = "The files are in content of the module's result; the role passes them on only with access_review_deliver."
    assert "is incomplete" in failed["msg"] and text in failed["msg"]
    assert json.loads(failed["content"]["closed.json"])["outcomes"]["removed"] == 1
    assert failed["changed"] is True


def test_names_of_people_are_no_markup_and_no_formula(simulator: Simulator, review: Reviews) -> None:
    simulator.put("roles", [{"name": "=cmd|' /C calc'!A0"}])
    put(simulator, ("<script>alert(1)</script>", ["=cmd|' /C calc'!A0"]))
    ok(review.open())
    review.decide(
        revoke(("<script>alert(1)</script>", "=cmd|' /C calc'!A0")),
        entry=lambda entry: {**entry, "reason": "\x1b[31m@SUM(1)<img src=x>"},
    )
    result = ok(review.close())
    html = (review.dest / "closed.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "<img" not in html
    rows = list(csv.DictReader((review.dest / "closed.csv").open(encoding="utf-8")))
    cells = [value for row in rows for value in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "\x1b" not in "".join(result["review"]["text"])


def test_the_role_closes_a_review_and_fails_at_its_end_only(
    simulator: Simulator, review: Reviews, playbooks: Playbooks
) -> None:
    (review.folder / "store.yml").write_text(
        "- name: Store\n  ansible.builtin.debug:\n    msg: \"{{ identity_delivery.kind }} {{ "
        "identity_delivery.content.keys() | sort | join(' ') }}\"\n",
        encoding="utf-8",
    )
    secret = simulator.env["ONELOGIN_CLIENT_SECRET"]
    credentials = {"client_id": simulator.env["ONELOGIN_CLIENT_ID"], "client_secret": secret}
    connection = {"provider": "onelogin", "api_url": simulator.env["ONELOGIN_API_URL"], "credentials": credentials}
    variables = {
        "identity_connections": {"ol": connection},
        "identity_people": review.people,
        "identity_as_of": "2026-06-15",
        "access_review_dest": str(review.dest),
        "access_review_deliver": str(review.folder / "store.yml"),
    }
    role = {"ansible.builtin.include_role": {"name": "rollcall.identity.access_review"}}
    opened = playbooks.run(
        [{"name": "open", **role, "vars": {"access_review_id": "q2"}}], "worker", variables=variables
    )
    digest = opened["Keep the result"].result["ansible_facts"]["access_review_result"]["manifest_digest"]
    review.decide(revoke(("bob@acme.com", "VPN")))
    close = {"access_review_state": "close", "access_review_digest": digest}
    tasks = [
        {
            "name": "check",
            "ansible.builtin.include_role": {"name": "rollcall.identity.access_review", "apply": {"check_mode": True}},
            "vars": close,
        },
        {"name": "close", **role, "vars": close},
        {"name": "again", **role, "vars": close},
    ]
    run = playbooks.run(tasks, "worker", variables=variables)
    steps = [outcome for outcome in run.outcomes if outcome.name == "Open or close the review"]
    assert [(step.result["changed"], len(step.writes)) for step in steps] == [(True, 0), (True, 1), (False, 0)]
    assert "access_review_close closed-manifest.json closed.csv closed.html closed.json" in run.output
    assert outcomes(review) == {("bob@acme.com", "VPN", "removed")}
    assert_silent(run, (secret,))
    assert not [path for path in review.dest.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]

    review.decide(lambda row: "keep")
    failed = playbooks.run([{"name": "close", **role, "vars": close}], "worker", variables=variables, may_fail=True)
    assert failed.code != 0
    step = failed["Open or close the review"]
    assert [error["code"] for error in step.result["errors"]] == ["decision_changed"]
    assert "Open a new review to decide again" in failed["Fail if something failed"].message
