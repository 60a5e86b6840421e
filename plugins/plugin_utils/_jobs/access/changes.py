# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Converts the plan of a directory into the parts of a report: changes by person, losses, and what stays unchanged."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import GuardError, RollcallError
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.guards import SetAside
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import apply_plan
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.protect import matching
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import UserPlan
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import Prepared
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed, listed

from ..entitlements import grant_key, shown
from ..session import Session
from .intent import Intent
from .model import Change, Standing

_NOT_FIELDS = ("user", "id", "enabled", "state")


def changes_of(
    session: Session,
    intents: t.Sequence[Intent],
    labels: t.Mapping[str, str],
    result: dict[str, t.Any] | None,
    failure: str,
    code: str,
) -> list[Change]:
    """Return what happens to each account of a plan, and the outcome if the plan was applied.

    ``failure`` is why the connection as a whole failed, ``code`` its code. Without a ``result``, ``failure`` is the
    error of every change.
    """
    errors: dict[str, tuple[str, str]] = {}
    for entry in (result or {}).get("errors") or ():
        message = session.context.masker.text(str(entry.get("message") or ""))
        errors.setdefault(fold(str(entry.get("user") or "")), (message, str(entry.get("code") or "")))
    written = {fold(entry["before_header"]): entry for entry in (result or {}).get("diff") or ()}
    unreported = {fold(notice.user) for notice in session.context.notices if notice.code == "unexpected"}
    waiting = {fold(name) for name in (result or {}).get("not_attempted") or ()}
    ids = {fold(str(user.get("user") or "")): str(user.get("id") or "") for user in (result or {}).get("users") or ()}
    changes = []
    for planned in session.planned.plan.changed:
        change = _change(session, planned, intents)
        change.label = labels.get(change.person, change.person)
        name = fold(planned.key)
        if name in errors:
            change.error, change.code = errors[name]
        elif name in waiting:
            change.error, change.code = "was not attempted", "not_attempted"
        elif not result:
            change.error, change.code = failure, failure and code
        elif not session.context.check and name not in unreported:
            _as_written(session, change, planned, written.get(name))
        change.done = (
            bool(result) and not session.context.check and not change.error and change.operation != "unchanged"
        )
        change.account_id = change.account_id or ids.get(fold(change.account), "")
        changes.append(change)
    return changes


def refused_changes(
    members: t.Sequence[Session], intents: t.Sequence[Intent], labels: t.Mapping[str, str]
) -> list[Change]:
    """Return the changes that protected accounts do not allow, and those of people whose values cannot be planned, each
    with the reason. They are not part of the plan.

    ``members`` are the connections to the directory, the one with the plan first.
    """
    leader = members[0]
    changes = []
    for removed in leader.planned.set_aside:
        change = _change(leader, removed.planned, intents)
        change.label = labels.get(change.person, change.person)
        text = _protected(members, removed) if removed.code == "protected" else removed.text
        change.error, change.code = leader.context.masker.text(text), removed.code
        changes.append(change)
    return changes


def _protected(members: t.Sequence[Session], removed: SetAside) -> str:
    """Return why a change of a protected account fails, and what to do."""
    owner = next((member for member in members if set(removed.patterns) & set(_patterns(member))), members[0])
    advice = f"Remove the pattern from {owner.place}.protect, or change" if removed.patterns else "Change"
    return f"{removed.text}. The account is unchanged. {advice} the account manually."


def _patterns(session: Session) -> list[str]:
    return session.params.get("protect") or []


def _change(session: Session, planned: UserPlan, intents: t.Sequence[Intent]) -> Change:
    schema = session.directory.schema
    account = planned.account
    after = apply_plan(schema, planned)
    name = after.key if after is not None else planned.key
    change = Change(session.name, name, planned.operation, account_id=account.id if account is not None else "")
    change.person = person_of(planned, name, intents)
    change.entitlements = tuple(
        dict.fromkeys(entitlement for intent in intents for entitlement in intent.entitlements.get(change.person, ()))
    )
    _compare(session, change, planned.before, planned.after)
    change.opened = planned.reopens
    change.blocked = planned.operation in ("disable", "delete") or (
        planned.before.get("enabled") is not False and planned.after.get("enabled") is False
    )
    if planned.operation == "rename" and account is not None:
        change.renamed_from = account.key
    change.adopted = any(change.account_id in intent.adopted for intent in intents)
    if after is not None and planned.operation != "delete":
        privileged = schema.normalise(after.values).get("privileged")
        change.privileged = privileged if isinstance(privileged, bool) else None
    return change


