# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The troubleshooting tables of the guides quote messages that the collection really prints.

A message is found in the code as a template: the text of an f-string, in which each placeholder stands for any text. A
quote may be a part of a message, and three dots in it stand for any text. Most of its letters must be in the text of
the template, so that no quote matches placeholders only.
"""

from __future__ import annotations

import ast
import collections
import functools
import itertools
import re

import pytest
import yaml

from ansible_collections.rollcall.identity.tests.unit.sources import ROOT, nodes_of

GUIDES = ROOT / "docs" / "docsite" / "rst"
ANY = "\0"
"""Any text, in a template and in a quote."""
LEAST = 0.6
"""The share of a quote's letters, without data, that must be in the text of the template."""
FEWEST = 8
"""The number of letters that must be in the text of the template."""
FEWEST_OF_PART = 12
"""The same for a text that is put into another one."""
NOUNS = "(?:permission group|service account|account|group|permission|role|user)s?"
DATA = re.compile(rf"'[^']*'|\([^)]*\)|[^\s,;:.]*[\d_@/][^\s,;:]*|\b{NOUNS}\b")
"""What may be data in a quote: it is not counted if it is in a placeholder."""
PLACE = r"^tenant \w+: "
"""What a problem puts before its message."""
WORD = re.compile(r"\w+")

OTHERS = {
    "couldn't resolve module/action 'awx.awx...'": "Ansible",
    "Invalid user credentials": "Contabo's login server",
    "Invalid client secret": "Contabo's login server",
    "must have 8 characters or more": "Kestra",
    "nobody is logged in": "nextAuth",
    "user already exists": "SendAuth",
}
"""Quotes of messages that the collection does not print -> whose message it is."""


def quotes_in(text):
    """Return the quotes in the first column of the table of messages in a guide."""
    table = re.search(r"(?ms)^Troubleshooting\n-+\n(.*?)(?=^\S.*\n[-=~^]+$|\Z)", text)[1]
    rows = re.findall(r"(?ms)^   \* - (.*?)\n     - ", table)
    assert rows[0] == "Message"
    cells = [" ".join(row.split()) for row in rows[1:]]
    return [quote for cell in cells for quote in re.findall(r"``(.+?)``", cell) if " " in quote]


