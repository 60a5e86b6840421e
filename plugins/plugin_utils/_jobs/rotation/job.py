# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rotation of tokens in steps. It is ``identity_token_rotation`` without Ansible.

The user's own tasks deliver a token, so the rotation returns to the playbook between ``make`` and ``prove``.
"""

from __future__ import annotations

import contextlib
import time
import typing as t
from dataclasses import asdict, fields, replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Notice, Problem

from ..action import today
from ..calls import Answer, Caller, ModuleCall, error_of
from ..check import connection_problems, day_problems
from ..life import life_of
from ..session import Entry as ConnectionEntry
from ..session import Frame, declared, settled_params
from .entries import OPTION, Reader, place_of
from .model import LOOK, Entry, NewToken, Outcome, Planned, Proof, Step
from .old_files import keep_owner, old_file, put_back, token_in
from .play import Play
from .steps import YOUNG, final, is_unused, is_young, kept_too_long, outcome, proof_of, step, still_due

Result = dict[str, t.Any]


def run_rotation(
    params: t.Mapping[str, t.Any],
    frame: Frame,
    play: Play,
    sleep: t.Callable[[float], None] = time.sleep,
) -> Result:
    """Return the result of one step of a rotation.

    Raises InputError with all problems; in that case, nothing was sent.
    """
    _require(params)
    rotation = Rotation(params, frame, play, sleep)
    steps: dict[str, t.Callable[[], Result]] = {
        "check": rotation.check, "plan": rotation.plan, "make": rotation.make, "prove": rotation.prove,
        "finish": rotation.finish,
    }
    return steps[params["step"]]()


_REQUIRED = {"make": ("planned",), "prove": ("planned", "made"), "finish": ("plan",)}
"""Options that a step requires beside ``connections``."""


def _require(params: t.Mapping[str, t.Any]) -> None:
    problems = [
        Problem(f"{name} is missing: step={params['step']} requires it.", "missing_option", option=name)
        for name in _REQUIRED.get(params["step"], ())
        if params.get(name) is None
    ]
    if problems:
        raise InputError(problems)


class Rotation:
    """The steps of a rotation. Only the result of ``make`` contains a token."""

    def __init__(
        self, params: t.Mapping[str, t.Any], frame: Frame, play: Play, sleep: t.Callable[[float], None]
    ) -> None:
        self._params, self._frame, self._play, self._sleep = params, frame, play, sleep
        self._connections: t.Mapping[str, ConnectionEntry] = params["connections"]

    def check(self) -> Result:
        """Return the task files that receive tokens. Raises InputError with all problems of the input."""
        files = [entry.deliver for entry in self._entries() if entry.deliver]
        return {"changed": False, "task_files": list(dict.fromkeys(files))}

    def plan(self) -> Result:
        """Return what happens to each token, as ``plan``. Nothing is written.

        Raises InputError with all problems of the input, and if two entries are the same token.
        """
        entries = self._entries()
        caller = Caller(self._connections, replace(self._frame, check=True))
        due = caller.answers([ModuleCall(entry.connection, entry.module, entry.present) for entry in entries])
        due = [self._explained(entry, answer) for entry, answer in zip(entries, due, strict=True)]
        problems = _same_tokens(entries, due, caller.directories(dict.fromkeys(entry.connection for entry in entries)))
        if problems:
            raise InputError(problems)
        steps: list[Step] = [step(answer) for answer in due]
        unsure = [number for number, current in enumerate(steps) if current.action == LOOK]
        listed = caller.answers([_listing(entries[number]) for number in unsure])
        unused = [number for number in unsure if is_unused(due[number])]
        aged = caller.answers([_of_age(entries[number]) for number in unused])
        young = {number for number, answer in zip(unused, aged, strict=True) if is_young(due[number], answer)}
        for number, answer in zip(unsure, listed, strict=True):
            steps[number] = step(due[number], answer, number in young, self._module(entries[number]))
        plan = [Planned(entry, current).document() for entry, current in zip(entries, steps, strict=True)]
        wrong = () if self._frame.check else _OF_CHECK_MODE
        pairs = [*zip(entries, due, strict=True)]
        pairs += zip([entries[number] for number in unsure], listed, strict=True)
        return {"changed": False, "plan": plan, **_warnings(pairs, wrong)}

    def make(self) -> Result:
        """Create one token and return it as ``secret``, with the earlier content of the file."""
        entry = self._planned().entry
        file = old_file(entry.dest) if entry.dest else None
        options = {**entry.make, **({"dest": entry.dest} if entry.dest else {})}
        answer = self._caller().answer(ModuleCall(entry.connection, entry.module, options))
        new_token = NewToken(error=error_of(answer), file=file)
        if not new_token.error and not self._frame.check:
            secret = str(answer.get("secret") or "") or token_in(entry.dest)
            new_token = replace(new_token, token_id=str((answer.get("token") or {}).get("id") or ""), secret=secret)
            if file is not None and file.exists:
                with contextlib.suppress(OSError):
                    keep_owner(entry.dest, file)
        pairs = [(entry, answer)]
        return {"changed": bool(answer.get("changed")), **new_token.document(), **_warnings(pairs)}

    def prove(self) -> Result:
        """Try the new token after its delivery.

        If it did not arrive or does not work, revoke it and restore the file.
        """
        planned, new_token = self._planned(), NewToken.of(self._params["made"])
        proof = self._proof(planned.entry, new_token)
        answers: list[Answer] = []
        if proof.is_useless:
            proof, answers = self._taken_back(planned.entry, new_token, proof)
        result = outcome(planned, new_token, proof)
        return {
            "changed": bool(answers),
            "outcome": {"number": planned.entry.number, **asdict(result)},
            **_warnings((planned.entry, answer) for answer in answers),
        }

    def finish(self) -> Result:
        """Revoke older tokens and return the outcome of each entry, as ``tokens``."""
        plan = [Planned.of(document) for document in self._params["plan"]]
        self._known([planned.entry for planned in plan])
        outcomes = dict(map(_outcome, self._params["outcomes"]))
        caller, lines = self._caller(), []
        pairs: list[tuple[Entry, Answer]] = []
        for planned in plan:
            entry, current = planned.entry, planned.step
            if current.revoke and not self._frame.check:  # right before they are revoked
                current = still_due(current, caller.answer(_listing(entry)))
            answers = caller.answers([_revocation(entry, identity) for identity in current.revoke])
            revoked = dict(zip(current.revoke, map(error_of, answers), strict=True))
            result = final(replace(planned, step=current), outcomes.get(entry.number), revoked, self._frame.check)
            lines.append(result.line(entry))
            pairs += [(entry, answer) for answer in answers]
        changed = any(answer.get("changed") for _entry, answer in pairs)
        return {"changed": changed, "tokens": lines, **_warnings(pairs)}

    # -- what the steps share ------------------------------------------------------------------------------------------

    def _entries(self) -> list[Entry]:
        """Return the entries of the list. Raises InputError with all problems, before any API call."""
        params, frame = self._params, self._frame
        problems = day_problems(today(params["as_of"], ""))
        of_connections = connection_problems(self._connections)
        problems += of_connections
        if self._connections:
            reader = Reader(params, frame)
            problems += reader.problems
            if not of_connections:
                problems += _option_problems(reader.entries, self._connections, frame)
            problems += self._play.problems(reader.delivers)
        if problems:
            raise InputError(problems)
        return reader.entries

    def _planned(self) -> Planned:
        planned = Planned.of(self._params["planned"])
        self._known([planned.entry])
        return planned

    def _known(self, entries: t.Sequence[Entry]) -> None:
        """Raise InputError if the connections are invalid, or do not contain one that the plan names."""
        problems = connection_problems(self._connections)
        if not problems:
            names = dict.fromkeys(entry.connection for entry in entries if entry.connection not in self._connections)
            problems = [
                Problem(
                    f"connections: the plan names the connection {name}, which is missing here. Add the connection, "
                    "or run step=plan again.",
                    "unknown_connection",
                    option="connections",
                )
                for name in names
            ]
        if problems:
            raise InputError(problems)

    def _caller(self) -> Caller:
        return Caller(self._connections, self._frame)

    def _proof(self, entry: Entry, new_token: NewToken) -> Proof:
        """Return whether a new token arrived and works."""
        if new_token.error or self._frame.check:
            return Proof()
        if self._params["broken"]:
            return Proof(broken=self._params["broken"])
        return self._tried(entry, new_token.secret) if new_token.secret else Proof(unreadable=True)

    def _tried(self, entry: Entry, secret: str) -> Proof:
        """Return the result of reading with a token.

        A server may need a moment to accept a new token, so a refused token is tried again.
        """
        owner = _with_token(self._connections[entry.connection], entry.credential, secret)
        # ``expected_account`` of the connection is the account that rotates tokens, not the owner of this one.
        call = ModuleCall(entry.connection, entry.info, {**entry.who, "expected_account": None})
        proof = proof_of(Caller({entry.connection: owner}, self._frame).answer(call))
        if not proof.refused:
            return proof
        if self._params["wait"] > 0:
            self._sleep(self._params["wait"])
        return proof_of(Caller({entry.connection: owner}, self._frame).answer(call))

    def _taken_back(self, entry: Entry, new_token: NewToken, proof: Proof) -> tuple[Proof, list[Answer]]:
        """Revoke a token that was just created, and restore its file.

        The owner loses nothing that existed before this run.
        """
        answer = self._caller_before(entry, new_token).answer(_revocation(entry, new_token.token_id, protect=[]))
        restored, owner = (False, "") if new_token.file is None else put_back(entry.dest, new_token.file)
        return replace(proof, stays=error_of(answer), restored=restored, owner=owner), [answer]

    def _caller_before(self, entry: Entry, new_token: NewToken) -> Caller:
        """Return a caller whose connection logs in as before a new token was created.

        A connection may read its own token from the file of the entry, which contains the new token now.
        """
        connection = self._connections[entry.connection]
        name = f"{connection['provider']}_{entry.info}"
        old = new_token.file and new_token.file.content
        try:
            params = settled_params(name, declared(name), connection, entry.who, self._frame)
        except InputError:
            return self._caller()  # which reports what is wrong
        if not old or not new_token.secret or params.get(entry.credential) != new_token.secret:
            return self._caller()
        expected = {name: value for name, value in connection.items() if name == "expected_account"}
        before = _with_token(connection, entry.credential, old.decode("utf-8", "replace").strip())
        return Caller({entry.connection: {**before, **expected}}, self._frame)

    def _module(self, entry: Entry) -> str:
        """Return the name of the module that creates and revokes tokens."""
        return f"{self._connections[entry.connection]['provider']}_{entry.module}"

    def _explained(self, entry: Entry, answer: Answer) -> Answer:
        """Return an answer whose warnings fit an entry, whose options are not those of the module."""
        text = kept_too_long(answer, entry.present)
        details = list(answer.get("warning_details") or ())
        for number, detail in enumerate(details):
            if detail["code"] == "unclear_times":
                more = f" The options state, token_id and rotate are those of {self._module(entry)}."
                details[number] = {**detail, "message": detail["message"] + more}
        if text:
            details.append(Notice("token_outlives_max_age", text).facts())
        return {**answer, "warning_details": details, "warnings": [detail["message"] for detail in details]}


def _option_problems(
    entries: t.Sequence[Entry], connections: t.Mapping[str, ConnectionEntry], frame: Frame
) -> list[Problem]:
    """Return the problems of the modules' options: those from the list, the connections and the environment."""
    problems: list[Problem] = []
    for entry in entries:
        connection = connections[entry.connection]
        module = f"{connection['provider']}_{entry.module}"
        place = place_of(entry.number, entry.connection, entry.name)
        try:
            settled_params(module, declared(module), connection, entry.present, frame)
        except InputError as error:
            for problem in error.problems:
                of_entry = not problem.option or problem.option.partition(".")[0].partition("[")[0] in entry.present
                where = place if of_entry else f"identity_connections.{entry.connection}"
                problems.append(Problem(problem.text, problem.code, where, problem.option))
    return problems


