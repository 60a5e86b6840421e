# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of an access run as a document for programs and as lines for the log. ``page`` makes the HTML page."""

from __future__ import annotations

import typing as t
from dataclasses import asdict

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import PartialFailure
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted

from ..entitlements import shown
from ..feed.messages import limited_notices
from .model import APPLIED, FAILED, INVALID, PARTLY, PLANNED, REFUSED, AccessReport, Change, Finding, Part

COUNTS = ("created", "updated", "renamed", "disabled", "deleted", "restored", "reopened", "unchanged", "failed")
_MANY = 10
"""The number of accounts or people that the log names in one line; the files contain all of them."""
_FINDINGS = 25
"""The number of findings of a kind that the log shows."""
_KINDS = {
    "held_back": "missing", "offboarded": "extra", "vanished": "extra", "no_entitlement": "extra",
    "second_account": "extra", "cannot_rename": "attribute", "name_taken": "missing", "grants_gone": "extra",
    "may_be_same_person": "attribute", "adopted": "attribute", "cannot_block": "extra",
}
"""Code of a finding -> kind of drift."""
_TITLES = {
    PLANNED: "Plan", APPLIED: "Applied", REFUSED: "Refused, nothing was written", PARTLY: "Applied in part",
    FAILED: "Failed, nothing was written", INVALID: "Invalid input, nothing was read",
}
_HEADINGS = {
    "held_back": "Held back", "offboarded": "Offboarded and still in the feed", "vanished": "No longer in the feed",
    "name_taken": "Name in use", "cannot_rename": "Cannot be renamed", "may_be_same_person": "Possibly the same person",
    "cannot_block": "Cannot be blocked", "grants_gone": "Grants that a block removes",
    "no_entitlement": "Accounts without an entitlement",
    "second_account": "Second accounts", "adopted": "Adopted",
}
"""Code of a finding -> heading, in the order in which the log shows them."""
_STANDING = {"no_entitlement", "second_account", "adopted"}
"""Findings that remain from run to run: the log has their number and the first of them on one line."""


def document(report: AccessReport) -> dict[str, t.Any]:
    """Return the report as the role publishes it in ``access_result``."""
    connections = {name: _connection(part) for name, part in report.connections.items()}
    totals = {key: sum(part.get(key, 0) for part in connections.values()) for key in (*COUNTS, "changed", "mails")}
    return {
        "day": report.day, "mode": report.mode, "outcome": report.outcome, "check_mode": report.check,
        "digest": report.digest, "begun": report.begun, "ended": report.ended, "feed": report.feed,
        "people": report.people, "rows": report.rows, "totals": totals, "connections": connections,
        "changes": [_plain(asdict(change)) for change in ordered(report.changes)],
        "findings": [asdict(finding) for finding in report.findings],
        "rejected": [asdict(finding) for finding in report.rejected], "losses": report.losses, "drift": drift(report),
        "failed": list(map(str, report.failed)), "errors": [problem.facts() for problem in report.failed],
        "warnings": [notice.text for notice in report.notices],
        "warning_details": [notice.facts() for notice in report.notices], "text": lines(report),
    }


def _plain(change: dict[str, t.Any]) -> dict[str, t.Any]:
    change["fields"] = {name: {"before": before, "after": after} for name, (before, after) in change["fields"].items()}
    change["entitlements"] = list(change["entitlements"])
    return change


def _connection(part: Part) -> dict[str, t.Any]:
    counts = {key: part.counts.get(key, 0) for key in COUNTS}
    document: dict[str, t.Any] = {
        **counts, "changed": sum(counts[key] for key in COUNTS if key not in ("unchanged", "failed")),
        "mails": part.mails, "provider": part.provider, "accounts": part.accounts, "api_calls": part.api_calls,
        "unmanaged": part.standing.unmanaged, "strangers": part.standing.strangers,
    }
    if part.error:
        document.update(error=part.error, code=part.code)
    if part.shared_with:
        document["shared_with"] = part.shared_with
    return document


