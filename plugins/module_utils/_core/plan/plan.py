# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner: desired x actual -> Plan. Pure: no I/O, no clock, no provider calls."""

from __future__ import annotations

import hashlib
import json
import typing as t
from dataclasses import dataclass, field

from ..errors import Problem
from ..names import escaped, fold
from .losses import DELETED, DISABLED, FACET_REMOVED, PASSWORD_CHANGED, RENAMED, VALUE_CLEARED, Loss, loss_of
from .model import PASSWORD, PROFILE, Account, Desired, DesiredFacet, Entries, Facet, Field, Schema, Snapshot, Value

NONE = "none"
SUMMARY = {
    "create": "created",
    "update": "updated",
    "rename": "renamed",
    "disable": "disabled",
    "delete": "deleted",
    "restore": "restored",
    "reopen": "reopened",
    NONE: "unchanged",
}
"""Operation of a user's plan -> its name in the summary."""
HIDDEN = "********"


@dataclass(slots=True)
class Step:
    """One write. ``verb`` is create, update (one write group), facet, delete, destroy or restore.

    ``changes`` maps field -> (before, after). ``add``, ``remove`` and ``final`` are entries of the facet ``via``.
    """

    verb: str
    via: str = ""
    changes: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    add: Entries = field(default_factory=dict)
    remove: Entries = field(default_factory=dict)
    final: Entries = field(default_factory=dict)
    facets: dict[str, Entries] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Value]:
        """Return field -> new value."""
        return {name: after for name, (_before, after) in self.changes.items()}


@dataclass(slots=True)
class UserPlan:
    """What happens to one user. ``before`` and ``after`` hold the differences only, as a diff shows them.

    ``losses`` count for the limits. ``sensitive`` are changes that only protected users are spared: a rename, another
    password, a value that is cleared. ``reopens`` says that a blocked or deleted user can log in afterwards.
    """

    key: str
    operation: str = NONE
    account: Account | None = None
    desired: Desired | None = None
    steps: list[Step] = field(default_factory=list)
    before: dict[str, Value] = field(default_factory=dict)
    after: dict[str, Value] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    sensitive: list[Loss] = field(default_factory=list)
    reopens: bool = False
    warnings: list[str] = field(default_factory=list)
    unmanaged: dict[str, Value] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Return whether there is anything to do."""
        return bool(self.steps)

    @property
    def unlisted(self) -> bool:
        """Return whether the user is not named in the input."""
        return self.desired is None or self.desired.index == UNLISTED


UNLISTED = -1
"""The index of a Desired that was made for a user whom the input does not name."""


@dataclass
class Plan:
    """The plans of all users, in the order of the input, then of the directory."""

    users: list[UserPlan] = field(default_factory=list)
    spared: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)

    @property
    def changed(self) -> list[UserPlan]:
        """Return the users to whom something happens."""
        return [user for user in self.users if user.steps]

    def summary(self) -> dict[str, int]:
        """Return the number of users for each name of SUMMARY."""
        counts = dict.fromkeys(SUMMARY.values(), 0)
        for user in self.users:
            counts[SUMMARY[user.operation]] += 1
        return counts

    def digest(self) -> str:
        """Return the SHA-256 of all that would happen, for approval. Secrets are not part of it."""
        lines = [
            [fold(user.key), user.account.id if user.account else None, [step.verb for step in user.steps], user.operation, user.before, user.after]
            for user in self.changed
        ]
        lines.sort(key=lambda line: (str(line[0]), str(line[1])))
        return hashlib.sha256(json.dumps(lines, sort_keys=True, default=str).encode()).hexdigest()


class Ambiguous(Exception):
    """A desired user could be more than one account, or none where one is required. ``problem`` says what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def find(schema: Schema, desired: Desired, snapshot: Snapshot) -> tuple[Account | None, list[str]]:
    """Return the account that a desired user means, and warnings. Raises Ambiguous.

    An account that is spelled exactly so wins over those whose name differs in case alone. An account whose name merely
    looks alike is never meant.
    """
    if desired.id is not None:
        return _find_by_id(schema, desired, desired.id, snapshot), []
    named = snapshot.named(desired.key)
    if len(named) > 1:
        named = _spelled(named, desired.key)
    earlier = {account.id: account for key in desired.previous for account in _spelled(snapshot.named(key), key)}
    for matches, option in ((named, "user"), (list(earlier.values()), "previous_users")):
        if len(matches) > 1:
            if option == "user":
                text = f"the name matches {len(matches)} {schema.noun}s (ids {', '.join(account.id for account in matches)}). Say which one with id."
            else:
                names = ", ".join(f"{account.key} has id {account.id}" for account in matches)
                text = f"{len(matches)} earlier names exist ({names}). Say which one with id."
            raise Ambiguous(desired.problem(text, "ambiguous_user", option))
        if matches:
            break
    else:
        for key in (desired.key, *desired.previous):
            _refuse_lookalikes(schema, desired, key, snapshot.similar(key))
        return None, []
    account = matches[0]
    if not named:
        _refuse_lookalikes(schema, desired, desired.key, [other for other in snapshot.similar(desired.key) if other is not account])
    if named and earlier:
        others = sorted((other for other in earlier.values() if other.id != account.id), key=lambda other: other.key)
        left = ", ".join(other.key for other in others)
        if left and desired.state != "present":  # the next run, which finds the earlier name alone, would delete that one as well
            ids = ", ".join(f"{other.key} has id {other.id}" for other in (account, *others))
            text = f"both the name and an earlier one exist ({ids}). Specify the id of the {schema.noun} who is to go, or remove previous_users."
            raise Ambiguous(desired.problem(text, "ambiguous_user", "previous_users"))
        if left:
            return account, [f"{desired.name} exists, and so does {left}, an earlier name of the same person: it was left alone."]
    return account, []


