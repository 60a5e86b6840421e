# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rotation of tokens: the list and what is wrong with it."""

from __future__ import annotations

import contextlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.entries import ENTRY, Reader
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.play import Play
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from ansible_collections.rollcall.identity.tests.unit.rotation import (
    CONNECTIONS,
    GOOD,
    params_of,
    problems_of,
    read,
    run,
)


def test_what_is_called_for_an_entry():
    reader = read(
        {**GOOD, "max_age": "60d", "min_remaining": 3600, "description": "for CI"},
        {**GOOD, "user": "bob@acme.com", "dest": "/play/t"},
    )
    assert reader.problems == []
    one, other = reader.entries
    assert one.present == {
        "user": "ada@acme.com", "name": "ci", "state": "present", "rotate": "expired", "overlap": "1d",
        "rotate_after": "30d", "max_age": "60d", "min_remaining": "3600", "description": "for CI",
    }  # fmt: skip
    assert (one.module, one.info, one.who, one.owner, one.number) == (
        "api_token",
        "api_token_info",
        {"user": "ada@acme.com"},
        "ada@acme.com",
        0,
    )
    assert (other.dest, other.deliver) == ("/play/t", "/play/vault.yml")
    assert "canary" not in repr(reader.entries)


@pytest.mark.parametrize(("entry", "settings", "place"), [
    ({"deliver": "/play/own.yml"}, {"deliver": "/play/all.yml", "dest": "/tokens"}, ("/play/own.yml", "")),
    ({}, {"deliver": "/play/all.yml", "dest": "/tokens"}, ("/play/all.yml", "")),
    ({}, {"dest": "/tokens"}, ("", "/tokens/kes-ada@acme.com-ci.token")),
    ({"dest": "mine"}, {"dest": "/tokens", "deliver": "/play/all.yml"}, ("", "/tokens/mine")),
    ({"dest": "/play/mine"}, {"dest": "/tokens"}, ("", "/play/mine")),
    ({"deliver": "own.yml"}, {}, ("/play/own.yml", "")),
    ({"deliver": "sub/here.yml"}, {}, ("{here}/sub/here.yml", "")),
    ({"deliver": "sub/../both.yml"}, {}, ("{here}/both.yml", "")),
    ({}, {"deliver": "all.yml"}, ("/play/all.yml", "")),
    ({"dest": "mine"}, {}, ("", "{here}/mine")),
    ({"dest": "mine"}, {"dest": "sub"}, ("", "{here}/sub/mine")),
    ({"dest": "../mine"}, {"dest": "/play/sub"}, ("", "/play/mine")),
])  # fmt: skip
def test_where_a_token_goes(entry, settings, place):
    fields = {name: value for name, value in GOOD.items() if name != "deliver"}
    reader = read({**fields, **entry}, **settings)
    assert reader.problems == []
    assert (reader.entries[0].deliver, reader.entries[0].dest) == tuple(
        path.replace("{here}", os.getcwd()) for path in place
    )


_EXPIRES = "the old token would expire before overlap (default: token_rotation_overlap) has passed"
_AFTER = "rotate_after and overlap together must not exceed max_age. Make overlap or rotate_after shorter, or max_age"
_LEFT = "min_remaining must be at least overlap, and less than max_age. Make overlap shorter, or min_remaining longer."


