# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a provider means for the life of an account. Each provider's declaration is in providers/<name>.py."""

from __future__ import annotations

import importlib
import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account

from .people import Person

User = dict[str, t.Any]


@dataclass(frozen=True)
class Step:
    """One step of an offboarding.

    ``name`` is block, sessions, tokens, grants or delete. ``how`` is native, emulated or manual. ``module`` (without
    the provider's prefix) and ``options`` are what is called, with the id of the account; None for manual steps, where
    ``text`` says what to do and why the API cannot. ``holds`` are the parts of an account, as the info module returns
    it, that the step empties: where they are empty, there is nothing to do. ``gather`` is what has to be gathered for
    that, beside the facets. ``each`` is the option that names one of the entries of the first part by its id: there is
    a call for each. ``before`` is for what is possible only before the login is blocked.
    """

    name: str
    how: str
    module: str | None = None
    options: t.Mapping[str, t.Any] = field(default_factory=dict)
    text: str = ""
    holds: tuple[str, ...] = ()
    gather: tuple[str, ...] = ()
    each: str = ""
    before: bool = False


def enabled(user: User) -> bool:
    """Return whether an account may be able to log in: where the API does not report it, it may."""
    return user.get("enabled") is not False


@dataclass(frozen=True)
class TokenLife:
    """How a provider's API tokens are rotated.

    ``module`` and ``info`` (without the provider's prefix) make and revoke tokens, and list them. ``module`` is None
    where tokens cannot be rotated so that old and new ones work for a while; ``text`` then says why, and what to do.
    ``owners`` are the options that name whose a token is, ``options`` further ones that a token may have. ``check``
    returns what is wrong with a name. ``credential`` is the connection option that takes a token, to try whether it
    works.
    """

    module: str | None = None
    info: str = ""
    owners: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    check: t.Callable[[str], list[str]] = lambda name: []
    credential: str = ""
    text: str = "It has no tokens that can be rotated. Remove the entry."


def own_directory(params: t.Mapping[str, t.Any]) -> str:
    """Return which directory a connection leads to, where its credentials decide that: the address
    and all credentials."""
    names = ("api_user", "api_key", "api_token", "client_id", "access_token", "org_id")
    return "\0".join([directory_of_address(params), *(str(params.get(name) or "") for name in names)])


def directory_of_address(params: t.Mapping[str, t.Any]) -> str:
    """Return which directory a connection leads to, where each address is one directory."""
    return str(params.get("api_url") or "").rstrip("/").lower()


@dataclass(frozen=True)
class Inherited:
    """A grant that an account has through another one, and loses with it. ``parent`` is facet and key of that one,
    ``source`` the grant itself, or a text that says what is known of it. ``name`` is what people call the grant, where
    it does not show that itself. ``key`` is its id at the provider, or its name where it has none."""

    facet: str
    grant: t.Any
    via: str
    source: t.Any
    parent: tuple[str, str]
    privileged: bool | None = None
    name: str = ""
    key: str = ""


@dataclass
class Survey:
    """What an access review reads beside the accounts.

    ``inherited`` are grants by account id. ``tokens`` are (name, expiry) by account id; the expiry is a moment such as
    2026-12-31T08:00:00Z, ``never``, or None where the API does not report it; an account that is missing has tokens
    that nobody read. ``others`` are accounts that are no users, each with what such accounts are called, by id: the
    jobs never write them. ``admins`` says which grants make an administrator, by facet and key of the entry, None where
    that is unknown. Those that are missing are as privileged as the account. ``unknown`` are facts that the API does
    not report of single accounts, by account id: last_login, which is not never then.
    """

    inherited: dict[str, list[Inherited]] = field(default_factory=dict)
    tokens: dict[str, tuple[tuple[str, str | None], ...]] = field(default_factory=dict)
    others: dict[str, tuple[str, Account]] = field(default_factory=dict)
    admins: dict[tuple[str, str], bool | None] = field(default_factory=dict)
    unknown: set[tuple[str, str]] = field(default_factory=set)


def nothing_more(directory: t.Any, accounts: t.Sequence[Account], details: bool) -> Survey:
    """Return an empty survey: what the accounts show is all there is."""
    return Survey()


