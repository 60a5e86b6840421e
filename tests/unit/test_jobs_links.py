# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links file: what it remembers, and that a damaged one is refused and left as it is."""

from __future__ import annotations

import concurrent.futures
import fcntl
import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs import files
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.rules import apply
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import (
    Hold,
    Link,
    Memory,
    read_links,
    row_digest,
    write_links,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted, Person

ADA = Link("E1", "ol", "100001", "ada@acme.com", "2026-06-15T08:00:00Z")


@pytest.mark.parametrize("name", ["links.yml", "links.json"])
def test_what_is_written_is_read_again(tmp_path, name):
    path = str(tmp_path / name)
    memory = Memory(
        [ADA, Link("E2", "kes", "abc", "bob@acme.com")], [Hold("E2", "2026-06-15T08:00:00Z", "f" * 64)], kept=True
    )
    assert write_links(memory, path) is True
    again = read_links(path, "access_links")
    assert (sorted(again.links, key=lambda link: link.person), again.holds) == (
        sorted(memory.links, key=lambda link: link.person),
        memory.holds,
    )
    assert again.kept
    assert write_links(again, path) is False, "the same content is not written again"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_without_a_file_there_is_nothing_to_remember(tmp_path):
    assert read_links("", "access_links").kept is False
    missing = read_links(str(tmp_path / "links.yml"), "access_links")
    assert missing.kept
    assert missing.links == []


@pytest.mark.parametrize("name", ["links.yml", "links.json"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_editor_may_add_a_byte_order_mark_and_change_line_ends(tmp_path, name, mark, end):
    """A file without new links is left as it is. Otherwise it is written without a mark, with LF."""
    path, as_json = tmp_path / name, name.endswith(".json")
    mine = Memory([Link("E1", "ol", "1", "ada")], kept=True)
    edited = (mark + mine.text(as_json).replace("\n", end)).encode()
    path.write_bytes(edited)
    memory = read_links(str(path), "access_links")
    assert memory.links == mine.links
    assert not write_links(memory, str(path))
    assert path.read_bytes() == edited
    memory.link("E2", "ol", "2", "eve", "2026-01-01T00:00:00Z")
    assert write_links(memory, str(path))
    assert path.read_bytes() == memory.text(as_json).encode()
    assert b"\r" not in path.read_bytes()


@pytest.mark.parametrize(
    ("content", "words"),
    [("{\n]", "line 2 is not valid JSON: Expecting property name"), ("[" * 100_000, "it is nested too deeply")],
)
def test_a_damaged_json_file_is_refused(tmp_path, content, words):
    path = tmp_path / "links.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_links(str(path), "access_links")
    assert f"links.json is not used: {words}" in str(caught.value.problems[0])
    assert "Restore the file" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not a mapping"),
        ("- 1", "not a mapping"),
        ("{", " is not valid YAML: "),
        ("schema: 1\n\tlinks: []", "links.yml is not used: line 2 is not valid YAML: found "),
        ("schema: \x01", "links.yml is not used: it contains a character that YAML does not allow."),
        ("schema: 2\nlinks: []", "reads schema 1"),
        ("schema: 1\nlinks: {}", "not a list"),
        ("schema: 1\nlinks: []", "holds is not a list"),
        ("schema: 1\ncount: 2\nlinks: [{person: E1, connection: ol, account: '1'}]\nholds: []", "truncated"),
        ("schema: 1\nlinks: [{person: E1}]", "links[0]"),
        (
            "schema: 1\nlinks: [{person: E1, connection: ol, account: '1', secret: x}]",
            "links[0] has the unknown key secret",
        ),
        ("schema: 1\nlinks: [{person: E1, connection: ol, account: [1]}]", "something other than text"),
        ("schema: 1\nlinks: []\nholds: [{since: now}]", "holds[0]"),
        (
            (
                "schema: 1\nlinks:\n- {person: E1, connection: ol, account: '1'}\n- {person: E2, connection: "
                "ol, account: '1'}\nholds: []"
            ),
            "linked to E1 and to E2",
        ),
    ],
)
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path, content, words):
    path = tmp_path / "links.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_links(str(path), "access_links")
    assert words in str(caught.value.problems[0])
    assert caught.value.problems[0].code == "bad_links"
    assert path.read_text(encoding="utf-8") == content


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "links.yml"
    path.write_bytes(b"schema: 1\nlinks: [\xff]")
    with pytest.raises(InputError) as caught:
        read_links(str(path), "access_links")
    assert "not UTF-8" in str(caught.value.problems[0])