@pytest.mark.parametrize(
    ("change", "settings", "text"),
    [
        ({"connection": "other"}, {}, "no such connection"),
        ({"user": ...}, {}, "specify its owner with exactly one of user, service_account, service_account_id."),
        ({"service_account": "ci"}, {}, "specify its owner with exactly one of"),
        ({"scope": "tenant"}, {}, "scope is for service accounts"),
        ({"name": "Not A Name"}, {}, "Kestra accepts 1 to 63"),
        ({"rotate_after": "soon"}, {}, "rotate_after is 'soon', which is not a duration"),
        ({"rotate_after": ...}, {}, "never be rotated"),
        ({"rotate_after": ..., "min_remaining": "5d"}, {}, "never be rotated"),
        ({"rotate_after": "0"}, {}, "every run would create a token"),
        ({"max_age": "10d", "min_remaining": "10d"}, {}, "every run would create a token"),
        ({"max_age": "0d"}, {}, "max_age is zero"),
        ({"max_age": "30d"}, {}, f"{_EXPIRES}: {_AFTER}"),
        ({"max_age": "40d", "overlap": "11d"}, {}, f"{_EXPIRES}: {_AFTER}"),
        ({"rotate_after": ..., "max_age": "30d", "min_remaining": "5d", "overlap": "6d"}, {}, f"{_EXPIRES}: {_LEFT}"),
        ({"max_age": "34d", "min_remaining": "5d", "overlap": "6d"}, {}, f"{_EXPIRES}: {_LEFT}"),
        ({"max_age": "36d", "min_remaining": "5d", "overlap": "7d"}, {}, f"{_EXPIRES}: {_AFTER}"),
        ({"deliver": ...}, {}, "would be lost"),
        (
            {"deliver": "nothing.yml"},
            {},
            "deliver nothing.yml does not exist, neither where ansible-playbook was started nor",
        ),
        ({"deliver": "/play/nothing"}, {}, "does not exist"),
        ({"dest": "nowhere/token"}, {}, "dest: there is no folder"),
        ({"dest": "/nowhere/token"}, {}, "dest: there is no folder /nowhere. Create it, or specify another path."),
        ({"dest": "token"}, {"dest": "/nowhere"}, "dest: there is no folder /nowhere."),
        ({"dest": "/play"}, {}, "dest: /play is a folder."),
        ({"deliver": ...}, {"dest": "/nowhere"}, "(kes: ci): token_rotation_dest: there is no folder /nowhere."),
        ({"deliver": ...}, {"deliver": "no.yml"}, "(kes: ci): token_rotation_deliver no.yml does not exist"),
        ({}, {"overlap": "soon"}, "(kes: ci): token_rotation_overlap is 'soon', which is not a duration"),
        ({"overlap": "later"}, {"overlap": "soon"}, "(kes: ci): overlap is 'later', which is not a duration"),
        ({"deliver": ...}, {"dest": "/play", "awx": True}, "token_rotation_dest is lost with the container on AWX"),
        ({"deliver": ..., "dest": "/play/token"}, {"awx": True}, "lost with the container on AWX"),
        ({"colour": "red"}, {}, "the key 'colour' is unknown. The keys are 'connection'"),
        ({"rotate_afer": "3d"}, {}, "the key 'rotate_afer' is unknown; similar names: 'rotate_after'"),
        ({"description": None}, {}, "description is empty (null). Omit it, or specify text."),
        ({"name": ...}, {}, "name is missing"),
    ],
)
def test_what_is_wrong_with_an_entry(change, settings, text):
    fields = {name: value for name, value in {**GOOD, **change}.items() if value is not ...}
    problems = read(fields, **settings).problems
    assert len(problems) == 1, problems
    assert text in problems[0]
    assert problems[0].startswith("token_rotation_tokens[0]")


@pytest.mark.parametrize("change", [
    {"max_age": "40d", "overlap": "10d"},
    {"rotate_after": ..., "max_age": "30d", "min_remaining": "5d", "overlap": "5d"}, {"overlap": 0},
    {"max_age": "P31D"},
])  # fmt: skip
def test_times_that_fit(change):
    assert read({name: value for name, value in {**GOOD, **change}.items() if value is not ...}).problems == []


def test_all_problems_are_told_at_once_and_none_twice():
    one, other = ({**GOOD, "name": name, "dest": "/play/t"} for name in "bc")
    problems = read(
        GOOD, {**GOOD, "name": "X"}, {**GOOD, "user": "ADA@acme.com"}, {**GOOD, "connection": "nextauth"}, one, other
    ).problems
    assert len(problems) == 4
    assert "token_rotation_tokens[2] is the same token as token_rotation_tokens[0]" in problems[2]
    assert "token_rotation_tokens[5] is written to the same file as token_rotation_tokens[4]" in problems[3]
    assert problems_of(tokens="a text") == [
        "token_rotation_tokens is 'a text', not a list. Write it as [first, second]."
    ]
    (as_text,) = Reader({**params_of(), "tokens": "[]"}, Frame()).problems
    assert as_text.endswith(
        "not a list. Write it without quotes. On the command line, use JSON: -e '{\"name\": value}'."
    )


def test_nothing_to_rotate_is_a_mistake():
    (no_tokens,) = problems_of(tokens=[])
    assert no_tokens.startswith("There are no tokens. Set token_rotation_tokens, a list with")
    assert problems_of(tokens=[GOOD], connections={}) == ["There are no connections. Set identity_connections."]


