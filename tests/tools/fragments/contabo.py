# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: the options of its modules."""

from __future__ import annotations

from . import texts

_ACCOUNT = """
- The customer number of the Contabo account that is meant, such as V(12345678). It is compared with the one in the
  access token, after the login and before anything else is read or written. The task fails where they differ.
"""

_CREDENTIALS = """
auth_url:
  description:
    - Address of the login server, without the path of the token. It is another host than that of O(api_url).
    - If not given, E(CONTABO_AUTH_URL) in the environment is used, and without that V(https://auth.contabo.com).
  type: str
client_id:
  description:
    - Client ID of the customer, as the customer panel shows it beside the other three.
    - If not given, E(CONTABO_CLIENT_ID) in the environment is used.
  type: str
client_secret:
  description:
    - Client secret of the customer.
    - If not given, E(CONTABO_CLIENT_SECRET) in the environment is used.
  type: str
api_user:
  description:
    - The API user, which is the e-mail address of a user of the account.
    - If not given, E(CONTABO_API_USER) in the environment is used.
  type: str
api_password:
  description:
    - The API password of O(api_user). It is not the password of the customer panel.
    - If not given, E(CONTABO_API_PASSWORD) in the environment is used.
  type: str
trace_id:
  description:
    - A text that is sent with every call as C(x-trace-id), in ASCII characters. Contabo's audits can be searched for
      what belongs together by it.
    - If not given, E(CONTABO_TRACE_ID) in the environment is used, and without that nothing is sent.
  type: str
"""

_IDENTITY = texts.identity("""
- The user's e-mail address. Contabo has no user names.
""")

_PROFILE = """
email:
  description:
    - E-mail address. It is O(user), and left out then.
    - With O(id) and without O(user), it is the new address of the user.
  type: str
first_name:
  description:
    - First name, with 1 to 255 characters. Contabo's description allows letters, numbers, colons, dashes and
      underscores. What it takes beyond that is left to it.
    - It cannot be cleared.
  type: str
last_name:
  description: Last name. The same holds as for O(first_name).
  type: str
enabled:
  description:
    - Whether the user may log in.
    - A user who is created may, if this is not given.
  type: bool
totp:
  description:
    - Whether the user has to log in with a second factor.
    - A user who is created has not, if this is not given.
  type: bool
locale:
  description: Language of the user. A user who is created gets V(en), if this is not given.
  type: str
  choices: [de-DE, de, en-US, en]
"""

_USER = (
    _IDENTITY,
    texts.LIFE,
    _PROFILE,
    texts.facet_of_names("roles", "role", "They are roles of Contabo, the default ones and those of the customer."),
)
"""One user whole, in C(contabo_user) and in each element of C(users)."""

_ONLY_TOLD = texts.ignored(
    "email_verified", "owner", "privileged", "last_login", "mfa", "tenant_id", "customer_id", "password_set"
)

_FIELD_NOTES = """
- A field that is not given is left alone. A name cannot be cleared, because Contabo takes no empty one. To ask for it
  is an error.
- No password can be set. Contabo mails a new user a link to activate the account. A new address may have to be verified
  by mail, too.
- The owner of the account never loses anything, and neither does the user as whom the task works. A change that would
  take something from either fails the task.
- RV(ignore:privileged) is V(true) for the owner, and for users who have a role that Contabo marks as C(admin). Other
  roles may hold rights on users and do not count. Losing the last such role is a demotion. V(null) means that Contabo
  did not report the roles, or whether one of them is such a role, or whether the user is the owner.
- RV(ignore:mfa) is the value of C(totp). RV(ignore:last_login) is always V(null), because Contabo does not report it.
- A user can be created without names. Contabo's documentation calls them required in one place and optional in
  another, and Contabo's own
  client may not show such a user.
"""

_GRANTABLE = texts.grantable(
    "Contabo",
    {"roles": "The roles, the default ones and those of the customer."},
    "- Members take the list of all users, 100 to a call.",
)

_ROLE_NOTES = """
- Contabo takes the whole list of roles, so a user is read again right before it is written. A role that somebody else
  has given since the
  plan was made is kept, and a warning shows it. If Contabo does not report the roles of a user, none are written.
- That an empty list takes all roles away is not documented. The user is read again after it, and the task fails if
  roles are left.
"""


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = (
        texts.options(
            texts.connection("CONTABO", "https://api.contabo.com", _ACCOUNT, default="https://api.contabo.com"),
            _CREDENTIALS,
        )
        + r"""
attributes:
  action_group:
    description: The action groups that the module is in. They give many tasks the same options with C(module_defaults).
    support: full
    membership:
      - rollcall.identity.contabo
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_contabo
    description: The guide to Contabo's modules.
notes:
  - The API user needs a role with the rights C(READ), C(CREATE), C(UPDATE) and C(DELETE) on C(/v1/users), as far as
    they are used, and C(READ) on C(/v1/roles) where roles are given. The owner may do everything.
"""
    )

    WHO: str = texts.options(_IDENTITY)

    ROLES: str = WHO + texts.notes(_ROLE_NOTES)

    ROLE_INFO: str = texts.options(_GRANTABLE)

    USER: str = texts.options(*_USER) + texts.notes(_FIELD_NOTES, _ROLE_NOTES)

    USERS: str = texts.options(texts.listed("Contabo", *_USER, _ONLY_TOLD)) + texts.notes(_FIELD_NOTES, _ROLE_NOTES)
