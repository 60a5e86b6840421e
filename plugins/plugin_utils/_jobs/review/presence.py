# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks whether the grants of rows still exist in a directory that was just read. Accounts are identified by their
ids."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import RollcallError
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Entries, Snapshot
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed

from ..access.matching import AccountNames
from ..entitlements import shown
from ..life import Survey
from ..links import Memory
from ..people import Person, account_id, account_names, writable
from ..session import Listed, Session
from .documents import whole
from .model import LOGIN, Coverage, Row
from .opened import moment

_SKEW = datetime.timedelta(minutes=10)
"""The maximum difference between clocks. An account that was created more than this time after the review was
opened is a new one."""
_FEW = 5
"""The minimum number of reviewed accounts for the check that at least half of them still exist."""
GONE, PRESENT, UNSAFE = "gone", "present", "unsafe"
Reviewed = t.Mapping[str, t.Collection[tuple[str, str]]]
"""Account id -> (facet, id) of each reviewed grant. Accounts that are not users are left out."""


@dataclass(frozen=True)
class State:
    """Whether a grant exists.

    ``text`` is why it is gone, or why it is not safe to remove it; ``code`` is the kind of this reason.
    """

    state: str
    text: str = ""
    code: str = ""


class People:
    """The people who may own an account by its name or id, according to the people data and the links."""

    def __init__(self, people: t.Mapping[str, Person], memory: Memory, opened: str) -> None:
        self.by_id, self.memory = people, memory
        self.opened = moment(opened)
        self._names: dict[str, dict[str, list[Person]]] = {}

    def named(self, connection: str, name: str) -> list[Person]:
        """Return the people whose accounts in a connection have this name."""
        if connection not in self._names:
            names: dict[str, list[Person]] = {}
            for person in self.by_id.values():
                for form in account_names(person, connection).all():
                    names.setdefault(form, []).append(person)
            self._names[connection] = names
        return self._names[connection].get(fold(name), []) if name else []

    def never_written(self, row: Row, account: Listed) -> bool:
        """Return whether an account is an emergency account: by the review, the people data, its name or its id."""
        owner = self.by_id.get(row.person)
        if row.kind == "break_glass" or (owner is not None and not writable(owner)):
            return True
        others = [
            *self.named(row.connection, account.name),
            *(other for other in self.by_id.values() if account_id(other, row.connection) == account.id),
        ]
        return any(not writable(person) for person in others)

    def spared(self, connection: str) -> list[str]:
        """Return the names of emergency accounts."""
        return [account_names(person, connection).key for person in self.by_id.values() if not writable(person)]