def test_everything_wrong_with_the_input_at_once():
    connections = {"kes": {"provider": "kestra", "api_retrys": 3}, "ol": {"provider": "okta"}}
    tokens = [{**GOOD, "name": "X"}, {**GOOD, "connection": "ol"}, {**GOOD, "connection": "kess"}]
    problems = problems_of(tokens=tokens, connections=connections, as_of="soon")
    texts = ("'soon' is not a day", "api_retrys is not an option", "'okta' is not one of", "similar names: kes.")
    assert [text in " ".join(problems) for text in texts] == [True] * 4
    assert len([text for text in problems if text.startswith("token_rotation_tokens[1]")]) == 0, (
        "the connection is what is wrong"
    )


def test_a_wrong_form_of_one_entry_hides_no_problem_of_the_others():
    tokens = [
        {**GOOD, "colour": "red"}, {"connection": "kes"}, "text", {**GOOD, "rotate_after": "0"},
        {**GOOD, "name": "d", "scope": "tenant", "deliver": None}, {**GOOD, "name": "e", "overlap": "soon"},
    ]  # fmt: skip
    problems = read(*tokens).problems
    assert [problem[:24] for problem in problems] == [f"token_rotation_tokens[{number}]" for number in range(6)]


def test_options_of_entries_are_checked_beside_other_problems(tmp_path):
    tokens = [{**GOOD, "name": "X"}, {**GOOD, "deliver": ..., "dest": str(tmp_path / "t"), "description": "a\0b"}]
    tokens = [{name: value for name, value in entry.items() if value is not ...} for entry in tokens]
    kes = {"provider": "kestra", "api_url": "https://kestra.acme.com", "credentials": {"api_token": "canary"}}
    problems = problems_of(tokens=tokens, connections={"kes": kes})
    assert {problem.partition(" ")[0] for problem in problems} == {
        "token_rotation_tokens[0]", "token_rotation_tokens[1]",
    }  # fmt: skip


def test_a_folder_with_two_names_holds_one_file(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    fields = {name: value for name, value in GOOD.items() if name != "deliver"}
    tokens = [{**fields, "name": name, "dest": str(tmp_path / name / "t")} for name in ("real", "link")]
    (problem,) = Reader(params_of(tokens=tokens), Frame()).problems
    assert "token_rotation_tokens[1] is written to the same file as token_rotation_tokens[0]" in problem


@pytest.mark.parametrize(("variables", "delivers", "codes"), [
    ({"ansible_play_hosts_all": ["h1"], "ansible_skip_tags": ()}, True, []),
    ({"ansible_play_hosts_all": ["h1", "h2"]}, True, ["several_hosts"]),
    ({"ansible_skip_tags": ["vault"]}, True, ["skipped_tags"]),
    ({"ansible_skip_tags": ["vault"]}, False, []),
    ({}, True, []),
])  # fmt: skip
def test_what_a_rotation_requires_of_its_play(variables, delivers, codes):
    assert [problem.code for problem in Play.of(variables).problems(delivers)] == codes


KEYS = st.sampled_from([*ENTRY["properties"], "provider", "credentials", "kes"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.sampled_from(["", "a", "kestra", "kes", "ada@acme.com", "30d", "/play", "x\0y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


TOKENS = st.fixed_dictionaries(
    {"connection": st.sampled_from(["kes", "a"]), "name": st.sampled_from(["ci", "x\0y"])},
    optional={name: VALUES for name in ENTRY["properties"] if name not in ("connection", "name")},
)


@given(VALUES | st.lists(TOKENS, max_size=2), VALUES)
def test_no_form_is_too_odd(tokens, connection):
    """Whatever is wrong with the input is a problem of the input."""
    for connections in ({"kes": connection}, CONNECTIONS):
        with contextlib.suppress(InputError):
            run(tokens=tokens, connections=connections)


def test_options_of_connections_are_checked_before_any_call(tmp_path):
    """What the module of a token refuses is refused for all entries at once, and for a connection once."""
    tokens = [{**GOOD, "deliver": None, "dest": str(tmp_path / name), "name": name} for name in ("a", "b")]
    tokens = [{name: value for name, value in entry.items() if value is not None} for entry in tokens]
    kes = {
        "provider": "kestra",
        "api_url": "https://kestra.acme.com",
        "api_retries": "many",
        "credentials": {"api_token": "canary-of-kes"},
    }
    (problem,) = problems_of(tokens=tokens, connections={"kes": kes})
    assert "api_retries" in problem
    assert "canary" not in problem


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_rotates_or_says_what_to_do(provider):
    life = life_of(provider).token
    problems = read({**GOOD, "connection": "kes" if provider == "kestra" else provider}).problems
    if life.module is not None:
        assert problems == []
    else:
        assert problems[0].endswith(life.text) and len(life.text) > 40