def test_an_account_has_one_owner_and_names_are_kept_up_to_date():
    memory = Memory([ADA], kept=True)
    memory.link("E1", "ol", "100001", "ada.cee@acme.com", "2026-07-01T00:00:00Z")
    assert memory.of("E1", "ol") == [Link("E1", "ol", "100001", "ada.cee@acme.com", ADA.linked)]
    assert memory.last_named("ol", "ADA@acme.com") == ["E1"], "an earlier name is remembered in this run"
    memory.link("E2", "ol", "100001", "ada.cee@acme.com", "2026-07-02T00:00:00Z")
    assert memory.owner("ol", "100001") == "E2"
    assert memory.of("E1", "ol") == []


def test_what_somebody_wrote_by_hand_is_text(tmp_path):
    path = tmp_path / "links.yml"
    path.write_text(
        "\ufeffschema: 1\nlinks:\n- {person: 0123, connection: ol, account: 7, linked: 2026-06-15T08:00:00Z}\nholds: "
        "[]\n",
        encoding="utf-8",
    )
    assert read_links(str(path), "access_links").links == [Link("0123", "ol", "7", "", "2026-06-15T08:00:00Z")]


@pytest.mark.parametrize("name", ["links.yml", "links.json"])
@pytest.mark.parametrize(
    "text", ["a\x7fb", "a\x85b\u2028", "\ud83d", "Zoë \U0001f600", "\ufffe", "a: b # {c}", "null", "0x1F"]
)
def test_whatever_an_account_is_called_can_be_read_again(tmp_path, name, text):
    path = str(tmp_path / name)
    write_links(Memory([Link("E1", "ol", "1", text)], kept=True), path)
    assert read_links(path, "access_links").links == [Link("E1", "ol", "1", text.replace("\ud83d", "?"))]


def test_a_later_hold_replaces_an_earlier_one_and_is_released():
    memory = Memory(holds=[Hold("E1", "a")], kept=True)
    memory.add_hold(Hold("E1", "b", "0" * 64))
    assert memory.hold("E1") == Hold("E1", "b", "0" * 64)
    memory.add_hold(Hold("E1", "c", "0" * 64))
    assert memory.hold("E1") == Hold("E1", "b", "0" * 64), "the same feed: the time when it began stays"
    memory.release({"E1"})
    assert memory.hold("E1") is None


def test_the_digest_of_a_row_changes_with_the_data_and_not_with_its_place():
    person = Person("E1", email="ada@acme.com", entitlements=(Granted("staff"),), place="people.csv line 2")
    assert row_digest(person) == row_digest(
        Person("E1", email="ada@acme.com", entitlements=(Granted("staff"),), place="people.csv line 9")
    )
    assert row_digest(person) != row_digest(
        Person("E1", email="ada@acme.com", status="leave", entitlements=(Granted("staff"),))
    )
    assert row_digest(person) != row_digest(Person("E1", email="ada@acme.com"))


def test_how_an_export_writes_a_row_does_not_change_its_digest():
    granted = (Granted("staff"), Granted("data", "2026-12-31"))
    person = Person("E1", name="Mary Ann van Dyke", email="Mary@acme.com", entitlements=granted)
    for other in (
        Person("E1", name="van Dyke, Mary Ann", email="mary@acme.com", entitlements=granted[::-1]),
        Person(
            "E1",
            given_name="Mary Ann",
            family_name="van Dyke",
            email="MARY@ACME.COM",
            entitlements=(*granted, granted[0]),
        ),
    ):
        assert row_digest(person) == row_digest(other), "who was put out stays out"
    for other in (
        Person("E1", name="Mary Ann Bee", email="mary@acme.com", entitlements=granted),
        Person("E1", name=person.name, email="m@acme.com", entitlements=granted),
        Person(
            "E1", name=person.name, email=person.email, entitlements=(Granted("staff"), Granted("data", "2027-12-31"))
        ),
    ):
        assert row_digest(person) != row_digest(other)


def test_what_changes_every_night_does_not_change_the_digest_of_a_row():
    person = Person("E1", email="ada@acme.com", entitlements=(Granted("staff"),))
    by_rule = (Granted("staff"), Granted("crm", ruled=True))
    assert row_digest(person) == row_digest(
        Person("E1", email="ada@acme.com", entitlements=by_rule, attributes={"Last Modified": "2026-06-15"})
    )


def test_who_was_not_in_the_feed_is_held_by_the_address():
    memory = Memory(holds=[Hold("Ada@acme.com", "a")], kept=True)
    assert memory.hold("E1", "ada@acme.com") == Hold("Ada@acme.com", "a")
    assert memory.hold("E1", "bob@acme.com") is None
    assert memory.hold("E1") is None


def test_what_rules_give_is_no_change_of_the_row():
    person = Person(
        "E1",
        email="ada@acme.com",
        attributes={"department": "Sales"},
        entitlements=(Granted("staff"), Granted("crm", until="2026-12-31")),
    )
    ruled = apply([person], [{"when": {"department": "Sales"}, "entitlements": ["crm", "mail"]}])[0]
    assert [granted.name for granted in ruled.entitlements] == ["staff", "crm", "crm", "mail"]
    assert row_digest(ruled) == row_digest(person), "the offboarding, which applies no rules, keeps this digest"