class Presence:
    """The rows of one connection in its directory. ``load`` reads their accounts."""

    def __init__(
        self, session: Session, coverage: Coverage | None, people: People, reviewed: Reviewed | None = None
    ) -> None:
        """``reviewed`` are the reviewed grants of this connection. Without them, a missing grant is simply gone."""
        self._session, self._coverage, self._people, self._reviewed = session, coverage, people, reviewed or {}
        self._listed: dict[str, Listed] = {}
        self._survey = Survey()
        self._names = AccountNames(session.life, session.entry)
        self._accounts: dict[str, Account] = {}

    def load(self, rows: t.Sequence[Row]) -> None:
        """Read the directory, and the facets of accounts that the rows need.

        Raises RollcallError if that is not possible, or if it is not the directory that was reviewed.
        """
        session, life = self._session, self._session.life
        self._check_organisation()
        session.read(life.facets)
        snapshot = session.snapshot
        if snapshot is None or not snapshot.complete:
            raise RollcallError(
                "The list of accounts is incomplete, so it is unknown which grants no longer exist.",
                "Close the review again.", "unreadable_answer",
            )
        self._check_directory(snapshot)
        session.load(sorted({row.account_id for row in rows}), life.facets, life.fields(session.entry))
        self._listed = {account.id: account for account in session.accounts()}
        self._accounts = {**snapshot.deleted_by_id, **snapshot.by_id}
        if any(not row.revocable for row in rows):
            self._survey = life.review.survey(session.directory, list(snapshot.accounts), False)

    def _check_organisation(self) -> None:
        """Check that the credentials lead to the organisation that was reviewed. In another one, all grants would seem
        to be removed."""
        expected = self._coverage.organisation if self._coverage is not None else ""
        if not expected:
            return
        connection = self._session.connection
        actual = connection.account()
        if actual is not None and not connection.same_account(str(actual), expected):
            raise RollcallError(
                f"These credentials belong to account {actual}, but the review covers account {expected}.",
                "Use the credentials of the reviewed account.", "wrong_account",
            )

    def _check_directory(self, snapshot: Snapshot) -> None:
        """Refuse a directory that lacks most of the reviewed accounts: their grants would all seem to be removed."""
        known = sum(identity in snapshot.by_id or identity in snapshot.deleted_by_id for identity in self._reviewed)
        if len(self._reviewed) >= _FEW and known * 2 < len(self._reviewed):
            raise RollcallError(
                f"Only {known} of the {len(self._reviewed)} reviewed accounts {agreed(known, 'is')} in this directory, "
                "so it may not be the reviewed one.",
                "Check the credentials and what they may read. If this is the right directory, open a new review.",
                "wrong_directory",
            )

    def account(self, row: Row) -> Listed | None:
        """Return the account of a row, or None if it no longer exists."""
        return self._listed.get(row.account_id)

    def is_no_user(self, row: Row) -> bool:
        """Return whether the account of a row is not a user, such as a service account. The jobs never write these."""
        return row.account_id in self._survey.others

    def of(self, row: Row) -> State:
        """Return whether the grant of a row exists."""
        other = self._survey.others.get(row.account_id)
        if other is not None:
            return self._other(row, other[1])
        account = self.account(row)
        if account is None:
            return State(GONE, "the account no longer exists")
        foreign = self._foreign(row, account)
        if foreign:
            text = (
                f"the id {account.id} belongs to {account.label} now, and belonged to {row.account}: {foreign}. "
                "Check the account, or open a new review."
            )
            return State(UNSAFE, text, "id_reused")
        renamed = f"the account is now named {account.name}" if fold(account.label) != fold(row.account) else ""
        if account.deleted:
            return State(GONE, "the account is deleted; restoring it brings its grants back")
        if row.facet == LOGIN:
            return self._login(account, renamed)
        if not row.revocable:
            return self._inherited(row, account, renamed)
        if row.grant_id in self._entries(row):
            return State(PRESENT, renamed)
        return self._made_anew(row) or State(GONE, renamed)

    def grant(self, row: Row) -> t.Any:
        """Return the grant of a row with its current name."""
        return self._entries(row).get(row.grant_id, row.grant)

    def renamed(self, row: Row) -> str:
        """Return the current name of a grant, or an empty text if the name has not changed or is unknown."""
        name = whole(shown(self.grant(row)))
        return (
            f"{row.grant_name} is now named {name}"
            if row.revocable and row.facet != LOGIN and name != row.grant_name
            else ""
        )

    def _entries(self, row: Row) -> Entries:
        """Return id of a grant -> the grant, for the account and facet of a row."""
        account = self._accounts.get(row.account_id)
        return (
            {whole(key): grant for key, grant in account.facets.get(row.facet, {}).items()}
            if account is not None
            else {}
        )

    def _made_anew(self, row: Row) -> State | None:
        """Return why a grant with the same name is not the reviewed one, or None if no grant has the name."""
        reviewed = self._reviewed.get(row.account_id)
        same_name = [
            key for key, grant in self._entries(row).items() if fold(whole(shown(grant))) == fold(row.grant_name)
        ]
        other = next((key for key in same_name if reviewed is not None and (row.facet, key) not in reviewed), None)
        if other is None:
            return None
        text = (
            f"the account has another {row.grant_name} now: its id is {other}, and that of the reviewed one is "
            f"{row.grant_id}. Decide about it in a new review."
        )
        return State(UNSAFE, text, "changed_since")

    def depending(self, row: Row, revoked: t.Collection[tuple[str, str, str]]) -> list[str]:
        """Return the grants that an account would lose along with the grant of a row although they were not
        revoked, such as its groups in a tenant.

        ``revoked`` contains account id, facet and id of each revoked grant.
        """
        account, life = self._accounts.get(row.account_id), self._session.life
        if account is None or row.facet == LOGIN or not row.revocable:
            return []
        return [
            shown(grant)
            for facet in life.facets
            for key, grant in account.facets.get(facet, {}).items()
            if (row.account_id, facet, whole(key)) not in revoked
            and (row.facet, self.grant(row)) in life.entails(facet, grant)
        ]

    def _login(self, account: Listed, renamed: str) -> State:
        life = self._session.life
        if account.enabled is False or not life.able(account.values):
            return State(GONE, renamed)
        grants = [shown(grant) for facet in life.facets for grant in account.grants(facet)]
        if grants:
            text = (
                f"the review showed an account without grants, but it now has {', '.join(grants)}. "
                "Decide about these in a new review."
            )
            return State(UNSAFE, text, "changed_since")
        return State(PRESENT, renamed)

    def _inherited(self, row: Row, account: Listed, renamed: str) -> State:
        """Return whether an account still has a grant through another one."""
        for inherited in self._survey.inherited.get(account.id, ()):
            if (inherited.facet, whole(inherited.key), whole(inherited.parent[1])) == (
                row.facet, row.grant_id, row.via_id,
            ):
                return State(PRESENT, renamed)
        return State(GONE, renamed)

    def _other(self, row: Row, account: Account) -> State:
        """Return whether an account that is not a user still has a grant."""
        return State(
            PRESENT if row.facet == LOGIN or row.grant_id in map(whole, account.facets.get(row.facet, {})) else GONE
        )

    def _foreign(self, row: Row, account: Listed) -> str:
        """Return why an account with the id of a row is not the reviewed one, or an empty text if it is. The account
        may be renamed."""
        created = str(account.values.get("created_at") or "")
        try:
            if created and moment(created) > self._people.opened + _SKEW:
                return f"it was created {created}, after the review was opened"
        except ValueError:
            pass
        if fold(account.label) == fold(row.account):
            return ""
        owner = self._people.memory.owner(row.connection, account.id)
        if owner is not None and row.person:
            return f"it is now linked to {owner}" if owner != row.person else ""
        named = self._people.named(row.connection, account.name)
        if named and all(person.id != row.person for person in named):
            return f"it has the name of {named[0].id}"
        person = self._people.by_id.get(row.person)
        if not named and person is not None and self._names.agree(person, account) is False:
            return f"it has another name than {person.label}"
        return ""
