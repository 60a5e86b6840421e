# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages and reports with a number: the noun and the verb agree with it."""

from __future__ import annotations

import re

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    InputError,
    PartialFailure,
    RateLimited,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.paging import Page, cursor_pages
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.keys import run_api_token
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.users import Users
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access import page as access_page
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access import report as access_report
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.model import AccessReport, Part, Standing
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.data import Data, age_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.text import hint
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Person
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review import evidence, page
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.model import Coverage, Review, Row
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.open import _covered
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.steps import step
from ansible_collections.rollcall.identity.tests.unit.access import DAY
from ansible_collections.rollcall.identity.tests.unit.export import files_of, user
from ansible_collections.rollcall.identity.tests.unit.fakes import Memory, bulk, person, refusal, sparing, want
from ansible_collections.rollcall.identity.tests.unit.guards import CROWD, FREE, check, refused


def message_of(kind, call, *arguments, **options):
    """Return the message and the hint of the error that a call raises."""
    with pytest.raises(kind) as caught:
        call(*arguments, **options)
    return caught.value.sentence()


# -- messages of tasks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "text"), [(1, "Only 1 of the 5 listed users exists in"), (2, "Only 2 of the 5 listed users exist in")]
)
def test_the_wrong_directory(known, text):
    desired = [want(f"user{number}") for number in range(known)] + [want(f"new{number}") for number in range(5 - known)]
    assert text in refused(desired, unlisted="disable", min_admins=0, **FREE).message


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1 user of the list has no name (id 50), so it is unknown whether this user is listed in users."),
        (2, "2 users of the list have no name (id 50; 51), so it is unknown whether these users are listed in users."),
    ],
)
def test_users_without_a_name(number, text):
    nameless = [person(50 + index, "") for index in range(number)]
    assert text in message_of(UnreadableAnswer, check, [want("user0")], [*CROWD, *nameless], unlisted="delete", **FREE)


@pytest.mark.parametrize(
    ("number", "texts"),
    [
        (1, ("1 of 2 users could not be changed", "1 unlisted user is unchanged, because")),
        (2, ("2 of 4 users could not be changed", "2 unlisted users are unchanged, because")),
    ],
)
def test_users_that_could_not_be_changed(number, texts):
    directory = Memory([person(index, f"leaver{index}") for index in range(number)])
    for _user in range(number):
        directory.fail("create", refusal())
    desired = [want(f"new{index}") for index in range(number)]
    message = message_of(PartialFailure, bulk, directory, *desired, unlisted="delete", on_error="continue", **FREE)
    for text in texts:
        assert text in message


@pytest.mark.parametrize(
    ("number", "text"), [(1, "could not be changed, 1 was not attempted."), (2, "changed, 2 were not attempted.")]
)
def test_users_that_were_not_attempted(number, text):
    directory = Memory([])
    directory.fail("create", refusal())
    desired = [want(f"new{index}") for index in range(number + 1)]
    assert text in message_of(PartialFailure, bulk, directory, *desired, on_error="stop")


@pytest.mark.parametrize(
    ("number", "text"), [(1, "There is 1 more kind of error."), (2, "There are 2 more kinds of errors.")]
)
def test_kinds_of_errors(number, text):
    directory = Memory([])
    for status in (422, 410, 409, 406, 400)[: number + 3]:
        directory.fail("create", refusal(status))
    desired = [want(f"new{index}") for index in range(number + 3)]
    assert text in message_of(PartialFailure, bulk, directory, *desired, on_error="continue")


@pytest.mark.parametrize(("number", "text"), [(1, "This plan needs 1 call;"), (2, "This plan needs 2 calls;")])
def test_calls_of_a_plan(number, text):
    limiter = sparing()
    limiter.observe(5000, 1000, 1800)
    assert text in message_of(RateLimited, limiter.afford, number)


@pytest.mark.parametrize(("number", "text"), [(1, "after 1 row."), (2, "after 2 rows.")])
def test_rows_of_a_list_that_repeats_itself(number, text):
    rows = [{"id": index} for index in range(number)]
    repeated = Page(rows, None, "next")
    assert text in message_of(UnreadableAnswer, cursor_pages, lambda _cursor: repeated, "users")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, ("for 1 of the API keys. That key may already be named 'report', so no key was created. "
             "Nothing was written. Add the missing description, or delete this key, in")),
        (2, ("for 2 of the API keys. One of them may already be named 'report', so no key was created. "
             "Nothing was written. Add the missing descriptions, or delete these keys, in")),
    ],
)  # fmt: skip
def test_api_keys_without_a_description(nextauth, number, text):
    rows = [{"apikey": f"canary{index}", "role": "r"} for index in range(number)]
    login = nextauth({"GET /apikeys/": {"apikeys": rows}})
    params = {"name": "report", "state": "present", "rotate": "never", "dest": None}
    assert text in message_of(InputError, run_api_token, Context(params, False, True, login.masker), login)


@pytest.mark.parametrize(
    ("busy", "text"),
    [
        (("a",), ("a was used more recently than the current token, so something still uses a: it was not revoked. "
                  "Switch what uses a to the current token; a later run then revokes it")),
        (("a", "b"), ("a, b were used more recently than the current token, so something still uses them: they were "
                      "not revoked. Switch what uses them to the current token; a later run then revokes them")),
    ],
)  # fmt: skip
def test_tokens_that_are_still_used(busy, text):
    def token(name, issued, used):
        times = {"issued_at": f"2026-06-{issued:02}T08:00:00Z", "last_used_at": f"2026-06-{used:02}T08:00:00Z"}
        return {"id": name, "expired": False, **times}

    due = {"made": False, "revoked": list(busy), "token": token("c", 5, 6)}
    tokens = [token(name, number, 9) for number, name in enumerate(busy, 1)]
    assert step(due, {"tokens": [*tokens, due["token"]]}).detail == text


