# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decisions in the page of a review: rules, bulk, undo, the browser's storage, and the file."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import json
import pathlib
import re

import pytest
from playwright.sync_api import expect

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.decisions import Reader
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.model import rows_digest
from ansible_collections.rollcall.identity.tests.browser.conftest import LIMIT
from ansible_collections.rollcall.identity.tests.browser.examples import DIGEST, ENDING, company, large

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
BLOCKED = (
    "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('blocked', 'SecurityError'); }});"
)
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"


def enter(page, identity="E8", name="Hedy Lamarr"):
    """Enter who decides."""
    page.fill("#reviewer-id", identity)
    page.fill("#reviewer-name", name)
    page.locator("#reviewer-name").blur()


def row(page, person, grant):
    """Return a row of the list."""
    by_name = page.locator("#rows .row").filter(has=page.locator(".who", has_text=person))
    return by_name.filter(has=page.locator(".what .strong", has_text=grant)).first


def decide(page, person, grant, verdict):
    """Press a button of a row."""
    row(page, person, grant).locator(f".{verdict}").click()


def wait_until_kept(page):
    """Wait until the browser has a decision: it may lose what a page stores while it is being closed."""
    while "revoke" not in page.evaluate("Object.values(localStorage).join()"):
        page.wait_for_timeout(50)


def progress(page):
    """Return the progress as text."""
    return page.inner_text("#progress-text")


def message(page):
    """Return the message."""
    return page.inner_text("#message")


def save(page):
    """Save the decisions; return the file's name and what is in it."""
    with page.expect_download() as download:
        page.click("#save")
    return download.value.suggested_filename, json.loads(
        pathlib.Path(download.value.path()).read_text(encoding="utf-8")
    )


def load(page, document, name="decisions.json"):
    """Load a file of decisions, and wait until the page has said something about it."""
    page.evaluate("document.getElementById('message').textContent = ''")
    text = document if isinstance(document, str) else json.dumps(document)
    page.set_input_files("#load", {"name": name, "mimeType": "application/json", "buffer": text.encode()})
    expect(page.locator("#message")).not_to_be_empty(timeout=LIMIT)
    return message(page)


def find(review, person, grant):
    """Return a row of a review."""
    return next(item for item in review.rows if item.name == person and item.grant_name == grant)


def entry(item, verdict="keep", reason="", **changes):
    """Return a decision as a file holds it."""
    facts = {
        "row": item.id, "verdict": verdict, "reason": reason, "connection": item.connection,
        "account_id": item.account_id,
    }
    return {**facts, "grant_name": item.grant_name, "time": "2026-11-28T09:00:00Z", **changes}


def document(*decisions, **changes):
    """Return a file of decisions of E8."""
    head = {
        "schema": 1, "kind": "access_review_decisions", "review": "2026-Q4", "rows_digest": DIGEST,
        "saved": "2026-11-28T09:00:00Z",
    }
    return {**head, "reviewer": {"id": "E8", "name": "Hedy Lamarr"}, "decisions": list(decisions), **changes}


def test_what_the_browser_saves_is_what_close_reads(show, tmp_path):
    review = dataclasses.replace(company(), opened="2020-01-01T08:00:00Z")
    page = show(review, digest=rows_digest(review.rows))
    enter(page)
    decide(page, "Cleo Santos", "payroll", "revoke")
    page.click("#keep-all")
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(save(page)[1]), encoding="utf-8")
    rows, now = {item.id: item for item in review.rows}, datetime.datetime.now(datetime.timezone.utc)
    decided, problems = Reader(review, rows, rows_digest(review.rows), {}, Memory(), now).read([str(path)])
    assert problems == []
    verdicts = collections.Counter(decision.verdict for decision in decided.by_row.values())
    assert verdicts["revoke"] == 1 and verdicts["keep"] > 4
    assert {decision.reviewer for decision in decided.by_row.values()} == {"E8"}


def test_the_page_of_a_connection_asks_who_decides(show):
    """Each connection has its own file and its own decisions in the storage, whoever decides."""
    review = dataclasses.replace(company(), by="connection", reviewers={"ol": "ol", "ke": "ke"})
    page = show(review, reviewer="ol")
    assert page.input_value("#reviewer-id") == page.input_value("#reviewer-name") == ""
    enter(page)
    decide(page, "Cleo Santos", "payroll", "revoke")
    name, saved = save(page)
    assert name == "decisions-2026-Q4-ol-E8.json"
    assert saved["reviewer"] == {"id": "E8", "name": "Hedy Lamarr"}
    keys = page.evaluate("Object.keys(localStorage)")
    assert [key.rpartition(":")[2] for key in keys] == ["ol"]


