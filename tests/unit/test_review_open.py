# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opening a review: the rows of accounts and people that are given, their flags and reviewers, and the files."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import types

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Snapshot, document
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.directory import Directory
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.shapes import users_schema
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.data import Data
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.entitlements import entitlements_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import Inherited, Survey, life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Hold, Link, Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted, Person
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.directories import (
    Reading,
    match,
    standings_of,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.flags import count_rows, is_dormant
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.folder import Folder
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.model import (
    Coverage,
    Review,
    Row,
    Token,
    row_id,
    rows_digest,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.output import (
    cell,
    names_of_pages,
    review_files,
    table,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.previous import Previous, read_previous
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.reviewers import Reviewers
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.rows import Rows, RowSettings, utc_time
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Listed

DAY = "2026-06-15"
SCHEMA = users_schema("username")
ENTITLEMENTS = entitlements_of({
    "staff": {"grants": {"ol": {}}},
    "crm": {"grants": {"ol": {"roles": ["CRM"]}}, "owner": "E3"},
    "old": {"grants": {"ol": {"roles": ["Old"]}}, "retired": True},
})  # fmt: skip


def account(identity, name, roles=(), **values):
    """Return an account of OneLogin, which may log in and did so yesterday."""
    known = {
        "username": name,
        "enabled": True,
        "last_login": "2026-06-14T08:00:00.000Z",
        "created_at": "2020-01-01T00:00:00Z",
        **values,
    }
    return Account(str(identity), name, known, {"roles": {role.lower(): role for role in roles}})


def reading(accounts, name="ol", survey=None):
    """Return a directory that was read."""
    listed = [
        Listed(one.id, one.key, document(SCHEMA, one.id, one.values, one.facets), one.deleted) for one in accounts
    ]
    session = types.SimpleNamespace(
        name=name, provider="onelogin", entry={"provider": "onelogin"}, params={}, life=life_of("onelogin"),
        snapshot=Snapshot(accounts, complete=True),
        directory=Directory(None, SCHEMA), accounts=lambda: listed,
    )  # fmt: skip
    return Reading([session], survey or Survey())


def rows(
    accounts,
    people=(),
    links=(),
    holds=(),
    by="none",
    previous=None,
    survey=None,
    entitlements=ENTITLEMENTS,
    dormant_days=90,
):
    """Return the rows of some accounts, and the reviewers."""
    data, memory = Data(people=list(people)), Memory(links, holds)
    standings = standings_of(data, memory, DAY)
    one = reading(accounts, survey=survey)
    match(one, memory, standings)
    reviewers = Reviewers(by, standings, entitlements)
    settings = RowSettings(DAY, dormant_days, bool(entitlements))
    return Rows(one, standings, entitlements, settings, reviewers, previous or Previous()).all(), reviewers


def flags(accounts, people=(), **more):
    """Return name of a grant -> flags."""
    return {row.grant_name: set(row.flags) for row in rows(accounts, people, **more)[0]}


def ada(*entitlements, **more):
    return Person(
        "E1",
        name="Ada Bee",
        email="ada@x.org",
        entitlements=tuple(entitlements),
        accounts={"ol": {"user": "ada"}},
        **more,
    )


# -- rows ----------------------------------------------------------------------------------------------------------


def test_a_row_says_whose_a_grant_is_and_what_gives_it():
    granted = (Granted("staff"), Granted("crm", until="2026-12-31", ticket="REQ-7"))
    (crm, mail), _reviewers = rows(
        [account(7, "ada", ["Mail", "CRM"])], [ada(*granted, manager="E3", end="2027-01-31")]
    )
    assert crm.id == row_id("ol", "7", "roles", "CRM")
    assert (crm.person, crm.name, crm.kind, crm.status, crm.manager, crm.end) == (
        "E1", "Ada Bee", "employee", "active", "E3", "2027-01-31",
    )
    assert (crm.connection, crm.provider, crm.account, crm.account_id, crm.facet, crm.grant_name) == (
        "ol", "onelogin", "ada", "7", "roles", "CRM",
    )
    assert (crm.entitlement, crm.until, crm.ticket, crm.via, crm.revocable) == (
        "crm", "2026-12-31", "REQ-7", "unknown", True,
    )
    assert (crm.enabled, crm.privileged, crm.mfa, crm.tokens, crm.last_login) == (
        True, None, None, None, "2026-06-14T08:00:00Z",
    )
    assert (crm.flags, mail.flags, mail.entitlement) == ((), ("unmanaged_grant",), "")


def test_texts_that_no_file_can_hold_are_replaced(tmp_path):
    (row,), _reviewers = rows([account(7, "ad\ud800a", ["C\udfffRM"])])
    assert (row.account, row.grant, row.grant_name, row.id) == (
        "ad?a",
        "C?RM",
        "C?RM",
        row_id("ol", "7", "roles", "C?RM"),
    )
    review = Review("q2", DAY, "2026-06-15T08:00:00Z", [row])
    for name, text in review_files(review).items():
        (tmp_path / name).write_text(text, encoding="utf-8")


def test_an_account_without_grants_is_one_row_for_the_login():
    (row,), _reviewers = rows([account(7, "ada")], [ada(Granted("staff"))])
    assert (row.facet, row.grant, row.grant_name, row.entitlement, row.flags) == ("login", None, "", "staff", ())


def test_a_deleted_account_gives_no_access():
    gone = account(7, "ada", ["CRM"])
    gone.deleted = True
    assert rows([gone], [ada()])[0] == []


def test_a_retired_entitlement_gives_nothing():
    assert flags([account(7, "ada", ["Old"])], [ada(Granted("old"))])["Old"] == {"unmanaged_grant"}


def test_without_entitlements_no_grant_is_unmanaged():
    assert flags([account(7, "ada", ["CRM"])], [ada()], entitlements={})["CRM"] == set()


def test_an_inherited_grant_names_the_one_it_goes_with():
    share = Inherited("roles", "Deep", "group", "CRM", ("roles", "crm"), True)
    found, _reviewers = rows(
        [account(7, "ada", ["CRM"])],
        [ada(Granted("crm"))],
        survey=Survey(inherited={"7": [share]}, admins={("roles", "crm"): False}),
    )
    crm, deep = found
    assert (crm.via, crm.revocable, crm.privileged) == ("unknown", True, False)
    assert (deep.via, deep.via_name, deep.revocable, deep.privileged, deep.entitlement) == (
        "group", "CRM", False, True, "crm",
    )
    assert deep.id != row_id("ol", "7", "roles", "Deep"), "a grant of one's own is another row"


def test_privileged_is_said_of_each_grant_where_it_is_known():
    known = Survey(admins={("roles", "root"): True, ("roles", "crm"): False, ("roles", "odd"): None})
    grants = ["Root", "CRM", "Odd", "Mail"]
    found = {row.grant_name: row.privileged for row in rows([account(7, "ada", grants)], survey=known)[0]}
    assert found == {"Root": True, "CRM": False, "Odd": None, "Mail": None}


# -- flags ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("person", "more", "expected"), [
    (ada(status="left"), {}, {"active_leaver"}),
    (ada(end="2026-06-14"), {}, {"active_leaver"}),
    (ada(end="2026-06-15"), {}, set()),
    (ada(status="leave"), {}, set()),
    (ada(status="left"), {"enabled": False}, set()),
    (ada(status="left"), {"enabled": None}, {"active_leaver"}),
    (ada(kind="service", owner="E3"), {}, set()),
    (ada(kind="service", owner="E9"), {}, {"no_active_owner"}),
    (ada(kind="shared", owner="E4"), {}, {"no_active_owner"}),
    (ada(kind="shared"), {}, {"no_active_owner"}),
    (ada(kind="employee"), {}, set()),
    (ada(), {"last_login": "2026-03-17T00:00:00Z"}, set()),
    (ada(), {"last_login": "2026-03-16T23:59:59Z"}, {"dormant"}),
    (ada(), {"last_login": None}, {"dormant"}),
    (ada(), {"last_login": None, "created_at": "2026-06-01T00:00:00Z"}, set()),
    (ada(), {"last_login": None, "created_at": None}, set()),
    (ada(), {"last_login": "2026-03-16T23:59:59Z", "enabled": False}, set()),
])  # fmt: skip
def test_flags_of_an_account(person, more, expected):
    others = [Person("E3", name="Grace Hopper"), Person("E4", name="Gone", status="left")]
    assert flags([account(7, "ada", **more)], [person, *others], entitlements={})[""] == expected


def test_a_grant_whose_entitlement_is_over_is_expired_and_not_unmanaged():
    assert flags([account(7, "ada", ["CRM"])], [ada(Granted("crm", until="2026-06-14"))])["CRM"] == {"expired_grant"}
    assert flags([account(7, "ada", ["CRM"])], [ada(Granted("crm", until="2026-06-15"))])["CRM"] == set()
    both = ada(Granted("crm", until="2026-06-14", ticket="A"), Granted("crm", ticket="B"))
    (row,), _reviewers = rows([account(7, "ada", ["CRM"])], [both])
    assert (row.flags, row.ticket, row.until) == ((), "B", "")


def test_whose_an_account_is_follows_from_links_first():
    link = Link("E1", "ol", "7", "somebody")
    (row,), _reviewers = rows([account(7, "ada2")], [ada()], links=[link], entitlements={})
    assert (row.person, row.flags) == ("E1", ())
    # Linked to somebody who is not in the feed any more: vanished, and can still log in.
    (row,), _reviewers = rows(
        [account(7, "bob", firstname="Bob", lastname="Vee")],
        [ada()],
        links=[Link("E8", "ol", "7", "bob")],
        entitlements={},
    )
    assert (row.person, row.name, row.status, row.flags) == ("E8", "Bob Vee", "vanished", ("active_leaver",))
    (row,), _reviewers = rows([account(7, "stranger")], [ada()], entitlements={})
    assert (row.person, row.kind, row.status, row.flags) == ("", "", "", ("orphan_account",))


def test_who_was_offboarded_has_left():
    (row,), _reviewers = rows(
        [account(7, "ada")], [ada()], links=[Link("E1", "ol", "7")], holds=[Hold("E1")], entitlements={}
    )
    assert (row.status, row.flags) == ("left", ("active_leaver",))


def test_a_token_without_expiry_and_a_missing_second_factor_are_flags_only_where_they_are_reported():
    found = Survey(tokens={"7": (("cli", "never"), ("ci", "2026-12-31T00:00:00Z"))})
    (row,), _reviewers = rows([account(7, "ada")], [ada()], survey=found, entitlements={})
    assert (row.flags, row.tokens) == (
        ("token_without_expiry",),
        (Token("cli", "never"), Token("ci", "2026-12-31T00:00:00Z")),
    )
    (row,), _reviewers = rows(
        [account(7, "ada")], [ada()], survey=Survey(tokens={"7": (("cli", None),)}), entitlements={}
    )
    assert row.flags == ()


def test_a_last_login_that_is_not_reported_of_an_account_is_not_never():
    (row,), _reviewers = rows(
        [account(7, "ada", last_login=None)], [ada()], survey=Survey(unknown={("7", "last_login")}), entitlements={}
    )
    assert (row.last_login, row.flags) == (None, ())


def test_flags_come_with_the_most_dangerous_first_and_are_counted():
    found, _reviewers = rows(
        [account(7, "stranger", ["Root"], last_login=None)], survey=Survey(admins={("roles", "root"): True})
    )
    assert found[0].flags == ("orphan_account", "privileged", "unmanaged_grant", "dormant")
    assert list(count_rows(found)) == ["orphan_account", "privileged", "unmanaged_grant", "dormant"]


def test_dormant_compares_days():
    assert is_dormant("2026-03-16", "", DAY, 90)
    assert not is_dormant("some day", "", DAY, 90)
    assert not is_dormant(None, "2020-01-01", DAY, 90), "what is not reported is not never"


@pytest.mark.parametrize(("value", "text"), [
    ("2026-06-14T10:00:00+02:00", "2026-06-14T08:00:00Z"), ("2026-06-14T08:00:00.123Z", "2026-06-14T08:00:00Z"),
    (None, ""), ("soon", "soon"),
])  # fmt: skip
def test_times_are_in_utc(value, text):
    assert utc_time(value) == text


# -- reviewers -----------------------------------------------------------------------------------------------------

GRACE, GONE = Person("E3", name="Grace Hopper"), Person("E4", name="Gone", status="left")


@pytest.mark.parametrize(("by", "person", "grant", "expected"), [
    ("none", ada(manager="E3"), "CRM", ""),
    ("manager", ada(manager="E3"), "CRM", "E3"),
    ("manager", ada(manager="E1"), "CRM", ""),
    ("manager", ada(manager="E4"), "CRM", ""),
    ("manager", ada(manager="E9"), "CRM", ""),
    ("manager", ada(kind="service", manager="E4", owner="E3"), "CRM", "E3"),
    ("manager", ada(kind="shared", manager="E3"), "CRM", ""),
    ("manager", ada(kind="break_glass", owner="E4", manager="E3"), "CRM", "E3"),
    ("owner", ada(Granted("crm"), manager="E5"), "CRM", "E3"),
    ("owner", ada(manager="E5"), "CRM", "E5"),
    ("connection", ada(manager="E3"), "CRM", "ol"),
])  # fmt: skip
def test_who_decides_a_row(by, person, grant, expected):
    found, reviewers = rows([account(7, "ada", [grant])], [person, GRACE, GONE, Person("E5", name="Boss")], by=by)
    assert found[0].reviewer == expected
    assert set(reviewers.names) == ({expected} if expected else set())


def test_the_owner_of_an_entitlement_does_not_review_themselves():
    person = dataclasses.replace(ada(Granted("crm"), manager="E5"), id="E3")
    found, _reviewers = rows([account(7, "ada", ["CRM"])], [person, Person("E5", name="Boss")], by="owner")
    assert found[0].reviewer == "E5"


def test_pages_have_names_that_no_file_system_confuses():
    assert names_of_pages(["E7", "e7", "../../etc", "Ü", ""]) == {
        "": "review-reviewer.html", "../../etc": "review-etc.html", "E7": "review-e7.html", "e7": "review-e7-2.html",
        "Ü": "review-reviewer-2.html",
    }  # fmt: skip


# -- the review before ---------------------------------------------------------------------------------------------


def test_what_was_decided_last_what_is_new_and_what_is_gone(tmp_path):
    kept = row_id("ol", "7", "roles", "CRM")
    closed = {
        "schema": 1,
        "kind": "access_review_closed",
        "review": "2026-q1",
        "rows": [
            {"id": kept, "connection": "ol", "decision": "keep", "reason": "needed"},
            {
                "id": "gone",
                "connection": "ol",
                "account": "bob",
                "grant_name": "Mail",
                "decision": "revoke",
            },
            {"id": "else", "connection": "other", "account": "bob", "grant_name": "Mail"},
        ],
    }
    (tmp_path / "closed.json").write_text(json.dumps(closed))
    (tmp_path / "review.json").write_text("{}")
    previous = read_previous(str(tmp_path))
    found, _reviewers = rows([account(7, "ada", ["CRM", "Mail"])], [ada()], previous=previous)
    shown = {row.grant_name: (row.previous, row.previous_reason, row.previous_review, row.new) for row in found}
    assert shown == {"CRM": ("keep", "needed", "2026-q1", False), "Mail": ("", "", "", True)}
    assert [(one["id"], one["verdict"], one["account"]) for one in previous.missing_rows(found, {"ol"})] == [
        ("gone", "revoke", "bob")
    ]


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ("{", "Restore the file"),
        ("[]", "Specify the file or folder of the last review."),
        ("{}", "Specify the file or folder of the last review."),
        ('{"kind": "access_review", "schema": 2, "rows": []}', "Use a version of the collection that reads this"),
        ('{"kind": "access_review", "schema": 1}', "Restore the file"),
    ],
)
def test_a_file_that_is_no_review_is_refused(tmp_path, content, advice):
    (tmp_path / "review.json").write_text(content)
    with pytest.raises(InputError) as raised:
        read_previous(str(tmp_path))
    assert raised.value.problems[0].code == "bad_review" and raised.value.hint.startswith(advice)


