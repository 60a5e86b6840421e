# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes what was revoked. Each directory is read once, planned within all limits, written, and read again as
proof."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    GuardError,
    InputError,
    Notice,
    PartialFailure,
    Problem,
    RollcallError,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.protect import matching

from .. import action
from ..access.limits import option_names, strictest
from ..data import Data
from ..session import Entry, Frame, Session, Target, at_once, masker_of, notices_of, open_session, open_sessions
from .closed import ALREADY, DONE, FAILED, INTERRUPTED, MANUAL, REMOVED, RETURNED, Closed
from .directories import directories_of
from .given_again import Again, GivenAgain
from .model import LOGIN, Coverage, Row
from .presence import GONE, PRESENT, UNSAFE, People, Presence, Reviewed
from .progress import Progress

PROOF_WAIT = 5.0
"""Seconds to wait before reading again a grant that the API still shows."""
_NOT_WRITTEN = "accounts of kind break_glass are never written. Revoke {grant} at {provider} as a manual step."
_COMES_WITH = (
    "{grant} comes with {parent} and can only be removed with it. Revoke {parent}, or change what it grants at "
    "{provider}."
)
_DEPENDS = (
    "removing {grant} would also remove {others}, which the decisions keep. "
    "Change the decisions: revoke {others} too, or keep {grant}."
)
_NO_USER = (
    "{account} is not a user, and only accounts of users are written. Revoke {grant} at {provider} as a manual step."
)
_STILL = (
    "the API accepted the removal, but the account still has {grant}: a mapping or provisioning at {provider} may "
    "grant it. Change the mapping or provisioning there, then close the review again."
)


@dataclass(frozen=True)
class RevocationSettings:
    """How revocations are executed. ``limits`` are for connections that do not specify them. With ``stop_on_error``,
    nothing is written anywhere if a connection cannot be read or planned."""

    day: str
    limits: t.Mapping[str, t.Any]
    stop_on_error: bool
    rules: t.Sequence[t.Mapping[str, t.Any]]


