# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One person leaves, everywhere. What is called next follows from what the calls before have answered; no call is made here.

A state goes through PHASES. Its ``calls`` are what the role makes in the phase that it is in; ``advance`` takes the answers and
returns the state in the next phase that has calls. Each step of each account becomes an entry of the evidence.
"""

from __future__ import annotations

import copy
import fnmatch
import typing as t

from .life import Life, Step, User, life_of
from .offboard_start import gathered, left_alone, sought
from .people import fold

State = dict[str, t.Any]
Call = dict[str, t.Any]
Answer = t.Mapping[str, t.Any]

PHASES = ("find", "block", "steps", "proof", "again", "delete", "gone", "end")
"""find accounts; block logins; end sessions, revoke tokens and remove grants; read again, and once more; delete what is due; read that again."""
DONE, ALREADY, FAILED, MANUAL = "done", "already", "failed", "manual"
_NOTHING: tuple[t.Any, ...] = (None, False, "", [], {})
_REFUSED = "Not attempted, because the login was not blocked: this account is shielded."


def advance(state: State, answers: t.Sequence[Answer], moment: str) -> State:
    """Return the state with the answers to its calls taken in, in the next phase with calls. ``moment`` is the time."""
    state = {**copy.deepcopy(state), "time": moment, "pause": 0}
    state["calls"] = list(zip(state["calls"], answers, strict=True))
    while True:
        _TAKE[state["phase"]](state, state["calls"])
        state["phase"] = PHASES[PHASES.index(state["phase"]) + 1]
        state["calls"] = _CALLS.get(state["phase"], _no_calls)(state)
        if state["calls"] or state["phase"] == PHASES[-1]:
            return state


# -- accounts and entries ----------------------------------------------------------------------------------------


def _life(account: State) -> Life:
    return life_of(account["provider"])


def _is_deleted(account: State) -> bool:
    """Return whether an account is deleted so that it can be restored: nothing can be taken from it."""
    return bool(account["user_now"].get("state") == "absent")


def _able(account: State) -> bool:
    return not _is_deleted(account) and _life(account).able(account["user_now"])


def _held(account: State, step: Step, kept: bool = True) -> dict[str, t.Any]:
    """Return what an account has of what a step takes away; without ``kept`` what the provider itself keeps is left out."""
    return _without({name: account["user_now"].get(name) for name in step.holds}, {} if kept else account["kept"])


def shown(held: t.Mapping[str, t.Any]) -> str:
    """Return parts of an account as one text."""
    return "; ".join(f"{name}: {', '.join(map(_name, value))}" if isinstance(value, list) else name for name, value in held.items())


def _name(item: t.Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    name = str(item.get("name") or item.get("role") or item.get("id"))
    name = f"{item['tenant']}/{name}" if item.get("tenant") else name
    return f"{name} in {item['namespace']}" if item.get("namespace") else name


def _enter(state: State, account: State | None, step: Step, outcome: str, detail: str = "", answer: Answer | None = None, **more: t.Any) -> None:
    """Add an entry to the evidence. ``account`` is the account or, where there is none, connection and provider."""
    place = account or {}
    entry = {
        "connection": place.get("connection"), "provider": place.get("provider"), "account": place.get("user"), "id": place.get("id"),
        "step": step.name, "how": step.how, "outcome": outcome, "detail": detail,
        "request_id": (answer or {}).get("request_id"), "time": state["time"], **more,
    }  # fmt: skip
    state["steps"].append(entry)
    if account is not None and outcome in (DONE, FAILED):
        account["touched"] = True


def error_of(answer: Answer) -> str | None:
    """Return why a call failed, None if it did not. Only what says that it has succeeded has."""
    if answer.get("error") is not None or answer.get("failed") or "api_calls" not in answer:
        return str(answer.get("error") or answer.get("msg") or "It failed without a reason. Run it again with -vvv.")
    return None


def _call(account: State, number: int, step: Step, **more: t.Any) -> Call:
    options = {"id": account["id"], **step.options, **more.pop("options", {})}
    return {
        "connection": account["connection"], "module": step.module, "options": options, "account": number, "step": step.name, "how": step.how,
        "text": step.text, "label": f"{account['connection']}: {step.name} of {account['user']}", **more,
    }  # fmt: skip


# -- find --------------------------------------------------------------------------------------------------------

FIND = Step("find", "native", "user_info")
PROOF = Step("proof", "native", "user_info")


def _take_find(state: State, answered: list[tuple[Call, Answer]]) -> None:
    """Take in who the person is in each connection. Accounts that were found by two names are one."""
    failed: dict[str, list[str]] = {}
    known: set[tuple[str, str]] = set()
    for call, answer in answered:
        name, error = call["connection"], error_of(answer)
        if error is None:
            for user in answer.get("users") or ():
                if (name, str(user["id"])) not in known:
                    known.add((name, str(user["id"])))
                    _take_account(state, name, user)
        elif answer.get("found") is not False:
            # Modules know nothing of the role, in which id is no option.
            error = error.replace("Say which one with id.", f"Give the ids in offboard_ids.{name}.").replace("use id.", f"use offboard_ids.{name}.")
            if error not in failed.setdefault(name, []):
                failed[name].append(error)
    state["accounts"].sort(key=lambda account: list(state["connections"]).index(account["connection"]))
    for name, about in state["connections"].items():
        place = {"connection": name, "provider": about["provider"]}
        for text in failed.get(name, ()):
            _enter(state, place, FIND, FAILED, text)
        for text in about["taken"]:
            _enter(state, place, FIND, MANUAL, text)
        if not about["taken"] and not failed.get(name) and not any(account["connection"] == name for account in state["accounts"]):
            _enter(state, place, FIND, ALREADY, f"no account: looked for {sought(about)}" if sought(about) else "no account: no name is known here")


def _take_account(state: State, connection: str, user: User) -> None:
    """Take in an account that was found, unless it is known by its id to be somebody else's."""
    about, account = state["connections"][connection], _account(state, connection, user)
    owner = about["others"].get(account["id"])
    if owner is None:
        state["accounts"].append(account)
    else:
        about["taken"].append(left_alone(f"{account['user']} (id {account['id']})", owner, state["person"]["id"], connection))


