# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What close reads: a review that nobody has edited, and decisions that are right.

Everything wrong is reported at once, with file and row.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.modules.identity_review import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs import action
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review import documents
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.close import run_close
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.decision_files import decided_in, files_in
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.decisions import settled
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.model import Coverage, Review, rows_digest
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.opened import age_problems, read_opened
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from ansible_collections.rollcall.identity.tests.unit.review_files import (
    NOW,
    OPENED,
    ROWS,
    decision,
    decisions,
    problems_of,
    read,
    row,
    save,
    write,
)

# -- decisions ---------------------------------------------------------------------------------------------------------


def test_decisions_are_read_with_reviewer_reason_and_place(tmp_path):
    review = write(tmp_path)
    one = save(
        tmp_path / "a.json",
        decisions(review, decision(ROWS[0], "revoke"), decision(ROWS[1], "change", " move to read-only ")),
    )
    two = save(tmp_path / "b.json", decisions(review, decision(ROWS[2]), decision(ROWS[0], "revoke"), reviewer="E9"))
    decided, problems = read(review, one, two)
    assert problems == []
    found = {identity: (about.verdict, about.reviewer, about.reason) for identity, about in decided.by_row.items()}
    assert found == {
        ROWS[0].id: ("revoke", "AUD", ""),
        ROWS[1].id: ("change", "AUD", "move to read-only"),
        ROWS[2].id: ("keep", "E9", ""),
    }, "the same verdict in two files is no conflict"
    assert decided.by_row[ROWS[1].id].place.startswith(
        f"a.json decisions[1], row {ROWS[1].id} (ol, e1@acme.com, Admin)"
    )
    assert decided.names == {"AUD": "Audrey Tor", "E9": "Audrey Tor"}
    assert decided.digests == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (one, two)}


def test_everything_that_is_wrong_is_reported_at_once_with_file_and_row(tmp_path):
    found = problems_of(
        tmp_path,
        lambda review: decisions(
            review,
            decision(ROWS[0], "maybe"),
            decision(ROWS[1], "keep"),
            decision(ROWS[2], "change"),
            decision(ROWS[2]),
            decision(row("E8", "Nothing")),
            decision(ROWS[0], "keep", account_id="other", grant_name="Snowflake"),
        ),
        lambda review: decisions(review, decision(ROWS[0]), review="q1"),
        lambda review: decisions(review, decision(ROWS[0]), rows_digest="0" * 64),
        lambda review: decisions(review, decision(ROWS[0], colour="red"), decisions=[{"row": ROWS[0].id}, "keep"]),
        lambda review: "{not json",
    )
    codes = [code for code, _text in found]
    assert codes == [
        "unknown_verdict", "missing_reason", "missing_reason", "duplicate_decision", "unknown_row",
        "duplicate_decision", "other_review", "older_page", "missing_field", "missing_field", "missing_field",
        "missing_field", "invalid_value", "unreadable_file",
    ]
    texts = [text for _code, text in found]
    assert texts[0].startswith(f"0.json decisions[0], row {ROWS[0].id} (ol, e1@acme.com, VPN): verdict is 'maybe'")
    assert texts[3].startswith(f"0.json decisions[3], row {ROWS[2].id}")
    assert texts[4].startswith("0.json decisions[4]: there is no row")
    assert [text.split(" ")[0] for text in texts[6:8]] == ["1.json:", "2.json:"]


def test_facts_that_differ_from_the_review_are_an_edited_file(tmp_path):
    edited = {"connection": "kes", "account_id": "other", "grant_name": "Snowflake"}
    found = problems_of(tmp_path, lambda review: decisions(review, decision(ROWS[0], "revoke", **edited)))
    assert [code for code, _text in found] == ["decision_edited"] * 3
    assert all(
        ROWS[0].id in text and value in text for (_code, text), value in zip(found, edited.values(), strict=True)
    )


def test_two_files_that_differ_about_a_row_are_a_conflict_that_names_both(tmp_path):
    found = problems_of(
        tmp_path,
        lambda review: decisions(review, decision(ROWS[0], "revoke")),
        lambda review: decisions(review, decision(ROWS[0]), reviewer="E9"),
    )
    assert [code for code, _text in found] == ["conflicting_decision"]
    assert all(
        part in found[0][1]
        for part in (ROWS[0].id, "revoke by AUD (0.json decisions[0]", "keep by E9 (1.json decisions[0]")
    )


