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
    - Two elements that mean the same user are an error. An element that matches several users of the directory is one,
      too.
    - What an info module of {product} returns under RV(ignore:users) can be given as it is. The fields that only the
      server sets are ignored.
    - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
  type: list
  elements: dict
  required: true
  suboptions:
"""


def grantable(product: str, kinds: t.Mapping[str, str], members: str = "") -> str:
    """Return the options of a module that lists what can be granted.

    ``kinds`` are the lists of the result, each with what it holds. ``members`` says what the members cost, as YAML list
    items, for a provider whose API reports them.
    """
    choices = textwrap.indent("\n".join(f"{kind}: {text}" for kind, text in kinds.items()), "    ")
    text = _GRANTABLE.format(product=product, choices=choices, kinds=", ".join(kinds))
    return text + (_MEMBERS.format(cost=textwrap.indent(members.strip("\n"), "    ")) if members else "")


_GRANTABLE = """
kinds:
  description: What to list. Each kind is a list of its own in the result. If not given, all of them are.
  type: list
  elements: str
  choices:
{choices}
  default: [{kinds}]
name:
  description:
    - The name of the entries to return, exactly, without regard to case. If not given, all are.
    - A name that {product} does not have gives an empty list.
  type: str
"""

_MEMBERS = """
members:
  description:
    - Whether to list who has each entry.
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
        needed = f"If not given, E({prefix}_API_URL) in the environment is used, and without that V({default})."
    return _CONNECTION.format(
        prefix=prefix, address=address, needed=needed, account=textwrap.indent(account.strip("\n"), "    ")
    )


_CONNECTION = """
api_url:
  description:
    - Address of the API, for example V({address}).
    - {needed}
    - It must hold no credentials. Plain C(http) to another host gives a warning.
  type: str
validate_certs:
  description:
    - Whether the server's certificate is checked. V(false) gives a warning.
    - If not given, E({prefix}_VALIDATE_CERTS) in the environment is used.
  type: bool
  default: true
ca_path:
  description:
    - A file with the certificates of the authorities to trust, in PEM form, for a server whose authority is a private
      one.
    - If not given, E({prefix}_CA_PATH) in the environment is used, and without that the authorities that C(requests)
      trusts.
  type: path
api_timeout:
  description:
    - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
    - A whole exchange, from the connection to the last byte of the answer, ends after four times as long.
    - If not given, E({prefix}_API_TIMEOUT) in the environment is used.
  type: int
  default: 30
api_retries:
  description:
    - How often a request is sent again after a lost connection or an answer of 408, 425, 502, 503 or 504.
    - A request that does harm when it is repeated is sent again only if the server certainly did not take it.
    - If not given, E({prefix}_API_RETRIES) in the environment is used.
  type: int
  default: 3
max_wait:
  description:
    - Seconds that a task may wait for rate limits in all.
    - A change that needs more calls than the rate limit leaves, and a longer wait than this, fails before its first
      write.
    - If not given, E({prefix}_MAX_WAIT) in the environment is used.
  type: int
  default: 300
rate_reserve:
  description:
    - What a task on many users leaves of the rate limit for others. A percentage of the server's limit such as V(20%),
      or a number of calls.
    - It has an effect where the server reports its limit and the calls that are left. V(0) allows all calls.
    - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
      user may use the reserve.
    - If not given, E({prefix}_RATE_RESERVE) in the environment is used.
  type: str
  default: 20%
max_concurrency:
  description:
    - Requests that may be under way at the same time. At least V(1).
    - If not given, E({prefix}_MAX_CONCURRENCY) in the environment is used.
  type: int
  default: 8
expected_account:
  description:
{account}
    - If not given, E({prefix}_EXPECTED_ACCOUNT) in the environment is used, and without that nothing is compared.
  type: str
protect:
  description:
    - Users who must not lose anything, as glob patterns (V(*), V(?), V([seq])) on the user, compared without case. A
      pattern that equals the name of a user matches that user as well.
    - A change that deletes, disables, locks or renames such a user, removes a grant such as a role, sets another
      password, ends sessions, replaces tags, or clears an attribute or another value, fails the task before its first
      write. Additions are made.
    - An unlisted user who matches is skipped by the bulk modules' O(ignore:unlisted=disable) and
      O(ignore:unlisted=delete), and returned in RV(ignore:spared). These require O(protect) if the API does not report
      who is an administrator and who is calling.
    - Modules that remove nothing accept the option and ignore it, so that C(module_defaults) can set it for the whole
      action group.
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
    - Compared without case and without blanks at either end.
  type: str
id:
  description:
    - The provider's ID of the user. One of O(user) and O(id) is needed to name a user.
    - It finds the user even if O(user) has changed since.
  type: str
"""

LIFE = """
previous_users:
  description:
    - Earlier values of O(user) of the same person.
    - Where nobody has O(user), the user with one of these is renamed. Where both exist, the earlier one is left alone.
    - Where both exist and the user is to be deleted, the task fails and reports the IDs. Specify O(id) then.
  type: list
  elements: str
  default: []
state:
  description: Whether the user is there.
  type: str
  choices:
    present: The user is created if need be, and is as the other options say. A user who is named by O(id) alone must
      exist.
    absent: The user is deleted for good. Other options are not looked at, apart from those that find the user.
  default: present
"""

UPDATE_PASSWORD = """
update_password:
  description: When O(password) is sent. It cannot be read back, so it cannot be compared.
  type: str
  choices:
    on_create: To a user whom this task creates.
    always: In every run. The task then always reports a change.
  default: on_create
"""


def facet_of_names(name: str, noun: str, source: str) -> str:
    """Return the options of a facet that is a set of named things. ``source`` says where the names come from."""
    return _NAMES.format(name=name, noun=noun, source=source)


_NAMES = """
{name}:
  description:
    - The {name} of the user, by name. {source}
    - A number is taken as a name. Where two {name} share a name, write C({{id}}) with the ID as a mapping instead.
    - A name that is unknown or ambiguous fails before anything is written.
    - If not given, the user's {name} are left alone. An empty list clears them with O({name}_state=exact), and is an
      error with V(present).
  type: list
  elements: raw
{name}_state:
  description: What O({name}) says of the user's other {name}. Requires O({name}).
  type: str
  choices:
    present: The user has these {name}. Others stay.
    exact: The user has these {name} and no others.
    managed: Within O(managed_{name}), the user has these {name} and no others. What lies outside stays and is reported
      as RV(unmanaged).
  default: present
managed_{name}:
  description:
    - The {name} that O({name}_state=managed) may take away. Each {noun} of O({name}) must be among them, written the
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
    - A name that is unknown fails before anything is written.
    - If not given, the user's {name} are left alone. An empty mapping clears them with O({name}_state=exact), and is an
      error with V(present).
  type: dict
{name}_state:
  description: What O({name}) says of the user's other {name}. Requires O({name}).
  type: str
  choices:
    present: The user has these {name}. Others stay.
    exact: The user has these {name} and no others.
    managed: Within O(managed_{name}), the user has these {name} and no others. What lies outside stays and is reported
      as RV(unmanaged).
  default: present
managed_{name}:
  description:
    - The names that O({name}_state=managed) may clear. Each name in O({name}) must be among them.
    - An error with other values of O({name}_state).
  type: list
  elements: str
"""


def ignored(*names: str) -> str:
    """Return options that are taken and not looked at: what an info module returns beside what can be set."""
    return "".join(_IGNORED.format(name=name) for name in names)


_IGNORED = """
{name}:
  description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
  type: raw
"""
