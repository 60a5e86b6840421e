# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: the options of its modules."""

from __future__ import annotations

from . import texts

_ACCOUNT = """
- The customer number of the intended Contabo account, such as V(12345678). The module compares it with the one in the
  access token, after the login and before it reads or writes anything else. If they differ, the task fails.
- If not given, E(CONTABO_EXPECTED_ACCOUNT) in the environment is used. Without it, nothing is compared.
"""

_CREDENTIALS = """
auth_url:
  description:
    - Address of the login server, without the path of the token endpoint. It is not the same host as O(api_url).
    - If not given, E(CONTABO_AUTH_URL) in the environment is used, or V(https://auth.contabo.com) if it is not set.
  type: str
client_id:
  description:
    - Client ID of the customer. The customer panel shows it with the other credentials.
    - If not given, E(CONTABO_CLIENT_ID) in the environment is used.
  type: str
client_secret:
  description:
    - Client secret of the customer.
    - If not given, E(CONTABO_CLIENT_SECRET) in the environment is used.
  type: str
api_user:
  description:
    - The API user, which is the e-mail address of a user in the account.
    - If not given, E(CONTABO_API_USER) in the environment is used.
  type: str
api_password:
  description:
    - The API password of O(api_user). It is not the password of the customer panel.
    - If not given, E(CONTABO_API_PASSWORD) in the environment is used.
  type: str
trace_id:
  description:
    - An ASCII text that is sent with every call as C(x-trace-id). Use it to find related calls in Contabo's audits.
    - If not given, E(CONTABO_TRACE_ID) in the environment is used. Without it, nothing is sent.
  type: str
"""

_IDENTITY = texts.identity("""
- The user's e-mail address. Contabo does not have user names.
""")

_PROFILE = """
email:
  description:
    - E-mail address. If O(user) is specified, omit it, because it is the same.
    - With O(id) and without O(user), it is the new address of the user.
  type: str
first_name:
  description:
    - First name, with 1 to 255 characters. Contabo's documentation allows letters, numbers, colons, dashes and
      underscores. The module does not restrict the characters.
    - It cannot be cleared.
  type: str
last_name:
  description: Last name. The same rules apply as for O(first_name).
  type: str
enabled:
  description:
    - Whether the user can log in.
    - If not given, a new user is enabled.
  type: bool
totp:
  description:
    - Whether the user has to log in with a second factor.
    - If not given, a new user does not need one.
  type: bool
locale:
  description: Language of the user. If not given, a new user gets V(en).
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
- Fields that are not given stay as they are. A name cannot be cleared, because Contabo does not accept an empty name.
  An empty name is an error.
- The API cannot set passwords. Contabo mails a new user a link to activate the account. Contabo may require that a new
  address is verified by mail, too.
- The owner of the account, and the user that the task runs as, never lose anything. The task fails if it would remove
  something from them.
- RV(ignore:privileged) is V(true) for the owner, and for users with a role that Contabo marks as C(admin). Other roles
  do not count, even if they have rights on users. Losing the last such role is a demotion. V(null) means that Contabo
  did not report the roles, whether one of them is such a role, or whether the user is the owner.
- RV(ignore:mfa) is the value of C(totp). RV(ignore:last_login) is always V(null), because Contabo does not report it.
- A user can be created without names. Contabo's documentation calls them required in one place and optional in another,
  and Contabo's own client may not show such a user.
"""

_GRANTABLE = texts.grantable(
    "Contabo",
    {"roles": "The roles, the default ones and those of the customer."},
    "- Listing members requires the list of all users, 100 per call.",
)

_ROLE_NOTES = """
- Contabo replaces the whole list of roles, so the module reads a user again right before it writes. It keeps
  roles that were granted outside the task since the plan, and a warning reports them. If Contabo does not report the
  roles of a user, the module does not write any.
- Contabo does not document that an empty list revokes all roles. The module reads the user again, and the task fails
  if the user still has roles.
"""

_NOTES = """
- The API user needs a role with the rights C(READ), C(CREATE), C(UPDATE) and C(DELETE) on C(/v1/users), as far as the
  task uses them, and C(READ) on C(/v1/roles) if the task specifies roles. The owner has all rights.
"""


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = texts.options(
        texts.connection("CONTABO", "https://api.contabo.com", _ACCOUNT, default="https://api.contabo.com"),
        _CREDENTIALS,
    ) + texts.membership("contabo", "Contabo's modules", _NOTES)

    WHO: str = texts.options(_IDENTITY)

    ROLES: str = WHO + texts.notes(_ROLE_NOTES)

    ROLE_INFO: str = texts.options(_GRANTABLE)

    USER: str = texts.options(*_USER) + texts.notes(_FIELD_NOTES, _ROLE_NOTES)

    USERS: str = texts.options(texts.listed("Contabo", *_USER, _ONLY_TOLD)) + texts.notes(_FIELD_NOTES, _ROLE_NOTES)