def test_invisible_characters_of_a_reason_and_a_name_are_written_out(tmp_path):
    """The evidence is read in terminals and browsers: they could change what it seems to say."""
    review = write(tmp_path)
    entry = decision(ROWS[0], reason="line\r\nline \x1b[2J \u202etxet")
    decided = read(review, save(tmp_path / "a.json", decisions(review, entry, name="A\u202eB")))[0]
    assert decided.by_row[ROWS[0].id].reason == "line\nline [U+001B][2J [U+202E]txet"
    assert decided.names == {"AUD": "A[U+202E]B"}


def test_a_reason_is_mandatory_for_privileged_grants_that_stay_and_for_changes(tmp_path):
    def codes(*entries):
        return [code for code, _text in problems_of(tmp_path, lambda review: decisions(review, *entries))]

    assert codes(decision(ROWS[0]), decision(ROWS[1], "revoke"), decision(ROWS[2], "revoke")) == []
    for blank in ("  ", "\u3164", "\u200b \u115f"):  # as on the page
        assert codes(decision(ROWS[1], "keep", blank)) == ["missing_reason"]
    assert codes(decision(ROWS[0], "change")) == ["missing_reason"]
    assert codes(decision(ROWS[1], "keep", "on call")) == []
    assert codes(decision(ROWS[1], "keep", "x" * 10_001)) == ["invalid_value"]


@pytest.mark.parametrize(("change", "code"), [
    ({"kind": "access_review"}, "other_file"), ({"schema": 2}, "other_version"), ({"schema": True}, "other_version"),
    ({"schema": "1"}, "other_version"),
    ({"extra": 1}, "unknown_key"), ({"reviewer": {"id": "", "name": "x"}}, "missing_field"),
    ({"reviewer": {"name": "x"}}, "missing_field"),
    ({"reviewer": "E7"}, "invalid_value"), ({"decisions": {}}, "invalid_value"), ({"review": 7}, "invalid_value"),
    ({"saved": 7}, "invalid_value"),
    ({"reviewer": {"id": "AUD", "mail": "x"}}, "unknown_key"),
    ({"reviewer": {"id": "A\x1b[2J", "name": "x"}}, "invisible_character"),
    ({"reviewer": {"id": "A\u3164", "name": "x"}}, "invisible_character"),
])  # fmt: skip
def test_a_file_with_another_head_is_refused(tmp_path, change, code):
    assert [
        one for one, _text in problems_of(tmp_path, lambda review: {**decisions(review, decision(ROWS[0])), **change})
    ] == [code]


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", '{"a": 1, "a": 2}', '{"a": "\\ud800"}', "[" * 100_000, "\ufeff\ufeff{}"]
)
def test_what_is_no_json_object_is_refused(tmp_path, text):
    assert [code for code, _text in problems_of(tmp_path, lambda review: text)] == ["unreadable_file"]


def test_a_byte_order_mark_is_no_fault(tmp_path):
    assert problems_of(tmp_path, lambda review: "\ufeff" + json.dumps(decisions(review, decision(ROWS[0])))) == []


def test_links_devices_folders_and_large_files_are_not_read(tmp_path, monkeypatch):
    review = write(tmp_path)
    good = save(tmp_path / "good.json", decisions(review, decision(ROWS[0])))
    link, pipe, large, folder, latin = (
        tmp_path / f"{name}.json" for name in ("link", "pipe", "large", "folder", "latin")
    )
    link.symlink_to(good)
    os.mkfifo(pipe)
    folder.mkdir()
    latin.write_bytes(b'{"a": "\xe4"}')
    large.touch()
    os.truncate(large, documents.MAX_DECISIONS + 1)
    found = read(review, link, pipe, large, folder, latin, tmp_path / "none.json")[1]
    assert [problem.code for problem in found] == [
        "symbolic_link", "not_a_file", "file_too_large", "not_a_file", "unreadable_file", "no_file",
    ]
    assert [str(problem).partition(":")[0] for problem in found] == [
        "link.json", "pipe.json", "large.json", "folder.json", "latin.json", "none.json",
    ]


