# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: the options of its modules."""

from __future__ import annotations

from . import texts

_ACCOUNT = """
- The C(account_id) of the intended OneLogin account. The module compares it with the one that comes with the access
  token, after the login and before it reads or writes anything else. If they differ, the task fails.
- It cannot be verified with O(access_token), which does not reveal its account. Specifying both is an error.
- If not given, E(ONELOGIN_EXPECTED_ACCOUNT) in the environment is used. Without it, nothing is compared.
"""

_CREDENTIALS = """
client_id:
  description:
    - Client ID of an API credential. Requires O(client_secret).
    - If not given, E(ONELOGIN_CLIENT_ID) in the environment is used.
  type: str
client_secret:
  description:
    - Client secret of the API credential.
    - If not given, E(ONELOGIN_CLIENT_SECRET) in the environment is used.
  type: str
access_token:
  description:
    - An existing access token, instead of O(client_id) and O(client_secret). It takes precedence if both are specified,
      and is not renewed when it expires.
    - If not given, E(ONELOGIN_ACCESS_TOKEN) in the environment is used.
  type: str
"""

_USER_KEY = """
user_key:
  description: The field that C(user) refers to. Both fields are unique, and users can log in with either.
  type: str
  choices: [username, email]
  default: username
"""

_IDENTITY = texts.identity("""
- The user's name, which is the value of the field that O(user_key) names.
- Names that contain C(*) or begin with C(!) require O(id), because OneLogin's search treats them as patterns.
""")

_PROFILE = """
username:
  description: User name. Required to create a user. Omit it with O(user_key=username), because O(user) sets it.
  type: str
email:
  description: E-mail address. Required to create a user. Omit it with O(user_key=email), because O(user) sets it.
  type: str
firstname:
  description: First name. Required to create a user.
  type: str
lastname:
  description: Last name. Required to create a user.
  type: str
title:
  description: Job title.
  type: str
department:
  description: Department.
  type: str
company:
  description: Company.
  type: str
phone:
  description: Telephone number.
  type: str
comment:
  description: Free text about the user. Version 1 of the API calls it C(notes).
  type: str
locale_code:
  description: Language of the user, for example V(en).
  type: str
openid_name:
  description: Name in the user's OpenID address.
  type: str
external_id:
  description: ID of the user in an external directory.
  type: str
samaccountname:
  description: Login name in Active Directory.
  type: str
userprincipalname:
  description: User principal name in Active Directory.
  type: str
distinguished_name:
  description: Distinguished name in the directory that the user comes from.
  type: str
member_of:
  description: Groups of the user in the directory that the user comes from.
  type: str
group_id:
  description: ID of the user's group. A user can only be in one group. An ID that no group has is an error.
  type: str
directory_id:
  description:
    - ID of the directory that the user comes from.
    - The API has no list of directories, so only OneLogin can refuse a wrong ID. Check mode cannot predict that.
  type: str
trusted_idp_id:
  description:
    - ID of the trusted identity provider that the user logs in with.
    - The API has no list of these providers, so only OneLogin can refuse a wrong ID. Check mode cannot predict that.
  type: str
manager_ad_id:
  description: ID of the user's manager in Active Directory. The module does not check it.
  type: str
manager_user_id:
  description: ID of the user's manager in OneLogin. The module does not check it.
  type: str
status:
  description:
    - Status of the user, with OneLogin's names. Only version 2 of the API accepts it.
    - V(suspended) and V(unactivated) block the login. V(locked) blocks it until an administrator unlocks the user. To
      lock a user for a few minutes, use M(rollcall.identity.onelogin_user_lock).
    - The other values are steps that the user has to complete at the next login, such as choosing a new password. A new
      password usually ends them, so the module sends O(password) before the status.
    - A change to V(suspended) or V(unactivated) counts as disabling the user.
  type: str
  choices: [unactivated, active, suspended, locked, password_expired, awaiting_password_reset, password_pending,
    security_questions_required]
user_state:
  description:
    - State of the user in OneLogin's approval process. The API calls it C(state).
    - OneLogin refuses some changes and does not document which, so check mode cannot predict that.
    - A change away from V(approved) counts as disabling the user.
  type: str
  choices: [unapproved, approved, rejected, unlicensed]
enabled:
  description:
    - Whether the user can log in, which requires that the user is approved, activated and not suspended. The option
      does not affect locks.
    - V(true) activates and approves the user, and ends a suspension. A user who was created without a password is
      V(unactivated) until then.
    - V(false) suspends the user, unless O(user_state) already prevents the login.
    - It is an error to combine V(true) with a O(user_state) other than V(approved), or with the O(status)
      V(suspended) or V(unactivated). It is also an error to combine V(false) with another O(status), unless
      O(user_state) prevents the login.
  type: bool
password:
  description:
    - Password of the user. O(update_password) controls when it is sent.
    - OneLogin does not check it against the password policy. To have it checked, use
      M(rollcall.identity.onelogin_user_password).
  type: str
"""