def _account(state: State, connection: str, user: User) -> State:
    about = state["connections"][connection]
    name = str(user.get(about["key"]) or user.get("user") or f"id {user['id']}")
    return {
        "connection": connection, "provider": about["provider"], "id": str(user["id"]), "user": name, "user_now": user,
        "protected": _protected(name, about["protect"]), "refused": False, "blocked_now": False, "touched": False, "kept": {},
    }  # fmt: skip


def _protected(name: str, patterns: t.Sequence[str]) -> str:
    """Return the pattern that shields an account, empty if none does. What modules do that have no such option is left undone, too."""
    return next((pattern for pattern in patterns if fnmatch.fnmatchcase(fold(name), fold(pattern))), "")


# -- block -------------------------------------------------------------------------------------------------------


def _calls_block(state: State) -> list[Call]:
    """Return the calls that block logins, first those of accounts that need nothing done before."""
    simple: list[Call] = []
    prepared: list[Call] = []
    for number, account in enumerate(state["accounts"]):
        own: list[Call] = []
        for step in _life(account).steps:
            if step.name == "block" and _able(account):
                own.append(_call(account, number, step))
            elif step.name == "block":
                _enter(state, account, step, ALREADY, "the account is deleted" if _is_deleted(account) else "it cannot log in")
            elif step.before:
                own += _calls_of(state, account, number, step)
        (prepared if len(own) > 1 else simple).extend(own)
    return simple + prepared


def _take_steps(state: State, answered: list[tuple[Call, Answer]]) -> None:
    """Take in the answers to steps that change something."""
    for call, answer in answered:
        account = state["accounts"][call["account"]]
        step = Step(call["step"], call["how"], call["module"], text=call["text"])
        error = error_of(answer)
        if error is not None:
            account["refused"] = account["refused"] or bool(answer.get("stopped"))
            _enter(state, account, step, FAILED, error, answer)
            continue
        if step.name == "block":
            account["blocked_now"] = bool(answer.get("changed"))
        more = {"after_block": _is_blocked(state, account)} if step.name == "sessions" else {}
        left = _left(call, answer)
        taken = _without(call.get("held", {}), left)
        if taken or not left:
            detail = " ".join(filter(None, (step.text, shown(taken))))
            _enter(state, account, step, DONE if answer.get("changed") else ALREADY, detail, answer, **more)
        if left:
            account["kept"].update(left)
            _enter(state, account, step, MANUAL, f"{shown(left)} stays: a mapping or provisioning at the provider gives it. Change it there.", answer)


