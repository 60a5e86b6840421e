# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that fragments of several providers share, as functions of what differs between them.

Every function returns options as YAML without indentation, and ``options`` makes a fragment of them. ``listed`` makes
the option ``users`` whose elements have the same options: no fragment can be merged below a suboption, so the text is
indented.
"""

from __future__ import annotations

import re
import textwrap
import typing as t


def options(*texts: str) -> str:
    """Return a fragment with these options."""
    return "options:\n" + _below("  ", *texts)


def notes(*texts: str) -> str:
    """Return the notes of a fragment. Ansible wants options or attributes beside them."""
    return "notes:\n" + _below("  ", *texts)


def membership(provider: str, modules: str, text: str) -> str:
    """Return what follows the connection options: the action groups, the guide to ``modules``, and notes."""
    return _MEMBERSHIP.format(provider=provider, modules=modules) + notes(text)


_MEMBERSHIP = """
attributes:
  action_group:
    description: The action groups of the module. Use them in C(module_defaults) to give many tasks the same options.
    support: full
    membership:
      - rollcall.identity.{provider}
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_{provider}
    description: The guide to {modules}.
"""


def listed(product: str, *texts: str) -> str:
    """Return the option ``users``, whose elements have these options."""
    joined = "\n".join(texts)
    names = set(re.findall(r"^(\w+):", joined, re.MULTILINE))

    def scoped(match: re.Match[str]) -> str:
        return f"O(users[].{match[1]}" if match[1] in names else match[0]

    return _USERS.format(product=product) + _below("    ", re.sub(r"\bO\((\w+)", scoped, joined))


def _below(margin: str, *texts: str) -> str:
    return "".join(textwrap.indent(text.strip("\n") + "\n", margin) for text in texts)


_USERS = """
users:
  description:
    - The users, each with the options of one user.
    - It is an error if two elements describe the same user, or if an element matches several users of the directory.
    - You can use RV(ignore:users) of an info module of {product} unchanged. Fields that only the server sets are
      ignored.
    - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
  type: list
  elements: dict
  required: true
  suboptions:
"""


def grantable(product: str, kinds: t.Mapping[str, str], members: str) -> str:
    """Return the options of a module that lists what can be granted.

    ``kinds`` are the lists of the result, each with what it holds. ``members`` says what the members cost, as YAML list
    items.
    """
    choices = textwrap.indent("\n".join(f"{kind}: {text}" for kind, text in kinds.items()), "    ")
    cost = textwrap.indent(members.strip("\n"), "    ")
    return _GRANTABLE.format(product=product, choices=choices, kinds=", ".join(kinds), cost=cost)


_GRANTABLE = """
kinds:
  description: What to list. Each kind is a separate list in the result. By default, all kinds are listed.
  type: list
  elements: str
  choices:
{choices}
  default: [{kinds}]
name:
  description:
    - The exact name of the entries to return. Case is ignored. By default and for V(null), all entries are returned. An
      empty text is an error.
    - If {product} does not have the name, the list is empty.
  type: str

members:
  description:
    - Whether to list the members of each entry.
{cost}
  type: bool
  default: false
"""


def connection(prefix: str, address: str, account: str, default: str = "") -> str:
    """Return the connection options of a provider. ``prefix`` begins its environment variables.

    ``address`` is an example of ``api_url``, ``default`` the address of a provider that has one for all; ``account``
    completes "the account that is meant" in YAML list items.
    """
    needed = f"Required, here or as E({prefix}_API_URL) in the environment."
    if default:
        needed = f"If not given, E({prefix}_API_URL) in the environment is used, or V({default}) if it is not set."
    return _CONNECTION.format(
        prefix=prefix, address=address, needed=needed, account=textwrap.indent(account.strip("\n"), "    ")
    )


_CONNECTION = """
api_url:
  description:
    - Address of the API, for example V({address}).
    - {needed}
    - It must not contain credentials. Plain C(http) to another host causes a warning.
  type: str
validate_certs:
  description:
    - Whether to verify the server's certificate. V(false) causes a warning.
    - If not given, E({prefix}_VALIDATE_CERTS) in the environment is used.
  type: bool
  default: true
ca_path:
  description:
    - A file, in PEM format, with the certificates of the authorities to trust. Set it if a private authority issued the
      server's certificate.
    - If not given, E({prefix}_CA_PATH) in the environment is used. If that is not set either, the authorities that
      C(requests) trusts apply.
  type: path
api_timeout:
  description:
    - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
    - A whole request, from the connection to the last byte of the answer, may take four times as long.
    - If not given, E({prefix}_API_TIMEOUT) in the environment is used.
  type: int
  default: 30
api_retries:
  description:
    - How many times a request is repeated after a lost connection or an answer with status 408, 425, 502, 503 or 504.
    - A request that is not safe to repeat is only repeated if the server cannot have received it.
    - If not given, E({prefix}_API_RETRIES) in the environment is used.
  type: int
  default: 3
max_wait:
  description:
    - Seconds that a task may wait for rate limits in total.
    - If a change needs more calls than the rate limit leaves, and the wait would be longer than this, the task fails
      before its first write.
    - If not given, E({prefix}_MAX_WAIT) in the environment is used.
  type: int
  default: 300