# -- files ---------------------------------------------------------------------------------------------------------

HOSTILE = '<script>alert(1)</script>"]]>'


def review(*found, **more):
    """Return a review with these rows."""
    return Review(
        "q2",
        DAY,
        more.pop("opened", "2026-06-15T08:00:00Z"),
        list(found),
        {"ol": Coverage("onelogin", accounts=1, rows=len(found))},
        **more,
    )


def row(grant="CRM", **more):
    return Row(
        row_id("ol", "7", "roles", grant),
        "ol",
        "onelogin",
        more.pop("account", "ada"),
        "7",
        "roles",
        grant,
        grant,
        **more,
    )


@pytest.mark.parametrize(("value", "reported", "text"), [
    ("=1+1", False, "'=1+1"), ("+1", False, "'+1"), ("-1", False, "'-1"), ("@x", False, "'@x"),
    ("\tx", False, "[U+0009]x"), ("a\nb\0", False, "a[U+000A]b[U+0000]"), ("\u200b=1", False, "[U+200B]=1"),
    ("'=1", False, "''=1"),
    ("a=1", False, "a=1"),
    (None, True, "not provided by the API"), (None, False, ""), (True, True, "yes"), (False, True, "no"),
    ("never", True, "never"), ((), True, "none"),
    ((Token("cli", "never"), Token("ci", None)), True, "cli (never expires); ci (expires: not provided by the API)"),
    ((Token("=x", None),), True, "'=x (expires: not provided by the API)"),
])  # fmt: skip
def test_cells_are_no_formulas_and_say_what_the_api_does_not_report(value, reported, text):
    assert cell(value, reported) == text


