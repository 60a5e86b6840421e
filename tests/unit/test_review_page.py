# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of a review's page; what it does in a browser is tested in tests/browser."""

from __future__ import annotations

import base64
import hashlib
import html
import html.parser
import json
import re
import unicodedata

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review import model, page
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.model import Coverage, Review, Row, Token
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.output import MULTILINE, cell

HOSTILE = (
    "<script>alert(1)</script>",
    '"]]></script><!--<script>',
    "a\u2028b\u2029c",
    "ana\u202egnp.exe",
    "&lt;b&gt;",
    "\x00\x1b[31m",
    "\ud800",
    "{{ 7 * 7 }}",
)
DIGEST = "d" * 64


def row(number=0, **facts):
    """Return a row."""
    values = {
        "connection": "ol",
        "provider": "onelogin",
        "account": f"ada{number}",
        "account_id": str(number),
        "facet": "roles",
        "grant": "crm",
        "grant_name": "crm",
    }
    return Row(**{"id": f"{number:016x}", **values, **facts})


def gone(one, verdict=""):
    """Return a row of the previous review that no longer exists."""
    names = ("id", "connection", "account", "account_id", "person", "name", "facet", "grant_name")
    return {**{name: getattr(one, name) for name in names}, "verdict": verdict}


def review(*rows, **facts):
    """Return a review."""
    about = {
        "id": "2026-Q4",
        "day": "2026-11-28",
        "opened": "2026-11-28T08:00:00Z",
        "rows": list(rows),
        "coverage": {"ol": Coverage("onelogin")},
    }
    return Review(**{**about, **facts})


class Reader(html.parser.HTMLParser):
    """Reads a page as a browser does: the elements, and the texts of scripts and styles."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self.attributes = [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data):
        self.texts.setdefault(self.tags[-1] if self.tags else "", []).append(data)


def data_of(text):
    """Return what the page embeds as JSON."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def rows_of(text):
    """Return the rows that the page embeds, put together again."""
    data = data_of(text)
    rows = []
    for position, identity in enumerate(data["ids"]):
        facts = {
            name: dict(zip(part["keys"], part["values"][part["rows"][position]], strict=True))
            for name, part in data["parts"].items()
        }
        rows.append({"id": identity, **facts})
    return rows


