# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life cycle of accounts: what the jobs need from a provider. Each provider's declaration is in
providers/<name>.py."""

from __future__ import annotations

import importlib
import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.recipes import Binding

from .people import Person

User = dict[str, t.Any]


@dataclass(frozen=True)
class Step:
    """One step of an offboarding.

    - ``name``: block, sessions, tokens, grants or delete.
    - ``how``: native, emulated or manual.
    - ``module`` (without the provider's prefix), ``options``: the call, to which the account's id is added. ``module``
      is None for a manual step; ``text`` then says what to do and why the API cannot do it.
    - ``holds``: the parts of an account, as the info module returns it, that the step empties. If they are empty, there
      is nothing to do.
    - ``gather``: what has to be gathered for ``holds``, in addition to the facets.
    - ``each``: the option that names one entry of the first part by its id. The step makes one call for each entry.
    - ``before``: whether the step is only possible before the login is blocked.
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
    """Return whether an account may be able to log in. It may if the API does not report it."""
    return user.get("enabled") is not False


@dataclass(frozen=True)
class TokenLife:
    """How a provider's API tokens are rotated.

    - ``module``, ``info`` (without the provider's prefix): the modules that create and revoke tokens, and list them.
      ``module`` is None if old and new tokens cannot work at the same time; ``text`` then says why, and what to do.
    - ``owners``: the options that name the owner of a token. ``options``: further options of a token.
    - ``check``: returns the problems of a token's name.
    - ``credential``: the connection option that accepts a token, to check that the token works.
    """

    module: str | None = None
    info: str = ""
    owners: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    check: t.Callable[[str], list[str]] = lambda name: []
    credential: str = ""
    text: str = "It has no tokens that can be rotated. Remove the entry."


def address_of(params: t.Mapping[str, t.Any]) -> str:
    """Return the address of a connection in the form in which addresses are compared."""
    return str(params.get("api_url") or "").rstrip("/").lower()


@dataclass(frozen=True)
class Inherited:
    """A grant that an account has through another grant, and loses with it.

    ``parent`` is the facet and key of the other grant. ``source`` is that grant itself, or a text if the API does not
    report it. ``name`` is the display name of the grant, if the grant does not contain one. ``key`` is its id at the
    provider, or its name if it has no id.
    """

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
    """What an access review reads in addition to the accounts.

    - ``inherited``: inherited grants by account id.
    - ``tokens``: (name, expiry) of tokens by account id. The expiry is a time such as 2026-12-31T08:00:00Z, ``never``,
      or None if the API does not report it. The tokens of an account that is missing here were not read.
    - ``others``: accounts that are not users, by id, each with the name of its kind. The jobs never write them.
    - ``admins``: whether a grant makes an administrator, by facet and key of the grant; None if unknown. A grant that
      is missing here is as privileged as the account.
    - ``unknown``: facts that the API does not report of individual accounts, by account id, such as last_login. Such a
      last login is unknown, not never.
    """

    inherited: dict[str, list[Inherited]] = field(default_factory=dict)
    tokens: dict[str, tuple[tuple[str, str | None], ...]] = field(default_factory=dict)
    others: dict[str, tuple[str, Account]] = field(default_factory=dict)
    admins: dict[tuple[str, str], bool | None] = field(default_factory=dict)
    unknown: set[tuple[str, str]] = field(default_factory=set)


def nothing_more(directory: t.Any, accounts: t.Sequence[Account], details: bool) -> Survey:
    """Return an empty survey: the accounts contain everything."""
    return Survey()


@dataclass(frozen=True)
class ReviewFacts:
    """What an access review can report about a provider's accounts.

    - ``not_provided``: facts that the API does not report: last_login, mfa, privileged, tokens, via.
    - ``via(facet, grant)``: returns how an account has a grant of its own: direct, binding, mapping or unknown.
    - ``survey(directory, accounts, details)``: reads what the accounts do not contain. Without ``details``, it makes no
      call for an individual account.
    - ``calls``: the number of calls that the grants of one account take. ``detail_calls``: those of the details.
    - ``only_details``: the facts that are unknown without details.
    """

    not_provided: tuple[str, ...] = ()
    via: t.Callable[[str, t.Any], str] = lambda facet, grant: "direct"
    survey: t.Callable[[t.Any, t.Sequence[Account], bool], Survey] = nothing_more
    calls: int = 0
    detail_calls: int = 0
    only_details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Life:
    """What a provider declares about the life cycle of an account.

    - ``facets``: what an entitlement can grant. ``entails(facet, grant)`` returns further facets and grants that a
      grant requires. ``qualified(facet, grant, params)`` returns a grant in a form that means the same in all
      connections to a directory.
    - ``profile(person, connection, new)``: returns the fields that follow the people's file. ``new`` is whether the
      account is to be created.
    - ``renames``: whether the API can rename an account.
    - ``blocked``: the desired state of an account whose login is blocked. ``how`` is native or emulated. ``takes_all``
      is whether blocking removes the grants.
    - ``can_block(connection)``: returns whether the API can block logins.
    - ``active``: the desired state of an existing account that should be able to log in but perhaps cannot. ``new``:
      that of an account to create; its ``restore`` is only for a deleted account.
    - ``credentials``: the options that contain credentials. ``directory_options``: those of them that determine the
      directory, in addition to the address.
    - ``steps``: the steps of an offboarding.
    - ``reads``: what the info module gathers in addition to the facets, so that it returns names and whether the login
      is blocked.
    - ``token``: how API tokens are rotated.
    - ``keys``: the options of the info module that find an account by a name. ``key_fields`` maps a value of user_key
      to the field that contains the name, if the two differ.
    - ``places``: options of the info module for each list that may contain an account. The first list is that of the
      accounts that are not deleted.
    - ``pending(user)``: returns whether an account cannot log in yet, although its login is not blocked. A block would
      change it.
    - ``able(user)``: returns whether an account, as the info module returns it, may be able to log in.
    - ``also(connection)``: returns the fields with an account's addresses other than its name in ``user``.
      ``follows(connection)`` returns the fields that are derived from the name and change with it.
    - ``reveals(connection)``: returns the directory that the API reports, or None. It is called if connections to one
      address have different credentials.
    - ``facts``: the fields that describe the person but are not part of the profile, such as the department.
      ``manager`` is the field with the id of the manager's account, or empty.
    - ``review``: what an access review can report.
    """

    provider: str
    facets: tuple[str, ...]
    profile: t.Callable[[Person, t.Mapping[str, t.Any], bool], User]
    how: str
    blocked: t.Mapping[str, t.Any]
    active: t.Mapping[str, t.Any]
    new: t.Mapping[str, t.Any]
    credentials: tuple[str, ...]
    directory_options: tuple[str, ...]
    renames: bool = True
    takes_all: bool = False
    steps: tuple[Step, ...] = ()
    token: TokenLife = field(default_factory=TokenLife)
    reads: tuple[str, ...] = ()
    keys: tuple[t.Mapping[str, t.Any], ...] = ({},)
    key_fields: t.Mapping[str, str] = field(default_factory=dict)
    places: tuple[t.Mapping[str, t.Any], ...] = ({},)
    pending: t.Callable[[User], bool] = lambda user: False
    able: t.Callable[[User], bool] = enabled
    also: t.Callable[[t.Mapping[str, t.Any]], tuple[str, ...]] = lambda connection: ()
    follows: t.Callable[[t.Mapping[str, t.Any]], tuple[str, ...]] = lambda connection: ()
    reveals: t.Callable[[t.Any], str | None] = lambda connection: None
    can_block: t.Callable[[t.Any], bool] = lambda connection: True
    facts: tuple[str, ...] = ()
    manager: str = ""
    entails: t.Callable[[str, t.Any], t.Sequence[tuple[str, t.Any]]] = lambda facet, grant: ()
    qualified: t.Callable[[str, t.Any, t.Mapping[str, t.Any]], t.Any] = lambda facet, grant, params: grant
    review: ReviewFacts = field(default_factory=ReviewFacts)

    def directory(self, params: t.Mapping[str, t.Any]) -> str:
        """Return a key of the directory. Connections with the same key are planned together."""
        return "\0".join([address_of(params), *(str(params.get(name) or "") for name in self.directory_options)])

    def key_field(self, entry: t.Mapping[str, t.Any], default: str) -> str:
        """Return the field that names the accounts of a connection, or ``default`` if the connection has no
        user_key."""
        key = str(entry.get("user_key") or default)
        return self.key_fields.get(key, key)

    def fields(self, entry: t.Mapping[str, t.Any]) -> list[str]:
        """Return the fields that identify an account and show whether its login is blocked, if lists omit them."""
        written = self.profile(Person("", given_name="given", family_name="family", email="a@b"), entry, True)
        return [*written, "enabled"] if self.reads else []


def life_of(provider: str) -> Life:
    """Return a provider's declaration."""
    package = __name__.rpartition(".")[0]
    life: Life = importlib.import_module(f"{package}.providers.{provider}").LIFE
    return life


def binding_of(provider: str) -> Binding:
    """Return the binding of a provider."""
    path = f"ansible_collections.rollcall.identity.plugins.module_utils._providers.{provider}.tasks"
    binding: Binding = importlib.import_module(path).BINDING
    return binding
