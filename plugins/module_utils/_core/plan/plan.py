# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: desired x actual -> Plan. Pure: no I/O, no clock, no provider calls."""

from __future__ import annotations

import typing as t

from .facets import plan_facet
from .losses import DELETED, DISABLED, PASSWORD_CHANGED, RENAMED, VALUE_CLEARED, Loss, loss_of
from .model import PASSWORD, PROFILE, Account, Desired, Field, Schema, Value
from .steps import HIDDEN, NONE, Plan, Step, UserPlan


def plan_user(schema: Schema, desired: Desired, account: Account | None, created: bool = False) -> UserPlan:
    """Return the plan that brings one account to its desired state. Set ``created`` if this run has just created it."""
    name = desired.key or (account.name if account is not None else desired.name)
    plan = UserPlan(name, account=account, desired=desired)
    if desired.state != "present":
        gone = account is None or account.deleted or schema.is_gone(account.values)
        if account is not None and not (gone and desired.state == "absent"):
            plan.operation = "delete"
            plan.before = _whole(schema, account)
            plan.losses.append(Loss(DELETED))
            if not account.deleted:
                plan.steps.append(Step("delete"))
            if desired.state == "destroyed":
                plan.steps.append(Step("destroy"))
        return plan
    if account is None:
        _plan_create(schema, desired, plan)
        return plan
    if account.deleted:
        plan.operation = "restore"
        plan.steps.append(Step("restore"))
        plan.before["state"], plan.after["state"] = "absent", "present"
    _plan_fields(schema, desired, account, plan, created)
    for facet in schema.facets:
        target = desired.facets.get(facet.name)
        if target is not None:
            plan_facet(facet, target, account.facets.get(facet.name, {}), plan)
    if account.deleted:  # a deleted user has nothing to lose
        plan.losses.clear()
        plan.sensitive.clear()
    plan.reopens = account.deleted or _opens_login(schema, account, plan)
    if plan.steps and plan.operation == NONE:
        plan.operation = "reopen" if plan.reopens else "update"
    return plan


def _opens_login(schema: Schema, account: Account, plan: UserPlan) -> bool:
    """Return whether a plan unblocks the login of a user that is or may be blocked. Add that to the difference."""

    if not plan.steps:
        return False

    def enabled(values: t.Mapping[str, Value]) -> Value:
        return schema.normalise(values).get("enabled")

    before = enabled(account.values)
    if before is True:
        return False
    after = apply_plan(schema, plan)
    if after is None or enabled(after.values) is not True:
        return False
    plan.before.setdefault("enabled", before)
    plan.after.setdefault("enabled", True)
    return True


def _whole(schema: Schema, account: Account) -> dict[str, Value]:
    shown: dict[str, Value] = {"user": account.key, "id": account.id}
    for declared in schema.fields:
        value = account.values.get(declared.name)
        if declared.writable and declared.readable and value not in (None, ""):
            shown[declared.name] = value
    for facet in schema.facets:
        if account.facets.get(facet.name):
            shown[facet.name] = facet.show(account.facets[facet.name])
    return shown


def _plan_create(schema: Schema, desired: Desired, plan: UserPlan) -> None:
    plan.operation = "create"
    first = Step("create")
    groups: dict[str, Step] = {PROFILE: first}
    fields = dict(desired.fields)
    for declared in schema.fields:
        if declared.name not in fields and declared.default is not None:
            fields[declared.name] = declared.default
    for declared in schema.fields:
        value = fields.get(declared.name)
        if declared.name not in fields or value is None or (value == "" and not declared.required):
            continue
        step = groups.setdefault(declared.via, Step("update", declared.via))
        step.changes[declared.name] = (None, value)
        plan.after[declared.name] = HIDDEN if declared.secret or not declared.readable else value
    # Set the password early: if a later step failed, another run would not set it, because the user then exists.
    plan.steps = sorted(groups.values(), key=lambda step: (step.verb != "create", step.via != PASSWORD))
    for facet in schema.facets:
        target = desired.facets.get(facet.name)
        if target is None or target.mode == "absent":
            continue
        entries = {key: item for key, item in target.entries.items() if not facet.is_map or item not in (None, "")}
        if not entries:
            continue
        plan.after[facet.name] = facet.show(entries)
        if facet.in_create:
            first.facets[facet.name] = entries
        else:
            plan.steps.append(Step("facet", facet.name, add=entries, final=entries))
    plan.after = {"user": desired.key, **plan.after}


def _plan_fields(schema: Schema, desired: Desired, account: Account, plan: UserPlan, created: bool) -> None:
    groups: dict[str, Step] = {}
    index = schema.index
    for name, value in desired.fields.items():
        declared = index[name]
        if not declared.readable:
            if not (created or name in desired.always) or value in (None, ""):
                continue
            before: Value = None
            plan.before[name], plan.after[name] = "", HIDDEN
            plan.sensitive.append(Loss(PASSWORD_CHANGED))
        else:
            before = account.values.get(name)
            # Most texts are the same: to compare them here takes a fraction of the time of equal().
            if (isinstance(value, str) and value == before) or value is None or declared.equal(before, value):
                continue
            plan.before[name], plan.after[name] = before, value
            _note_losses(schema, declared, before, value, plan)
        if name == schema.key:
            plan.operation = "rename"
        groups.setdefault(declared.via, Step("update", declared.via)).changes[name] = (before, value)
    plan.steps += (
        groups.values() if len(groups) < 2 else sorted(groups.values(), key=lambda step: schema.order[step.via])
    )


def _note_losses(schema: Schema, declared: Field, before: Value, value: Value, plan: UserPlan) -> None:
    """Add the losses and sensitive changes that the change of a field causes."""
    lost = declared.loses(before, value) if declared.loses else None
    if lost:
        if loss_of(lost) not in plan.losses:  # two fields may cause the same loss
            plan.losses.append(loss_of(lost))
        if lost == DISABLED and plan.operation == NONE:
            plan.operation = "disable"
    if declared.name == schema.key:
        plan.sensitive.append(Loss(RENAMED, entries=(str(value),)))
    elif value == "":
        plan.sensitive.append(Loss(VALUE_CLEARED, entries=(declared.name,)))


def apply_plan(schema: Schema, plan: UserPlan) -> Account | None:
    """Return the account after the plan, None if it is deleted then. Check mode and results show this account."""
    account = plan.account
    absent = plan.desired is not None and plan.desired.state != "present"
    if plan.operation == "delete" or (plan.operation == NONE and (account is None or account.deleted or absent)):
        return None
    if account is None:
        account = Account("", plan.key, {})
    values, facets = dict(account.values), dict(account.facets)
    for step in plan.steps:
        values.update({name: after for name, after in step.values.items() if schema.field(name).readable})
        facets.update(step.facets)
        if step.verb == "facet":
            facets[step.via] = step.final
    if plan.operation == "create" and plan.desired is not None:
        for name in plan.desired.facets:
            facets.setdefault(name, {})
    elif schema.derive is not None:
        schema.derive(account.values, values)
    return Account(account.id, str(values.get(schema.key) or account.key), values, facets, account.raw, account.owner)


def plan_all(schema: Schema, pairs: t.Iterable[tuple[Desired, Account | None, list[str]]]) -> Plan:
    """Return the plan of a task from desired users and the accounts that were found for them."""
    plan = Plan()
    for desired, account, warnings in pairs:
        user = plan_user(schema, desired, account)
        if warnings:
            user.warnings = [*user.warnings, *warnings]
        plan.users.append(user)
    return plan