def test_round_trip(show):
    review = company()
    page = show(review)
    enter(page)
    decide(page, "Cleo Santos", "payroll", "revoke")
    decide(page, "Ada Lovelace", "admin", "keep")
    page.fill("#reason", "  on call until March ")
    page.click("#decide")
    decide(page, "<script>", "admin", "change")
    page.fill("#reason", "rename </script> the \u202e role")
    page.keyboard.press("Control+Enter")
    name, saved = save(page)
    assert name == "decisions-2026-Q4-E8.json"
    assert list(saved) == ["schema", "kind", "review", "rows_digest", "reviewer", "saved", "decisions"]
    assert (saved["schema"], saved["kind"], saved["review"], saved["rows_digest"]) == (
        1, "access_review_decisions", "2026-Q4", DIGEST,
    )
    assert saved["reviewer"] == {"id": "E8", "name": "Hedy Lamarr"} and MOMENT.fullmatch(saved["saved"])
    assert all(MOMENT.fullmatch(decision.pop("time")) for decision in saved["decisions"])
    expected = [
        entry(find(review, "Ada Lovelace", "admin"), "keep", "on call until March"),
        entry(find(review, "Cleo Santos", "payroll"), "revoke"),
        entry(
            next(item for item in review.rows if item.grant_name == ENDING),
            "change",
            "rename </script> the \u202e role",
        ),
    ]
    for decision in expected:
        del decision["time"]
    assert saved["decisions"] == expected
    assert (
        message(page)
        == "The browser saves 3 decisions as decisions-2026-Q4-E8.json. 11 rows undecided."
    )

    other = show(review)
    for decision in saved["decisions"]:
        decision["time"] = "2026-11-28T09:00:00Z"
    assert load(other, saved, "mine.json") == "mine.json was loaded. 3 rows decided."
    assert other.input_value("#reviewer-id") == "E8"
    again = save(other)[1]
    assert again["decisions"] == saved["decisions"]


def test_nothing_is_decided_without_a_reviewer(show):
    page = show(company())
    decide(page, "Cleo Santos", "payroll", "revoke")
    assert message(page) == "Enter your ID first. It is saved with each decision."
    assert page.evaluate("document.activeElement.id") == "reviewer-id"
    page.keyboard.type("E8")
    page.locator("#reviewer-id").blur()
    page.click("#keep-all")
    assert message(page) == "Enter your name first. It is saved with each decision."
    assert progress(page) == "0 of 14 decided"


def test_files_of_two_reviewers_have_two_names(show):
    names = set()
    for identity in ("a b", "a/b", "a-b", "\u00e4-b"):
        page = show(company())
        enter(page, identity)
        decide(page, "Cleo Santos", "payroll", "revoke")
        names.add(save(page)[0].lower())
    assert len(names) == 4 and all(re.fullmatch(r"[a-z0-9._-]+", name) for name in names), names


def test_nothing_to_save(show):
    page = show(company())
    enter(page)
    page.click("#save")
    assert message(page) == "There are no decisions to save."


@pytest.mark.parametrize("reason", ["", "   ", "\u200b\n\u2060 "])
@pytest.mark.parametrize(
    ("grant", "verdict"), [("admin", "keep"), ("admin", "revoke"), ("admin", "change"), ("crm", "change")]
)
def test_reason_is_required(show, reason, grant, verdict):
    page = show(company())
    enter(page)
    decide(page, "Ada Lovelace", grant, verdict)
    assert page.evaluate("document.activeElement.id") == "reason"
    page.fill("#reason", reason)
    page.click("#decide")
    assert "needs a reason" in page.inner_text("#reason-problem")
    assert progress(page) == "0 of 14 decided"
    page.fill("#reason", "as agreed")
    page.click("#decide")
    assert progress(page) == "1 of 14 decided"


def test_reason_is_optional_elsewhere_and_can_be_added(show):
    page = show(company())
    enter(page)
    decide(page, "Bob Miller", "crm", "keep")
    assert progress(page) == "1 of 14 decided"
    row(page, "Bob Miller", "crm").locator(".what").click()
    page.fill("#reason", "still in sales")
    page.click("#decide")
    assert save(page)[1]["decisions"][0]["reason"] == "still in sales"


def test_nobody_decides_about_themselves(show):
    page = show(company())
    enter(page, " e7", "Grace Hopper")
    own = row(page, "Grace Hopper", "owner")
    assert own.locator("button").count() == 0 and "Your own access" in own.inner_text()
    own.locator(".what").click()
    assert page.inner_text("#panel .notice") == "This is your own access. Another reviewer has to decide about it."
    own.focus()
    page.keyboard.press("k")
    assert progress(page) == "0 of 12 decided"
    assert "2 about you" in page.inner_text("#progress-more")