def _find_by_id(schema: Schema, desired: Desired, identity: str, snapshot: Snapshot) -> Account | None:
    account = snapshot.by_id.get(identity)
    if account is None:
        if desired.state == "present" and identity not in snapshot.deleted_by_id:
            text = f"no {schema.noun} has the id {identity}. Check the id, or leave it out to find or create the {schema.noun} by name."
            raise Ambiguous(desired.problem(text, "user_not_found", "id"))
        return None
    others = snapshot.named(desired.key)
    if others and account not in others:
        text = f"id {identity} is another {schema.noun} than {desired.key}, who has id {others[0].id}. Correct one of them."
        raise Ambiguous(desired.problem(text, "id_mismatch", "id"))
    if not others:
        _refuse_lookalikes(schema, desired, desired.key, [other for other in snapshot.similar(desired.key) if other is not account])
    return account


def _refuse_lookalikes(schema: Schema, desired: Desired, key: str, others: t.Sequence[Account]) -> None:
    """Raise Ambiguous where there are accounts whose names look like a name and are spelled with other characters."""
    if not others:
        return
    other = others[0]
    text = (
        f"{escaped(key)} looks like {escaped(other.key)} (id {other.id}) and is another name: the characters differ. "
        f"Write the name as the {schema.noun} has it, or rename one of the two."
    )
    raise Ambiguous(desired.problem(text, "lookalike_name", "user" if key == desired.key else "previous_users"))


def _spelled(accounts: list[Account], key: str) -> list[Account]:
    """Return those of the accounts whose key is spelled exactly so, or all where none is."""
    return [account for account in accounts if account.key == key] or accounts


def plan_user(schema: Schema, desired: Desired, account: Account | None, created: bool = False) -> UserPlan:
    """Return what makes one account as desired. ``created`` is set when this run has just created the account."""
    plan = UserPlan(desired.key or (account.key if account else desired.name), account=account, desired=desired)
    if desired.state != "present":
        if account is not None and not (account.deleted and desired.state == "absent"):
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
            _plan_facet(facet, target, account.facets.get(facet.name, {}), plan)
    if account.deleted:  # who is brought back had nothing that could be taken away
        plan.losses.clear()
        plan.sensitive.clear()
    plan.reopens = account.deleted or _opens_login(schema, account, plan)
    if plan.steps and plan.operation == NONE:
        plan.operation = "reopen" if plan.reopens else "update"
    return plan


def _opens_login(schema: Schema, account: Account, plan: UserPlan) -> bool:
    """Return whether a plan lets a user log in who is blocked, or may be, and say so in the difference."""

    def enabled(values: t.Mapping[str, Value]) -> Value:
        return schema.normalise(values).get("enabled") if schema.normalise is not None else values.get("enabled")

    before = enabled(account.values)
    if not plan.steps or before is True:
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
    given = dict(desired.fields)
    for declared in schema.fields:
        if declared.name not in given and declared.default is not None:
            given[declared.name] = declared.default
    for declared in schema.fields:
        value = given.get(declared.name)
        if declared.name not in given or value is None or (value == "" and not declared.required):
            continue
        step = groups.setdefault(declared.via, Step("update", declared.via))
        step.changes[declared.name] = (None, value)
        plan.after[declared.name] = HIDDEN if declared.secret or not declared.readable else value
    # Should a later step fail, a password that is set on creation only has been set.
    plan.steps = sorted(groups.values(), key=lambda step: (step.verb != "create", step.via != PASSWORD))
    for facet in schema.facets:
        target = desired.facets.get(facet.name)
        if target is None or target.mode == "absent":
            continue
        wanted = {key: item for key, item in target.entries.items() if not facet.is_map or item not in (None, "")}
        if not wanted:
            continue
        plan.after[facet.name] = facet.show(wanted)
        if facet.in_create:
            first.facets[facet.name] = wanted
        else:
            plan.steps.append(Step("facet", facet.name, add=wanted, final=wanted))
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
            if value is None or declared.equal(before, value):
                continue
            plan.before[name], plan.after[name] = before, value
            _note_losses(schema, declared, before, value, plan)
        if name == schema.key:
            plan.operation = "rename"
        groups.setdefault(declared.via, Step("update", declared.via)).changes[name] = (before, value)
    plan.steps += groups.values() if len(groups) < 2 else sorted(groups.values(), key=lambda step: schema.order[step.via])


