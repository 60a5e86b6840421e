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
- The ID of the intended virtual server. It must equal O(server_id), which may come from another source, such as the
  environment. It is case-sensitive, as base64 is.
- Before anything else, the module reads the server, which must exist with this ID. If the key has neither the
  permission C(servers) nor C(createserver), the module only compares the two options.
- If not given, E(NEXTAUTH_EXPECTED_ACCOUNT) in the environment is used. Without it, nothing is compared.
"""

_CREDENTIALS = """
api_key:
  description:
    - The API key. It belongs to a role, whose permissions decide what the modules can do.
    - Required, here or as E(NEXTAUTH_API_KEY) in the environment.
  type: str
server_id:
  description:
    - ID of the virtual server, in base64 as nextAuth shows it, without URL encoding.
    - Required, here or as E(NEXTAUTH_SERVER_ID) in the environment.
  type: str
role_id:
  description:
    - ID of a role to use instead of the role of the key. This requires that the role of the key has the global
      permission C(root) or C(setrid).
    - If not given, E(NEXTAUTH_ROLE_ID) in the environment is used. Without it, the role of the key is used.
  type: str
"""

_IDENTITY = """
user:
  description:
    - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
    - A user with exactly this name matches first. Otherwise, a user whose name differs only in case matches. If several
      names differ only in case, the task fails. Select one with O(id).
    - Blanks at either end are removed.
  type: str
id:
  description:
    - The name of the user, compared exactly. nextAuth does not have another ID.
    - At least one of O(user) and O(id) is required. A user specified by O(id) must exist.
  type: str
"""

_LIFE = """
previous_users:
  description:
    - Earlier values of O(user) for the same person.
    - nextAuth cannot rename users. If no user has O(user), but a user has one of these names, the task fails.
  type: list
  elements: str
  default: []
state:
  description: Whether the user exists.
  type: str
  choices:
    present: The user is created if necessary, and matches the other options. If only O(id) is specified, the user must
      exist.
    absent: The user is deleted permanently, with all accounts. Only the options that find the user have an effect.
  default: present
"""

_PROFILE = """
enabled:
  description:
    - Whether the user can log in, which means that at least one account is not blocked.
    - V(false) blocks all accounts of the user. V(true) unblocks them if all of them are blocked. If one of them is not
      blocked, nothing changes.
    - For a user without accounts, the module changes nothing and returns V(null). A user who registers an app after
      O(enabled=false) can therefore log in until the task runs again.
    - V(null), which an info module returns for a user without accounts, has the same effect as omitting the option.
  type: bool
"""

_UNKNOWN_NAMES = "If a name is unknown, the task fails before its first write."
_ATTRIBUTES = _without(
    texts.facet_of_values(
        "attributes", "attribute", "Any name is possible. nextAuth has neither profile fields nor a list of names."
    ),
    _UNKNOWN_NAMES,
)
_PERMISSIONS = _without(
    texts.facet_of_names(
        "permissions",
        "permission",
        "They belong to the user's role, which is created if necessary, and apply to this virtual server.",
    ),
    "A number is treated as a name. If two permissions have the same name, specify a mapping with C({id}) instead.",
    "If a name is unknown or ambiguous, the task fails before its first write.",
)

_USER = (_IDENTITY, _LIFE, _PROFILE, _ATTRIBUTES, _PERMISSIONS)
"""One user whole, in C(nextauth_user) and in each element of C(users)."""

_ONLY_TOLD = texts.ignored("userid", "number_accounts", "last_login", "role", "privileged", "mfa", "accounts")

_USER_NOTES = """
- nextAuth does not report which users are administrators, or which user is calling. RV(ignore:privileged) and
  RV(ignore:mfa) are always V(null). Use O(protect) to protect users.
- The API cannot rename a user. Create the new user, have the person register the app, and delete the old user.
"""

_GRANTABLE = texts.grantable(
    "nextAuth",
    {"roles": "The roles that have permissions on the server. Reading them requires the permission C(servers)."},
    "- Listing members requires the list of all users, 100 per call, and one call for each user.",
)

_ATTRIBUTE_NOTES = """
- One call sets all changed attributes. Clearing takes one call for each attribute. With C(exact), one call replaces all
  attributes if one is cleared.
- Values are texts. An integer is sent and compared as decimal text. A boolean or a decimal number is an error, because
  YAML converts unquoted texts such as C(yes) and C(1.10). Quote such texts. A value cannot be a list or a mapping.
- The name of a user or an attribute cannot be V(.) or V(..), have such a part between slashes, or decode to one. A
  proxy could resolve it, and the request would reach another resource.
- nextAuth does not document the format in which it returns attributes. The module accepts a JSON object, a list of
  pairs, each also within a JSON text, and an empty body. Anything else is an error, and nothing is written.
"""

_PERMISSION_NOTES = """
- The API replaces all permissions of a role, so the module reads them again right before it writes. It keeps
  permissions that were granted outside the task since the plan, and a warning reports them. The next run includes them
  in its plan.
- Names of permissions are case-sensitive. nextAuth does not report which permissions exist. Its documentation names
  C(users), C(accounts), C(sessions), C(servers), C(createserver), C(setrid) and C(root). To grant another one is an
  error, unless some role has it. Reading permissions requires the permission C(servers), writing them requires C(root).
"""

_NOTES = """
- The role of the API key needs the permission C(users) for most calls, C(accounts) to block accounts, C(servers) to
  read permissions, and C(root) to write them. An error names the missing permission.
"""


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = texts.options(
        texts.connection("NEXTAUTH", "https://nextauth.example.com", _ACCOUNT, default="https://api.nextauth.com"),
        _CREDENTIALS,
    ) + texts.membership("nextauth", "nextAuth's modules", _NOTES)

    WHO: str = texts.options(_IDENTITY)

    VALUES: str = WHO + texts.notes(_ATTRIBUTE_NOTES)

    PERMISSIONS: str = WHO + texts.notes(_PERMISSION_NOTES)

    ROLE_INFO: str = texts.options(_GRANTABLE)

    USER: str = texts.options(*_USER) + texts.notes(_USER_NOTES, _ATTRIBUTE_NOTES, _PERMISSION_NOTES)

    USERS: str = texts.options(texts.listed("nextAuth", *_USER, _ONLY_TOLD)) + texts.notes(
        _USER_NOTES, _ATTRIBUTE_NOTES, _PERMISSION_NOTES
    )
