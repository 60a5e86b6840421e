# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Determines the next calls of an offboarding from earlier answers. This module makes no calls.

An offboarding goes through PHASES. Its ``calls`` are those of the current phase. ``advance`` processes the answers
and goes on to the next phase that has calls. Each step of each account becomes an entry of the evidence.
"""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.protect import matching
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed

from ..calls import Answer, error_of
from ..entitlements import shown as shown_grant
from ..life import Step
from .begin import FIND, calls_by_name, gathered, left_alone
from .model import ALREADY, DONE, FAILED, MANUAL, PHASES, Call, Leaving, Offboarding, Search

Answered = t.Sequence[tuple[Call, Answer]]

_NOTHING: tuple[t.Any, ...] = (None, False, "", [], {})
PROOF = Step("proof", "native", "user_info")


def advance(work: Offboarding, answers: t.Sequence[Answer], moment: str) -> None:
    """Process the answers to the calls, and go on to the next phase with calls, or to the end.

    ``moment`` is the current time.
    """
    work.time, work.pause = moment, 0
    answered: Answered = list(zip(work.calls, answers, strict=True))
    while True:
        _TAKE[work.phase](work, answered)
        work.phase = PHASES[PHASES.index(work.phase) + 1]
        work.calls = _CALLS[work.phase](work) if work.phase in _CALLS else []
        answered = []
        if work.calls or work.phase == PHASES[-1]:
            return


# -- accounts ----------------------------------------------------------------------------------------------------


def _holds(account: Leaving, step: Step, kept: bool = True) -> dict[str, t.Any]:
    """Return the parts of an account that a step removes. Without ``kept``, parts that the provider itself restores are
    left out."""
    return _without({name: account.now.get(name) for name in step.holds}, {} if kept else account.kept)


def _shown(parts: t.Mapping[str, t.Any]) -> str:
    """Return parts of an account as one text, lists last, so that nothing seems to belong to a list."""
    return "; ".join(
        f"{name}: {', '.join(map(shown_grant, value))}" if isinstance(value, list) else name
        for name, value in sorted(parts.items(), key=lambda part: isinstance(part[1], list))
    )


def _call(account: Leaving, step: Step, grants: dict[str, t.Any] | None = None, **options: t.Any) -> Call:
    """Return the call of a step, which removes ``grants``. ``options`` are further options of its module."""
    options = {"id": account.id, **step.options, **options}
    return Call(account.connection, str(step.module), options, step, account, grants or {})


# -- find --------------------------------------------------------------------------------------------------------


def _take_find(work: Offboarding, answered: Answered) -> None:
    """Process the accounts of each connection. An account that was found by two names is one account."""
    known = {(account.connection, account.id) for account in work.accounts}
    for call, answer in answered:
        name, error = call.connection, error_of(answer)
        failed = work.searches[name].failed
        if not error:
            for user in answer["users"]:
                if (name, str(user["id"])) not in known:
                    known.add((name, str(user["id"])))
                    _take_account(work, name, user)
        elif answer.get("found") is not False:
            which = f" Specify the id of the person's account with offboard_ids.{name}."
            advice = which if answer.get("code") == "ambiguous_user" else ""
            problem = Problem(error + advice, str(answer.get("code") or "error"))
            failed += [problem] if problem not in failed else []


def _calls_names(work: Offboarding) -> list[Call]:
    """Return the calls that search for the person by name, in connections whose linked accounts are all missing or
    deleted."""
    living = {account.connection for account in work.accounts if not account.is_deleted}
    again = {
        name: search
        for name, search in work.searches.items()
        if search.later and not search.failed and name not in living
    }
    for search in again.values():
        search.names += search.later
    return [call for name, search in again.items() for call in calls_by_name(name, search)]


def _take_names(work: Offboarding, answered: Answered) -> None:
    """Process the accounts that were found by name, and add an entry for each connection without one."""
    _take_find(work, answered)
    order = list(work.searches)
    work.accounts.sort(key=lambda account: order.index(account.connection))
    for name, search in work.searches.items():
        for problem in search.failed or _missing(work, name, search):
            work.enter_place(name, FIND, FAILED, str(problem), problem.code)
        for text in search.taken:
            work.enter_place(name, FIND, MANUAL, text)
        if not search.taken and not search.failed and not any(account.connection == name for account in work.accounts):
            detail = (
                f"no account: looked for {search.searched}"
                if search.searched
                else "no account: the person's name in this connection is unknown"
            )
            work.enter_place(name, FIND, ALREADY, detail)
    _unite(work)


def _missing(work: Offboarding, name: str, search: Search) -> list[Problem]:
    """Return a problem for each specified id that does not exist, unless earlier evidence contains it: it may be
    mistyped."""
    known = {account.id for account in work.accounts if account.connection == name}
    known |= {str(entry.get("id")) for entry in work.earlier_steps if entry.get("connection") == name}
    missing = [] if work.options.lenient else [identity for identity in search.required if identity not in known]
    return [
        Problem(
            f"There is no account with the id {identity}. Correct it in offboard_ids.{name}, or remove it.",
            "user_not_found",
        )
        for identity in missing
    ]


def _unite(work: Offboarding) -> None:
    """Remove duplicates: several connections to one directory return the same account. Keep the one that is protected,
    or the first."""
    kept: dict[tuple[str, str], Leaving] = {}
    for account in sorted(work.accounts, key=lambda account: not account.shield):
        key = (work.directories.get(account.connection, account.connection), account.id)
        first = kept.setdefault(key, account)
        if first is not account:
            detail = (
                f"{account.user} is the account that {first.connection} also shows: "
                "both connections lead to one directory"
            )
            work.enter_place(account.connection, FIND, ALREADY, detail)
    work.accounts = [account for account in work.accounts if any(account is other for other in kept.values())]


def _take_account(work: Offboarding, connection: str, user: dict[str, t.Any]) -> None:
    """Add an account, unless its id shows that it belongs to another person."""
    search = work.searches[connection]
    name = str(user.get(search.key) or user.get("user") or f"id {user['id']}")
    # Not all modules have the option ``protect``. They are not called for an account with a shield.
    shield = next(iter(matching(search.protect, name)), "")
    account = Leaving(connection, search.provider, str(user["id"]), name, user, shield)
    owner = search.others.get(account.id)
    if owner is None:
        work.accounts.append(account)
    else:
        search.taken.append(left_alone(f"{account.user} (id {account.id})", owner, work.person.id, connection))


# -- block -------------------------------------------------------------------------------------------------------


def _calls_block(work: Offboarding) -> list[Call]:
    """Return the calls that block logins, first those of accounts that have no step before the block."""
    simple: list[Call] = []
    prepared: list[Call] = []
    for account in work.accounts:
        own: list[Call] = []
        for step in account.life.steps:
            if step.name == "block" and account.able:
                own.append(_call(account, step))
            elif step.name == "block":
                work.enter(
                    account, step, ALREADY, "the account is deleted" if account.is_deleted else "it cannot log in"
                )
            elif step.before:
                own += _calls_of(work, account, step)
        (prepared if len(own) > 1 else simple).extend(own)
    return simple + prepared


def _advised(error: str, account: Leaving, answer: Answer) -> str:
    """Return why a call failed. If the account is protected, say what to do in an offboarding: its input is a person,
    not a list of changes."""
    if answer.get("code") != "protected":
        return error
    if account.shield:
        option = f"identity_connections.{account.connection}.protect"
        return f"{_shielded(account)} Remove the pattern from {option}, or block the account manually."
    reasons = " ".join(str(entry["message"]) for entry in answer.get("errors") or ())
    return f"Not attempted: the account is protected. {reasons or error} Block the account manually."


def _shielded(account: Leaving) -> str:
    return f"Not attempted: the account is protected by {account.shield!r} in protect of the connection."


def _not_attempted(account: Leaving) -> str:
    """Return why a step was not attempted after a limit or ``protect`` refused an earlier step of the account."""
    why = "the login was not blocked" if account.refused == "block" else f"the step {account.refused} was refused"
    return f"Not attempted, because {why}. See the problem with the step {account.refused} of this account."


def _take_steps(work: Offboarding, answered: Answered) -> None:
    """Process the answers to steps that write."""
    for call, answer in answered:
        account, step, error = t.cast(Leaving, call.account), call.step, error_of(answer)
        if error:
            if answer.get("stopped") and not account.refused:
                account.refused, account.refusal_code = step.name, str(answer.get("code") or "protected")
            work.enter(account, step, FAILED, _advised(error, account, answer), answer)
            continue
        if step.name == "block":
            account.blocked_now = bool(answer.get("changed"))
        after_block = _is_blocked(work, account) if step.name == "sessions" else None
        left = _left(call, answer)
        taken = _without(call.grants, left)
        if taken or not left:
            detail = " ".join(filter(None, (step.text, _shown(taken))))
            work.enter(account, step, DONE if answer.get("changed") else ALREADY, detail, answer, after_block)
        if left:
            account.kept.update(left)
            number = sum(map(len, left.values()))
            work.enter(
                account,
                step,
                MANUAL,
                f"{_shown(left)} {agreed(number, 'is')} kept: a mapping or provisioning at the provider grants "
                f"{agreed(number, 'it')}. Change it there.",
                answer,
            )


def _without(current: t.Mapping[str, t.Any], left: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return parts of an account without the entries in ``left``, and without empty parts."""
    removed = {
        name: [item for item in value if item not in left.get(name, ())] if isinstance(value, list) else value
        for name, value in current.items()
    }
    return {name: value for name, value in removed.items() if value not in _NOTHING}