@dataclass(frozen=True)
class ReviewFacts:
    """What an access review can know of a provider's accounts.

    ``not_provided`` are facts that the API does not report: last_login, mfa, privileged, tokens, via. ``via(facet,
    grant)`` is how an account has a grant of its own: direct, binding, mapping, or unknown. ``survey(directory,
    accounts, details)`` reads what the accounts do not show; without ``details`` it makes no call for a single account.
    ``calls`` are those for each account that its grants take, ``detail_calls`` those that the details take, and
    ``only_details`` the facts that are not known without them.
    """

    not_provided: tuple[str, ...] = ()
    via: t.Callable[[str, t.Any], str] = lambda facet, grant: "direct"
    survey: t.Callable[[t.Any, t.Sequence[Account], bool], Survey] = nothing_more
    calls: int = 0
    detail_calls: int = 0
    only_details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Life:
    """A provider's part in the life of an account.

    ``facets`` are what an entitlement can grant. ``profile(person, connection, new)`` returns the fields that are kept
    as in the people's file; ``new`` says whether the account is to be made. ``renames`` says whether the API can rename
    an account. ``blocked`` is the desired state of an account whose login is blocked, ``how`` whether that is native or
    emulated; ``takes_all`` that the grants go with it. ``active`` is that of one that may log in and perhaps cannot,
    ``new`` for one that is not there. ``credentials`` are the options that hold them. ``steps`` are those of an
    offboarding. ``reads`` is what the info module gathers beside the facets so that it returns names, and whether the
    login is blocked. ``token`` is how API tokens are rotated. ``keys`` are options of the info module: an account may
    be known by a name in each of these ways. ``key_fields`` maps a value of user_key to the field that holds the name,
    where the two have different names. ``places`` are options as well: lists that accounts are in, the first that
    of the living. ``able(user)`` says whether an account, as the info module returns it, may be able to log in.
    ``also(connection)`` returns the fields that hold addresses of an account beside the name that it has in ``user``;
    ``follows(connection)`` those that are made like the name and follow it when it changes. ``directory(params)``
    returns which directory a connection leads to: two connections with the same one are planned together.
    ``qualified(facet, grant, params)`` returns a grant so that it means the same for each of them. ``entails(facet,
    grant)`` returns further facets and grants that a grant requires. ``facts`` are the fields that say something of the
    person and are no part of the profile, such as the department; ``manager`` is the one that holds the id of the
    manager's account, empty where there is none. ``review`` is what an access review can know. ``reveals(connection)``
    returns which directory the API says that a connection leads to, None where it does not say: it is asked where
    connections to one address have different credentials.
    """

    provider: str
    facets: tuple[str, ...]
    profile: t.Callable[[Person, t.Mapping[str, t.Any], bool], User]
    how: str
    blocked: t.Mapping[str, t.Any]
    active: t.Mapping[str, t.Any]
    new: t.Mapping[str, t.Any]
    credentials: tuple[str, ...]
    renames: bool = True
    takes_all: bool = False
    steps: tuple[Step, ...] = ()
    token: TokenLife = field(default_factory=TokenLife)
    reads: tuple[str, ...] = ()
    keys: tuple[t.Mapping[str, t.Any], ...] = ({},)
    key_fields: t.Mapping[str, str] = field(default_factory=dict)
    places: tuple[t.Mapping[str, t.Any], ...] = ({},)
    able: t.Callable[[User], bool] = enabled
    also: t.Callable[[t.Mapping[str, t.Any]], tuple[str, ...]] = lambda connection: ()
    follows: t.Callable[[t.Mapping[str, t.Any]], tuple[str, ...]] = lambda connection: ()
    reveals: t.Callable[[t.Any], str | None] = lambda connection: None
    facts: tuple[str, ...] = ()
    manager: str = ""
    directory: t.Callable[[t.Mapping[str, t.Any]], str] = own_directory
    entails: t.Callable[[str, t.Any], t.Sequence[tuple[str, t.Any]]] = lambda facet, grant: ()
    qualified: t.Callable[[str, t.Any, t.Mapping[str, t.Any]], t.Any] = lambda facet, grant, params: grant
    review: ReviewFacts = field(default_factory=ReviewFacts)

    def key_field(self, entry: t.Mapping[str, t.Any], default: str) -> str:
        """Return the field that names the accounts of a connection; ``default`` where it has no user_key."""
        key = str(entry.get("user_key") or default)
        return self.key_fields.get(key, key)

    def fields(self, entry: t.Mapping[str, t.Any]) -> list[str]:
        """Return the fields of an account that say who it is and whether its login is open, as far as lists leave them
        out."""
        written = self.profile(Person("", given_name="given", family_name="family", email="a@b"), entry, True)
        return [*written, "enabled"] if self.reads else []


def life_of(provider: str) -> Life:
    """Return a provider's declaration."""
    package = __name__.rpartition(".")[0]
    life: Life = importlib.import_module(f"{package}.providers.{provider}").LIFE
    return life