def _without(held: t.Mapping[str, t.Any], left: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return parts of an account without the entries that are left."""
    found = {name: [item for item in value if item not in left.get(name, ())] if isinstance(value, list) else value for name, value in held.items()}
    return {name: value for name, value in found.items() if value not in _NOTHING}


def _left(call: Call, answer: Answer) -> dict[str, t.Any]:
    """Return what the provider did not take away although the call succeeded: what a mapping gives, for example."""
    user = answer.get("user")
    after = user if isinstance(user, dict) else {}
    return {name: after[name] for name in call.get("held", {}) if isinstance(after.get(name), list) and after[name]}


def _is_blocked(state: State, account: State) -> bool:
    """Return whether the login is blocked as far as this run knows."""
    entries = [entry for entry in state["steps"] if _same(entry, account) and entry["step"] == "block"]
    return bool(entries) and all(entry["outcome"] in (DONE, ALREADY) for entry in entries)


def _same(entry: t.Mapping[str, t.Any], account: State) -> bool:
    return (entry.get("connection"), entry.get("id")) == (account["connection"], account["id"])


# -- sessions, tokens, grants ------------------------------------------------------------------------------------


def _calls_steps(state: State) -> list[Call]:
    """Return the calls after the block, each kind for all accounts before the next kind."""
    calls: list[Call] = []
    for name in ("sessions", "tokens", "grants"):
        for number, account in enumerate(state["accounts"]):
            for step in _life(account).steps:
                if step.name == name and not step.before:
                    calls += _calls_of(state, account, number, step)
    return calls


def _calls_of(state: State, account: State, number: int, step: Step) -> list[Call]:
    """Return the calls of one step of one account; where none is needed or possible, the entry says why."""
    held = _held(account, step)
    if step.module is None:
        _enter(state, account, step, MANUAL, step.text)
    elif step.name == "sessions":
        return _calls_sessions(state, account, number, step)
    elif not held:
        _enter(state, account, step, ALREADY, "there is nothing to take away")
    elif _is_deleted(account):
        _enter(state, account, step, MANUAL, f"The account is deleted, so nothing can be taken from it. Whoever restores it brings back {shown(held)}.")
    elif account["refused"]:
        _enter(state, account, step, FAILED, _REFUSED)
    elif account["blocked_now"] and _life(account).takes_all:
        _enter(state, account, step, DONE, f"with the block, {shown(held)}")
    elif step.each:
        name = step.holds[0]
        return [
            _call(account, number, step, options={step.each: item["id"]}, held={name: [item]}, label=f"{account['connection']}: {step.name}, {_name(item)}")
            for item in held[name]
        ]
    else:
        return [_call(account, number, step, held=held)]
    return []


def _calls_sessions(state: State, account: State, number: int, step: Step) -> list[Call]:
    """Return the call that ends sessions. They leave no trace, so only the evidence of an earlier run can say that it has been done."""
    ended = _sessions_ended(state, account) if state["sessions"] == "unproven" and not account["blocked_now"] else None
    if account["refused"] or account["protected"]:
        shield = f"Not attempted: the account is protected by {account['protected']!r} in protect of the connection." if account["protected"] else _REFUSED
        _enter(state, account, step, FAILED, shield)
    elif _is_deleted(account):
        _enter(state, account, step, ALREADY, "the account is deleted")
    elif ended:
        _enter(state, account, step, ALREADY, f"ended at {ended}, after the block, as earlier evidence says")
    else:
        return [_call(account, number, step)]
    return []


def _sessions_ended(state: State, account: State) -> str | None:
    """Return when an earlier run ended the sessions of an account that was blocked then; None if nothing proves it.

    It must have been about the same leaving, and nobody may have logged in since.
    """
    earlier = state["earlier"]
    if earlier.get("left_on") != state["left_on"]:
        return None
    entries = [entry for entry in (*earlier.get("earlier", ()), *earlier.get("steps", ())) if _same(entry, account) and entry.get("after_block")]
    times = [entry["time"] for entry in entries if (entry["step"], entry["outcome"]) == ("sessions", DONE)]
    login = account["user_now"].get("last_login")
    # Both are ISO 8601 in UTC, of which the seconds are compared.
    if not times or (isinstance(login, str) and login[:1].isdigit() and login[:19] > max(times)[:19]):
        return None
    return str(max(times))


# -- proof -------------------------------------------------------------------------------------------------------


def _calls_proof(state: State) -> list[Call]:
    """Return the reads that prove it. An account that nothing was done to was proven when it was found."""
    if state["check"]:
        return []
    for account in state["accounts"]:
        account["pending"] = account["touched"]
        if not account["touched"]:
            _prove(state, account, last=True)
    return _calls_pending(state)


def _calls_pending(state: State) -> list[Call]:
    return [call for number, account in enumerate(state["accounts"]) if account.get("pending") for call in _reads(account, number)]


def _reads(account: State, number: int) -> list[Call]:
    """Return the calls that read an account again, in each place where it can be now."""
    life = _life(account)
    found = []
    for place, options in enumerate(life.places):
        # A list of the deleted is long: an account is searched for in it by its name.
        who = {"id": account["id"]} if place == 0 or account["user"].startswith("id ") else {"user": account["user"]}
        call = _call(account, number, PROOF)
        found.append({**call, "options": {**who, **options, "gather": gathered(life)}})
    return found


def _take_proof(state: State, answered: list[tuple[Call, Answer]]) -> None:
    for number, account in enumerate(state["accounts"]):
        mine = [answer for call, answer in answered if call["account"] == number]
        if not mine:
            continue
        last = state["phase"] != "proof" or not state["wait"]
        users = [user for answer in mine for user in (answer.get("users") or () if error_of(answer) is None else ()) if str(user["id"]) == account["id"]]
        errors = [str(error_of(answer)) for answer in mine if error_of(answer) is not None and answer.get("found") is not False]
        account["pending"] = False
        if errors and last:
            _enter(state, account, PROOF, FAILED, f"It could not be read again. {errors[0]}")
        elif errors:
            account["pending"] = True
        elif not users:
            _enter(state, account, PROOF, DONE, "the account is not there any more")
        elif state["phase"] == "gone":
            _enter(state, account, PROOF, FAILED, "The account was deleted, and is there still.")
        else:
            account["user_now"] = users[0]
            account["pending"] = not _prove(state, account, last)
    if any(account.get("pending") for account in state["accounts"]):
        state["pause"] = state["wait"]


def _prove(state: State, account: State, last: bool) -> bool:
    """Enter what the account as it was read shows. Return False where it is not as it should be, and may be so at a later look."""
    wrong = ["the account can still log in"] if _able(account) else []
    if not _is_deleted(account):
        left = {name: value for step in _life(account).steps for name, value in _held(account, step, kept=False).items()}
        wrong += [f"it still has {shown(left)}"] if left else []
    if wrong and not last:
        return False
    if wrong:
        _enter(state, account, PROOF, FAILED, f"Read again, {' and '.join(wrong)}.")
        return True
    how = "it is deleted and can be restored" if _is_deleted(account) else "it cannot log in and has no grants"
    kept = f", besides {shown(account['kept'])}" if account["kept"] else ""
    _enter(state, account, PROOF, DONE if account["touched"] else ALREADY, f"as read, {how}{kept}")
    return True


# -- delete ------------------------------------------------------------------------------------------------------


def _calls_delete(state: State) -> list[Call]:
    if not state["due"]:
        return []
    calls = []
    for number, account in enumerate(state["accounts"]):
        step = next(step for step in _life(account).steps if step.name == "delete")
        if account["refused"]:
            _enter(state, account, step, FAILED, _REFUSED)
        else:
            calls.append(_call(account, number, step))
    return calls


def _take_delete(state: State, answered: list[tuple[Call, Answer]]) -> None:
    _take_steps(state, answered)
    for call, answer in answered:
        state["accounts"][call["account"]]["pending"] = error_of(answer) is None and not state["check"]


def _no_calls(state: State) -> list[Call]:
    return []


_CALLS: dict[str, t.Callable[[State], list[Call]]] = {
    "block": _calls_block, "steps": _calls_steps, "proof": _calls_proof, "again": _calls_pending, "delete": _calls_delete, "gone": _calls_pending,
}  # fmt: skip
_TAKE: dict[str, t.Callable[[State, list[tuple[Call, Answer]]], None]] = {
    "find": _take_find, "block": _take_steps, "steps": _take_steps, "proof": _take_proof, "again": _take_proof, "delete": _take_delete,
    "gone": _take_proof,
}  # fmt: skip