def _left(call: Call, answer: Answer) -> dict[str, t.Any]:
    """Return what the provider did not remove although the call succeeded, such as the grants of a mapping."""
    user = answer.get("user")
    after = user if isinstance(user, dict) else {}
    return {name: after[name] for name in call.grants if isinstance(after.get(name), list) and after[name]}


def _is_blocked(work: Offboarding, account: Leaving) -> bool:
    """Return whether the login is blocked, according to the entries of this run."""
    entries = [entry for entry in work.of(account) if entry.step == "block"]
    return bool(entries) and all(entry.outcome in (DONE, ALREADY) for entry in entries)


# -- sessions, tokens, grants ------------------------------------------------------------------------------------


def _calls_steps(work: Offboarding) -> list[Call]:
    """Return the calls after the block: each kind of step for all accounts, before the next kind."""
    calls: list[Call] = []
    for name in ("sessions", "tokens", "grants"):
        for account in work.accounts:
            for step in account.life.steps:
                if step.name == name and not step.before:
                    calls += _calls_of(work, account, step)
    return calls


def _calls_of(work: Offboarding, account: Leaving, step: Step) -> list[Call]:
    """Return the calls of one step of one account. If none is needed or possible, add an entry with the reason."""
    grants = _holds(account, step)
    if step.module is None:
        work.enter(account, step, MANUAL, step.text)
    elif step.name == "sessions":
        return _calls_sessions(work, account, step)
    elif not grants:
        work.enter(account, step, ALREADY, "there is nothing to remove")
    elif account.is_deleted:
        work.enter(
            account,
            step,
            MANUAL,
            "The account is deleted, so nothing can be removed from it. "
            f"If you restore it, it has these grants again: {_shown(grants)}.",
        )
    elif account.refused:
        work.enter(account, step, FAILED, _not_attempted(account), code=account.refusal_code)
    elif account.blocked_now and account.life.takes_all:
        work.enter(account, step, DONE, f"with the block, {_shown(grants)}")
    elif step.each:
        name = step.holds[0]
        return [_call(account, step, {name: [item]}, **{step.each: item["id"]}) for item in grants[name]]
    else:
        return [_call(account, step, grants)]
    return []