def test_files_are_those_that_are_named_and_json_files_of_folders(tmp_path):
    for name in ("b.json", "a.json", ".hidden.json", "note.txt"):
        (tmp_path / name).touch()
    problems, notices = [], []
    names = files_in([str(tmp_path), str(tmp_path / "a.json"), str(tmp_path / "missing.json")], "", problems, notices)
    assert [os.path.basename(name) for name in names] == ["a.json", "b.json", "missing.json"]
    assert files_in([], str(tmp_path / "nowhere"), problems, notices) == [], "a folder that nobody named may be missing"
    assert problems == []


def test_files_that_are_not_read_are_reported(tmp_path):
    """They may contain revocations: a JSON file is an error, any other file a warning."""
    folder = tmp_path / "decisions"
    for name in ("a.json", "b.JSON", "katherine/c.json", "katherine/d.Json", ".git/e.json", "katherine/.f.json"):
        save(folder / name, "{}")
    for name in ("notes.txt", "a.json~", "closed-20261231T080000Z.csv", "review.html", "closing.jsonl"):
        (folder / name).touch()
    (folder / "elsewhere").symlink_to(tmp_path)
    problems, notices = [], []
    assert files_in([], str(folder), problems, notices) == [str(folder / "a.json")]
    assert [problem.code for problem in problems] == ["unread_file"]
    assert "b.JSON, elsewhere, katherine/c.json, katherine/d.Json in " in str(problems[0])
    assert "are not read, only *.json directly in this folder. Rename or move them, or remove them." in str(problems[0])
    assert [notice.code for notice in notices] == ["unread_file"]
    assert notices[0].text.startswith(f"a.json~, notes.txt in {folder} are no decision files (*.json)")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", ["decisions-q2.json.txt", "decisions-q2", "decisions-q2.json.part"])
def test_decisions_under_another_name_are_an_error(tmp_path, name, encoding):
    """With access_review_undecided: revoke, everything that their reviewer keeps would be revoked."""
    review = write(tmp_path / "review")
    folder = tmp_path / "decisions"
    folder.mkdir()
    (folder / name).write_text(json.dumps(decisions(review, decision(ROWS[0]))), encoding=encoding)
    assert decided_in(str(folder)) == name, "nor is their review replaced"
    save(folder / "a.json", "{}")
    problems, notices = [], []
    files_in([], str(folder), problems, notices)
    assert [(problem.code, name in str(problem)) for problem in problems] == [("unread_file", True)]
    assert notices == []


@pytest.mark.parametrize("name", ["decisions.csv", "review.csv", "answers.xlsx"])
def test_a_folder_with_other_files_only_is_an_error(tmp_path, name):
    """Somebody decided, and nobody would know: the page saves JSON."""
    folder = tmp_path / "decisions"
    save(folder / name, "row;verdict\n1;KEEP \n")
    problems = []
    assert files_in([], str(folder), problems, []) == []
    assert [problem.code for problem in problems] == ["no_decisions"]
    assert f"there is no decision file (*.json) in {folder}. Decide on the review pages" in str(problems[0])
    assert f"{name} in {folder} is no decision file" in str(problems[0])


def test_a_folder_that_was_named_has_a_decision_file(tmp_path):
    """A wrong folder would otherwise mean that nobody has decided, which can revoke everything."""
    (tmp_path / "decisions.csv").touch()
    problems = []
    assert files_in([str(tmp_path)], "", problems, []) == []
    assert [problem.code for problem in problems] == ["no_decisions"]
    assert f"no decision file (*.json) in {tmp_path}." in str(problems[0])


def test_files_of_one_name_are_told_apart_by_their_paths(tmp_path):
    review = write(tmp_path)
    paths = [save(tmp_path / name / "d.json", "{") for name in ("a", "b")]
    assert [str(problem).partition(":")[0] for problem in read(review, *paths)[1]] == [str(path) for path in paths]