def _listing(entry: Entry) -> ModuleCall:
    """Return the call that lists the tokens of an entry."""
    return ModuleCall(entry.connection, entry.info, {**entry.who, "name": entry.name})


def _of_age(entry: Entry) -> ModuleCall:
    """Return the call that shows, in check mode, whether the current token of an entry is older than ``YOUNG``."""
    rules = {"name": entry.name, "state": "present", "rotate": "expired", "rotate_after": YOUNG}
    return ModuleCall(entry.connection, entry.module, {**entry.who, **rules})


def _revocation(entry: Entry, identity: str, **options: t.Any) -> ModuleCall:
    """Return the call that revokes a token of an entry."""
    return ModuleCall(
        entry.connection, entry.module, {**entry.who, "state": "absent", "token_id": identity, **options}
    )


def _same_tokens(
    entries: t.Sequence[Entry], due: t.Sequence[Answer], directories: t.Mapping[str, str]
) -> list[Problem]:
    """Return a problem for each entry whose token is also that of an earlier one.

    Only the answers show this: two entries can name the owner differently, or use two connections to one directory.
    """
    problems: list[Problem] = []
    first: dict[tuple[str, str, str], Entry] = {}
    for entry, answer in zip(entries, due, strict=True):
        owner = (answer.get("user") or {}).get("id")
        if not owner:
            continue
        key = (directories.get(entry.connection, entry.connection), str(owner), entry.name)
        other = first.setdefault(key, entry)
        if other is not entry:
            places = [place_of(each.number, each.connection, each.name) for each in (entry, other)]
            text = f"{' is the same token as '.join(places)}: its owner is {entry.owner}, whose ID is {owner}."
            text += " Remove one of them. Nothing was changed."
            problems.append(Problem(text, "duplicate_entry", option=OPTION))
    return problems


