# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creates one row for each grant of each account of a directory, and one for an account without grants."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.rollcall.identity.plugins.module_utils._core import durations
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account

from ..entitlements import Entitlement, shown
from ..life import Inherited
from ..people import ACTIVE, Granted, Person
from ..session import Listed
from .directories import Reading, Standings
from .documents import whole
from .entitled import EntitledGrants, Key, entries_of, entry_of
from .flags import NEVER, AccountFacts, account_flags, flags_of
from .model import LOGIN, Row, Token, row_id
from .previous import Previous
from .reviewers import Reviewers, responsible


@dataclass(frozen=True)
class RowSettings:
    """The options that affect the rows of a review. ``managed`` is whether there are any entitlements: without them, no
    grant is unmanaged."""

    day: str
    dormant_days: int
    managed: bool


@dataclass(frozen=True)
class _Grant:
    """A grant of an account. ``key`` is the key for its entitlements: that of the grant, or of its parent. ``id`` is
    the provider's id of the grant, ``via_id`` that of its parent."""

    facet: str
    grant: t.Any
    name: str
    key: Key
    privileged: bool | None
    via: str
    via_name: str = ""
    id: str = ""
    via_id: str = ""


class Rows:
    """Creates the rows of one directory."""

    def __init__(
        self,
        reading: Reading,
        standings: Standings,
        entitlements: t.Mapping[str, Entitlement],
        settings: RowSettings,
        reviewers: Reviewers,
        previous: Previous,
    ) -> None:
        self._reading, self._standings, self._settings = reading, standings, settings
        self._reviewers, self._previous = reviewers, previous
        self._session = reading.leader
        self._life = self._session.life
        self._entitled = EntitledGrants(reading.members, entitlements)
        self.notices = self._entitled.notices

    def all(self) -> list[Row]:
        """Return the rows of all accounts."""
        snapshot = self._session.snapshot
        accounts = snapshot.by_id if snapshot is not None else {}
        others = self._reading.survey.others
        rows = [row for listed in self._reading.accounts() for row in self._of(listed, accounts[listed.id])]
        return rows + [
            row
            for listed in self._reading.others()
            for row in self._of(listed, others[listed.id][1], f"{others[listed.id][0]} {listed.name}")
        ]

    def _of(self, listed: Listed, account: Account, only_with: str = "") -> list[Row]:
        """Return the rows of an account.

        ``only_with`` names an account that the jobs never write: its grants can only be removed with the account.
        """
        facts = self._facts(listed, account)
        flags = account_flags(facts, self._standings, self._settings.day, self._settings.dormant_days)
        person = facts.person
        now = self._entitled.now(person, self._settings.day) if person is not None else ()
        over = self._entitled.over(person, self._settings.day) if person is not None else ()
        common = {name: whole(value) for name, value in self._common(listed, facts).items()}
        entries = entries_of(person)
        grants = [
            replace(
                grant,
                grant=whole(grant.grant),
                name=whole(grant.name),
                via_name=whole(only_with or grant.via_name),
                id=whole(grant.id),
                via_id=whole(grant.via_id),
            )
            for grant in self._grants(account, listed.values.get("privileged"))
        ]
        rows = []
        for grant in grants:
            if grant.facet == LOGIN:
                names, past = now, over if not now else ()
            else:
                names = self._entitled.by_key(now).get(grant.key, ())
                past = self._entitled.by_key(over).get(grant.key, ()) if not names else ()
            rows.append(self._row(grant, common, flags, person, names, past, entries))
        return rows

    def _row(
        self,
        grant: _Grant,
        common: dict[str, t.Any],
        flags: frozenset[str],
        person: Person | None,
        names: tuple[str, ...],
        past: tuple[str, ...],
        entries: t.Mapping[str, t.Sequence[Granted]],
    ) -> Row:
        source = names or past
        granted = entry_of(entries, source[0], self._settings.day, bool(past)) if source else Granted("")
        identity = row_id(self._session.name, common["account_id"], grant.facet, grant.grant)
        before = self._previous.of(identity)
        unmanaged = self._settings.managed and not source
        return Row(
            id=identity,
            **common,
            facet=grant.facet,
            grant=grant.grant,
            grant_name=grant.name,
            privileged=grant.privileged,
            entitlement=", ".join(names),
            ticket=granted.ticket,
            until=granted.until,
            via=grant.via,
            via_name=grant.via_name,
            grant_id=grant.id,
            via_id=grant.via_id,
            revocable=not grant.via_name,
            flags=flags_of(flags, grant.privileged, bool(past), unmanaged),
            reviewer=self._reviewers.of(self._session.name, person, source),
            previous=before.verdict,
            previous_reason=before.reason,
            previous_review=before.review,
            new=self._previous.lacks(identity),
        )

    # -- the account -------------------------------------------------------------------------------------------------

    def _facts(self, listed: Listed, account: Account) -> AccountFacts:
        person = self._reading.owners.get(listed.id)
        status = "" if person is None else self._standings.states.get(person.id, person.status)
        if person is not None and not person.status and status == ACTIVE:
            status = "unknown"  # the row could not be read
        known = self._session.directory.schema.normalise(account.values)
        last_login = utc_time(known["last_login"]) or NEVER if "last_login" in known else None
        if "last_login" in self._life.review.not_provided or (listed.id, "last_login") in self._reading.survey.unknown:
            last_login = None
        tokens = self._reading.survey.tokens.get(listed.id)
        return AccountFacts(
            person,
            status,
            self._life.able(listed.values),
            listed.values.get("mfa"),
            last_login,
            str(listed.values.get("created_at") or ""),
            None if tokens is None else tuple(Token(name, expires) for name, expires in tokens),
        )

    def _common(self, listed: Listed, facts: AccountFacts) -> dict[str, t.Any]:
        person = facts.person
        about: dict[str, t.Any] = {}
        if person is not None:
            boss = person.manager or next(filter(None, responsible(person)), "")
            about = {
                "person": person.id, "name": person.whole_name, "kind": person.kind, "manager": boss, "end": person.end,
            }
        return {
            "connection": self._session.name,
            "provider": self._session.provider,
            "account": listed.label,
            "account_id": listed.id,
            "status": facts.status,
            "enabled": listed.enabled,
            "mfa": facts.mfa,
            "last_login": facts.last_login,
            "tokens": facts.tokens,
            **about,
        }

    # -- its grants --------------------------------------------------------------------------------------------------

    def _grants(self, account: Account, privileged: bool | None) -> list[_Grant]:
        """Return the grants of an account, sorted by name. If there are none, return the login itself."""
        admins, facts = self._reading.survey.admins, self._life.review
        inherited = self._reading.survey.inherited.get(account.id, ())
        own = [
            (facet, key, grant) for facet in self._life.facets for key, grant in account.facets.get(facet, {}).items()
        ]
        explained = any(admins.get((facet, key)) for facet, key, _grant in own) or any(
            entry.privileged for entry in inherited
        )
        # If no grant explains why the account is an administrator, all of them count as privileged.
        unexplained = bool(privileged) and not explained
        grants = []
        for facet, key, grant in own:
            admin = unexplained or admins[facet, key] if (facet, key) in admins else privileged
            grants.append(_Grant(facet, grant, shown(grant), (facet, key), admin, facts.via(facet, grant), id=key))
        grants += [_inherited(entry, unexplained) for entry in inherited]
        if not grants:
            return [_Grant(LOGIN, None, "", (LOGIN, ""), privileged, "direct")]
        return sorted(grants, key=lambda grant: (grant.facet, fold(grant.name), grant.name, grant.via_name))


def _inherited(inherited: Inherited, privileged: bool) -> _Grant:
    """Return a grant that an account has through another one.

    The grant of the row contains the parent, because an account may have it in several ways. With ``privileged``, the
    grant counts as privileged whatever it is itself.
    """
    grant = inherited.grant if isinstance(inherited.grant, dict) else {"name": inherited.grant}
    parent = shown(inherited.source)
    return _Grant(
        inherited.facet,
        {**grant, "via": parent},
        inherited.name or shown(inherited.grant),
        inherited.parent,
        privileged or inherited.privileged,
        inherited.via,
        parent,
        inherited.key,
        inherited.parent[1],
    )


def utc_time(value: t.Any) -> str:
    """Return a time such as 2026-12-31T08:00:00Z, in UTC. A text that is not a time is returned unchanged, no value as
    an empty text."""
    text = str(value).strip() if value not in (None, "", 0) else ""
    when = durations.moment(text)
    return text if when is None else when.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