def test_decisions_are_withdrawn_when_the_reviewer_turns_out_to_be_the_subject(show):
    page = show(company())
    enter(page)
    decide(page, "Grace Hopper", "crm", "keep")
    enter(page, "E7", "Grace Hopper")
    assert progress(page) == "0 of 12 decided"
    page.click("#undo")
    assert progress(page) == "0 of 12 decided"


def test_grant_of_a_group_cannot_be_revoked_and_says_what_to_revoke(show):
    page = show(company())
    enter(page)
    item = row(page, "Ada Lovelace", "wiki")
    assert item.locator("button").all_inner_texts() == ["Keep", "Change"]
    item.locator(".what").click()
    assert (
        page.inner_text("#panel .notice")
        == "Cannot be revoked. It comes with the group \u201ceveryone\u201d and can only be removed with it: "
        "revoke that instead."
    )
    item.focus()
    page.keyboard.press("r")
    assert progress(page) == "0 of 14 decided"


def test_bulk_keep_leaves_flagged_decided_and_own_rows_out(show):
    page = show(company())
    enter(page, "E7", "Grace Hopper")
    decide(page, "Bob Miller", "crm", "revoke")
    assert page.inner_text("#keep-all") == "Keep 6 rows without a flag"
    page.click("#keep-all")
    assert message(page) == "6 rows kept. Skipped: 5 flagged, 1 already decided, 2 about you."
    assert progress(page) == "7 of 12 decided"
    assert page.inner_text("#progress-more").startswith("6 keep, 1 revoke, 0 change")
    page.click("#undo")
    assert message(page) == "Undone: keeping 6 rows."
    assert progress(page) == "1 of 12 decided"


def test_bulk_keep_keeps_only_what_is_filtered(show):
    page = show(company())
    enter(page)
    page.select_option("#entitlement", "crm")
    page.click("#keep-all")
    assert message(page) == "3 rows kept. No row was skipped."


def test_undo_goes_back_step_by_step(show):
    page = show(company())
    enter(page)
    decide(page, "Bob Miller", "crm", "keep")
    decide(page, "Bob Miller", "crm", "revoke")
    page.click("#undo")
    assert row(page, "Bob Miller", "crm").locator(".keep").get_attribute("aria-pressed") == "true"
    page.click("#undo")
    assert progress(page) == "0 of 14 decided"
    assert page.locator("#undo").is_disabled()


def test_decision_is_withdrawn(show):
    page = show(company())
    enter(page)
    decide(page, "Bob Miller", "crm", "keep")
    row(page, "Bob Miller", "crm").locator(".what").click()
    page.click("#withdraw")
    assert progress(page) == "0 of 14 decided"


def test_decided_row_stays_in_sight_until_the_filter_is_set_again(show):
    page = show(company())
    enter(page)
    page.select_option("#decision", "undecided")
    decide(page, "Cleo Santos", "payroll", "revoke")
    assert row(page, "Cleo Santos", "payroll").is_visible()
    page.select_option("#decision", "revoke")
    assert page.inner_text("#shown") == "1 row"


def test_decisions_stay_in_the_browser(show):
    context = show.context()
    address = show.write(company())
    page = show.open(address, context)
    enter(page)
    decide(page, "Cleo Santos", "payroll", "revoke")
    wait_until_kept(page)
    page.close()
    page = show.open(address, context)
    assert progress(page) == "1 of 14 decided"
    assert page.input_value("#reviewer-name") == "Hedy Lamarr"
    page.click("#forget")
    page.close()
    assert progress(show.open(address, context)) == "0 of 14 decided"


def test_another_digest_is_another_review(show):
    context = show.context()
    page = show.open(show.write(company()), context)
    enter(page)
    decide(page, "Cleo Santos", "payroll", "revoke")
    wait_until_kept(page)
    page.close()
    assert progress(show.open(show.write(company(), digest="e" * 64), context)) == "0 of 14 decided"


@pytest.mark.parametrize("init", [BLOCKED, FULL])
def test_storage_that_does_not_work_breaks_nothing(show, init):
    page = show(company(), init=init)
    enter(page)
    decide(page, "Cleo Santos", "payroll", "revoke")
    page.wait_for_selector("#not-kept:visible")
    assert len(save(page)[1]["decisions"]) == 1


@pytest.mark.parametrize(
    "stored",
    [
        "no JSON", "null", "[]", "5", "{}", '{"schema": 1, "reviewer": {"id": 5}, "made": []}',
        '{"schema": 1, "reviewer": {"id": "E8", "name": "H"}, "made": [5, null, {}]}',
    ],
)
def test_storage_is_not_trusted(show, stored):
    page = show(
        company(),
        init=f"try {{ localStorage.setItem('rollcall-review:2026-Q4:{DIGEST}:', {json.dumps(stored)}); }} catch {{}}",
    )
    assert progress(page) == "0 of 14 decided"