_PASSWORD_METHOD = """
password_method:
  description: The format in which O(password) is sent.
  type: str
  choices:
    salted: As the SHA-256 of a random salt and the password.
    clear_text: Unchanged, within TLS.
  default: salted
"""

_PASSWORD_HASH = """
password_hash:
  description:
    - A hash of the password from another system. Use it instead of O(password) if you do not know the password.{when}
    - 64 hexadecimal digits, or a bcrypt hash. OneLogin cannot check it against the password policy.
  type: str
password_salt:
  description: The salt of O(password_hash), with 1 to 40 characters. Not with O(password_algorithm=bcrypt), whose hash
    contains the salt.
  type: str
password_algorithm:
  description: How O(password_hash) was created.
  type: str
  choices:
    salt+sha256: The SHA-256 of the salt followed by the password.
    sha256+salt: The SHA-256 of the password followed by the salt. Only version 2 of the API accepts it.
    bcrypt: With bcrypt. Only version 2 of the API accepts it.
  default: salt+sha256
"""

_USER = (
    _IDENTITY,
    texts.LIFE,
    _PROFILE,
    texts.UPDATE_PASSWORD,
    _PASSWORD_METHOD,
    _PASSWORD_HASH.format(when=" O(update_password) controls when it is sent."),
    texts.facet_of_values(
        "attributes", "attribute", "They are custom attributes by short name, and must be defined in OneLogin."
    ),
    texts.facet_of_names("roles", "role", "They are roles of OneLogin."),
)
"""One user whole, in C(onelogin_user) and in each element of C(users)."""

_ONLY_TOLD = texts.ignored(
    "locked", "activated_at", "created_at", "updated_at", "last_login", "invitation_sent_at", "invalid_login_attempts",
    "locked_until", "password_changed_at", "privileged", "mfa", "apps",
)

_FIELD_NOTES = """
- Fields that are not given stay as they are. An empty text clears a field.
- OneLogin does not report which users are administrators, or which user is calling. RV(ignore:privileged) and
  RV(ignore:mfa) are always V(null). Use O(protect) to protect users.
- The module sends a status with version 2 of the API, because version 1 does not accept it. If the answer has another
  status, the task fails.
- IDs such as C(group_id) compare as numbers. The module sends them in the form that the server uses, as numbers or as
  texts. It clears a text with an empty text, and an ID with V(null). If the server refuses one form, it sends the
  other.
- If a user comes from a directory, OneLogin may refuse to change fields that the directory owns.
"""

_GRANTABLE = texts.grantable(
    "OneLogin",
    {
        "roles": "The roles of the account.",
        "groups": "The groups of the account. A user can only be in one group, by O(ignore:group_id).",
    },
    "- Listing members of roles takes one call for each role and 50 users. "
    "Listing members of groups requires the list of all users, 50 per call.",
)

_ROLE_NOTES = """
- If a mapping or provisioning grants a role, OneLogin keeps the role although it reports success for the removal. The
  module reads the roles again after a removal. A warning lists the roles that remain, and if nothing else has changed,
  the task reports no change. Check mode cannot know this and predicts the removal.
"""

_NOTES = """
- The API credential needs the scope C(Manage All) for roles, O(ignore:user_state), locks and passwords. C(Manage
  Users) is enough to write everything else, and C(Read All) to read.
"""


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = texts.options(
        texts.connection("ONELOGIN", "https://acme.onelogin.com", _ACCOUNT), _CREDENTIALS
    ) + texts.membership("onelogin", "OneLogin's modules", _NOTES)

    WHO: str = texts.options(_USER_KEY, _IDENTITY)

    ROLE_INFO: str = texts.options(_USER_KEY, _GRANTABLE)

    PASSWORD: str = texts.options(_USER_KEY, _IDENTITY, _PASSWORD_HASH.format(when=""))

    ROLES: str = WHO + texts.notes(_ROLE_NOTES)

    USER: str = texts.options(_USER_KEY, *_USER) + texts.notes(_FIELD_NOTES, _ROLE_NOTES)

    USERS: str = texts.options(_USER_KEY, texts.listed("OneLogin", *_USER, _ONLY_TOLD)) + texts.notes(
        _FIELD_NOTES, _ROLE_NOTES
    )