@dataclass
class Removal:
    """The removals in one directory: the connections that lead to it, the leader first, and the rows to revoke."""

    members: list[Session]
    rows: list[Row]
    presence: Presence = field(init=False)
    """The rows in the directory before anything is written."""
    targets: dict[str, Target] = field(default_factory=dict)
    pending: list[Row] = field(default_factory=list)
    planned: bool = False
    changed: bool = False
    error: RollcallError | None = None
    errors: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Account id -> code and text of the error while it was written."""
    times: dict[str, str] = field(default_factory=dict)
    """Account id -> time of the last write."""

    @property
    def leader(self) -> Session:
        """Return the connection that reads and writes for all of them."""
        return self.members[0]


class Revocation:
    """Executes revocations.

    ``closed`` are the outcomes of rows, ``failures`` are why whole connections failed.
    """

    def __init__(
        self,
        settings: RevocationSettings,
        rows: t.Sequence[Row],
        earlier: t.Mapping[str, Closed],
        people: People,
        coverage: t.Mapping[str, Coverage],
        reviewed: t.Mapping[str, Reviewed],
        connections: t.Mapping[str, Entry],
        frame: Frame,
        progress: Progress,
    ) -> None:
        """``rows`` are those to revoke, ``earlier`` their outcomes in an earlier run, ``reviewed`` the reviewed grants
        of each connection. ``progress`` records writes. Raises InputError for connections that cannot be opened; in
        that case, nothing was read."""
        self._settings, self._earlier, self._people, self._coverage, self._reviewed = (
            settings, earlier, people, coverage, reviewed,
        )
        self._frame, self._progress = frame, progress
        self._entries = connections
        self._masker = masker_of(connections, frame.defaults)
        self.closed: dict[str, Closed] = {}
        self.failures: dict[str, RollcallError] = {}
        self.sessions = open_sessions(connections, frame)
        directories = directories_of(self.sessions)
        people.memory.share([member.name for member in members] for members in directories)
        self.removals: list[Removal] = []
        for members in directories:
            names = {session.name for session in members}
            mine = [row for row in rows if row.connection in names]
            if mine:
                self.removals.append(Removal(members, mine))

    @property
    def changed(self) -> bool:
        """Return whether anything was written, or would be written in check mode."""
        return any(removal.changed for removal in self.removals)

    def run(self) -> None:
        """Read, plan, write and read again."""
        self._each(self._judge, self.removals)
        self._each(self._plan, [removal for removal in self.removals if removal.error is None])
        failed = [removal.leader.name for removal in self.removals if removal.error is not None]
        for removal in self.removals:
            if removal.error is not None:
                self._fail(removal, removal.error)
            elif failed and self._settings.stop_on_error and removal.targets:
                text = f"was not attempted, because {', '.join(failed)} failed and access_review_on_error is stop."
                self._set_all(removal.pending, Closed(FAILED, text, "not_attempted"))
                removal.planned = False
        ready = [removal for removal in self.removals if removal.planned]
        if self._frame.check:
            for removal in ready:
                self._set_all(removal.pending, Closed(REMOVED))
                removal.changed = True
            return
        if ready:
            self._progress.begin([row.id for removal in ready for row in removal.pending], action.moment())
        self._each(self._write, ready)
        self._prove(ready)

    def _each(self, work: t.Callable[[Removal], None], removals: t.Sequence[Removal]) -> None:
        """Run ``work`` for several directories in parallel. An error only affects its own directory."""
        for removal, (_nothing, error) in zip(removals, at_once(work, removals), strict=True):
            removal.error = error or removal.error

    def _set_all(self, rows: t.Iterable[Row], closed: Closed) -> None:
        for row in rows:
            self.closed[row.id] = closed

    def _fail(self, removal: Removal, error: RollcallError) -> None:
        """Note that a whole connection failed. Rows whose removal an earlier run has proven keep their outcome."""
        for session in removal.members:
            if session is removal.leader or any(row.connection == session.name for row in removal.rows):
                self.failures[session.name] = error
        text = self._text(removal, error.sentence())
        pending = {row.id for row in removal.pending}
        for row in removal.rows:
            if row.id not in self.closed or row.id in pending:
                before = self._before(row)
                failed = Closed(FAILED, text, error.code, attempted=before.attempted)
                self.closed[row.id] = before if before.outcome in DONE else failed

    def _text(self, removal: Removal, text: str) -> str:
        return self._masker.text(removal.leader.context.masker.text(text))

    def _before(self, row: Row) -> Closed:
        """Return the outcome of a row in an earlier run, empty if there is none."""
        return self._earlier.get(row.id, Closed(""))

    # -- what there is to do -----------------------------------------------------------------------------------------

    def _judge(self, removal: Removal) -> None:
        """Read a directory, and decide what to do about each row."""
        leader = removal.leader
        presence = Presence(
            leader, self._coverage.get(leader.name), self._people, self._reviewed.get(leader.name)
        )
        presence.load(removal.rows)
        removal.presence = presence
        open_rows = []
        for row in removal.rows:
            closed = self._settled(row, presence)
            if closed is not None:
                self.closed[row.id] = closed
            else:
                open_rows.append(row)
        own = [row for row in open_rows if row.revocable]
        parents = Parents(own)
        revoked = {(row.account_id, row.facet, row.grant_id) for row in own}
        for row in open_rows:
            parent = parents.of(row)
            depending = presence.depending(row, revoked)
            if depending:
                text = _DEPENDS.format(grant=row.grant_name, others=", ".join(depending))
                self.closed[row.id] = Closed(FAILED, text, "contradiction")
            elif not row.revocable and parent is None:
                self.closed[row.id] = self._manual(row, presence)
            else:
                removal.pending.append(row)

    def _manual(self, row: Row, presence: Presence) -> Closed:
        """Return the outcome of a row whose grant can only be removed together with something else."""
        if presence.is_no_user(row):
            text = _NO_USER.format(account=row.via_name, grant=row.label, provider=row.provider)
            return Closed(MANUAL, text, "no_user")
        parent = row.via_name or "another grant"
        text = _COMES_WITH.format(grant=row.label, parent=parent, provider=row.provider)
        return Closed(MANUAL, text, "comes_with_another")

    def _settled(self, row: Row, presence: Presence) -> Closed | None:
        """Return the outcome of a row that needs no write, or None if its grant is to be removed."""
        before, state = self._before(row), presence.of(row)
        if state.state == GONE:
            return self._gone(before, state.text)
        if before.outcome in DONE and state.code == "id_reused":
            return before  # a grant that was removed from one account is not the grant of another
        if before.outcome == RETURNED:
            return replace(before, code="returned")
        if before.outcome in DONE:
            text = f"it was removed at {before.time}, and exists again. Open a new review to decide about it."
            return replace(before, outcome=RETURNED, detail=text, code="returned")
        if state.state == UNSAFE:
            return Closed(FAILED, state.text, state.code)
        account = presence.account(row)
        if account is not None and self._people.never_written(row, account):
            return Closed(MANUAL, _NOT_WRITTEN.format(grant=row.label, provider=row.provider), "break_glass")
        return None

    def _gone(self, before: Closed, why: str) -> Closed:
        """Return the outcome of a row whose grant no longer exists. ``before`` is its outcome in an earlier run."""
        if before.outcome == RETURNED:
            return replace(before, outcome=REMOVED, detail="", code="")
        if before.outcome in DONE:
            return before
        if before.attempted:
            return Closed(REMOVED, "", time=before.attempted)
        return Closed(ALREADY, before.detail if before.code == INTERRUPTED else why, time=action.moment())

    # -- planning ----------------------------------------------------------------------------------------------------

    def _plan(self, removal: Removal) -> None:
        """Plan a directory. Accounts that are refused individually fail and are left out. Any other refusal concerns
        the whole directory."""
        by_account: dict[str, list[Row]] = {}
        for row in removal.pending:
            by_account.setdefault(row.account_id, []).append(row)
        removal.targets = {
            identity: self._target(removal, rows)
            for identity, rows in by_account.items()
            if any(row.revocable for row in rows)
        }
        leader = removal.leader
        size = len(leader.snapshot.accounts) if leader.snapshot is not None else 0
        settled = strictest(removal.members, size)
        settled.update(unlisted="ignore", plan_digest=None, on_error="continue")
        spared = [name for session in removal.members for name in self._people.spared(session.name)]
        names = option_names(removal.members, settled, self._settings.limits, (), "access_review_")
        while removal.targets and not removal.planned:
            try:
                leader.plan(list(removal.targets.values()), self._settings.limits, spared, settled, names)
                removal.planned = True
            except (GuardError, InputError) as error:
                refused = _refused(error, removal.targets, settled["protect"])
                if not refused:
                    raise
                for identity, text in refused.items():
                    del removal.targets[identity]
                    self._set_all(by_account[identity], Closed(FAILED, self._text(removal, text), error.code))
                removal.pending = [row for row in removal.pending if row.account_id not in refused]

    def _target(self, removal: Removal, rows: t.Sequence[Row]) -> Target:
        """Return the target of one account: it has none of the revoked grants."""
        account = removal.presence.account(rows[0])
        name = account.name if account is not None else ""
        life = removal.leader.life
        options: dict[str, t.Any] = {**({"user": name} if name else {}), "id": rows[0].account_id}
        for facet in dict.fromkeys(row.facet for row in rows if row.revocable and row.facet != LOGIN):
            grants = [removal.presence.grant(row) for row in rows if row.revocable and row.facet == facet]
            options.update({facet: [], f"{facet}_state": "managed", f"managed_{facet}": grants})
        if any(row.facet == LOGIN for row in rows):
            options.update(life.blocked)
        return Target(rows[0].person, f"{name or rows[0].account} (id {rows[0].account_id})", options)

    # -- writing and proof -------------------------------------------------------------------------------------------

    def _write(self, removal: Removal) -> None:
        """Execute a plan, and note the errors of each account."""

        def written(identity: str) -> None:
            removal.times[identity] = action.moment()
            self._progress.note_written(
                [row.id for row in removal.pending if row.account_id == identity], removal.times[identity]
            )

        removal.leader.directory.on_written = written
        try:
            removal.changed = bool(removal.leader.apply().get("changed"))
        except PartialFailure as error:
            removal.changed = bool(error.report.get("changed"))
            identities = list(removal.targets)
            for entry in error.report.get("errors") or ():
                index = entry.get("index")
                if isinstance(index, int) and 0 <= index < len(identities):
                    text = self._text(removal, str(entry.get("message") or error.message))
                    removal.errors.setdefault(identities[index], (str(entry.get("code") or error.code), text))
            first: dict[str, t.Any] = next(iter(error.report.get("errors") or ()), {})
            rest = self._text(removal, f"because {first.get('user')} failed: {first.get('message') or error.message}")
            waiting = set(error.report.get("not_attempted") or ())
            for identity, target in removal.targets.items():
                if target.options.get("user", f"id {identity}") in waiting:
                    removal.errors.setdefault(identity, ("not_attempted", f"was not attempted, {rest}"))
        except RollcallError as error:
            for identity in removal.targets:
                removal.errors[identity] = (error.code, self._text(removal, error.sentence()))

    def _prove(self, removals: t.Sequence[Removal]) -> None:
        """Read what was written again. If the API still shows removed grants, read once more after a pause."""
        open_removals = list(removals)
        for last in (False, True):
            fresh = [
                (removal, open_session(removal.leader.name, self._entries[removal.leader.name], self._frame))
                for removal in open_removals
            ]
            outcomes = at_once(self._read_again, fresh)
            waiting = []
            for removal, (presence, error) in zip(open_removals, outcomes, strict=True):
                if presence is None:
                    if last:
                        self._unproven(removal, error or RollcallError("The directory gave no answer."))
                    else:
                        waiting.append(removal)
                elif not self._settle(removal, presence, last):
                    waiting.append(removal)
            open_removals = waiting
            if not open_removals:
                return
            if not last:
                open_removals[0].leader.connection.clock.sleep(PROOF_WAIT)

    def _read_again(self, fresh: tuple[Removal, Session]) -> Presence:
        """Return the rows of a directory, as a new connection shows them."""
        removal, session = fresh
        presence = Presence(session, self._coverage.get(session.name), self._people)
        presence.load(removal.pending)
        return presence

    def _time(self, removal: Removal, row: Row) -> str:
        """Return when the account of a row was written. If no write was necessary, return the current time."""
        return removal.times.get(row.account_id) or action.moment()

    def _unproven(self, removal: Removal, error: RollcallError) -> None:
        """Note that the removal of grants could not be verified.

        If the API accepted the removal, a later run can report the time from which they are gone.
        """
        text = self._text(removal, error.sentence())
        for row in removal.pending:
            if row.account_id in removal.errors:
                code, reason = removal.errors[row.account_id]
                self.closed[row.id] = Closed(FAILED, reason, code)
            else:
                detail = (
                    f"the API accepted the removal, but the account could not be read again: {text} Close the review "
                    "again."
                )
                self.closed[row.id] = Closed(FAILED, detail, error.code, attempted=self._time(removal, row))

    def _settle(self, removal: Removal, presence: Presence, last: bool) -> bool:
        """Note the outcome of each row.

        Return False if a removed grant still exists, unless this is the last read.
        """
        states = {row.id: presence.of(row) for row in removal.pending}
        if not last and any(
            states[row.id].state == PRESENT and row.account_id not in removal.errors for row in removal.pending
        ):
            return False
        for row in removal.pending:
            state = states[row.id]
            code, text = removal.errors.get(row.account_id, ("", ""))
            if state.state == GONE:
                detail = (
                    removal.presence.renamed(row) if row.revocable
                    else f"removed with {row.via_name}, which included it"
                )
                self.closed[row.id] = Closed(REMOVED, detail, time=self._time(removal, row))
            elif text:
                self.closed[row.id] = Closed(FAILED, text, code, attempted=self._before(row).attempted)
            elif state.state == UNSAFE:
                self.closed[row.id] = Closed(FAILED, state.text, state.code)
            else:
                label = "its login" if row.facet == LOGIN else row.grant_name
                self.closed[row.id] = Closed(FAILED, _STILL.format(grant=label, provider=row.provider), "not_applied")
        return True

    def notices(self) -> list[Notice]:
        """Return the warnings of all connections, without secrets."""
        return [notice for session in self.sessions for notice in notices_of(session, self._masker)]

    def masked(self, name: str, text: str) -> str:
        """Return a text about a connection without secrets."""
        session = next(session for session in self.sessions if session.name == name)
        return self._masker.text(session.context.masker.text(text))

    # -- what comes back ---------------------------------------------------------------------------------------------

    def given_again(self, data: Data) -> dict[str, Again]:
        """Return for each row to revoke what would grant it again, if its directory could be read."""
        again: dict[str, Again] = {}
        for removal in self.removals:
            if removal.error is not None and removal.leader.snapshot is None:
                continue
            finder = GivenAgain(removal.members, data, self._settings.rules, self._settings.day)
            parents = Parents(removal.rows)
            for row in removal.rows:
                again[row.id] = finder.of(row, parents.of(row))
        return again


class Parents:
    """Finds the parent rows of inherited grants."""

    def __init__(self, rows: t.Iterable[Row]) -> None:
        self._rows = {
            (row.connection, row.account_id, row.grant_id): row for row in rows if row.revocable and row.grant_id
        }

    def of(self, row: Row) -> Row | None:
        """Return the row of the parent grant, or None if the rows do not contain it or the account has the grant
        directly."""
        return None if row.revocable else self._rows.get((row.connection, row.account_id, row.via_id))


def _protected(name: str, text: str, protect: t.Sequence[str], option: str) -> str:
    """Return why nothing is removed from a protected account, and what to do. ``text`` is the planner's reason."""
    pattern = next(iter(matching(tuple(protect), name)), None)
    if pattern is None:
        return f"{text} Such accounts lose nothing. Decide to keep the grants."
    return f"{name} is protected by {pattern!r}, so its grants stay. Decide to keep them, or change {option}."


def _refused(
    error: GuardError | InputError, targets: t.Mapping[str, Target], protect: t.Sequence[str]
) -> dict[str, str]:
    """Return the accounts that alone cause a refusal, each with the reason; empty if the directory as a whole is
    refused."""
    if isinstance(error, GuardError):
        if error.code != "protected":
            return {}
        texts = {str(entry.get("user") or ""): str(entry.get("message") or "") for entry in error.errors()}
        names = {identity: str(target.options.get("user") or f"id {identity}") for identity, target in targets.items()}
        return {
            identity: _protected(name, texts[name], protect, error.option)
            for identity, name in names.items()
            if name in texts
        }
    refused: dict[str, str] = {}
    for identity, target in targets.items():
        mine = [problem for problem in error.problems if isinstance(problem, Problem) and problem.place == target.label]
        if mine:
            refused[identity] = " ".join(problem.text for problem in mine)
    return refused
