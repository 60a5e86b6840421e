# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a review, as plain tables."""

from __future__ import annotations

import typing as t

from ..html import render
from .model import Review, Row

_PAGE = """{% extends "frame" %}
{% block title %}Access review {{ review.id }}{% endblock %}
{% block main %}
<h1>Access review {{ review.id }}</h1>
{% if review.incomplete %}<div class="banner bad">INCOMPLETE: {{ review.incomplete | join(", ") }}</div>{% endif %}
<p class="dim">{{ rows | length }} rows, opened {{ review.opened }}{{ ", for " ~ reviewer if reviewer else "" }}. <code>{{ digest }}</code></p>
<div class="scroll"><table><tr><th>Person</th><th>Account</th><th>Grant</th><th>Flags</th></tr>
{% for row in rows %}<tr><td>{{ row.person }} {{ row.name }}</td><td>{{ row.connection }} {{ row.account }}</td><td>{{ row.grant_name or "login" }}</td>
<td>{{ row.flags | join(", ") }}</td></tr>
{% endfor %}</table></div>
{% endblock %}
"""


def page(review: Review, rows: t.Sequence[Row], reviewer: str | None, digest: str) -> str:
    """Return the page with these rows, for a reviewer, or for the auditor where that is None. ``digest`` is that of all rows."""
    return render(_PAGE, review=review, rows=rows, reviewer=reviewer, digest=digest)
