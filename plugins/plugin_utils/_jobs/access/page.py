# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of an access run as an HTML page. An approver can read it on one screen."""

from __future__ import annotations

from ..html import render
from .model import APPLIED, FAILED, INVALID, PARTLY, PLANNED, REFUSED, AccessReport
from .report import COUNTS, is_rehearsal, ordered

_OUTCOMES = {
    PLANNED: ("warn", "Plan: nothing was written"),
    APPLIED: ("good", "Applied"),
    REFUSED: ("bad", "Refused: nothing was written"),
    PARTLY: ("bad", "Applied in part: see what failed"),
    FAILED: ("bad", "Failed: nothing was written"),
    INVALID: ("bad", "The input is not valid: nothing was read or written"),
}
_REHEARSAL = ("warn", "Check mode: nothing was written")
_TITLES = {
    "held_back": "Held back: uncertain match", "offboarded": "Offboarded, and still active in the feed",
    "vanished": "No longer in the feed", "name_taken": "Names in use",
    "cannot_rename": "Accounts that cannot be renamed", "may_be_same_person": "Possibly the same person",
    "cannot_block": "Accounts that cannot be blocked", "grants_gone": "Grants that a block removes",
    "adopted": "Adopted accounts", "no_entitlement": "Accounts without an entitlement",
    "second_account": "Second accounts",
}
_PAGE = """{% extends "frame" %}
{% block title %}Access {{ report.day }}{% endblock %}
{% macro tags(change) %}
{% if change.privileged %}<span class="tag bad">privileged</span> {% endif %}
{% if change.adopted %}<span class="tag warn">adopted</span> {% endif %}
{% if change.opened %}<span class="tag warn">login unblocked</span> {% endif %}
{% if change.blocked %}<span class="tag bad">login blocked</span> {% endif %}
{% endmacro %}
{% block main %}
<h1>Access for {{ report.day }}</h1>
<p class="dim">{{ report.people | counted("person") }}
{%- if report.feed %} in {{ report.feed }}{% endif %}{% if report.ended %},
 {{ report.begun }} to {{ report.ended }}{% endif %}{% if report.check %}, check mode{% endif %}</p>
{% if report.digest %}<p class="dim">Digest of the plan <code>{{ report.digest }}</code></p>{% endif %}
<div class="banner {{ outcome[0] }}" role="status"><strong>{{ outcome[1] }}</strong>
{% for text in report.failed %}<p>{{ text }}</p>{% endfor %}</div>
<h2>Connections</h2>
<div class="scroll"><table><thead><tr><th scope="col">Connection</th><th scope="col">Accounts</th>
{% for name in counts %}<th scope="col">{{ name }}</th>{% endfor %}<th scope="col">E-mails</th></tr></thead><tbody>
{% for name, part in report.connections.items() %}
<tr><td data-label="Connection"><strong>{{ name }}</strong> <span class="dim">{{ part.provider }}</span>
{% if part.error %}<p>{{ part.error }}</p>{% endif %}
{% if part.shared_with %}<p class="dim">same directory as {{ part.shared_with }}</p>{% endif %}</td>
<td class="number" data-label="Accounts">{{ part.accounts or "" }}</td>
{% for count in counts %}
<td class="number" data-label="{{ count }}">{{ part.counts.get(count, 0) or "" }}</td>{% endfor %}
<td class="number" data-label="E-mails">{{ part.mails or "" }}</td></tr>
{% endfor %}
</tbody></table></div>
<h2>Changes ({{ changes | length }})</h2>
{% if changes %}
<div class="scroll"><table><thead><tr><th scope="col">Person</th><th scope="col">Account</th><th scope="col">Change</th>
<th scope="col">Granted</th><th scope="col">Revoked</th></tr></thead><tbody>
{% for change in changes %}
<tr{% if change.privileged %} class="privileged"{% endif %}>
<td data-label="Person">{{ change.label or "no person in the feed" }}</td>
<td data-label="Account">{{ change.connection }}: {{ change.account }}
{% if change.renamed_from %}<p class="dim">was {{ change.renamed_from }}</p>{% endif %}</td>
<td data-label="Change"><strong>{{ change.operation }}</strong> {{ tags(change) }}
{% for name, pair in change.fields.items() %}<p>{{ name }}: {{ pair[0] if pair[0] not in (none, "") else "nothing" }}
&rarr;
 {{ pair[1] if pair[1] not in (none, "") else "nothing" }}</p>{% endfor %}
{% if change.error %}<p><span class="tag bad">failed</span> {{ change.error }}</p>{% endif %}</td>
<td data-label="Granted"><ul class="plain">{% for facet, names in change.granted.items() %}{% for name in names %}
<li>{{ name }} <span class="dim">{{ facet }}</span></li>{% endfor %}{% endfor %}</ul>
{% if change.entitlements %}<p class="dim">by {{ change.entitlements | join(", ") }}</p>{% endif %}</td>
<td data-label="Revoked"><ul class="plain">{% for facet, names in change.taken.items() %}{% for name in names %}
<li>{{ name }} <span class="dim">{{ facet }}</span></li>{% endfor %}{% endfor %}</ul></td></tr>
{% endfor %}
</tbody></table></div>
{% else %}<p>Nothing to change.</p>{% endif %}
{% for title, found in findings %}
<h2>{{ title }} ({{ found | length }})</h2>
<div class="scroll"><table><thead><tr><th scope="col">Person</th><th scope="col">Account</th>
<th scope="col">Finding</th><th scope="col">Next step</th></tr></thead><tbody>
{% for finding in found %}
<tr><td data-label="Person">{{ finding.label or finding.person }}</td>
<td data-label="Account">{{ finding.connection }}
{{- ": " if finding.connection and finding.account else "" }}{{ finding.account }}</td>
<td data-label="Finding">{{ finding.text }}</td><td data-label="Next step">{{ finding.advice }}</td></tr>
{% endfor %}
</tbody></table></div>
{% endfor %}
{% if report.rejected %}
<h2>Rows that could not be used ({{ report.rejected | length }})</h2>
<ul>{% for row in report.rejected %}<li>{{ row.text }}</li>{% endfor %}</ul>
{% endif %}
{% if standing %}
<h2>Unchanged</h2>
{% for name, part in standing %}
{% if part.standing.strangers %}
<details><summary>{{ name }}: accounts that belong to no person in the feed
({{ part.standing.strangers | length }})</summary>
<ul>{% for account in part.standing.strangers %}<li>{{ account }}</li>{% endfor %}</ul></details>{% endif %}
{% if part.standing.unmanaged %}
<details><summary>{{ name }}: grants that no entitlement names ({{ part.standing.unmanaged | length
| counted("account") }})</summary>
<ul>{% for account, facets in part.standing.unmanaged.items() %}
<li>{{ account }}: {{ facets | tojson }}</li>{% endfor %}</ul></details>{% endif %}
{% endfor %}
{% endif %}
{% if report.notices %}
<h2>Warnings</h2>
<ul>{% for notice in report.notices %}<li>{{ notice.text }}</li>{% endfor %}</ul>
{% endif %}
{% endblock %}
"""


def page(report: AccessReport) -> str:
    """Return the report as one self-contained HTML page."""
    findings = [
        (title, [finding for finding in report.findings if finding.code == code]) for code, title in _TITLES.items()
    ]
    standing = [
        (name, part) for name, part in report.connections.items() if part.standing.strangers or part.standing.unmanaged
    ]
    return render(
        _PAGE,
        report=report,
        outcome=_REHEARSAL if is_rehearsal(report) else _OUTCOMES[report.outcome],
        counts=[name for name in COUNTS if any(part.counts.get(name) for part in report.connections.values())],
        changes=ordered(report.changes),
        standing=standing,
        findings=[(title, matches) for title, matches in findings if matches],
    )