def _note_losses(schema: Schema, declared: Field, before: Value, value: Value, plan: UserPlan) -> None:
    """Add what the change of a field takes from the user."""
    lost = declared.loses(before, value) if declared.loses else None
    if lost:
        if loss_of(lost) not in plan.losses:  # two fields may say the same
            plan.losses.append(loss_of(lost))
        if lost == DISABLED and plan.operation == NONE:
            plan.operation = "disable"
    if declared.name == schema.key:
        plan.sensitive.append(Loss(RENAMED, entries=(str(value),)))
    elif value == "":
        plan.sensitive.append(Loss(VALUE_CLEARED, entries=(declared.name,)))


def _plan_facet(facet: Facet, target: DesiredFacet, actual: Entries, plan: UserPlan) -> None:
    """Add the step for one facet: strict deltas, and the final entries for APIs that replace."""
    if facet.is_map:
        _plan_map(facet, target, actual, plan)
        return
    wanted = target.entries
    add = {} if target.mode == "absent" else {key: item for key, item in wanted.items() if key not in actual}
    if target.mode == "exact":
        remove = {key: item for key, item in actual.items() if key not in wanted}
    elif target.mode == "absent":
        remove = {key: item for key, item in actual.items() if key in wanted}
    elif target.mode == "managed":
        remove = {key: item for key, item in actual.items() if key in target.bounds and key not in wanted}
        outside = {key: item for key, item in actual.items() if key not in target.bounds and key not in wanted}
        if outside:
            plan.unmanaged[facet.name] = facet.show(outside)
    else:
        remove = {}
    if not add and not remove:
        return
    final = {key: item for key, item in actual.items() if key not in remove}
    final.update(add)
    plan.steps.append(Step("facet", facet.name, add=add, remove=remove, final=final))
    plan.before[facet.name], plan.after[facet.name] = facet.show(actual), facet.show(final)
    _note_removal(facet, remove, plan)


def _same(current: Value, desired: Value) -> bool:
    """Return whether two values of a map are the same.

    A number is the same as its decimal text. A boolean is the same as that boolean alone, never as a text or a number.
    Lists compare element by element, mappings without order.
    """
    if isinstance(current, bool) or isinstance(desired, bool):
        return current is desired
    if isinstance(current, dict) and isinstance(desired, dict):
        return current.keys() == desired.keys() and all(_same(value, desired[name]) for name, value in current.items())
    if isinstance(current, (list, tuple)) and isinstance(desired, (list, tuple)):
        return len(current) == len(desired) and all(map(_same, current, desired))
    return str(current) == str(desired)


def _plan_map(facet: Facet, target: DesiredFacet, actual: Entries, plan: UserPlan) -> None:
    held = {name: value for name, value in actual.items() if value not in (None, "")}
    wanted = {} if target.mode == "absent" else {name: value for name, value in target.entries.items() if value not in (None, "")}
    add = {name: value for name, value in wanted.items() if name not in held or not _same(held[name], value)}
    if target.mode == "exact":
        gone = set(held) - set(wanted)
    elif target.mode == "managed":
        gone = (set(held) & (set(target.bounds) | set(target.entries))) - set(wanted)
        outside = {name: held[name] for name in held if name not in target.bounds and name not in target.entries}
        if outside:
            plan.unmanaged[facet.name] = facet.show(outside)
    else:
        gone = (set(held) & set(target.entries)) - set(wanted)
    if not add and not gone:
        return
    final = {name: value for name, value in held.items() if name not in gone}
    final.update(add)
    remove = {name: held[name] for name in sorted(gone)}
    plan.steps.append(Step("facet", facet.name, add=add, remove=remove, final=final))
    plan.before[facet.name], plan.after[facet.name] = facet.show(held), facet.show(final)
    _note_removal(facet, remove, plan)


def _note_removal(facet: Facet, entries: Entries, plan: UserPlan) -> None:
    """Add what the removal of entries takes from the user."""
    if not entries or not (facet.loss or facet.shielded):
        return
    shown = facet.show(entries)
    labels = tuple(_label(item) for item in shown)
    (plan.losses if facet.loss else plan.sensitive).append(Loss(FACET_REMOVED, facet.name, facet.noun, labels))


_NAMED = ("name", "role", "description", "type", "id")
_WHERE = ("tenant", "namespace")


def _label(item: Value) -> str:
    """Return the name of an entry for messages, with the tenant and the namespace that it holds in, if any."""
    if not isinstance(item, dict):
        return str(item)
    name = next((str(item[part]) for part in _NAMED if item.get(part) not in (None, "")), "")
    where = ", ".join(f"{part} {item[part]}" for part in _WHERE if item.get(part) not in (None, ""))
    return f"{name} ({where})" if name and where else name or where


def apply_plan(schema: Schema, plan: UserPlan) -> Account | None:
    """Return the account as it is once the plan is executed: what check mode predicts and results show."""
    account = plan.account
    if plan.operation == "delete" or (plan.operation == NONE and (account is None or account.deleted)):
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