def test_rows_that_nobody_decided_follow_the_option(tmp_path):
    review = write(tmp_path)
    decided, _problems = read(review, save(tmp_path / "a.json", decisions(review, decision(ROWS[0], "revoke"))))
    for undecided in ("keep", "revoke"):
        found, problems = settled(review.rows, decided, undecided)
        assert ([found[one.id].verdict for one in ROWS], problems) == (["revoke", undecided, undecided], [])
        assert (found[ROWS[1].id].reviewer, undecided in found[ROWS[1].id].reason) == ("", True)
    found, problems = settled(review.rows, decided, "fail")
    assert [problem.code for problem in problems] == ["undecided", "undecided"]
    assert str(problems[1]).startswith(f"row {ROWS[2].id} (ol, e2@acme.com, VPN) of E7: no reviewer has decided. Let ")
    assert ROWS[2].id in str(problems[1])


# -- the review itself -------------------------------------------------------------------------------------------------


def opened(folder, wanted="", digest=""):
    problems = []
    found = read_opened(str(folder), wanted, digest, problems)
    return found, [problem.code for problem in problems], "\n".join(map(str, problems))


def test_a_review_is_read_as_it_was_written(tmp_path):
    review = write(tmp_path)
    found, codes, _texts = opened(tmp_path, "q2", hashlib.sha256((tmp_path / "manifest.json").read_bytes()).hexdigest())
    assert codes == []
    assert found.review.rows == review.rows
    assert found.rows_digest == rows_digest(review.rows)
    assert list(found.digests) == ["manifest.json", "review.json"]


def test_a_review_of_another_id_or_without_files_is_refused(tmp_path):
    _found, codes, text = opened(tmp_path)
    assert (codes, f"there is no review in {tmp_path}. Open it first (access_review_state: open), or" in text) == (
        ["no_file"], True,
    )  # fmt: skip
    write(tmp_path)
    (tmp_path / "review.json").rename(tmp_path / "moved")
    _found, codes, text = opened(tmp_path)
    assert (codes, f"there is no file {tmp_path / 'review.json'}. Restore the folder" in text) == (["no_file"], True)
    (tmp_path / "moved").rename(tmp_path / "review.json")
    assert opened(tmp_path, "q3")[1] == ["other_review"]
    _found, codes, text = opened(tmp_path, "", "0" * 64)
    assert (codes, "Correct access_review_digest, restore the folder" in text) == (["review_edited"], True)
    (tmp_path / "review.csv").unlink()
    found, codes, _texts = opened(tmp_path)
    assert (found.missing, codes) == (["review.csv"], []), "a file that was moved away was not edited"


@pytest.mark.parametrize("name", ["review.json", "review.csv", "review.html", "manifest.json"])
def test_an_edited_file_is_named(tmp_path, name):
    write(tmp_path)
    text = (tmp_path / name).read_text(encoding="utf-8")
    (tmp_path / name).write_text(
        text.replace("VPN", "VPM").replace('"incomplete": []', '"incomplete": ["ol"]'), encoding="utf-8"
    )
    assert (tmp_path / name).read_text(encoding="utf-8") != text
    found, codes, texts = opened(tmp_path)
    assert (found, set(codes)) == (None, {"review_edited"})
    assert name in texts


def edited(folder, change):
    """Edit review.json, and manifest.json so that the digests of the files fit."""
    document = json.loads((folder / "review.json").read_text(encoding="utf-8"))
    change(document)
    (folder / "review.json").write_text(json.dumps(document), encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["review.json"] = hashlib.sha256((folder / "review.json").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize("change", [
    lambda document: document["rows"][0].update(grant="Other"),
    lambda document: document["rows"][0].update(flags=[]) or document["rows"].pop(),
    lambda document: document["rows"].append(document["rows"][0]), lambda document: document.update(id="q9"),
    lambda document: document.update(opened="x"),
    lambda document: document.update(opened="2026-06-16T08:00:00Z"),
    lambda document: document["rows"][0].update(extra=1),
    lambda document: document["rows"][0].update(revocable="no"),
    lambda document: document["rows"][0].update(tokens=[{"x": 1}]),
    lambda document: document.update(rows={}), lambda document: document.update(coverage={"ol": 1}),
    lambda document: document.update(incomplete=["kes"]),
    lambda document: document.update(rows_digest="0"),
    lambda document: document["coverage"]["ol"].update(error="broken"),
])  # fmt: skip
def test_a_review_that_contradicts_itself_was_edited(tmp_path, change):
    write(tmp_path)
    edited(tmp_path, change)
    found, codes, _texts = opened(tmp_path)
    assert (found, set(codes)) == (None, {"review_edited"})


@pytest.mark.parametrize("files", [{}, None, {"review.json": "x", "../evil": "y"}])
def test_a_manifest_lists_files_of_the_folder(tmp_path, files):
    write(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "files": files}), encoding="utf-8")
    assert set(opened(tmp_path)[1]) == {"review_edited"}


