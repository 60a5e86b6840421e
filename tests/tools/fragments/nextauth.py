# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: the options of its modules."""

from __future__ import annotations

from . import texts


def _without(text: str, *lines: str) -> str:
    """Return a shared text without lines that do not hold for nextAuth, which has no catalogue of names."""
    for line in lines:
        before, matches, after = text.partition(f"    - {line}\n")
        if not matches:
            raise ValueError(line)
        text = before + after
    return text


_ACCOUNT = """
- The ID of the virtual server that is meant. It must be the same as O(server_id), which may come from somewhere else,
  such as the environment. Compared with case, because base64 has capitals that mean something.
- The server is read as well, before anything else is read or written, and must be there under this ID. A key without
  the permission C(servers) or C(createserver) may not read it. Then only the two options are compared.
"""

_CREDENTIALS = """
api_key:
  description:
    - The API key, which belongs to a role. What the role may do, the modules may do.
    - Required, here or as E(NEXTAUTH_API_KEY) in the environment.
  type: str
server_id:
  description:
    - ID of the virtual server, in base64 as nextAuth shows it. It is encoded for the address here.
    - Required, here or as E(NEXTAUTH_SERVER_ID) in the environment.
  type: str
role_id:
  description:
    - ID of a role to work as, instead of the role of the key. The key's role needs the global permission C(root) or
      C(setrid) for that.
    - If not given, E(NEXTAUTH_ROLE_ID) in the environment is used, and without that the key's own role.
  type: str
"""

_IDENTITY = """
user:
  description:
    - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
    - The user with exactly this name is taken. If there is none, one whose name differs in case alone is. If several
      differ in case alone, that is an error, and O(id) says which.
    - Blanks at either end are cut off.
  type: str
id:
  description:
    - The name of the user, compared exactly. nextAuth has no other ID.
    - One of O(user) and O(id) is needed to name a user. A user who is named by O(id) must exist.
  type: str
"""

_LIFE = """
previous_users:
  description:
    - Earlier values of O(user) of the same person.
    - nextAuth cannot rename. If nobody has O(user), and somebody has one of these, the task fails and says so.
  type: list
  elements: str
  default: []
state:
  description: Whether the user is there.
  type: str
  choices:
    present: The user is created if need be, and is as the other options say. A user who is named by O(id) alone must
      exist.
    absent: The user is deleted for good, with all accounts. Other options are not looked at, apart from those that find
      the user.
  default: present
"""

_PROFILE = """
enabled:
  description:
    - Whether the user may log in, which is to have an account that is not blocked. V(true) or V(false).
    - V(false) blocks all accounts of the user. V(true) unblocks them if all of them are blocked. If one of them is not,
      nothing is done.
    - A user without accounts is as desired either way, and shown with V(null). So a user who registers an app after
      O(enabled=false) can log in until the task runs again.
    - V(null), which an info module returns for a user without accounts, is the same as not given.
  type: bool
"""

_UNKNOWN_NAMES = "A name that is unknown fails before anything is written."
_ATTRIBUTES = _without(
    texts.facet_of_values(
        "attributes", "attribute", "Any name will do. nextAuth has neither profile fields nor a list of names."
    ),
    _UNKNOWN_NAMES,
)
_PERMISSIONS = _without(
    texts.facet_of_names(
        "permissions",
        "permission",
        "They belong to the user's role, which is made if need be, and hold on this virtual server.",
    ),
    "A number is taken as a name. Where two permissions share a name, write C({id}) with the ID as a mapping instead.",
    "A name that is unknown or ambiguous fails before anything is written.",
)

_USER = (_IDENTITY, _LIFE, _PROFILE, _ATTRIBUTES, _PERMISSIONS)
"""One user whole, in C(nextauth_user) and in each element of C(users)."""

_ONLY_TOLD = texts.ignored("userid", "number_accounts", "last_login", "role", "privileged", "mfa", "accounts")

_USER_NOTES = """
- nextAuth reports neither which users are administrators nor which one is calling. RV(ignore:privileged) and
  RV(ignore:mfa) are
  always V(null). Only O(protect) shields a user.
- There is no call that renames a user. Create the new one, let its owner register, and delete the old one.
"""

_GRANTABLE = texts.grantable(
    "nextAuth",
    {"roles": "The roles that have permissions on the server. Reading them needs the permission C(servers)."},
    "- Members take the list of all users, 100 to a call, and one call for each user.",
)

_ATTRIBUTE_NOTES = """
- Attributes that change are merged by one call, and each that goes takes a call. With C(exact) all are replaced at once
  if one goes.
- Values are texts. An integer is sent and compared as its decimal text. A boolean or a decimal number fails, because
  YAML makes one of texts such as
  C(yes) and C(1.10). Write the text in quotes. A value cannot be a list or a mapping.
- No name of a user or an attribute can be V(.) or V(..), have such a part between slashes, or become one when it is
  decoded. A proxy could resolve it, and the
  request would reach another resource.
- nextAuth's documentation does not show the text that attributes are read as. A JSON object, a list of pairs, each also
  within a JSON text, and an empty body are understood. Anything else is an error, and nothing is written.
"""

_PERMISSION_NOTES = """
- A role has its permissions as a whole, so they are read again right before they are written. A permission that
  somebody else
  has granted since the plan was made is kept, and a warning shows it. The next run plans with it.
- Names of permissions compare with case. nextAuth does not report which there are. Reading them needs the permission
  C(servers), writing C(root).
"""


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = (
        texts.options(
            texts.connection("NEXTAUTH", "https://nextauth.example.com", _ACCOUNT, default="https://api.nextauth.com"),
            _CREDENTIALS,
        )
        + r"""
attributes:
  action_group:
    description: The action groups that the module is in. They give many tasks the same options with C(module_defaults).
    support: full
    membership:
      - rollcall.identity.nextauth
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_nextauth
    description: The guide to nextAuth's modules.
notes:
  - The role of the API key needs the permission C(users) for most calls, C(accounts) to block accounts, C(servers) and
    C(root) for permissions. An error names the one that is missing.
"""
    )

    WHO: str = texts.options(_IDENTITY)

    VALUES: str = WHO + texts.notes(_ATTRIBUTE_NOTES)

    PERMISSIONS: str = WHO + texts.notes(_PERMISSION_NOTES)

    ROLE_INFO: str = texts.options(_GRANTABLE)

    USER: str = texts.options(*_USER) + texts.notes(_USER_NOTES, _ATTRIBUTE_NOTES, _PERMISSION_NOTES)

    USERS: str = texts.options(texts.listed("nextAuth", *_USER, _ONLY_TOLD)) + texts.notes(
        _USER_NOTES, _ATTRIBUTE_NOTES, _PERMISSION_NOTES
    )