@pytest.mark.parametrize(
    ("kept", "text"),
    [
        (["VPN"], "ada keeps the role VPN: a mapping or provisioning in OneLogin grants it."),
        (["VPN", "CRM"], "ada keeps the roles VPN, CRM: a mapping or provisioning in OneLogin grants them."),
    ],
)
def test_roles_that_are_kept(kept, text):
    assert Users.kept_warning(None, "ada", "roles", kept).startswith(text)


# -- reports of jobs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "text"), [(1, "There is 1 person, and"), (2, "There are 2 people, and")])
def test_people_of_a_short_feed(number, text):
    data = Data(people=[Person(f"E{index}") for index in range(number)])
    (problem,) = age_problems(data, 5, None, "", 1_000_000.0)
    assert str(problem).startswith(text)


@pytest.mark.parametrize(
    ("number", "texts"),
    [
        (1, ("1 person of 1 row", "ol: 1 created, 1 e-mail",
             "ol: 1 account holds grants that no entitlement names (unmanaged)")),
        (2, ("2 people of 2 rows", "ol: 2 created, 2 e-mails",
             "ol: 2 accounts hold grants that no entitlement names (unmanaged)")),
    ],
)  # fmt: skip
def test_the_report_of_access(number, texts):
    unmanaged = {f"user{index}": {"roles": ["a"]} for index in range(number)}
    part = Part("onelogin", {"created": number}, mails=number, standing=Standing([], unmanaged))
    report = AccessReport(DAY, "apply", "applied", people=number, rows=number, connections={"ol": part})
    assert set(texts) <= set(access_report.lines(report))
    shown = " ".join(access_page.page(report).split())
    assert f">{texts[0].partition(' of ')[0]}<" in shown
    assert f"grants that no entitlement names ({number} account{'s' if number > 1 else ''})" in shown


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1 person with 1 account and 1 entitlement / ol: 1 user"),
        (2, "2 people with 2 accounts and 1 entitlement / ol: 2 users"),
    ],
)
def test_the_report_of_an_export(number, text):
    users = [user("onelogin", f"ada{index}", index, roles=["crm"]) for index in range(1, number + 1)]
    assert " / ".join(files_of({"ol": users})["result"]["text"][:2]) == text


@pytest.mark.parametrize(
    ("number", "others", "text"),
    [
        (1, 0, "kes: 1 account of 1 that the API reports, 1 row"),
        (2, 1, "kes: 2 accounts of 2 that the API reports, 1 service account, 2 rows"),
        (2, 2, "kes: 2 accounts of 2 that the API reports, 2 service accounts, 2 rows"),
    ],
)
def test_the_coverage_of_a_review(number, others, text):
    coverage = Coverage("kestra", accounts=number, total=number, rows=number)
    assert _covered("kes", coverage, ["service account"] * others) == text


@pytest.mark.parametrize(
    ("number", "texts"),
    [
        (1, ("1 grant,", "1 of 1 connection could not be read: ol. Its grants are missing")),
        (2, ("2 grants,", "2 of 2 connections could not be read: ol, ke. Their grants are missing")),
    ],
)
def test_the_page_of_a_review(number, texts):
    facts = {"connection": "ol", "provider": "onelogin", "facet": "roles", "grant": "crm", "grant_name": "crm"}
    rows = [Row(id=f"{index:016x}", account=f"ada{index}", account_id=str(index), **facts) for index in range(number)]
    coverage = {name: Coverage("onelogin", error="refused") for name in ("ol", "ke")[:number]}
    subject = Review(id="q2", day="2026-11-28", opened="2026-11-28T08:00:00Z", rows=rows, coverage=coverage)
    shown = page.page(subject, rows, None, "d" * 64).partition("<ul>")[0]
    shown = " ".join(re.sub(r"<[^>]*>", "", shown).split())
    for text in texts:
        assert text in shown


@pytest.mark.parametrize(
    ("number", "texts"),
    [
        (1, ("1 row", "1 manual change", "1 row, verified by reading the directories again")),
        (2, ("2 rows", "2 manual changes", "2 rows, verified by reading the directories again")),
    ],
)
def test_the_evidence_of_a_review(number, texts):
    def closed(index, outcome):
        names = ("id", "given_again_by", "advice", "code", *evidence._COLUMNS)
        return {**dict.fromkeys(names, ""), "id": f"{outcome}{index}", "outcome": outcome, "flags": []}

    rows = [closed(index, outcome) for outcome in ("removed", "follow_up") for index in range(number)]
    head = dict.fromkeys(("review", "day", "opened", "closed", "version", "job"), "")
    document = evidence.document_of({**head, "read": {}, "incomplete": [], "left_out": []}, rows)
    shown = " ".join(re.sub(r"<[^>]*>", " ", evidence.files_of(document)["closed.html"]).split())
    for text in texts:
        assert re.search(rf"\b{text}\b", shown), text
    assert re.search(rf"\b{texts[1]}\b", evidence.lines(document, False, {}, {})[0])


def test_all_names_after_an_unknown_one():
    assert hint("crm", ["b"], "column") == "The only column is b."
    assert hint("crm", ["b", "x"], "column") == "The columns are b, x."