def _compare(session: Session, change: Change, before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> None:
    """Add to a change what differs between two states of an account, as differences show them."""
    schema = session.directory.schema
    facets = {facet.name for facet in schema.facets}
    for name in {**before, **after}:
        if name in facets and not schema.facet(name).is_map:
            _grants(change, name, before.get(name), after.get(name))
        elif name not in _NOT_FIELDS and name != schema.key and change.operation not in ("create", "delete"):
            change.fields[name] = (before.get(name), after.get(name))


def _as_written(session: Session, change: Change, planned: UserPlan, difference: t.Mapping[str, t.Any] | None) -> None:
    """Correct a planned change to what was written. ``difference`` is None if there was nothing left to write.

    An account that another program has created in the meantime is adopted: only what it lacked was written.
    """
    is_adopted = planned.operation == "create" and (difference is None or difference["before"] != planned.before)
    if difference is not None and not is_adopted:
        return
    change.adopted = change.adopted or is_adopted
    change.operation = "unchanged" if difference is None else "update"
    change.granted, change.taken, change.fields = {}, {}, {}
    change.opened = change.blocked = False
    change.renamed_from = ""
    if difference is not None:
        _compare(session, change, difference["before"], difference["after"])


def counts_of(prepared: Prepared, result: t.Mapping[str, t.Any] | None) -> dict[str, int]:
    """Return the counts of a plan, or those of its result. If writing never began, all changes count as failed.

    Changes that were set aside count as failed. Their accounts, if they exist and are not deleted, are in the plan
    without changes.
    """
    plan, refused = prepared.plan, prepared.set_aside
    accounts = [removed.planned.account for removed in refused]
    existing = sum(account is not None and not account.deleted for account in accounts)
    if result is None:
        counts = dict(plan.summary())
    else:
        counts = dict(
            result.get("summary") or {"unchanged": len(plan.users) - len(plan.changed), "failed": len(plan.changed)}
        )
    return {
        **counts, "unchanged": counts.get("unchanged", 0) - existing,
        "failed": counts.get("failed", 0) + len(refused),
    }


def mails_of(session: Session, changes: t.Sequence[Change], result: t.Mapping[str, t.Any] | None) -> int:
    """Return the number of e-mails that the plan causes the provider to send, or after writing, that it has caused.

    ``changes`` are those of ``changes_of``.
    """
    prepared = session.planned
    if result is None or session.context.check:
        return prepared.mails
    return sum(
        session.directory.mails(planned.steps, planned.desired)
        for planned, change in zip(prepared.plan.changed, changes, strict=True)
        if change.done and change.operation == planned.operation
    )


def person_of(planned: UserPlan, name: str, intents: t.Sequence[Intent]) -> str:
    """Return the person to whom the account of a plan belongs, or an empty text. ``name`` is that of the account."""
    for intent in intents:
        if planned.account is not None and planned.account.id in intent.owners:
            return intent.owners[planned.account.id]
        if planned.account is None and fold(name) in intent.names:
            return intent.names[fold(name)]
    return ""


def with_people(
    error: GuardError, session: Session, intents: t.Sequence[Intent], labels: t.Mapping[str, str]
) -> RollcallError:
    """Return the error of a guard with the people who own the accounts: the names of accounts may not identify them."""
    changed = session.prepared.plan.changed if session.prepared is not None else []
    owners = {planned.key: person_of(planned, planned.key, intents) for planned in changed}
    owned = [account for account in error.users if owners.get(account)]
    if not owned:
        return error
    named = error.of("")
    people = dict.fromkeys(labels.get(owners[account], owners[account]) for account in owned)
    subject = f"The {agreed(len(owned), 'account')}" if owned == error.users else f"{len(owned)} of the accounts"
    named.message = f"{error.message} {subject} {agreed(len(owned), 'belongs')} to {listed(list(people))}."
    return named


def _grants(change: Change, facet: str, before: t.Any, after: t.Any) -> None:
    old = {grant_key(grant): grant for grant in before or ()}
    new = {grant_key(grant): grant for grant in after or ()}
    gained = [shown(grant) for key, grant in new.items() if key not in old]
    lost = [shown(grant) for key, grant in old.items() if key not in new]
    if gained:
        change.granted[facet] = gained
    if lost:
        change.taken[facet] = lost


def losses_of(session: Session, intents: t.Sequence[Intent]) -> list[dict[str, t.Any]]:
    """Return what the plan removes from accounts, with connection and person."""
    return [
        {
            "connection": session.name,
            "person": person_of(planned, planned.key, intents) or None,
            **loss.facts(planned.key),
        }
        for planned in session.planned.plan.changed
        for loss in planned.losses
    ]


def standing_state(session: Session, intents: t.Sequence[Intent]) -> Standing:
    """Return what stays unchanged: accounts that belong to no person and match no pattern of ``protect``, and grants
    that no entitlement names."""
    prepared = session.planned
    owned = {identity for intent in intents for identity in intent.owners}
    account_ids = {finding.account_id for intent in intents for finding in intent.findings}
    strangers = [
        account.key or f"id {account.id}"
        for account in prepared.snapshot.accounts
        if account.id not in owned
        and account.id not in account_ids
        and fold(account.key) not in prepared.policy.spared
        and not matching(prepared.policy.protect, account.key)
    ]
    unmanaged = {planned.key: dict(planned.unmanaged) for planned in prepared.plan.users if planned.unmanaged}
    return Standing(sorted(strangers, key=fold), unmanaged)
