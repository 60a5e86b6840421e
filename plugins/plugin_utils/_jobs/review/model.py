# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of an access review: one row per grant, its flags, its decision, and its outcome."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from .documents import sha256

SCHEMA = 1
"""The version of the files of a review."""
KEEP, REVOKE, CHANGE = "keep", "revoke", "change"
VERDICTS = (KEEP, REVOKE, CHANGE)
MANAGER, OWNER, CONNECTION = "manager", "owner", "connection"
"""Who decides a row, apart from whoever has the page of all rows."""
LOGIN = "login"
"""The facet of a row that stands for an account without grants: the login itself."""

DIRECT = "direct"
"""How an account has a grant of its own. The provider may also report group, binding, mapping or unknown."""

ACTIVE_LEAVER = "active_leaver"
ORPHAN = "orphan_account"
UNMANAGED = "unmanaged_grant"
EXPIRED = "expired_grant"
PRIVILEGED = "privileged"
DORMANT = "dormant"
NO_MFA = "no_mfa"
TOKEN_WITHOUT_EXPIRY = "token_without_expiry"
NO_OWNER = "no_active_owner"
FLAGS = (ACTIVE_LEAVER, ORPHAN, EXPIRED, NO_OWNER, PRIVILEGED, UNMANAGED, TOKEN_WITHOUT_EXPIRY, NO_MFA, DORMANT)
"""The flags of rows, the most severe first."""

NOT_PROVIDED = "not provided by the API"
"""What the files show for a fact that the API does not report. It differs from never."""


@dataclass(frozen=True, slots=True)
class Token:
    """An API token of an account.

    ``expires`` is a time such as 2026-12-31T08:00:00Z, ``never``, or None if the API does not report it.
    """

    name: str
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One grant of one account.

    - ``id`` depends only on connection, account id, facet and grant, so it is the same in later reviews.
    - ``enabled``, ``privileged``, ``mfa``, ``last_login``, ``tokens``: None if the API does not report them.
      ``last_login`` is ``never`` if the API reports that there was none.
    - ``entitlement``: the person's valid entitlements that contain the grant, separated by commas, or empty.
    - ``revocable``: False if the grant can only be removed together with another one, which ``via_name`` names.
    - ``grant_id``: the provider's key of the grant; ``via_id``: that of the grant through which the account has it.
      They are ids if the provider has ids, which renaming does not change.
    - ``reviewer``: the person who has to decide, or empty if there is none.
    - ``new``: whether the last review did not contain the grant.
    """

    id: str
    connection: str
    provider: str
    account: str
    account_id: str
    facet: str
    grant: t.Any
    grant_name: str
    person: str = ""
    name: str = ""
    kind: str = ""
    status: str = ""
    manager: str = ""
    end: str = ""
    enabled: bool | None = None
    privileged: bool | None = None
    mfa: bool | None = None
    last_login: str | None = None
    tokens: tuple[Token, ...] | None = None
    entitlement: str = ""
    ticket: str = ""
    until: str = ""
    via: str = DIRECT
    via_name: str = ""
    grant_id: str = ""
    via_id: str = ""
    revocable: bool = True
    flags: tuple[str, ...] = ()
    reviewer: str = ""
    previous: str = ""
    previous_reason: str = ""
    previous_review: str = ""
    new: bool = False

    @property
    def label(self) -> str:
        """Return the grant in messages."""
        return "the login" if self.facet == LOGIN else self.grant_name

    def document(self) -> dict[str, t.Any]:
        """Return the row as plain JSON data."""
        document = {name: getattr(self, name) for name in _NAMES}
        document["tokens"] = (
            None if self.tokens is None else [{"name": token.name, "expires": token.expires} for token in self.tokens]
        )
        document["flags"] = list(self.flags)
        return document


_NAMES = tuple(Row.__dataclass_fields__)


@dataclass
class Coverage:
    """What was read of one connection.

    ``total`` is the number of accounts that the API reports, or None. ``error`` is why the connection could not be
    read, or empty. ``organisation`` is the verified account of the credentials. ``not_provided`` are facts that this
    API does not report. ``shared_with`` is the connection to the same directory that contains the rows of both.
    """

    provider: str
    organisation: str = ""
    accounts: int = 0
    total: int | None = None
    rows: int = 0
    not_provided: tuple[str, ...] = ()
    error: str = ""
    shared_with: str = ""


@dataclass
class Review:
    """An open review. Times are texts in UTC such as 2026-12-31T08:00:00Z."""

    id: str
    day: str
    opened: str
    rows: list[Row] = field(default_factory=list)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    gone: list[dict[str, t.Any]] = field(default_factory=list)
    """Rows of the previous review that no longer exist."""
    people: int = 0
    feed: str = ""
    people_digest: str = ""
    version: str = ""
    job: str = ""
    """The AWX job, or empty outside AWX."""
    filters: dict[str, t.Any] = field(default_factory=dict)
    by: str = "none"
    reviewers: dict[str, str] = field(default_factory=dict)
    """Id of a reviewer -> name, for all rows."""
    previous: str = ""
    """The id of the previous review."""

    @property
    def incomplete(self) -> list[str]:
        """Return the connections that could not be read."""
        return [name for name, coverage in self.coverage.items() if coverage.error]


def shown_row(row: Row) -> str:
    """Return the name of a row in messages: its id, account and grant."""
    return f"row {row.id} ({row.connection}, {row.account or row.account_id}, {row.label})"


def row_id(connection: str, account_id: str, facet: str, grant: t.Any) -> str:
    """Return the id of a row: the first 16 hexadecimal digits of the SHA-256 of its identifying fields."""
    text = json.dumps([connection, account_id, facet, grant], sort_keys=True, ensure_ascii=False)
    return sha256(text)[:16]


def rows_digest(rows: t.Iterable[Row]) -> str:
    """Return the SHA-256 of the rows, in the order of their ids. Editing a page or file changes it."""
    documents = sorted((row.document() for row in rows), key=lambda row: str(row["id"]))
    text = json.dumps(documents, sort_keys=True, ensure_ascii=False)
    return sha256(text)


@dataclass(frozen=True)
class Decision:
    """A reviewer's decision about a row. ``place`` is its place in a file, such as ``decisions.json decisions[3]``."""

    row: str
    verdict: str
    reviewer: str
    reason: str = ""
    time: str = ""
    place: str = ""