def _with_token(connection: ConnectionEntry, credential: str, secret: str) -> dict[str, t.Any]:
    """Return a connection with a token as its only credential."""
    ours = {*life_of(connection["provider"]).credentials, "expected_account"}
    return {
        **{name: value for name, value in connection.items() if name not in ours},
        "credentials": {credential: secret},
    }


_DECIDED = ("token_in_use",)
"""Codes of warnings of the module that the rotation replaces: it decides itself which tokens are in use."""
_OF_CHECK_MODE = ("missing_in_check_mode",)
"""Codes of warnings that are wrong outside of check mode, in which the plan calls the module."""


def _warnings(answers: t.Iterable[tuple[Entry, Answer]], without: t.Container[str] = ()) -> Result:
    """Return the warnings of some answers, without duplicates and those of some codes. Each names its entry."""
    details = [
        {**detail, "message": f"{entry.connection}: {entry.owner}: {entry.name}: {detail['message']}"}
        for entry, answer in answers for detail in answer.get("warning_details") or ()
        if detail["code"] not in without and detail["code"] not in _DECIDED
    ]
    texts = list(dict.fromkeys(detail["message"] for detail in details))
    return {"warnings": texts, "warning_details": details} if texts else {}


def _outcome(document: t.Any) -> tuple[int, Outcome]:
    """Return the number of an entry and its outcome from the result of ``prove``. Raises InputError."""
    names = {field.name for field in fields(Outcome)}
    if not isinstance(document, dict) or set(document) != {"number", *names}:
        raise InputError(
            [Problem("outcomes: specify what step=prove returned as outcome.", "invalid_value", option="outcomes")]
        )
    return int(document["number"]), Outcome(**{name: document[name] for name in names})