def test_csv_and_json_hold_the_same_rows():
    rows_of_review = [row('=HYPERLINK("x")', person="E1", flags=("privileged",)), row(HOSTILE, tokens=(Token("cli"),))]
    shown = list(csv.DictReader(io.StringIO(table(rows_of_review))))
    assert [one["grant_name"] for one in shown] == ["'=HYPERLINK(\"x\")", HOSTILE]
    assert {one["mfa"] for one in shown} == {"not provided by the API"}
    document_of_file = json.loads(review_files(review(*rows_of_review))["review.json"])
    assert [one["grant_name"] for one in document_of_file["rows"]] == ['=HYPERLINK("x")', HOSTILE]
    assert [one["tokens"] for one in document_of_file["rows"]] == [None, [{"name": "cli", "expires": None}]]
    assert document_of_file["rows"] == [one.document() for one in rows_of_review], "JSON changes nothing"


def test_the_manifest_has_the_digest_of_every_file():
    files = review_files(review(row(reviewer="E7"), row("B"), reviewers={"E7": "Grace"}, by="manager"))
    manifest = json.loads(files["manifest.json"])
    assert (
        set(manifest["files"])
        == {"review.json", "review.csv", "review.html", "review-e7.html"}
        == set(files) - {"manifest.json"}
    )
    assert all(hashlib.sha256(files[name].encode()).hexdigest() == digest for name, digest in manifest["files"].items())
    assert (
        manifest["rows_digest"]
        == rows_digest([row(reviewer="E7"), row("B")])
        == json.loads(files["review.json"])["rows_digest"]
    )
    assert "Access review" in files["review.html"]


