# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The frame of the HTML reports: one self-contained page without scripts or network access. All values are escaped."""

from __future__ import annotations

import functools
import typing as t
import unicodedata

import jinja2
from markupsafe import Markup

from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted

STYLE = """
:root { color-scheme: light dark; --ink: #1a1d21; --dim: #59616b; --paper: #ffffff; --line: #d5dae0; --band: #f4f6f8;
  --good: #1a6b34; --bad: #a3211c; --warn: #7a4a00; --mark: #e8eefc; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --dim: #a9b1bb; --paper: #16191d; --line: #363c44;
--band: #1f2429;
  --good: #7fd49a; --bad: #ff9c95; --warn: #f2c069; --mark: #24304a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 75rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .dim { color: var(--dim); } code { font-family: ui-monospace, Consolas, monospace;
font-size: .875em; overflow-wrap: anywhere; }
.banner { border-left: .4rem solid var(--good); background: var(--band); padding: .75rem 1rem; margin: 1rem 0; }
.banner.bad { border-color: var(--bad); } .banner.warn { border-color: var(--warn); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; color: var(--dim); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line);
overflow-wrap: anywhere; }
th { background: var(--band); white-space: nowrap; } td.number { text-align: right;
font-variant-numeric: tabular-nums; }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: .25rem; padding: 0 .35rem;
font-size: .8125rem; font-weight: 600; }
.tag.bad { color: var(--bad); } .tag.good { color: var(--good); } .tag.warn { color: var(--warn); }
ul.plain { list-style: none; margin: 0; padding: 0; } details { margin: .5rem 0; } summary { cursor: pointer; }
tr.privileged td { background: var(--mark); }
@media (max-width: 40rem) { body { padding: .75rem; } thead { display: none; }
  tr { display: block; border: 1px solid var(--line); margin: .5rem 0; } td { display: block; border: 0; }
td:empty { display: none; }
  td.number { text-align: left; }
  td::before { content: attr(data-label); display: block; color: var(--dim); font-size: .8125rem; } }
@media print { body { max-width: none; padding: 0; font-size: .8rem; } details > * { display: block; }
tr { break-inside: avoid; } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{% block title %}{% endblock %}</title>
<style>{{ style }}</style>
</head>
<body>
<main>
{% block main %}{% endblock %}
</main>
</body>
</html>
"""


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that have no width or look like a blank. The script of a review's page has the same list."""


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) in _INVISIBLE or letter in _FILLERS


def visible(text: t.Any, kept: str = "") -> str:
    """Return a text with its control, format, private-use and filler characters written out, such as [U+202E]: they
    could make it look like another text. The characters in ``kept`` stay."""
    shown = str(text)
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(
        f"[U+{ord(letter):04X}]" if _is_invisible(letter) and letter not in kept else letter for letter in shown
    )


def is_blank(text: str) -> bool:
    """Return whether a text has no visible characters."""
    return all(letter.isspace() or _is_invisible(letter) for letter in text)


@functools.cache
def _compiled(template: str) -> jinja2.Template:
    """Return a compiled template that extends ``frame``. Each template is compiled only once."""
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"frame": _FRAME, "page": template}),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["counted"] = counted
    return environment.get_template("page")


def _shown(value: t.Any) -> t.Any:
    """Return a value of a template with its invisible characters written out, except those of a text of several
    lines."""
    return visible(value, "\t\n") if isinstance(value, str) and not isinstance(value, Markup) else value


def render(template: str, **values: t.Any) -> str:
    """Render a template that extends ``frame``. Every value is escaped, and its invisible characters are written out.
    """
    return _compiled(template).render(style=Markup(STYLE), policy=POLICY, **values)
