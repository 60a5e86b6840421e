# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job: read every directory once, plan all of them, and write only what is planned and within all limits."""

from __future__ import annotations

import functools
import hashlib
import json
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    NOTHING_WRITTEN,
    GuardError,
    InputError,
    Notice,
    PartialFailure,
    Problem,
    RollcallError,
    Unexpected,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import limit_of
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Result
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted, joined

from ..entitlements import Entitlement, facets_to_read
from ..links import Hold, Memory, row_digest
from ..links_warnings import foreign_links
from ..people import Person, writable
from ..session import (
    Entry,
    Frame,
    Session,
    Target,
    at_once,
    attempt,
    leaders_of,
    masker_of,
    notices_of,
    open_sessions,
)
from .causes import by_cause
from .changes import changes_of, counts_of, losses_of, mails_of, refused_changes, standing_state, with_people
from .desired import Desires
from .intent import Intent, Settings, adoptions, confirmable
from .limits import option_names, strictest
from .meanwhile import crossed, held_people, withhold
from .merge import merged
from .model import APPLIED, FAILED, PARTLY, REFUSED, AccessReport, Finding, Part
from .refused import plan_without_refused

_FEW = 20
"""The number of accounts that a run may create, unblock or rename in any connection that specifies no limit, even in a
small directory."""
_NAMED = 25
"""The number of failures of a connection that are reported by name; the report contains all."""
_SHARE = 10
"""The percentage of a directory that a run may change if that is more than ``_FEW``."""


@dataclass(frozen=True)
class AccessOptions:
    """The options of an access run. With ``apply``, the run writes; ``digest`` is that of an approved plan. ``limits``
    are options of the bulk module for connections that do not specify them. ``adopt_limit`` is a number or percentage,
    or None to adopt none. ``complete`` is whether all people in the feed could be read. ``goes_on`` is whether the run
    continues without the people whose data is invalid."""

    apply: bool
    digest: str
    unlisted: str
    stop_on_error: bool
    limits: t.Mapping[str, t.Any]
    adopt_limit: str | None
    settings: Settings
    complete: bool
    goes_on: bool