def test_pages_escape_everything():
    for name, text in review_files(
        review(
            row(HOSTILE, account=HOSTILE, name=HOSTILE, reviewer=HOSTILE), reviewers={HOSTILE: HOSTILE}, by="manager"
        )
    ).items():
        if name.endswith(".html"):
            assert "<script>alert" not in text


def test_the_same_state_keeps_the_time_at_which_the_review_was_opened(tmp_path):
    first = review_files(review(row(), job="7"))
    earlier = first["review.json"]
    assert review_files(review(row(), opened="2026-06-15T09:00:00Z", job="8"), earlier) == first
    assert (
        review_files(review(row("B"), opened="2026-06-15T09:00:00Z"), earlier)["manifest.json"]
        != first["manifest.json"]
    )


@pytest.mark.parametrize("evidence", ["closed.json", "closing.jsonl", "decisions/a.JSON", "decisions/grace/a.json"])
def test_a_review_that_somebody_decided_is_not_replaced(tmp_path, evidence):
    (tmp_path / "review.json").write_text(review_files(review(row()))["review.json"])
    assert Folder(str(tmp_path)).problems("q2") == Folder(str(tmp_path)).problems("q3") == []
    (tmp_path / evidence).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / evidence).write_text("{}")
    step = "Specify another folder for" if evidence == "closed.json" else "Close it with access_review_state"
    assert all(step in decided_problem(tmp_path, identity) for identity in ("q2", "q3"))
    (tmp_path / "review.json").unlink()
    assert "contains a review without review.json, which " in decided_problem(tmp_path, "q2")


def decided_problem(folder, identity):
    """Return the text of the one problem of a folder with decisions."""
    problems = Folder(str(folder)).problems(identity)
    assert [problem.code for problem in problems] == ["review_decided"]
    return str(problems[0])


def test_a_file_that_is_no_review_is_not_replaced(tmp_path):
    (tmp_path / "review.json").write_text('{"stars": 5}')
    assert [problem.code for problem in Folder(str(tmp_path)).problems("q2")] == ["file_exists"]


def test_pages_of_reviewers_who_have_no_rows_any_more_are_left_over(tmp_path):
    for name, text in review_files(review(row(reviewer="E7"))).items():
        (tmp_path / name).write_text(text)
    (tmp_path / "review-mine.html").write_text("not in the manifest")
    folder = Folder(str(tmp_path))
    assert folder.left_over(review_files(review(row()))) == ["review-e7.html"]