def test_of_the_storage_only_what_is_right_is_used(show):
    review = company()
    good, privileged, group = (
        find(review, "Bob Miller", "crm"),
        find(review, "Ada Lovelace", "admin"),
        find(review, "Ada Lovelace", "wiki"),
    )
    time = "2026-11-28T09:00:00Z"
    made = [
        [good.id, "keep", "", time],
        [privileged.id, "keep", " ", time],
        [group.id, "revoke", "", time],
        ["f" * 16, "keep", "", time],
        [good.id, "nuke", "", time],
    ]
    stored = json.dumps({"schema": 1, "reviewer": {"id": "E8", "name": "Hedy"}, "made": made})
    page = show(review, init=f"localStorage.setItem('rollcall-review:2026-Q4:{DIGEST}:', {json.dumps(stored)});")
    assert progress(page) == "1 of 14 decided"
    assert message(page).startswith("Some decisions in the browser's storage could not be used.")


def bad_files():
    """Return files that must not be loaded, each with words of the message."""
    review = company()
    item, admin, own = (
        find(review, "Bob Miller", "crm"),
        find(review, "Ada Lovelace", "admin"),
        find(review, "Grace Hopper", "crm"),
    )
    wiki = find(review, "Ada Lovelace", "wiki")
    yield "no JSON", "{", "it is not JSON"
    yield "null", "null", "it is not a decision file"
    yield "kind", document(kind="access_review"), "it is not a decision file"
    yield "schema", document(schema=2), "its schema is 2, but this page reads 1"
    yield "review", document(review="2026-Q3"), "it belongs to the review 2026-Q3"
    yield "digest", document(rows_digest="0" * 64), "the rows of the review have changed"
    yield "reviewer", document(reviewer=None), "it does not name its reviewer"
    yield "list", document(decisions={}), "it has no list of decisions"
    yield "row", document(entry(item, row="f" * 16)), "decisions[0] (row ffffffffffffffff): the page has no such row"
    yield "entry", document(None), "decisions[0]"
    yield "twice", document(entry(item), entry(item, "revoke")), "decisions[1]"
    yield "verdict", document(entry(item, "nuke")), "there is no verdict \u201cnuke\u201d"
    yield "proto", document(entry(item, "constructor")), "there is no verdict \u201cconstructor\u201d"
    yield "time", document(entry(item, time="yesterday")), "time is missing"
    yield "reason", document(entry(admin, "keep", "\u200b ")), "a privileged grant needs a reason"
    yield "change", document(entry(item, "change")), "a change needs a reason"
    yield "facts", document(entry(item, account_id="other")), "account_id is \u201cother\u201d"
    yield "group", document(entry(wiki, "revoke")), "revoke that instead"
    yield "own", document(entry(own), reviewer={"id": "e7", "name": "Grace"}), "This is your own access"


@pytest.mark.parametrize(
    ("name", "content", "words"), list(bad_files()), ids=[name for name, _content, _words in bad_files()]
)
def test_file_that_is_wrong_is_refused_whole(show, name, content, words):
    page = show(company())
    enter(page)
    decide(page, "Cleo Santos", "payroll", "revoke")
    text = load(page, content)
    assert text.startswith("Nothing was loaded from decisions.json:") and words.lower() in text.lower()
    assert progress(page) == "1 of 14 decided" and page.input_value("#reviewer-id") == "E8"


def test_file_of_another_reviewer_is_not_mixed_in(show):
    page = show(company())
    enter(page, "E9", "Somebody Else")
    decide(page, "Cleo Santos", "payroll", "revoke")
    assert "it has decisions of E8, but this page has decisions of E9" in load(
        page, document(entry(find(company(), "Bob Miller", "crm")))
    )


def test_page_of_a_reviewer(show):
    review = company()
    page = show(review, [item for item in review.rows if item.reviewer == "E8"], "E8")
    assert (page.input_value("#reviewer-id"), page.input_value("#reviewer-name")) == ("E8", "Hedy Lamarr")
    assert "Rows of Hedy Lamarr (E8). 9 grants of 14 in the whole review" in page.inner_text("header")
    page.click("#keep-all")
    name, saved = save(page)
    assert name == "decisions-2026-Q4-E8.json" and len(saved["decisions"]) == 5


def test_sixty_thousand_rows_are_decided_and_kept(show):
    context = show.context()
    address = show.write(large())
    page = show.open(address, context)
    enter(page, "X1", "Auditor")
    page.click("#keep-all")
    assert message(page).startswith("50,906 rows kept.")
    # It is written a moment later, so that typing is not slowed down.
    while not (page.evaluate("localStorage.length") or page.locator("#not-kept").is_visible()):
        page.wait_for_timeout(50)
    assert not page.locator("#not-kept").is_visible()
    page.close()
    page = show.open(address, context)
    assert progress(page) == "50,906 of 60,000 decided"
