# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: the options of its modules."""

from __future__ import annotations

from . import texts

_ACCOUNT = """
- SendAuth does not report which organisation its credentials belong to. To give this is an error, so that nobody
  believes it to be checked.
"""

_CREDENTIALS = """
api_user:
  description:
    - The user name for HTTP Basic. SendAuth makes its credentials in the web application.
    - It is not treated as a secret, so results show it. Give what must not be seen as O(api_password).
    - If not given, E(SENDAUTH_API_USER) in the environment is used.
  type: str
api_password:
  description:
    - The password or key that belongs to O(api_user).
    - If not given, E(SENDAUTH_API_PASSWORD) in the environment is used.
  type: str
"""

_IDENTITY = texts.identity("""
- The user's e-mail address. SendAuth's own user name is for display and names nobody.
- A user without an address can only be named by O(id), and must exist. To create one, use SendAuth's administration.
  Only by an address does the next run
  know that the user is there.
""")

_PREVIOUS = texts.LIFE.partition("state:\n")[0]

_STATE = """
state:
  description: Whether the user is there.
  type: str
  choices:
    present: The user is created if need be, and is as the other options say. A user who is named by O(id) alone must
      exist.
    absent: The user is deleted, and kept by SendAuth. O(restore) brings the user back. Only the options that find the
      user are looked at.
    destroyed: The user is deleted, if that is not done, and then removed from the deleted users. Nothing brings the
      user back.
  default: present
restore:
  description:
    - Whether a deleted user with the same address is brought back, instead of failing.
    - Whoever is brought back gets nothing that the task does not name in O(permissions) and O(groups), where these are
      given. They count as V(exact) then. Where they are not given, what the user still has is reported as
      RV(unmanaged). Passkeys are removed, unless O(keep_passkeys) says otherwise. Give O(role), too. Without it the
      user has the one from before.
    - Of several deleted users with that address one must be named by O(id).
    - It does nothing for a user who is there.
  type: bool
  default: false
keep_passkeys:
  description:
    - Whether a user who is brought back keeps the passkeys from before. Without it they are removed, and the user has
      to register again.
    - Requires O(restore=true).
  type: bool
  default: false
"""

_PROFILE = """
email:
  description:
    - E-mail address. It is O(user), and left out then.
    - With O(id) and without O(user), it is the new address of the user. It cannot be cleared.
  type: str
first_name:
  description: First name, with 2 to 50 characters. Needed to create a user.
  type: str
last_name:
  description: Last name, with 2 to 50 characters. Needed to create a user.
  type: str
phone:
  description: Telephone number, with at most 20 characters.
  type: str
company:
  description:
    - The company of the user, by name, or by ID as a mapping C({id}). It must exist in SendAuth.
    - A mapping with an C(id) and a C(name), as info modules return it, is taken by its C(id).
    - An empty text takes the user out of the company. If SendAuth does not do so, the task fails and says it.
  type: raw
role:
  description:
    - The role of the user in SendAuth. The API's specification names V(super_admin), V(admin) and V(user), the
      product's documentation Admin, Registrar, Authenticator and None. Any text is accepted here and compared without
      case.
    - A change to a lower role counts as a loss, and so does one from or to a role that is none of these.
    - A user who is created with a role that has rights is sent a mail to set a password.
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
        "They are SendAuth's permission labels, and must be defined there or be had by a user.",
    ),
    texts.facet_of_names("groups", "group", "They are SendAuth's permission groups."),
)
"""One user whole, in C(sendauth_user) and in each element of C(users)."""

_ONLY_TOLD = texts.ignored(
    "username", "has_passkeys", "enabled", "group_permissions", "created_at", "last_authenticated", "privileged",
    "last_login", "mfa", "audits", "transactions",
)

_FIELD_NOTES = """
- A field that is not given is left alone. An empty text clears O(ignore:phone) and O(ignore:company). Other fields
  cannot be cleared.
- Whether SendAuth's update replaces or merges is not documented. The user is sent back as it was read, with the
  changes, in one call. What SendAuth accepts and does not take over of role, company, permissions and groups is an
  error.
- The user is read again right before an update. What others have changed since the plan was made stays. A permission
  or a group that
  somebody has given since is kept, and a warning shows it.
- RV(ignore:privileged) is V(true) for the roles C(super_admin), C(admin) and C(registrar), V(false) for the roles
  C(user), C(authenticator)
  and C(none), and V(null) for all others. A user with such a role counts as privileged where the user is lost, and not
  where the user
  stays. The last two privileged users and the last C(super_admin) cannot be deleted or demoted. C(sendauth_users) has
  the option
  C(min_admins) for another number.
- SendAuth does not report which user is calling. Name that one in O(protect). One without an address is matched as
  C(id) and the ID, such as V(id 1c6dc9a4-*).
"""

_GRANTABLE = texts.grantable(
    "SendAuth",
    {"permissions": "The permission labels.", "groups": "The permission groups, with the labels that they bring."},
    "- Members take the list of all users, 100 to a call.",
)

_LABEL_NOTES = """
- Permission labels are read before they are written. One that is neither defined nor had by any user fails, because
  what SendAuth makes of it is not documented. Only an Admin may read them. With other credentials labels are written as
  they are, and what SendAuth does not take over is an error.
"""


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = texts.options(
        texts.connection("SENDAUTH", "https://app.sendauth.com", _ACCOUNT, "https://app.sendauth.com"), _CREDENTIALS
    ) + r"""
attributes:
  action_group:
    description: The action groups that the module is in. They give many tasks the same options with C(module_defaults).
    support: full
    membership:
      - rollcall.identity.sendauth
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_sendauth
    description: The guide to SendAuth's modules.
notes:
  - The credentials need the role Registrar to write users, and Authenticator to read them. Nobody writes a user of a
    higher role.
"""

    WHO: str = texts.options(_IDENTITY)

    ROLES: str = WHO + texts.notes(_LABEL_NOTES)

    ROLE_INFO: str = texts.options(_GRANTABLE)

    USER: str = texts.options(*_USER) + texts.notes(_FIELD_NOTES, _LABEL_NOTES)

    USERS: str = texts.options(texts.listed("SendAuth", *_USER, _ONLY_TOLD)) + texts.notes(_FIELD_NOTES, _LABEL_NOTES)