def test_a_file_that_cannot_be_replaced_stays(tmp_path, monkeypatch):
    path = tmp_path / "links.json"
    path.write_text(json.dumps({"schema": 1, "links": [], "holds": []}), encoding="utf-8")

    def refuse(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(InputError):
        write_links(Memory([ADA], kept=True), str(path))
    assert json.loads(path.read_text(encoding="utf-8"))["links"] == []
    assert [entry.name for entry in tmp_path.iterdir()] == ["links.json"], "no temporary file is left"


# -- runs at the same time -----------------------------------------------------------------------------------------


@pytest.fixture
def shared(tmp_path):
    """Return the path of a links file in which Ada and Bob are known, and Eve is held."""
    path = str(tmp_path / "links.yml")
    write_links(
        Memory(
            [ADA, Link("E2", "kes", "abc", "bob@acme.com")], [Hold("E3", "2026-06-01T00:00:00Z", "a" * 64)], kept=True
        ),
        path,
    )
    return path


def state(path):
    """Return what a links file holds: (connection, account) -> (person, name), and the people who are held."""
    memory = read_links(path, "links")
    return {(link.connection, link.account): (link.person, link.name) for link in memory.links}, {
        hold.person: hold.since for hold in memory.holds
    }


def test_runs_at_the_same_time_keep_the_links_of_each_other(shared):
    one, other = read_links(shared, "links"), read_links(shared, "links")
    one.link("E1", "ol", "100001", "ada.cee@acme.com", "")
    one.link("E5", "ol", "100005", "eve@acme.com", "2026-06-15T09:00:00Z")
    one.add_hold(Hold("E2", "2026-06-15T09:00:00Z"))
    other.link("E6", "ol", "100006", "may@acme.com", "2026-06-15T09:00:01Z")
    other.release({"E3"})
    assert write_links(one, shared)
    assert write_links(other, shared)
    assert state(shared) == ({
        ("ol", "100001"): ("E1", "ada.cee@acme.com"), ("kes", "abc"): ("E2", "bob@acme.com"),
        ("ol", "100005"): ("E5", "eve@acme.com"),
        ("ol", "100006"): ("E6", "may@acme.com"),
    }, {"E2": "2026-06-15T09:00:00Z"})  # fmt: skip
    assert other.of("E5", "ol"), "the result of the second run has the links of the first"


def test_many_runs_at_once_lose_nothing(tmp_path):
    path, names = str(tmp_path / "links.json"), [f"E{number}" for number in range(12)]

    def run(name):
        memory = read_links(path, "links")
        memory.link(name, "ol", name, "", "")
        memory.add_hold(Hold(name, "2026-06-15T09:00:00Z"))
        return write_links(memory, path)

    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        assert all(pool.map(run, names))
    links, held = state(path)
    assert {person for person, _name in links.values()} == set(names)
    assert set(held) == set(names)
    assert [entry.name for entry in tmp_path.iterdir()] == ["links.json"]


def test_what_somebody_removed_or_released_meanwhile_does_not_come_back(shared):
    memory = read_links(shared, "links")
    memory.link("E5", "ol", "100005", "eve@acme.com", "")
    files.write_text(shared, Memory([ADA]).text())
    assert write_links(memory, shared)
    assert state(shared) == ({("ol", "100001"): ("E1", "ada@acme.com"), ("ol", "100005"): ("E5", "eve@acme.com")}, {})
    assert memory.of("E2", "kes") == []


def test_a_hold_that_was_renewed_meanwhile_outlives_a_release(shared):
    memory, offboarding = read_links(shared, "links"), read_links(shared, "links")
    memory.release({"E3"})
    offboarding.add_hold(Hold("E3", "2026-06-15T09:00:00Z", "b" * 64))
    write_links(offboarding, shared)
    write_links(memory, shared)
    assert state(shared)[1] == {"E3": "2026-06-15T09:00:00Z"}


def test_an_account_that_two_runs_link_to_different_people_is_reported(shared, tmp_path):
    one, other = read_links(shared, "links"), read_links(shared, "links")
    one.link("E5", "ol", "100005", "eve@acme.com", "")
    write_links(one, shared)
    other.link("E6", "ol", "100005", "eve@acme.com", "")
    other.link("E7", "ol", "100007", "may@acme.com", "")
    with pytest.raises(InputError) as caught:
        write_links(other, shared)
    (problem,) = caught.value.problems
    assert (problem.code, str(problem)) == (
        "links_conflict",
        "Another run has linked 1 account to other people: account 100005 of ol to E5, and this run to E6.",
    )  # fmt: skip
    beside = str(tmp_path / "links.unmerged.yml")
    assert caught.value.hint == (
        f"{shared} keeps the links of the other run for this account, and all other links of both runs. "
        f"The new links are in {beside}. For each account above, decide who owns it and correct its link in {shared}; "
        f"then delete {beside}."
    )
    assert {person for person, _name in state(shared)[0].values()} == {"E1", "E2", "E5", "E7"}
    assert {person for person, _name in state(beside)[0].values()} == {"E1", "E2", "E6", "E7"}


@pytest.mark.parametrize("content", [b"schema: 9\n", b"\xff", b"schema: 1\nlinks: ["])
def test_a_file_that_was_damaged_meanwhile_stays_and_nothing_is_lost(shared, tmp_path, content):
    memory = read_links(shared, "links")
    with open(shared, "wb") as file:
        file.write(content)
    with pytest.raises(InputError) as caught:
        write_links(memory, shared)
    assert "unmerged" not in caught.value.hint, "there is nothing to lose"
    memory.link("E5", "ol", "100005", "eve@acme.com", "")
    for name in ("links.unmerged.yml", "links.unmerged-2.yml"):
        with pytest.raises(InputError) as caught:
            write_links(memory, shared)
        assert str(tmp_path / name) in caught.value.hint
        assert ("ol", "100005") in state(str(tmp_path / name))[0]
    with open(shared, "rb") as file:
        assert file.read() == content


def test_a_file_that_went_away_is_written_again(shared):
    memory = read_links(shared, "links")
    os.unlink(shared)
    assert write_links(memory, shared)
    assert len(state(shared)[0]) == 2


def test_a_lock_that_never_ends_is_an_error_and_nothing_is_lost(shared, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_PAUSES", 2)
    monkeypatch.setattr(files, "_PAUSE", 0)
    memory = read_links(shared, "links")
    memory.link("E5", "ol", "100005", "eve@acme.com", "")
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(InputError) as caught:
            write_links(memory, shared)
    finally:
        os.close(handle)
    assert caught.value.problems[0].code == "links_locked"
    assert ("ol", "100005") in state(str(tmp_path / "links.unmerged.yml"))[0]
    assert write_links(memory, shared)


def test_without_locks_on_folders_a_file_beside_it_is_the_lock(shared, tmp_path, monkeypatch):
    """As on NFS, where a lock requires a file that is open for writing."""
    lock = fcntl.flock

    def refuse(handle, operation):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(9, "Bad file descriptor")
        lock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", refuse)
    memory = read_links(shared, "links")
    memory.link("E5", "ol", "100005", "eve@acme.com", "")
    assert write_links(memory, shared)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".links.yml.lock", "links.yml"]


PEOPLE = st.sampled_from(["E1", "E2"])
STATES = st.tuples(
    st.dictionaries(st.sampled_from(["1", "2"]), PEOPLE), st.dictionaries(PEOPLE, st.sampled_from(["a", "b"]))
)


@given(STATES, STATES, STATES)
def test_merging_keeps_what_one_has_changed(begun, own, other):
    def memory(content):
        links = [Link(person, "ol", account) for account, person in content[0].items()]
        return Memory(links, [Hold(person, since) for person, since in content[1].items()], source="")

    mine = memory(begun)
    for account, person in own[0].items():
        mine.link(person, "ol", account, "", "")
    mine.holds = memory(own).holds
    before = {link.account: link.person for link in mine.links}
    contradicted = {link.account: link.person for link in mine.absorb(memory(other))}
    after = {link.account: link.person for link in mine.links}
    for account in {*begun[0], *before, *other[0]}:
        was, me, they = (some.get(account) for some in (begun[0], before, other[0]))
        assert after.get(account) == (they if they not in (was, me) and (me == was or they is not None) else me), (
            account
        )
        assert contradicted.get(account) == (me if me not in (was, they) and they not in (was, None) else None)
        assert mine.owner("ol", account) == after.get(account)
    held = {hold.person: hold.since for hold in mine.holds}
    for person, (was, me, they) in {
        one: tuple(some.get(one) for some in (begun[1], own[1], other[1])) for one in ("E1", "E2")
    }.items():
        assert held.get(person) == (
            they if me == was else me if they == was else max(filter(None, (me, they)), default=None)
        )
    assert len(held) == len(mine.holds)


def test_a_file_that_says_the_same_in_other_words_is_left_as_it_is(tmp_path):
    path = tmp_path / "links.yml"
    text = "# ours\nschema: 1\nlinks:\n- {person: E1, connection: ol, account: '1'}\nholds: []\n"
    path.write_text(text, encoding="utf-8")
    memory = read_links(str(path), "links")
    memory.link("E1", "ol", "1", "", "2026-06-15T08:00:00Z")
    assert write_links(memory, str(path)) is False
    assert path.read_text(encoding="utf-8") == text