def source(text):
    """Return the source expression of an inline text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_policy_permits_the_own_script_and_style_and_nothing_else():
    text = page.page(review(row()), [row()], None, DIGEST)
    policy = html.unescape(re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)[1])
    script, style = (
        re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1],
        re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1],
    )
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives.pop("script-src") == source(script) and directives.pop("style-src") == source(style)
    assert directives.pop("require-trusted-types-for") == "'script'"
    assert {"default-src", "connect-src", "img-src", "base-uri", "form-action", "trusted-types"} <= set(directives)
    assert set(directives.values()) == {"'none'"}


def test_page_fetches_nothing_and_has_no_inline_handlers():
    reader = Reader(page.page(review(row()), [row()], None, DIGEST))
    assert not {"link", "img", "iframe", "object", "embed", "base", "form", "audio", "video"} & set(reader.tags)
    assert [
        item for item in reader.attributes if item[1] in ("src", "style", "action", "data") or item[1].startswith("on")
    ] == []
    assert [value for _tag, name, value in reader.attributes if name == "href"] == ["#tools"]
    assert "http" not in page.style() and "://" not in page.script()


@pytest.mark.parametrize(
    "word",
    [
        "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "fetch(",
        "XMLHttpRequest", "import(",
    ],
)
def test_script_has_no_way_to_read_data_as_html_or_to_send_it(word):
    assert word not in page.script()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_texts(name):
    hostile = row(
        account=name,
        account_id=name,
        grant=name,
        grant_name=name,
        person=name,
        name=name,
        ticket=name,
        tokens=(Token(name, name),),
        reviewer=name,
    )
    subject = review(
        hostile, id=name, feed=name, job=name, version=name, filters={name: [name]}, reviewers={name: name},
        previous=name, people_digest=name,
        coverage={name: Coverage(name, organisation=name, not_provided=(name,)), "other": Coverage("p", error=name)},
        gone=[gone(hostile)],
    )  # fmt: skip
    for reviewer in (None, name):
        text = page.page(subject, [hostile], reviewer, DIGEST)
        assert Reader(text).tags.count("script") == 2
        assert (
            "<!--<script>" not in text
            and "alert(1)</script>" not in text
            and "49" not in text.partition("<main>")[0].partition("<header>")[2]
        )
        assert not re.search(r"[\u202e\u2028\u2029\x00\x1b\ud800]", text)
        assert rows_of(text)[0]["person"]["name"] == name, (
            "the page has the true name, and writes out what nobody sees when it shows it"
        )
        text.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zoë", "Zoë"),
        ("a\u202eb", "a[U+202E]b"),
        ("a\tb", "a[U+0009]b"),
        ("\ud800", "[U+D800]"),
        ("a\u2028", "a[U+2028]"),
        ("a\u3164", "a[U+3164]"),
    ],
)
def test_invisible_characters_are_written_out(text, expected):
    assert page.visible(text) == expected


def test_a_reason_keeps_its_lines_in_a_table():
    assert cell("one\n\ttwo\x1b", kept=MULTILINE["reason"]) == "one\n\ttwo[U+001B]"
    assert cell("\n=1+1", kept=MULTILINE["reason"]) == "'\n=1+1"


def test_the_script_writes_out_the_same_characters_as_the_template():
    """The template and the evidence are written by Python, what the page shows of rows by its script."""
    (listed,) = re.findall(r"^const INVISIBLE = /\[(.*)\]/gu;$", page.script(), re.MULTILINE)
    categories = set(re.findall(r"\\p\{(\w\w)\}", listed))
    characters = {chr(int(digits, 16)) for digits in re.findall(r"\\u([0-9A-F]{4})", listed)}
    assert re.sub(r"\\p\{\w\w\}|\\u[0-9A-F]{4}", "", listed) == "", "the test reads everything"
    for letter in map(chr, range(0x110000)):
        hidden = unicodedata.category(letter) in categories or letter in characters
        assert (page.visible(letter) != letter) is hidden, hex(ord(letter))


def test_rows_are_embedded_whole():
    first = row(
        1,
        enabled=None,
        mfa=False,
        last_login="never",
        tokens=(Token("ci", None), Token("x", "never")),
        flags=("privileged",),
        new=True,
        person="E1",
    )
    second = row(
        2, tokens=None, privileged=True, via="group", via_name="staff", revocable=False, previous="keep",
        previous_reason="ok", previous_review="Q3",
    )
    one, other = rows_of(page.page(review(first, second), [first, second], None, DIGEST))
    assert (one["account"]["enabled"], one["account"]["mfa"], one["account"]["lastLogin"]) == (None, False, "never")
    assert one["account"]["tokens"] == [["ci", None], ["x", "never"]] and other["account"]["tokens"] is None
    assert (one["state"]["flags"], one["state"]["isNew"], one["state"]["privileged"]) == (["privileged"], True, None)
    assert (other["grant"]["via"], other["grant"]["viaName"], other["grant"]["revocable"]) == ("group", "staff", False)
    assert (other["state"]["previous"], other["state"]["previousReason"], other["state"]["previousReview"]) == (
        "keep", "ok", "Q3",
    )


def test_flags_are_in_the_order_of_the_model():
    flags = data_of(page.page(review(row()), [row()], None, DIGEST))["flags"]
    assert [flag[0] for flag in flags] == list(model.FLAGS)
    assert all(label and meaning for _flag, label, meaning in flags)


def test_page_of_a_reviewer_has_only_the_given_rows_and_the_digest_of_all():
    mine, other = row(1, reviewer="E7"), row(2, reviewer="E8")
    text = page.page(review(mine, other, reviewers={"E7": "Grace Hopper", "E8": "Hedy"}), [mine], "E7", DIGEST)
    data = data_of(text)
    assert (
        data["ids"] == [mine.id]
        and data["digest"] == DIGEST
        and data["reviewer"] == {"id": "E7", "name": "Grace Hopper"}
    )
    assert data["page"] == ""
    assert data_of(page.page(review(mine), [mine], None, DIGEST))["reviewer"] is None


def test_page_of_a_connection_asks_who_decides():
    mine = row(1, reviewer="ol")
    data = data_of(page.page(review(mine, reviewers={"ol": "ol"}, by="connection"), [mine], "ol", DIGEST))
    assert (data["reviewer"], data["page"]) == (None, "ol")


def test_incomplete_review_says_so():
    subject = review(
        row(), coverage={"ol": Coverage("onelogin", accounts=1), "ke": Coverage("kestra", error="refused")}
    )
    text = page.page(subject, subject.rows, None, DIGEST)
    assert text.count("<strong>INCOMPLETE</strong>") == 2 and data_of(text)["incomplete"] == ["ke"]
    assert "INCOMPLETE</strong>" not in page.page(review(row()), [row()], None, DIGEST)


@pytest.mark.parametrize(
    ("total", "accounts", "words"), [(None, 3, model.NOT_PROVIDED), (3, 3, ">Read<"), (5, 3, "Only 3 of 5")]
)
def test_rows_against_the_total_of_the_api(total, accounts, words):
    subject = review(row(), coverage={"ol": Coverage("onelogin", accounts=accounts, total=total)})
    assert words in page.page(subject, subject.rows, None, DIGEST).partition("</header>")[0]


def test_empty_review_has_a_page():
    assert data_of(page.page(review(coverage={}), [], None, DIGEST))["ids"] == []


def test_same_review_gives_the_same_bytes():
    assert page.page(review(row()), [row()], None, DIGEST) == page.page(review(row()), [row()], None, DIGEST)


def test_gone_rows_beyond_the_limit_are_counted(monkeypatch):
    monkeypatch.setattr(page, "GONE_LIMIT", 1)
    subject = review(row(), gone=[gone(row(number)) for number in range(3)])
    assert "2 more are in review.json." in page.page(subject, subject.rows, None, DIGEST)


def test_large_review_stays_small():
    """Sixty rows of each person share what they have in common: less than 60 bytes for each of 20,000 rows."""
    rows = [
        row(
            number,
            account_id=str(number // 20),
            account=f"person.{number // 20}@acme.example",
            grant_name=f"role {number % 20}",
            person=f"E{number // 20}",
        )
        for number in range(20_000)
    ]
    assert len(page.page(review(*rows), rows, None, DIGEST)) < 60 * len(rows) + 150_000