rate_reserve:
  description:
    - The part of the rate limit that a task on many users leaves for other clients. A percentage of the server's limit,
      such as V(20%), or a number of calls.
    - It only has an effect if the server reports its limit and the remaining calls. V(0) allows all calls.
    - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
      user may use the reserve.
    - If not given, E({prefix}_RATE_RESERVE) in the environment is used.
  type: str
  default: 20%
max_concurrency:
  description:
    - How many requests may run at the same time. At least V(1).
    - If not given, E({prefix}_MAX_CONCURRENCY) in the environment is used.
  type: int
  default: 8
expected_account:
  description:
{account}
  type: str
protect:
  description:
    - Users who must not lose anything, as glob patterns (V(*), V(?), V([seq])) for the name of the user. Case is
      ignored. A pattern that equals the name of a user also matches that user.
    - The task fails before its first write if it would delete, disable, lock or rename such a user, remove a grant such
      as a role, set another password, end sessions, replace tags, or clear an attribute or another value. Additions are
      allowed.
    - With O(ignore:unlisted=disable) and O(ignore:unlisted=delete), bulk modules skip unlisted users who match, and
      return them in RV(ignore:spared). These values require O(protect) if the API does not report who is an
      administrator and who is calling. At least one pattern must then match a user of the directory.
    - Modules that do not remove anything accept and ignore the option, so that C(module_defaults) can set it for the
      whole action group.
    - If not given, E({prefix}_PROTECT) in the environment is used, a list separated by commas.
  type: list
  elements: str
  default: []
"""


def identity(user: str) -> str:
    """Return the options that say which user is meant. ``user`` says what the natural key is, as YAML list items."""
    return _IDENTITY.format(user=textwrap.indent(user.strip("\n"), "    "))


_IDENTITY = """
user:
  description:
{user}
    - Case, and blanks at either end, are ignored.
  type: str
id:
  description:
    - The provider's ID of the user. At least one of O(user) and O(id) is required.
    - It finds the user even if the value of O(user) has changed.
  type: str
"""

LIFE = """
previous_users:
  description:
    - Earlier values of O(user) for the same person.
    - If no user has O(user), the user with one of these values is renamed. If both exist, the earlier user is left
      alone.
    - If both exist and O(state=absent), the task fails and reports the IDs. Specify O(id) in that case.
  type: list
  elements: str
  default: []
state:
  description: Whether the user exists.
  type: str
  choices:
    present: The user is created if necessary, and matches the other options. If only O(id) is specified, the user must
      exist.
    absent: The user is deleted permanently. Only the options that find the user have an effect.
  default: present
"""

UPDATE_PASSWORD = """
update_password:
  description: When O(password) is sent. The API cannot read it, so the module cannot compare it. Without a password,
    the option has no effect.
  type: str
  choices:
    on_create: Only when the task creates the user.
    always: In every run. The task then always reports a change.
  default: on_create
"""


def facet_of_names(name: str, noun: str, source: str) -> str:
    """Return the options of a facet that is a set of named things. ``source`` says where the names come from."""
    return facet(name, noun, _BY_NAME.format(name=name, source=source))


def facet(name: str, noun: str, what: str) -> str:
    """Return the options of a facet that is a set. ``what`` describes its option, as YAML list items."""
    return _FACET.format(name=name, noun=noun, what=what)


_BY_NAME = """
    - The {name} of the user, by name. {source}
    - A number is treated as a name. If two {name} have the same name, specify a mapping with C({{id}}) instead.
    - If a name is unknown or ambiguous, the task fails before its first write.
""".strip("\n")

_FACET = """
{name}:
  description:
{what}
    - If not given, the user's {name} are left alone. An empty list clears them with O({name}_state=exact), and is an
      error with V(present).
  type: list
  elements: raw
{name}_state:
  description: What happens to the other {name} of the user. Requires O({name}).
  type: str
  choices:
    present: The user has at least these {name}. Others are kept.
    exact: The user has exactly these {name}.
    managed: Like V(exact), but only for the {name} in O(managed_{name}). Others are kept and returned in RV(unmanaged).
  default: present
managed_{name}:
  description:
    - The {name} that O({name}_state=managed) may remove. They must include each {noun} of O({name}), written in the
      same way.
    - An error with other values of O({name}_state).
  type: list
  elements: raw
"""


def facet_of_values(name: str, noun: str, source: str) -> str:
    """Return the options of a facet that maps names to values. ``source`` says which names there are."""
    return _VALUES.format(name=name, noun=noun, source=source)


_VALUES = """
{name}:
  description:
    - The {name} of the user, name to value. {source}
    - Values are compared and sent as text. An empty text or V(null) clears the {noun}.
    - If a name is unknown, the task fails before its first write.
    - If not given, the user's {name} are left alone. An empty mapping clears them with O({name}_state=exact), and is an
      error with V(present).
  type: dict
{name}_state:
  description: What happens to the other {name} of the user. Requires O({name}).
  type: str
  choices:
    present: The user has at least these {name}. Others are kept.
    exact: The user has exactly these {name}.
    managed: Like V(exact), but only for the {name} in O(managed_{name}). Others are kept and returned in RV(unmanaged).
  default: present
managed_{name}:
  description:
    - The names that O({name}_state=managed) may clear. They must include each name in O({name}).
    - An error with other values of O({name}_state).
  type: list
  elements: str
"""


def ignored(*names: str) -> str:
    """Return options that are taken and not looked at: what an info module returns beside what can be set."""
    return "".join(_IGNORED.format(name=name) for name in names)


_IGNORED = """
{name}:
  description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
  type: raw
"""
