# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: the options of its modules."""

from __future__ import annotations

from . import texts

_ACCOUNT = """
- Setting O(expected_account), or E(SENDAUTH_EXPECTED_ACCOUNT) in the environment, is an error, because SendAuth
  does not report which organisation the credentials belong to.
"""

_CREDENTIALS = """
api_user:
  description:
    - The user name for HTTP Basic. Create the credentials in SendAuth's web application.
    - It is not treated as a secret, so it can appear in results. Only O(api_password) is masked.
    - If not given, E(SENDAUTH_API_USER) in the environment is used.
  type: str
api_password:
  description:
    - The password or key that belongs to O(api_user).
    - If not given, E(SENDAUTH_API_PASSWORD) in the environment is used.
  type: str
"""

_IDENTITY = texts.identity("""
- The user's e-mail address. SendAuth only displays the user name; it does not identify a user.
- For a user without an address, specify O(id). The user must exist. Create such users in SendAuth's administration,
  because the next run could not find a new user without an address.
""")

_PREVIOUS = texts.LIFE.partition("state:\n")[0]

_STATE = """
state:
  description: Whether the user exists.
  type: str
  choices:
    present: The user is created if necessary, and matches the other options. If only O(id) is specified, the user must
      exist.
    absent: The user is deleted. SendAuth keeps deleted users, and O(restore) restores them. Only the options that find
      the user have an effect.
    destroyed: The user is deleted if necessary, and then removed from the deleted users. Such a user cannot be
      restored.
  default: present
restore:
  description:
    - Whether to restore a deleted user with the same address. Otherwise, such a user is an error.
    - Not possible with O(state=destroyed).
    - For a restored user, O(permissions) and O(groups) count as V(exact). If the task omits them, the grants that the
      user still has are returned in RV(unmanaged). Passkeys are removed, unless O(keep_passkeys=true). Also specify
      O(role); otherwise the user has the earlier role.
    - If there are several deleted users with that address, select one with O(id).
    - It has no effect for a user who exists.
  type: bool
  default: false
keep_passkeys:
  description:
    - Whether a restored user keeps the earlier passkeys. Otherwise they are removed, and the user has to register
      again.
    - Requires O(restore=true).
  type: bool
  default: false
"""

_PROFILE = """
email:
  description:
    - E-mail address. If O(user) is specified, omit it, because it is the same.
    - With O(id) and without O(user), it is the new address of the user. It cannot be cleared.
  type: str
first_name:
  description: First name, with 2 to 50 characters. Required to create a user.
  type: str
last_name:
  description: Last name, with 2 to 50 characters. Required to create a user.
  type: str
phone:
  description: Telephone number, with at most 20 characters.
  type: str
company:
  description:
    - The company of the user, by name, or by ID as a mapping C({id}). It must exist in SendAuth.
    - If a mapping has both C(id) and C(name), as info modules return it, the C(id) counts.
    - An empty text removes the user from the company. If SendAuth does not do so, the task fails.
  type: raw
role:
  description:
    - The role of the user in SendAuth. The API's specification names V(super_admin), V(admin) and V(user); the
      product's documentation names Admin, Registrar, Authenticator and None. Case is ignored, and the module writes a
      role as other users have it.
    - No call lists roles. A role that is in neither the specification nor the documentation is an error, unless some
      user has it. If the roles of other users show that SendAuth uses the names of only one of the two, a role that
      only the other one names causes a warning.
    - A change to a lower role counts as a loss, and so does a change from or to a role that neither names.
    - SendAuth sends each new user an e-mail to set a password, unless the role is V(user) or V(None).
  type: str
messaging_preference:
  description: How SendAuth reaches the user.
  type: str
  choices: [email, sms, both]
"""

_USER = (
    _IDENTITY,
    _PREVIOUS,
    _STATE,
    _PROFILE,
    texts.facet_of_names(
        "permissions", "permission",
        "They are SendAuth's permission labels. A label must be defined there, or some user must have it.",
    ),
    texts.facet_of_names("groups", "group", "They are SendAuth's permission groups."),
)
"""One user whole, in C(sendauth_user) and in each element of C(users)."""

_ONLY_TOLD = texts.ignored(
    "username", "has_passkeys", "enabled", "group_permissions", "created_at", "last_authenticated", "privileged",
    "last_login", "mfa", "audits", "transactions",
)

_FIELD_NOTES = """
- Fields that are not given stay as they are. An empty text clears O(ignore:phone) and O(ignore:company). Other fields
  cannot be cleared.
- SendAuth does not document whether an update replaces or merges. The module sends the user as it was read, with the
  changes, in one call. It fails if SendAuth accepts a change of role, company, permissions or groups but does not apply
  it.
- The module reads the user again right before an update, and keeps changes that were made outside the task since
  the plan. This includes permissions and groups, and a warning reports these.
- RV(ignore:privileged) is V(true) for the roles C(super_admin), C(admin) and C(registrar), V(false) for the roles
  C(user), C(authenticator) and C(none), and V(null) for all others. A user with V(null) counts as privileged when
  deleted or demoted, but not among those who remain. The last two privileged users and the last C(super_admin) cannot
  be deleted or demoted. C(sendauth_users) has the option C(min_admins) to change this number.
- SendAuth does not report which user is calling. List that user in O(protect). For a user without an address, write
  C(id) and the ID, such as V(id 1c6dc9a4-*).
"""

_GRANTABLE = texts.grantable(
    "SendAuth",
    {"permissions": "The permission labels.", "groups": "The permission groups, with the labels that they grant."},
    "- Listing members requires the list of all users, 100 per call.",
)

_LABEL_NOTES = """
- The module reads the permission labels before it writes them. A label that is neither defined nor assigned to any user
  is an error, because SendAuth does not document how it handles such labels. Only an Admin can read labels. With other
  credentials, the module writes labels as specified, and fails if SendAuth does not apply one.
"""

_NOTES = """
- The credentials need the role Registrar to write users, and Authenticator to read them. They cannot write users with
  a higher role.
"""


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = texts.options(
        texts.connection("SENDAUTH", "https://app.sendauth.com", _ACCOUNT, "https://app.sendauth.com"), _CREDENTIALS
    ) + texts.membership("sendauth", "SendAuth's modules", _NOTES)

    WHO: str = texts.options(_IDENTITY)

    ROLES: str = WHO + texts.notes(_LABEL_NOTES)

    ROLE_INFO: str = texts.options(_GRANTABLE)

    USER: str = texts.options(*_USER) + texts.notes(_FIELD_NOTES, _LABEL_NOTES)

    USERS: str = texts.options(texts.listed("SendAuth", *_USER, _ONLY_TOLD)) + texts.notes(_FIELD_NOTES, _LABEL_NOTES)