def ordered(changes: t.Iterable[Change]) -> list[Change]:
    """Return changes in the order for an approver: privileged accounts first, then by person."""
    return sorted(
        changes,
        key=lambda change: (
            change.privileged is not True, change.person or "\uffff", change.connection, change.account,
        ),
    )


# -- lines -----------------------------------------------------------------------------------------------------------


def lines(report: AccessReport) -> list[str]:
    """Return the lines of the log: one per connection, one per person with changes, the findings, for each connection
    how many accounts belong to no person or have unmanaged grants, the warnings, and the failures."""
    digest = f", digest {report.digest}" if report.digest else ""
    title = "Check mode: plan" if is_rehearsal(report) else _TITLES[report.outcome]
    shown_lines = [f"{title} for {report.day}{digest}"]
    if report.people or report.rows:
        rows = f" of {counted(report.rows, 'row')}" if report.rows else ""
        shown_lines.append(
            f"{counted(report.people, 'person')}{rows}"
            f"{f' in {report.feed}' if report.feed else ''}"
        )
    shown_lines += [_summary(name, part) for name, part in report.connections.items()]
    shown_lines += people_lines(report.changes)
    shown_lines += _crowd("Rows that could not be used", [row.text for row in report.rejected])
    for code, heading in _HEADINGS.items():
        matches = [finding for finding in report.findings if finding.code == code]
        if code in _STANDING:
            shown_lines += _counted(heading, matches)
        else:
            shown_lines += _crowd(heading, [_finding(finding) for finding in matches])
    for name, part in report.connections.items():
        if part.standing.unmanaged:
            shown_lines.append(
                f"{name}: {counted(len(part.standing.unmanaged), 'account', 'holds')} grants that no entitlement names "
                "(unmanaged)"
            )
        if part.standing.strangers:
            some = part.standing.strangers
            more = f" and {len(some) - _MANY} more" if len(some) > _MANY else ""
            shown_lines.append(
                f"{name}: {counted(len(some), 'account', 'belongs')} to no person in the feed: "
                f"{', '.join(some[:_MANY])}{more}. "
                f"Add {'their owners' if len(some) > 1 else 'its owner'} to the feed, or "
                f"protect {'them' if len(some) > 1 else 'it'}. Otherwise, access_unlisted applies."
            )
    shown_lines += _crowd("Warnings", [notice.text for notice in limited_notices(report.notices)])
    shown_lines += [f"Failed: {text}" for text in report.failed]
    return list(map(one_line, shown_lines))


def is_rehearsal(report: AccessReport) -> bool:
    """Return whether the report is about what a run would write, because check mode wrote nothing."""
    return report.check and report.mode == "apply" and report.outcome in (APPLIED, PARTLY)


def one_line(text: str) -> str:
    """Return a text that is safe on one line of a log.

    A name in a directory may contain line breaks and escape sequences of terminals.
    """
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


def _summary(name: str, part: Part) -> str:
    if part.error and part.code != PartialFailure.code:
        return f"{name}: {part.error}"
    if part.shared_with:
        return f"{name}: same directory as {part.shared_with}, planned together with it"
    counts = ", ".join(f"{part.counts[key]} {key}" for key in COUNTS if part.counts.get(key))
    mails = f", {counted(part.mails, 'e-mail')}" if part.mails else ""
    return f"{name}: {counts or 'no accounts'}{mails}"


def people_lines(changes: t.Iterable[Change]) -> list[str]:
    """Return one line per person with the changes in each connection, and one for each account without an owner."""
    by_person: dict[str, list[Change]] = {}
    for number, change in enumerate(ordered(changes)):
        by_person.setdefault(change.person or f"\0{number}", []).append(change)
    return [
        f"  {some[0].label or 'no person in the feed'} - {' | '.join(map(line, some))}" for some in by_person.values()
    ]


