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

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import (
    MASK,
    NAMES,
    PHRASES,
    TOKENS,
    WORDS,
    Masker,
    kind_of,
)

# Without the star: a secret made of it could come about by masking.
letters = st.sampled_from(list("ab\"'\\/%+ é\n€"))
secrets = st.text(letters, min_size=8, max_size=12).filter(lambda secret: not secret.isalpha())
tokens = st.text(letters, min_size=16, max_size=20)


def forms(secret):
    """The forms in which a secret may be repeated, in an order that does not depend on the hash seed."""
    return sorted({
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
        quote_plus(secret),
        repr(secret)[1:-1],
        base64.b64encode(secret.encode()).decode(),
    })


def naive(text, known):
    """Mask by trying every form at every place: each run of forms that overlap is one mask."""
    every = {form for secret in known for form in forms(secret)}
    if text in known:
        return MASK
    spans = sorted((at.start(), at.start() + len(form)) for form in every for at in occurrences(form, text))
    pieces, end = [], 0
    for start, stop in spans:
        if start >= end:
            pieces += [text[end:start], MASK]
        end = max(end, stop)
    return "".join([*pieces, text[end:]])


def occurrences(form, text):
    """All places of a form in a text, those that overlap included."""
    return re.finditer(f"(?={re.escape(form)})", text)


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


@pytest.mark.parametrize(
    "secret", ["pass/wörd", 'say "hi"', "it's", "both ' and \"", "a\\b", "two\nlines", "a b+c%", "€uro", "100"]
)
def test_each_form_alone_is_masked(secret):
    masker = Masker([secret])
    assert {masker.text(f"<{form}>") for form in forms(secret)} == {f"<{MASK}>"}


def nested(texts):
    return st.recursive(
        texts | st.none() | st.booleans() | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=8,
    )


def leaves(part, keys=True):
    """All texts of nested data."""
    if isinstance(part, dict):
        for key, item in part.items():
            yield from [key] if keys else []
            yield from leaves(item, keys)
    elif isinstance(part, list):
        for item in part:
            yield from leaves(item, keys)
    elif isinstance(part, str):
        yield part


def nested_with(kind):
    return st.lists(kind, min_size=1, max_size=3).flatmap(
        lambda known: st.tuples(st.just(known), nested(texts_with(known)))
    )


@given(nested_with(tokens))
def test_tokens_are_masked_in_nested_values_keys_included(case):
    known, value = case
    before = json.dumps(value)
    masked = Masker(known).value({"id": value, "user": value, "other": value})
    assert json.dumps(value) == before
    assert not any(form in leaf for secret in known for form in forms(secret) for leaf in leaves(masked))


@given(nested_with(secrets))
def test_phrases_are_masked_in_nested_values_and_keys_stay(case):
    known, value = case
    masked = Masker(known).value({"other": value})
    assert not any(secret in leaf for secret in known for leaf in leaves(masked, keys=False))

    def keys(part):
        return (
            [(key, keys(item)) for key, item in part.items()]
            if isinstance(part, dict)
            else list(map(keys, part))
            if isinstance(part, list)
            else None
        )

    assert keys(masked["other"]) == keys(value)


words = st.sampled_from(["user", "100", "title", "active", "enabled", "id", "administrator", "10", "ab1"])


@given(st.lists(words, min_size=1, max_size=3), st.sampled_from(sorted(NAMES)), words, words)
def test_a_word_changes_no_name_no_key_and_no_longer_text(known, name, word, other):
    masker = Masker(known)
    kept = {
        name: word,
        f"{other}_id": word,
        "users": [{"user": f"{word}0001", "title": f"a {word} or {word}s"}],
        word: f"{word}{other}",
    }
    assert masker.value({name: word, f"{other}_id": word}) == {name: word, f"{other}_id": word}
    assert masker.value(kept)["users"] == kept["users"]
    assert list(masker.value(kept)) == list(kept)
    assert masker.value({"api_calls": 100, "summary": {"created": 10}}) == {
        "api_calls": 100,
        "summary": {"created": 10},
    }


@given(words.filter(lambda word: len(word) > 2))
def test_a_word_is_masked_where_it_is_the_value_and_stands_alone_in_messages(word):
    masker = Masker([word])
    assert masker.value({"title": word, "attributes": {"name": word, "code": [word]}}) == {
        "title": MASK,
        "attributes": {"name": MASK, "code": [MASK]},
    }
    said = masker.value(
        {
            "msg": f"{word}s of x{word}: '{word}' is wrong: p={word}&x",
            "errors": [{"message": f"({word})", "user": word}],
        }
    )
    assert said == {
        "msg": f"{word}s of x{word}: '{MASK}' is wrong: p={MASK}&x",
        "errors": [{"message": f"({MASK})", "user": word}],
    }


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("user", WORDS),
        ("hunter2", WORDS),
        ("administrator", WORDS),
        ("0123456789", WORDS),
        ("hunter22", PHRASES),
        ("pass word", PHRASES),
        ("correct horse", PHRASES),
        ("0123456789abcdef", TOKENS),
        ("abcdefghijklmnop", TOKENS),
    ],
)
def test_kinds_of_secrets(secret, kind):
    assert kind_of(secret) == kind
    masked = Masker([secret]).value({"user": f"x{secret}x", "title": f"x{secret}x", f"x{secret}x": 1})
    assert (MASK in masked["title"], MASK in masked["user"], f"x{secret}x" not in masked) == (
        kind >= PHRASES,
        kind == TOKENS,
        kind == TOKENS,
    )


@pytest.mark.parametrize(
    ("known", "text", "masked"),
    [
        (["abcd-123", "abcd-123efg"], "xabcd-123efgx", f"x{MASK}x"),
        (["abcd-123efg", "abcd-123"], "abcd-123ef", f"{MASK}ef"),
        (["bcd-1234", "abcd-1234e"], "abcd-1234 abcd-1234e", f"a{MASK} {MASK}"),
        (["abcd-123x", "bcd-1234"], "abcd-1234", f"a{MASK}"),
        (["aaa-aaa-"], "aaa-aaa-aaa-aaa-aaa-aaa", f"{MASK}aaa"),
        (["abc-def-", "def-ghi-"], "abc-def-ghi-", MASK),
        (["hunter2"], "HUNTER2 hunter hunter2x", "HUNTER2 hunter hunter2x"),
        (["hunter2"], "the password hunter2, it's", f"the password {MASK}, it's"),
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
    assert masker.value({"id": 12345, "group_id": 12345, "api_calls": 12345}) == {
        "id": 12345, "group_id": 12345, "api_calls": 12345,
    }
    assert masker.value({"pin": 12345, "n": 1234, "yes": True, "none": None, "x": ("secret",)}) == {
        "pin": MASK, "n": 1234, "yes": True, "none": None, "x": [MASK],
    }


def test_the_keys_of_outer_dicts_may_stay():
    token = "0123456789-abcdef"
    masker = Masker([token])
    result = {token: True, "users": [{token: 1, "attributes": {token: 2}}]}
    assert masker.value(result, 2) == {token: True, "users": [{token: 1, "attributes": {MASK: 2}}]}
    assert masker.value(result, 1) == {token: True, "users": [{MASK: 1, "attributes": {MASK: 2}}]}


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