def branches(node, names):
    """Return the texts that an expression can have, as far as it is a text; ANY stands for the rest."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else [ANY]
    if isinstance(node, ast.JoinedStr):
        parts = [branches(part, names) for part in node.values]
        return ["".join(texts) for texts in itertools.islice(itertools.product(*parts), 16)]
    if isinstance(node, ast.FormattedValue):
        return branches(node.value, names)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [first + second for first in branches(node.left, names) for second in branches(node.right, names)]
    if isinstance(node, ast.IfExp):
        return branches(node.body, names) + branches(node.orelse, names)
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    return [ANY]


def templates_of(nodes):
    """Return the templates of a file: each text, and each pair of texts of a call, such as a message and a hint."""
    found, names = set(), {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts = [text for text in branches(node.value, {}) if text.strip(ANY)]
            names.setdefault(node.targets[0].id, []).extend(texts)
    names = {name: [*texts, ANY] for name, texts in names.items() if 0 < len(texts) < 5}
    docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp)) and node not in docstrings:
            found.update(branches(node, names))
        elif isinstance(node, ast.Call):
            for message, hint in itertools.pairwise(branches(argument, names) for argument in node.args):
                found.update(f"{first} {second}" for first in message for second in hint if first.endswith("."))
    return found


def texts_of(document):
    """Return the texts in a document of YAML, in which expressions of Jinja stand for any text."""
    if isinstance(document, str):
        yield re.sub(r"(?s)\{\{.*?\}\}|\{%.*?%\}", ANY, document)
    for part in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from texts_of(part)


@functools.cache
def templates():
    """Return the words of all messages -> the templates with this word."""
    found = set()
    for folder in ("plugins/module_utils", "plugins/plugin_utils"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            found |= templates_of(nodes_of(path.relative_to(ROOT).as_posix()))
    for folder in ("roles", "playbooks", "extensions"):
        for path in sorted((ROOT / folder).rglob("*.yml")):
            for document in yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader):
                found.update(texts_of(document))
    by_word = {}
    for text in sorted(found):
        for word in set(WORD.findall(text)):
            by_word.setdefault(word, []).append(text)
    return by_word


def matched(quote, template):
    """Return how many letters of a quote are in the text of a template, and how many in placeholders.

    ``reached`` maps each place in the template that fits what was read of the quote to these numbers, the best of all
    ways to it. A match begins and ends between words. Return None if the quote is not a part of the message.
    """
    data = {place for found in DATA.finditer(quote) for place in range(*found.span())}
    reached = {}

    def reach(places, place, texts, others):
        if place not in places or places[place][0] - places[place][1] < texts - others:
            places[place] = (texts, others)

    for start in range(len(template)):
        if start == 0 or not (template[start] == ANY or WORD.match(template[start - 1])):
            reach(reached, start, 0, 0)
    for number, character in enumerate(quote):
        after = {}
        is_letter, is_data = character.isalpha(), number in data
        for place in range(len(template) + 1):
            if place not in reached:
                continue
            texts, others = reached[place]
            here = template[place : place + 1]
            if here and ANY in (here, character):  # it stands for nothing
                reach(reached, place + 1, texts, others)
            if ANY in (here, character):  # it stands for this character
                reach(after, place, texts, others + (is_letter and not is_data))
            if here == character:
                reach(after, place + 1, texts + is_letter, others)
        reached = after
    ends = [numbers for place, numbers in reached.items() if not WORD.match(template[place : place + 1])]
    return max(ends, key=lambda numbers: numbers[0] - numbers[1], default=None)


def template_of(quote, fewest=FEWEST):
    """Return a template that a quote matches, None if there is none."""
    common = collections.Counter()
    for word in set(WORD.findall(quote)):
        for template in templates().get(word, ()):
            common[template] += len(word) * quote.count(word)
    least = max(fewest, LEAST * sum(map(str.isalpha, DATA.sub("", quote))))
    for template, count in common.most_common():
        if count < least:
            return None
        texts, others = matched(quote, template) or (0, 0)
        if texts >= fewest and texts >= LEAST * (texts + others):
            return template
    return None


def is_printed(quote):
    """Return whether the collection prints a quote: as one text, or as two, one of which is put into the other."""
    for other in OTHERS:
        quote = quote.replace(other, ANY)
    quote = re.sub(r"\.{3,}|…", ANY, re.sub(PLACE, "", quote))
    if not quote.strip(ANY) or template_of(quote):
        return True
    cuts = [place for place, character in enumerate(quote) if character == " "]
    return any(
        template_of(quote[:cut], FEWEST_OF_PART) and template_of(quote[cut + 1 :], FEWEST_OF_PART) for cut in cuts
    )


def quotes():
    """Return the quotes of all guides that have a table of messages."""
    pages = {path.name: path.read_text(encoding="utf-8") for path in sorted(GUIDES.glob("guide_*.rst"))}
    return {name: quotes_in(text) for name, text in pages.items() if "   * - Message\n" in text}


def test_quotes_are_printed():
    """Each message in a troubleshooting table is one of the collection, or one of OTHERS."""
    wrong = [f"{name}: {quote}" for name, listed in quotes().items() for quote in listed if not is_printed(quote)]
    assert not wrong, "correct the guide, or name in OTHERS whose message it is:\n" + "\n".join(wrong)


def test_every_table_is_read():
    """The guides of the providers and of AWX have such a table, with many messages."""
    read = {name: len(listed) for name, listed in quotes().items()}
    named = ("awx", "contabo", "kestra", "nextauth", "onelogin", "sendauth")
    assert set(read) >= {f"guide_{name}.rst" for name in named}
    assert min(read.values()) > 5 and sum(read.values()) > 100, read
    listed = " ".join(itertools.chain(*quotes().values()))
    assert all(other in listed for other in OTHERS), "a message of another program that no guide quotes"


@pytest.mark.parametrize(
    ("quote", "word"),
    [
        ("title of ada.lovelace should be cleared; the server accepted that, but kept the value", "cleared"),
        ("there is no role named 'Snowflak'; similar names: 'Snowflake'", "named"),
        ("there is no role named 'Snowflak'; similar names: 'Snowflake'", "similar"),
        ("api_token is missing.", "missing"),
        ("12 users would lose access or data, and at most 5 may", "lose"),
        ("Unexpected ... This is a bug in the collection", "bug"),
        ("There is no result of ...", "result"),
        ("Could not log in (get_token): the server answered 401: Invalid client secret", "answered"),
    ],
)
def test_changed_messages_are_noticed(quote, word):
    """A quote is not found if a word of it is another one."""
    assert is_printed(quote) and quote in itertools.chain(*quotes().values())
    assert not is_printed(quote.replace(word, "xylophone"))


@pytest.mark.parametrize("text", ["some text", "a: b is c, and d is e.", "The user has three friends.", "{x} is {y}"])
def test_placeholders_alone_match_nothing(text):
    """A template that consists of placeholders matches no quote."""
    assert not is_printed(text)