def line(change: Change) -> str:
    """Return the line of one account: its connection, and every part of the change."""
    parts = []
    if change.privileged:
        parts.append("PRIVILEGED")
    if change.operation in ("create", "restore", "delete"):
        parts.append(f"{change.operation} {change.account}")
    elif change.renamed_from:
        parts.append(f"rename {change.renamed_from} to {change.account}")
    else:
        parts.append(change.account)
    if change.adopted:
        parts.append("adopted (matched by name)")
    if change.opened:
        parts.append("unblock the login")
    if change.blocked and change.operation != "delete":
        parts.append("block the login")
    parts += [f"grant {facet} {', '.join(names)}" for facet, names in change.granted.items()]
    parts += [f"revoke {facet} {', '.join(names)}" for facet, names in change.taken.items()]
    parts += [f"{name}: {_value(before)} -> {_value(after)}" for name, (before, after) in change.fields.items()]
    text = f"{change.connection}: {'; '.join(parts)}"
    return f"{text}; FAILED: {change.error}" if change.error else text


def _finding(finding: Finding) -> str:
    subject = " ".join(filter(None, (finding.label, f"- {finding.connection}:" if finding.connection else "")))
    account = f"{finding.account}: " if finding.account and finding.account not in finding.text else ""
    return f"{subject} {account}{finding.text}. {finding.advice}".strip()


def _crowd(heading: str, texts: t.Sequence[str]) -> list[str]:
    if not texts:
        return []
    more = [f"  ... and {len(texts) - _FINDINGS} more"] if len(texts) > _FINDINGS else []
    return [f"{heading} ({len(texts)}):", *(f"  {text}" for text in texts[:_FINDINGS]), *more]


def _counted(heading: str, findings: t.Sequence[Finding]) -> list[str]:
    if not findings:
        return []
    names = [f"{finding.person} {finding.account} in {finding.connection}" for finding in findings[: _MANY // 2]]
    more = f" and {len(findings) - len(names)} more" if len(findings) > len(names) else ""
    return [f"{heading}: {len(findings)} ({', '.join(names)}{more})"]


def _value(value: t.Any) -> str:
    return "nothing" if value in (None, "") else str(value)


# -- drift -----------------------------------------------------------------------------------------------------------


def drift(report: AccessReport) -> list[dict[str, t.Any]]:
    """Return the differences between the current and the desired state, one entry each, for programs."""
    entries: list[dict[str, t.Any]] = []

    def note(
        connection: str,
        account: str | None,
        person: str | None,
        kind: str,
        text: str,
        before: t.Any = None,
        after: t.Any = None,
    ) -> None:
        entries.append(
            {
                "connection": connection, "account": account or None, "person": person or None, "kind": kind,
                "text": text, "before": before, "after": after,
            }
        )

    for change in report.changes:
        where = (change.connection, change.renamed_from or change.account, change.person)
        if change.operation in ("create", "restore"):
            note(*where, "missing", "account", None, change.account)
        if change.operation == "delete":
            note(*where, "extra", "account", change.account, None)
        for facet, names in change.granted.items():
            note(*where, "missing", f"{facet}: {', '.join(names)}", None, names)
        for facet, names in change.taken.items():
            note(*where, "extra", f"{facet}: {', '.join(names)}", names, None)
        if change.blocked and change.operation != "delete":
            note(*where, "extra", "login", True, False)
        if change.opened and change.operation != "restore":
            note(*where, "missing", "login", False, True)
        if change.renamed_from:
            note(*where, "attribute", "user", change.renamed_from, change.account)
        for name, (before, after) in change.fields.items():
            note(*where, "attribute", name, before, after)
    for finding in report.findings:
        if finding.code in _KINDS:
            note(
                finding.connection, finding.account, finding.person, _KINDS[finding.code], finding.text, finding.before
            )
    for name, part in report.connections.items():
        if part.error and not part.counts:
            note(name, None, None, "unreadable", part.error)
        for account, facets in part.standing.unmanaged.items():
            for facet, grants in facets.items():
                listed = ", ".join(map(shown, grants)) if isinstance(grants, list) else str(grants)
                note(name, account, None, "unmanaged", f"{facet}: {listed}", grants, grants)
        for account in part.standing.strangers:
            note(name, account, None, "unmanaged", "account without a person", account, account)
    return entries