class AccessRun:
    """One run over some connections. Applying the plans updates ``memory``; the caller saves it."""

    def __init__(
        self,
        options: AccessOptions,
        people: t.Sequence[Person],
        entitlements: t.Mapping[str, Entitlement],
        memory: Memory,
        connections: t.Mapping[str, Entry],
        frame: Frame,
        moment: t.Callable[[], str],
        holds: t.Callable[[], list[Hold]],
    ) -> None:
        """``holds`` reads the holds that other runs have written since this run began."""
        self._options, self._people, self._entitlements, self._memory = options, people, entitlements, memory
        self._frame, self._moment, self._holds = frame, moment, holds
        self._masker = masker_of(connections, frame.defaults)
        self._sessions = open_sessions(connections, frame)
        self._leaders = leaders_of(self._sessions)
        self._leading = [session for session in self._sessions if self._leaders[session.name] is session]
        """The first connection to each directory."""
        memory.share([member.name for member in self._members(leader)] for leader in self._leading)
        self._desires: dict[str, Desires] = {}
        self._intents: dict[str, Intent] = {}
        self._results: dict[str, dict[str, t.Any]] = {}
        self._failures: dict[str, RollcallError] = {}
        self._unread: dict[str, dict[str, RollcallError]] = {}
        """Leader -> id of an account whose grants could not be read -> the error."""
        self._withheld: dict[str, list[Finding]] = {}
        self._labels = {person.id: person.label for person in people}

    def run(self, report: AccessReport) -> AccessReport:
        """Read, plan, and write if ``apply`` is set. Return the report, which is complete whatever the outcome."""
        report.begun = self._moment()
        self._read()
        self._plan()
        self._describe(report)
        report.digest = self._digest()
        refusal = self._refusal(report) if self._options.apply else None
        if self._failures or refusal:
            report.outcome = REFUSED
        if refusal:
            report.failed.insert(0, refusal)
        elif self._options.apply:
            self._apply()
            report.outcome = self._outcome()
            self._describe(report)
            self._note_crossed(report)
            if not self._frame.check:
                self._remember(report)
        report.ended = self._moment()
        return report

    # -- reading and planning ----------------------------------------------------------------------------------------

    def _members(self, leader: Session) -> list[Session]:
        """Return the connections that lead to the leader's directory, the leader first."""
        return [session for session in self._sessions if self._leaders[session.name] is leader]

    def _intents_of(self, leader: Session) -> list[Intent]:
        """Return the intents of the connections that lead to the leader's directory and could be read."""
        return [self._intents[member.name] for member in self._members(leader) if member.name in self._intents]

    def _facets(self, leader: Session) -> list[str]:
        return sorted(
            {
                facet for member in self._members(leader)
                for facet in facets_to_read(self._entitlements, member.name, member.life, member.params)
            }
        )

    def _read(self) -> None:
        """Read the directory of each leader and match its accounts, all in parallel."""

        def read(session: Session) -> None:
            facets = self._facets(session)
            session.read(facets)
            # The name in a confirmed account decides who owns the account. Some lists omit names.
            session.load(sorted(self._options.settings.adopt), facets)
            matched: set[str] = set()
            for member in self._members(session):
                desires = self._desires[member.name] = self._matched(member, session)
                matched |= desires.matched()
            self._unread[session.name] = session.load_each(sorted(matched), facets)

        for session, (_nothing, error) in zip(self._leading, at_once(read, self._leading), strict=True):
            if error is not None:
                self._failures.update({other.name: error for other in self._members(session)})

    def _matched(self, session: Session, leader: Session) -> Desires:
        """Return the object that computes the desired state of a connection, with the accounts matched."""
        accounts = leader.accounts()
        limit = limit_of(self._options.adopt_limit, len(accounts))
        settings = replace(self._options.settings, adopt_limit=limit)
        connection = (session.name, session.entry, session.life, session.params)
        siblings = [(member.name, member.params) for member in self._members(leader) if member is not session]
        return Desires(
            self._people, self._entitlements, self._memory, settings, connection, accounts, siblings,
            lambda: leader.life.can_block(leader.connection),
        )

    def _plan(self) -> None:
        """Compute the desired state of each connection, and plan each directory."""
        for session in self._sessions:
            if session.name not in self._failures:
                intent, error = attempt(functools.partial(self._intent, session))
                if error is not None:
                    self._failures[session.name] = error
                elif intent is not None:
                    self._intents[session.name] = intent
        leaders = [session for session in self._leading if session.name in self._intents]
        for session, (_nothing, error) in zip(leaders, at_once(self._plan_one, leaders), strict=True):
            if error is not None:
                self._failures[session.name] = error

    def _intent(self, session: Session) -> Intent:
        intent = self._desires[session.name].intent()
        size = len(self._leaders[session.name].accounts())
        limit = limit_of(self._options.adopt_limit, size)
        if limit is not None and len(intent.doubtful) > limit:
            names = "; ".join(confirmable(doubt) for doubt in intent.doubtful[:_NAMED])
            more = f"; and {len(intent.doubtful) - _NAMED} more" if len(intent.doubtful) > _NAMED else ""
            raise InputError(
                Problem(
                    f"{counted(len(intent.doubtful), 'account')} with an uncertain owner would be adopted, and "
                    f"access_adopt_limit is {self._options.adopt_limit}: {names}{more}.",
                    "adopt_limit",
                    session.place,
                    "access_adopt_limit",
                ),
                f"Confirm individual accounts by their IDs, such as access_adopt: [{intent.doubtful[0].account_id}], "
                "or raise access_adopt_limit.",
            )
        return intent

    def _plan_one(self, leader: Session) -> None:
        """Plan the directory of a leader, without the changes of people whose values the provider refuses."""
        members, intents = self._members(leader), self._intents_of(leader)
        targets = merged([intent.targets for intent in intents])
        people = {person.id: person for person in self._people}
        try:
            plan_without_refused(
                members, targets, people, self._options.goes_on,
                lambda some, left_out: self._plan_targets(leader, some, left_out), self._unread[leader.name],
            )
        except GuardError as error:
            raise with_people(error, leader, intents, self._labels) from None
        except InputError as error:
            desires = [self._desires[member.name] for member in members]

            def granting(facet: str, grant: t.Any) -> list[tuple[str, str]]:
                return sorted({each for desired in desires for each in desired.granting(facet, grant)})

            retired = {name for name, entitlement in self._entitlements.items() if entitlement.retired}
            raise InputError(by_cause(error.problems, targets, granting, retired), error.hint, error.code) from None

    def _plan_targets(self, leader: Session, targets: t.Sequence[Target], left_out: t.Sequence[str]) -> None:
        """Plan some targets within the limits of all connections to the directory. ``left_out`` are the names of
        accounts whose changes the targets do not contain."""
        members = self._members(leader)
        size = len(leader.snapshot.accounts) if leader.snapshot is not None else 0
        few = str(max(_FEW, size * _SHARE // 100))
        # A small directory has no create_limit: few people can have an account already and get a second one.
        create = few if size > _FEW else None
        fallback = {"create_limit": create, "reopen_limit": few, "rename_limit": few}
        defaults = {"unlisted": self._options.unlisted, **self._options.limits}
        settled = strictest(members, size)
        unlisted = settled.get("unlisted") or self._options.unlisted
        if (left_out or not self._options.complete) and unlisted in ("disable", "delete"):
            settled["unlisted"] = "report"
            leader.context.warn(
                "unassigned accounts are only reported, because some rows of the feed cannot be used and the accounts "
                "may belong to the people in these rows. Correct the rows.",
                "incomplete_feed",
            )
        names = option_names(members, settled, defaults, fallback)
        spared = [*left_out, *(name for intent in self._intents_of(leader) for name in intent.spared)]
        leader.plan(targets, defaults, spared, settled, names, fallback, sets_aside=True)

    # -- approval and writing ----------------------------------------------------------------------------------------

    def _digest(self) -> str:
        """Return the SHA-256 of all plans. A connection without a plan also affects it."""
        digests = {
            session.name: session.prepared.plan.digest()
            if session.prepared is not None and session.name not in self._failures else None
            for session in self._leading
        }
        return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()

    def _nothing_to_do(self) -> bool:
        """Return whether all connections were planned without changes. Such a run needs no approval, so that a second
        run succeeds unchanged."""
        return not self._failures and not any(
            session.prepared is not None and session.prepared.plan.changed for session in self._sessions
        )

    def _refusal(self, report: AccessReport) -> Problem | None:
        """Return why nothing may be written, or None if it may."""
        digest = self._options.digest
        if digest and digest != report.digest and not self._nothing_to_do():
            text = (
                f"access_plan_digest is {digest}, but today's plan has the digest {report.digest}: it is not the "
                "approved plan. Nothing was written. Review the new plan (access_mode: plan) and approve it."
            )
            return Problem(text, "plan_digest", option="access_plan_digest")
        if self._failures and self._options.stop_on_error:
            names = ", ".join(sorted(self._failures))
            connections = "this connection" if len(self._failures) == 1 else "these connections"
            others = (
                ' To write the remaining connections only, set access_on_error to "continue".'
                if any(session.name not in self._failures for session in self._sessions) else ""
            )
            return Problem(
                f"Nothing was written, because reading or planning failed for {connections}: {names}. "
                f"Correct the problems below.{others}",
                "connection_failed",
            )
        return None

    def _apply(self) -> None:
        """Write all directories that have changes, in parallel."""
        changed = [
            session for session in self._leading
            if session.name not in self._failures and session.planned.plan.changed
        ]
        for session, (result, error) in zip(changed, at_once(self._write, changed), strict=True):
            if result is not None:
                self._results[session.name] = result
            if error is not None:
                self._results[session.name] = error.report if isinstance(error, PartialFailure) else {}
                self._failures[session.name] = error

    def _write(self, session: Session) -> Result:
        """Write a directory, except accounts of people who have been offboarded since this run began."""
        people = {} if self._frame.check else held_people(self._holds(), self._people)
        self._withheld[session.name] = withhold(session, self._intents_of(session), people)
        return session.apply()

    def _outcome(self) -> str:
        """Return the outcome of writing. After an unexpected error, something may have been written."""
        refused = any(session.prepared is not None and session.prepared.set_aside for session in self._leading)
        if not self._failures and not refused:
            return APPLIED
        unclear = any(self._failures[name].code == Unexpected.code for name in self._results if name in self._failures)
        return PARTLY if unclear or any(result.get("changed") for result in self._results.values()) else FAILED

    def _note_crossed(self, report: AccessReport) -> None:
        """Report accounts that were written while their people were offboarded."""
        holds, _error = attempt(self._holds)  # saving the links reports a file that cannot be read
        problems = crossed(report.changes, held_people(holds or [], self._people))
        if problems:
            report.failed += problems
            report.outcome = PARTLY

    # -- the report --------------------------------------------------------------------------------------------------

    def _describe(self, report: AccessReport) -> None:
        """Add to the report all that is known so far."""
        report.connections, report.changes, report.findings, report.losses = {}, [], [], []
        report.failed, report.notices = [], []
        for session in self._sessions:
            leader = self._leaders[session.name]
            part = Part(session.provider, shared_with=leader.name if leader is not session else "")
            report.connections[session.name] = part
            error = self._failures.get(session.name)
            if error is not None:
                # Other connections may have been written.
                text = error.sentence().replace(NOTHING_WRITTEN, "Nothing was written to this connection.")
                part.error, part.code = self._masker.text(session.context.masker.text(text)), error.code
                report.failed.append(Problem(f"{session.name}: {part.error}", error.code))
            intent = self._intents.get(session.name)
            if intent is not None:
                adopted = adoptions(intent, session.name)
                report.findings += [*intent.findings, *adopted, *self._withheld.get(session.name, ())]
            if leader is session and session.prepared is not None:
                self._describe_plan(report, session, part)
            report.notices += notices_of(session, self._masker)
        report.notices += [
            notice for leader in self._leading if leader.name in self._intents
            for notice in foreign_links(self._memory, leader, self._people, "access_links")
        ]
        report.notices += self._without_effect()
        report.findings = _without_false_alarms(report.findings, self._leaders, self._intents)

    def _without_effect(self) -> list[Notice]:
        """Return a warning for each person or account that an option names without effect: it may be misspelt."""
        settings = self._options.settings
        held_back = {hold.person for hold in self._memory.holds} | {
            person.id for person in self._people if self._memory.hold(person.id, person.email)
        }
        notices = (
            [
                Notice("no_effect", f"access_release: {person} is not held by an offboarding. Remove the ID.", person)
                for person in sorted(settings.release - held_back)
            ] if self._memory.kept else [
                Notice("no_effect", "access_release has no effect without access_links, which records who is held.")
            ] if settings.release else []
        )
        if not self._failures:
            account_ids = {account.id for leader in self._leading for account in leader.accounts()}
            notices += [
                Notice(
                    "user_not_found",
                    f"access_adopt: no account in {joined([session.name for session in self._sessions], 'or')} has the "
                    f"ID {identity}. Specify the ID that the report shows for the held-back account, or remove "
                    f"{identity} from the option.",
                )
                for identity in sorted(settings.adopt - account_ids)
            ]
        return notices

    def _describe_plan(self, report: AccessReport, session: Session, part: Part) -> None:
        prepared, intents = session.planned, self._intents_of(session)
        result = self._results.get(session.name)
        vanished = {
            finding.person: finding.label for intent in intents for finding in intent.findings
            if finding.code == "vanished"
        }
        changes = changes_of(
            session, intents, {**vanished, **self._labels}, result, part.error if result is not None else "", part.code
        )
        refused = refused_changes(self._members(session), intents, {**vanished, **self._labels})
        report.changes += [*changes, *refused]
        for change in (*changes, *refused):
            change.error = self._masker.text(change.error)
        # A result lists all failures by name. Without a result, there is only one for all of these changes.
        failed = [
            Problem(f"{change.label or change.account} - {session.name}: {change.error}", change.code)
            for change in (*(changes if result else ()), *refused) if change.error
        ]
        report.failed += failed[:_NAMED]
        if len(failed) > _NAMED:
            more = f"{session.name}: and {len(failed) - _NAMED} more, see the report."
            report.failed.append(Problem(more, "partial_failure"))
        part.counts = counts_of(prepared, result)
        part.mails, part.digest = mails_of(session, changes, result), prepared.plan.digest()
        part.accounts = len(prepared.snapshot.accounts)
        part.api_calls = session.connection.transport.count()
        part.standing = standing_state(session, intents)
        report.losses += losses_of(session, intents)

    # -- memory ------------------------------------------------------------------------------------------------------

    def _remember(self, report: AccessReport) -> None:
        """Link every account that was safely matched or created, with its current name."""
        moment = self._moment()
        created = {
            (change.connection, fold(change.account)): change for change in report.changes
            if change.done and (change.operation == "create" or change.adopted)
        }
        # An emergency account gets no link: if its row were removed, a run would block the account as that of a person
        # who left.
        unwritten = {person.id for person in self._people if not writable(person)}
        renamed = {
            (change.connection, change.account_id): change.account for change in report.changes
            if change.done and change.account_id
        }
        for session in self._sessions:
            intent, leader = self._intents.get(session.name), self._leaders[session.name]
            if intent is None:
                continue
            accounts = {account.id: account for account in leader.accounts()}
            held_back = {
                (finding.account_id, finding.person) for finding in intent.findings if finding.code == "held_back"
            }
            for identity, person in intent.owners.items():
                account = accounts.get(identity)
                if (
                    account is not None and (identity, person) not in held_back
                    and identity not in intent.unsure | self._unread[leader.name].keys()
                    and person not in unwritten
                ):
                    self._memory.link(
                        person, session.name, identity, renamed.get((leader.name, identity), account.name), moment
                    )
            names = {name: person for intent in self._intents_of(leader) for name, person in intent.names.items()}
            for name, person in names.items():  # an account exists in every connection to its directory
                change = created.get((leader.name, name))
                if change is not None and change.account_id:
                    self._memory.link(person, session.name, change.account_id, change.account, moment)
        self._memory.release(self._over())

    def _over(self) -> set[str]:
        """Return the people whose holds have ended: they are released, or the feed has changed since the
        offboarding."""
        over: set[str] = set(self._options.settings.release)
        for person in self._people:
            hold = self._memory.hold(person.id, person.email)
            if hold is not None and (person.id in over or hold.feed not in ("", row_digest(person))):
                over.add(hold.person)
        return over


def _without_false_alarms(
    findings: list[Finding], leaders: t.Mapping[str, Session], intents: t.Mapping[str, Intent]
) -> list[Finding]:
    """Remove findings that a person has no entitlement in a connection if the person has one in another connection to
    the same directory."""
    entitled = {(leaders[name].name, person) for name, intent in intents.items() for person in intent.entitlements}
    return [
        finding for finding in findings
        if finding.code != "no_entitlement" or (leaders[finding.connection].name, finding.person) not in entitled
    ]
