# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret that the masker knows is left in anything that it lets pass."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.masking import MASK, Masker

# Without the star: a secret made of it could come about by masking.
letters = st.sampled_from(list("ab\"'\\/%+ é\n€"))
secrets = st.text(letters, min_size=3, max_size=8)


def forms(secret):
    """The forms in which a secret may be repeated, shortest to longest."""
    return {
        secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, safe=""), quote_plus(secret),
        repr(secret)[1:-1], base64.b64encode(secret.encode()).decode(),
    }


def naive(text, known):
    """Mask by trying every form at every place, the longest first."""
    every = {form for secret in known if len(secret) >= 3 for form in forms(secret)}
    if text in known:
        return MASK
    return re.sub("|".join(map(re.escape, sorted(every, key=len, reverse=True))), MASK, text) if every else text


def texts_with(known):
    """Texts in which the forms of secrets, and parts of them, stand between and against each other."""
    pieces = [piece for secret in known for form in forms(secret) for piece in (form, form[1:], form[:-1])]
    return st.lists(st.sampled_from(pieces) | st.text(letters, max_size=3), max_size=6).map("".join)


cases = st.lists(secrets, min_size=1, max_size=4).flatmap(lambda known: st.tuples(st.just(known), texts_with(known)))


@given(cases)
def test_no_form_of_a_secret_passes_and_nothing_else_is_touched(case):
    known, text = case
    masked = Masker(known).text(text)
    assert masked == naive(text, known)
    assert not any(form in masked for secret in known for form in forms(secret))


@pytest.mark.parametrize("secret", ["pass/wörd", 'say "hi"', "it's", "both ' and \"", "a\\b", "two\nlines", "a b+c%", "€uro"])
def test_each_form_alone_is_masked(secret):
    masker = Masker([secret])
    assert {masker.text(f"<{form}>") for form in forms(secret)} == {f"<{MASK}>"}


def nested(texts):
    return st.recursive(
        texts | st.none() | st.booleans() | st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
    )


@given(st.lists(secrets, min_size=1, max_size=3).flatmap(lambda known: st.tuples(st.just(known), nested(texts_with(known)))))
def test_nested_values_are_masked_keys_included(case):
    known, value = case
    before = json.dumps(value)
    masked = Masker(known).value(value)
    assert json.dumps(value) == before

    def leaves(part):
        if isinstance(part, dict):
            for key, item in part.items():
                yield key
                yield from leaves(item)
        elif isinstance(part, list):
            for item in part:
                yield from leaves(item)
        elif isinstance(part, str):
            yield part

    assert not any(secret in leaf for secret in known for leaf in leaves(masked))


@pytest.mark.parametrize(
    ("known", "text", "masked"),
    [
        (["abcd", "abcdefg"], "xabcdefgx", f"x{MASK}x"),
        (["abcdefg", "abcd"], "abcdef", f"{MASK}ef"),
        (["bcd", "abcde"], "abcd abcde", f"a{MASK} {MASK}"),
        (["abcx", "bcd"], "abcd", f"a{MASK}"),
        (["aaa"], "aaaaaaa", MASK),
        (["abc", "bcd"], "abcd", MASK),
        (["hunter2"], "HUNTER2 hunter", "HUNTER2 hunter"),
        (["ab"], "ab", MASK),
        (["ab"], "abc and ab", "abc and ab"),
        (["", None], "text", "text"),
        ([], "text", "text"),
        (["päss/wörd"], "https://h/?p=p%C3%A4ss%2Fw%C3%B6rd", f"https://h/?p={MASK}"),
        (["a b+c"], "a+b%2Bc a%20b%2Bc", f"{MASK} {MASK}"),
        (['say "x"'], json.dumps({"p": 'say "x"'}), f'{{"p": "{MASK}"}}'),
    ],
)
def test_cases(known, text, masked):
    assert Masker(known).text(text) == masked


def test_values_that_are_no_texts():
    masker = Masker(["12345", "secret"])
    assert masker.value({"pin": 12345, "n": 1234, "yes": True, "none": None, "x": ("secret",)}) == {
        "pin": MASK, "n": 1234, "yes": True, "none": None, "x": [MASK],
    }


def test_the_keys_of_outer_dicts_may_stay():
    masker = Masker(["failed", "users", "title"])
    result = {"failed": True, "users": [{"title": "title", "attributes": {"title": "failed"}}]}
    assert masker.value(result, 2) == {"failed": True, "users": [{"title": MASK, "attributes": {MASK: MASK}}]}
    assert masker.value(result, 1) == {"failed": True, "users": [{MASK: MASK, "attributes": {MASK: MASK}}]}


def test_secrets_learnt_later_are_masked_from_then_on():
    masker = Masker()
    assert masker.text("token-1") == "token-1"
    masker.add("token-1", "token-1")
    assert masker.text("a token-1") == f"a {MASK}"


def test_a_secret_with_bytes_that_are_no_text():
    masker = Masker(["raw\udce9bytes"])
    assert masker.text("x raw\udce9bytes") == f"x {MASK}"


class Counting(str):
    """A text that counts the parts that are taken from it to be compared."""

    taken = 0

    def __getitem__(self, part):
        Counting.taken += 1
        return super().__getitem__(part)


def parts_taken(secrets, repeated):
    """Return how often a text is looked at in which every word begins like all the secrets."""
    masker = Masker(f"secret-{number:05}-x" for number in range(secrets))
    text = Counting("".join(f"secret-{number:05}-X " for number in range(40)) * repeated)
    Counting.taken = 0
    assert masker.text(text) is text
    return Counting.taken


def test_the_work_grows_with_the_text_and_not_with_the_secrets():
    once = parts_taken(40, 1)
    assert once > 0
    assert parts_taken(40, 5) <= 5 * once + 40
    assert parts_taken(20_000, 1) == once