def _calls_sessions(work: Offboarding, account: Leaving, step: Step) -> list[Call]:
    """Return the call that ends sessions.

    Ended sessions leave no trace, so only the evidence of an earlier run can prove that they were ended.
    """
    ended = _sessions_ended(work, account) if work.options.sessions == "unproven" and not account.blocked_now else None
    if account.refused or account.shield:
        why = _shielded(account) if account.shield else _not_attempted(account)
        work.enter(account, step, FAILED, why, code="protected" if account.shield else account.refusal_code)
    elif account.is_deleted:
        work.enter(account, step, ALREADY, "the account is deleted")
    elif ended:
        work.enter(account, step, ALREADY, f"ended at {ended}, after the block, according to earlier evidence")
    else:
        return [_call(account, step)]
    return []


def _sessions_ended(work: Offboarding, account: Leaving) -> str | None:
    """Return when an earlier run ended the sessions of an account that was then blocked, or None without proof.

    The earlier run must concern the same departure, and no login may have happened since.
    """
    if work.earlier.get("left_on") != work.left_on:
        return None
    ended = (account.connection, account.id, "sessions", DONE)
    facts = ("connection", "id", "step", "outcome")
    times = [
        entry["time"]
        for entry in work.earlier_steps
        if tuple(map(entry.get, facts)) == ended and entry.get("after_block")
    ]
    login = account.now.get("last_login")
    # Both are ISO 8601 in UTC and are compared to the second.
    if not times or (isinstance(login, str) and login[:1].isdigit() and login[:19] > max(times)[:19]):
        return None
    return str(max(times))