def test_files_of_other_versions_and_kinds_are_named_as_such(tmp_path):
    write(tmp_path)
    for name, change, code in (
        ("review.json", {"schema": 2}, "other_version"),
        ("manifest.json", {"kind": "x"}, "other_file"),
    ):
        before = (tmp_path / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(json.dumps({**json.loads(before), **change}), encoding="utf-8")
        assert opened(tmp_path)[1] == [code]
        (tmp_path / name).write_text(before, encoding="utf-8")


# -- all of it before the first call ---------------------------------------------------------------------------------

CONNECTIONS = {"ol": {"provider": "onelogin", "api_url": "http://127.0.0.1:9", "client_id": "a", "client_secret": "b"}}


def close(folder, monkeypatch, **params):
    """Close a review whose connections answer to nobody, and return the codes of what is wrong."""
    monkeypatch.setattr(action, "now", lambda: NOW)
    arguments = {"state": "close", "connections": CONNECTIONS, "dest": str(folder), **params}
    validated = validate(SPEC, {}, arguments)
    assert not validated.error_messages
    with pytest.raises(InputError) as error:
        run_close(validated.validated_parameters, Frame(folder=str(folder)))
    return [problem.code for problem in error.value.problems], str(error.value)


def test_nothing_is_read_or_written_while_anything_is_wrong(tmp_path, monkeypatch):
    coverage = {"kes": Coverage("kestra", error="HTTP 503")}
    review = write(tmp_path, coverage=coverage)
    before = sorted(os.listdir(tmp_path))
    codes, text = close(tmp_path, monkeypatch)
    assert codes == ["incomplete_connection", "no_decisions"]
    assert "HTTP 503" in text
    assert (
        f"access_review_decisions: there is no decision file (*.json) in {tmp_path / 'decisions'}. Decide on the "
        "review pages, and copy to this folder the files that they save, or set access_review_undecided to keep or "
        "revoke."
    ) in text
    assert close(tmp_path, monkeypatch, decisions=[{"a": "b"}])[0] == ["invalid_value", "incomplete_connection"]
    save(tmp_path / "decisions" / "a.json", decisions(review, decision(ROWS[0], "drop")))
    codes, _text = close(tmp_path, monkeypatch, only=["ol", "co"], max_age="4d", id="q2")
    assert codes == ["review_stale", "unknown_verdict", "unknown_connection"], (
        "what is undecided is not known before all files can be read"
    )
    codes, text = close(tmp_path, monkeypatch, only="ol", loss_limit="ten")
    assert codes == ["invalid_value", "unknown_verdict"]
    assert "access_review_loss_limit is 'ten'; specify a number of accounts" in text
    assert close(tmp_path, monkeypatch, only="ol", max_age="soon")[0] == ["invalid_duration", "unknown_verdict"]
    assert sorted(os.listdir(tmp_path)) == ["decisions", *before], "no file was written"


def test_a_named_folder_without_decisions_is_reported_with_other_problems(tmp_path, monkeypatch):
    write(tmp_path)
    (tmp_path / "empty").mkdir()
    codes, text = close(tmp_path, monkeypatch, decisions=[str(tmp_path / "empty")], max_age="4d")
    assert codes == ["review_stale", "no_decisions"]
    assert f"no decision file (*.json) in {tmp_path / 'empty'}. Correct the path" in text


def test_the_age_of_a_review_counts_to_identity_as_of(tmp_path, monkeypatch):
    """Without identity_as_of, to the clock."""
    review = write(tmp_path)
    day = datetime.date.fromisoformat(review.day)

    def codes(days, max_age):
        as_of = {} if days is None else {"as_of": (day + datetime.timedelta(days=days)).isoformat()}
        return close(tmp_path, monkeypatch, max_age=max_age, **as_of)[0]

    assert codes(30, "30d") == codes(0, "0") == codes(-1, "0") == codes(31, "36500d") == ["no_decisions"]
    assert codes(31, "30d") == codes(1, "23h") == ["review_stale", "no_decisions"]
    assert codes(None, "4d") == ["review_stale", "no_decisions"]
    assert codes(None, "90d") == ["no_decisions"]


@pytest.mark.parametrize(
    ("age", "limit", "text"),
    [
        (42, "1", "was opened 42 seconds ago, and access_review_max_age is 1 second."),
        (3 * 86400 + 3 * 3600, "3d", "was opened 3 days 3 hours ago, and access_review_max_age is 3 days."),
        (86401, "1d", "was opened 24 hours ago, and access_review_max_age is 1 day."),
        (3 * 86400 + 5, "72h", "was opened 259205 seconds ago, and access_review_max_age is 259200 seconds."),
    ],
)
def test_ages_have_units(age, limit, text):
    now = datetime.datetime(2026, 6, 15, 8, tzinfo=datetime.timezone.utc) + datetime.timedelta(seconds=age)
    assert text in str(age_problems(Review("q2", "2026-06-15", OPENED), limit, now)[0])


def test_reviewers_who_are_late_are_named_first(tmp_path, monkeypatch):
    rows = [row("E1", reviewer="E7"), row("E2", reviewer="E7"), row("E3", reviewer="E8"), row("E4")]
    review = write(tmp_path, rows=rows, by="manager", reviewers={"E7": "Grace Hopper", "E8": "E8"})
    assert close(tmp_path, monkeypatch)[0] == ["no_decisions", "missing_decisions", "missing_decisions"]
    save(tmp_path / "decisions" / "grace.json", decisions(review, decision(rows[0]), reviewer="E7"))
    codes, text = close(tmp_path, monkeypatch)
    assert codes == ["missing_decisions", "missing_decisions", "undecided", "undecided", "undecided"]
    assert "Of the 2 rows of E7 Grace Hopper, 1 is decided." in text
    assert "Of the 1 row of E8, 0 are decided." in text


def test_of_thousands_of_undecided_rows_the_first_are_named_and_the_others_counted(tmp_path, monkeypatch):
    rows = [row(f"E{number}") for number in range(2001)]
    save(tmp_path / "decisions" / "a.json", decisions(write(tmp_path, rows=rows), decision(rows[0])))
    codes, text = close(tmp_path, monkeypatch)
    assert (set(codes), len(codes)) == ({"undecided"}, 101)
    assert "In all, 2000 problems have the code undecided. Only the first 100 are reported." in text


def test_connections_have_to_be_those_of_the_review(tmp_path, monkeypatch):
    write(tmp_path, rows=(*ROWS, row(connection="kes", provider="kestra")))
    codes, text = close(tmp_path, monkeypatch, undecided="keep")
    assert codes == ["unknown_connection"]
    assert "kes, but identity_connections does not. Add it, or list only the other connections in " in text, text
    write(tmp_path / "kes", rows=[row(connection="kes", provider="kestra")])
    assert "kes, but identity_connections does not. Add it." in close(tmp_path / "kes", monkeypatch)[1]
    other = {"ol": {"provider": "contabo"}, "kes": {"provider": "kestra"}}
    codes, text = close(tmp_path, monkeypatch, connections=other, undecided="keep")
    assert codes == ["unknown_connection"]
    assert "Correct this connection, or list only the other connections in access_review_connections." in text, text


def test_a_review_that_is_edited_hides_nothing_else_that_is_wrong_with_the_options(tmp_path, monkeypatch):
    write(tmp_path)
    (tmp_path / "review.csv").write_text("x", encoding="utf-8")
    codes, _text = close(tmp_path, monkeypatch, as_of="soon", people=[{"id": "E1", "colour": 1}])
    assert {"review_edited", "invalid_value"} <= set(codes)
    assert close(tmp_path / "nowhere", monkeypatch)[0] == ["no_file"]
