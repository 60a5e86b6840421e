# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links file: what it remembers, and that a damaged one is refused and left as it is."""

from __future__ import annotations

import json
import os
import stat

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.rules import apply
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Hold, Link, Memory, read_links, row_digest, write_links
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted, Person

ADA = Link("E1", "ol", "100001", "ada@acme.com", "2026-06-15T08:00:00Z")


@pytest.mark.parametrize("name", ["links.yml", "links.json"])
def test_what_is_written_is_read_again(tmp_path, name):
    path = str(tmp_path / name)
    memory = Memory([ADA, Link("E2", "kes", "abc", "bob@acme.com")], [Hold("E2", "2026-06-15T08:00:00Z", "f" * 64)], kept=True)
    assert write_links(memory, path) is True
    again = read_links(path, "access_links")
    assert (sorted(again.links, key=lambda link: link.person), again.holds) == (sorted(memory.links, key=lambda link: link.person), memory.holds)
    assert again.kept
    assert write_links(again, path) is False, "the same content is not written again"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_without_a_file_there_is_nothing_to_remember(tmp_path):
    assert read_links("", "access_links").kept is False
    missing = read_links(str(tmp_path / "links.yml"), "access_links")
    assert missing.kept
    assert missing.links == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no links"),
        ("- 1", "no links"),
        ("{", "cannot be read"),
        ("schema: 2\nlinks: []", "reads schema 1"),
        ("schema: 1\nlinks: {}", "not a list"),
        ("schema: 1\nlinks: []", "holds is not a list"),
        ("schema: 1\ncount: 2\nlinks: [{person: E1, connection: ol, account: '1'}]\nholds: []", "cut off"),
        ("schema: 1\nlinks: [{person: E1}]", "links[0]"),
        ("schema: 1\nlinks: [{person: E1, connection: ol, account: '1', secret: x}]", "links[0]"),
        ("schema: 1\nlinks: [{person: E1, connection: ol, account: [1]}]", "something other than text"),
        ("schema: 1\nlinks: []\nholds: [{since: now}]", "holds[0]"),
        ("schema: 1\nlinks:\n- {person: E1, connection: ol, account: '1'}\n- {person: E2, connection: ol, account: '1'}\nholds: []", "linked to E1 and to E2"),
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
    path.write_text("\ufeffschema: 1\nlinks:\n- {person: 0123, connection: ol, account: 7, linked: 2026-06-15T08:00:00Z}\nholds: []\n", encoding="utf-8")
    assert read_links(str(path), "access_links").links == [Link("0123", "ol", "7", "", "2026-06-15T08:00:00Z")]


@pytest.mark.parametrize("name", ["links.yml", "links.json"])
@pytest.mark.parametrize("text", ["a\x7fb", "a\x85b\u2028", "\ud83d", "Zoë \U0001f600", "\ufffe", "a: b # {c}", "null", "0x1F"])
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
    assert row_digest(person) == row_digest(Person("E1", email="ada@acme.com", entitlements=(Granted("staff"),), place="people.csv line 9"))
    assert row_digest(person) != row_digest(Person("E1", email="ada@acme.com", status="leave", entitlements=(Granted("staff"),)))
    assert row_digest(person) != row_digest(Person("E1", email="ada@acme.com"))


def test_what_changes_every_night_does_not_change_the_digest_of_a_row():
    person = Person("E1", email="ada@acme.com", entitlements=(Granted("staff"),))
    by_rule = (Granted("staff"), Granted("crm", ruled=True))
    assert row_digest(person) == row_digest(Person("E1", email="ada@acme.com", entitlements=by_rule, attributes={"Last Modified": "2026-06-15"}))


def test_who_was_not_in_the_feed_is_held_by_the_address():
    memory = Memory(holds=[Hold("Ada@acme.com", "a")], kept=True)
    assert memory.hold("E1", "ada@acme.com") == Hold("Ada@acme.com", "a")
    assert memory.hold("E1", "bob@acme.com") is None
    assert memory.hold("E1") is None


def test_what_rules_give_is_no_change_of_the_row():
    person = Person("E1", email="ada@acme.com", attributes={"department": "Sales"}, entitlements=(Granted("staff"), Granted("crm", until="2026-12-31")))
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