# -- proof -------------------------------------------------------------------------------------------------------


def _calls_proof(work: Offboarding) -> list[Call]:
    """Return the calls that read accounts as proof. For an account without changes, the search is the proof."""
    if work.check:
        return []
    for account in work.accounts:
        account.pending = account.touched
        if not account.touched:
            _prove(work, account, last=True)
    return _calls_pending(work)


def _calls_pending(work: Offboarding) -> list[Call]:
    return [call for account in work.accounts if account.pending for call in _reads(account)]


def _reads(account: Leaving) -> list[Call]:
    """Return the calls that read an account again, in each list that may contain it now."""
    life = account.life
    calls: list[Call] = []
    for place, options in enumerate(life.places):
        # The list of deleted accounts is long, so it is searched by name.
        selector = {"id": account.id} if place == 0 or account.user.startswith("id ") else {"user": account.user}
        options = {**selector, **options, "gather": gathered(life)}
        calls.append(Call(account.connection, "user_info", options, PROOF, account))
    return calls


def _take_proof(work: Offboarding, answered: Answered) -> None:
    for account in work.accounts:
        mine = [answer for call, answer in answered if call.account is account]
        if not mine:
            continue
        last = work.phase != "proof" or not work.options.wait
        read = [user for answer in mine if not error_of(answer) for user in answer["users"]]
        users = [user for user in read if str(user["id"]) == account.id]
        errors = [
            Problem(error_of(answer), str(answer.get("code") or "error"))
            for answer in mine
            if error_of(answer) and answer.get("found") is not False
        ]
        account.pending = False
        if errors and last:
            work.enter(account, PROOF, FAILED, f"It could not be read again. {errors[0]}", code=errors[0].code)
        elif errors:
            account.pending = True
        elif not users:
            work.enter(account, PROOF, DONE, "the account no longer exists")
        elif work.phase == "gone":
            work.enter(account, PROOF, FAILED, "The account was deleted, but still exists.", code="not_applied")
        else:
            account.now = users[0]
            account.pending = not _prove(work, account, last)
    if any(account.pending for account in work.accounts):
        work.pause = work.options.wait


def _prove(work: Offboarding, account: Leaving, last: bool) -> bool:
    """Add entries for the current state of the account.

    Return False if a step has not taken effect yet but may do so before a later read.
    """
    wrong = ["the account can still log in"] if account.able else []
    if not account.is_deleted:
        left = {name: value for step in account.life.steps for name, value in _holds(account, step, kept=False).items()}
        wrong += [f"it still has {_shown(left)}"] if left else []
    if wrong and not last:
        return False
    if wrong:
        text = f"Reading the account again shows: {' and '.join(wrong)}."
        work.enter(account, PROOF, FAILED, text, code="not_applied")
        return True
    how = "it is deleted and can be restored" if account.is_deleted else "it cannot log in and has no grants"
    kept = f", except {_shown(account.kept)}" if account.kept else ""
    work.enter(account, PROOF, DONE if account.touched else ALREADY, f"as read, {how}{kept}")
    return True


# -- delete ------------------------------------------------------------------------------------------------------


def _calls_delete(work: Offboarding) -> list[Call]:
    if not work.due:
        return []
    calls = []
    for account in work.accounts:
        step = next(step for step in account.life.steps if step.name == "delete")
        if account.refused:
            work.enter(account, step, FAILED, _not_attempted(account), code=account.refusal_code)
        else:
            calls.append(_call(account, step))
    return calls


def _take_delete(work: Offboarding, answered: Answered) -> None:
    _take_steps(work, answered)
    for call, answer in answered:
        t.cast(Leaving, call.account).pending = not error_of(answer) and not work.check


_CALLS: dict[str, t.Callable[[Offboarding], list[Call]]] = {
    "names": _calls_names, "block": _calls_block, "steps": _calls_steps, "proof": _calls_proof, "again": _calls_pending,
    "delete": _calls_delete, "gone": _calls_pending,
}  # fmt: skip
_TAKE: dict[str, t.Callable[[Offboarding, Answered], None]] = {
    "find": _take_find, "names": _take_names, "block": _take_steps, "steps": _take_steps, "proof": _take_proof,
    "again": _take_proof, "delete": _take_delete, "gone": _take_proof,
}  # fmt: skip
