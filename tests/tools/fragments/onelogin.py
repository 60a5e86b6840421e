# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: the options of its modules."""

from __future__ import annotations

from . import texts

_ACCOUNT = """
- The C(account_id) of the OneLogin account that is meant. It is compared with the one that comes with the access token,
  after the login and before anything else is read or written. The task fails where they differ.
- It cannot be verified with O(access_token), which does not reveal its account. Specifying both is an error.
"""

_CREDENTIALS = """
client_id:
  description:
    - Client ID of an API credential. Needs O(client_secret) beside it.
    - If not given, E(ONELOGIN_CLIENT_ID) in the environment is used.
  type: str
client_secret:
  description:
    - Client secret of the API credential.
    - If not given, E(ONELOGIN_CLIENT_SECRET) in the environment is used.
  type: str
access_token:
  description:
    - An access token that was made before, instead of O(client_id) and O(client_secret). It wins where both are given,
      and it is not renewed when it expires.
    - If not given, E(ONELOGIN_ACCESS_TOKEN) in the environment is used.
  type: str
"""

_USER_KEY = """
user_key:
  description: The field that C(user) holds. OneLogin accounts log in with either, and both are unique.
  type: str
  choices: [username, email]
  default: username
"""

_IDENTITY = texts.identity("""
- The user's name, which is the value of the field that O(user_key) names.
- A C(*) and a C(!) at the beginning are refused without O(id). OneLogin's search reads them as a pattern.
""")

_PROFILE = """
username:
  description: User name. Needed to create a user. It is O(user) with O(user_key=username), and left out then.
  type: str
email:
  description: E-mail address. Needed to create a user. It is O(user) with O(user_key=email), and left out then.
  type: str
firstname:
  description: First name. Needed to create a user.
  type: str
lastname:
  description: Last name. Needed to create a user.
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
  description: Free text about the user. Version 1 of the API takes it as C(notes).
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
  description: ID of the user's group. A user is in one group at most.
  type: str
directory_id:
  description: ID of the directory that the user comes from.
  type: str
trusted_idp_id:
  description: ID of the trusted identity provider that the user logs in with.
  type: str
manager_ad_id:
  description: ID of the user's manager in Active Directory.
  type: str
manager_user_id:
  description: ID of the user's manager in OneLogin.
  type: str
status:
  description:
    - Status of the user, as OneLogin names it. Version 2 of the API accepts it.
    - V(suspended) and V(unactivated) block the login. V(locked) blocks it until somebody unlocks the user. For a lock
      of some minutes use M(rollcall.identity.onelogin_user_lock).
    - The others are steps that the user has to take at the next login, such as a new password. A new password usually
      ends them, so O(password) is sent before the status.
    - A change to V(suspended) or V(unactivated) counts as disabling the user.
  type: str
  choices: [unactivated, active, suspended, locked, password_expired, awaiting_password_reset, password_pending,
    security_questions_required]
user_state:
  description:
    - Where the user stands in OneLogin's approval, which the API calls C(state). OneLogin refuses some changes of it.
    - A change away from V(approved) counts as disabling the user.
  type: str
  choices: [unapproved, approved, rejected, unlicensed]
enabled:
  description:
    - Whether the login is open, which is to be approved, activated and not suspended. A lock is another matter and
      stays.
    - V(true) activates the user, takes a suspension back, and approves the user. A user who is created without a
      password is V(unactivated) until then.
    - V(false) suspends the user, unless O(user_state) keeps the user from logging in already.
    - V(true) and a O(user_state) other than V(approved), or a O(status) that blocks the login, are an error. So are
      V(false) and a O(status) that does not block it.
  type: bool
password:
  description:
    - Password of the user. O(update_password) says when it is sent.
    - It is not checked against the password policy. For that see M(rollcall.identity.onelogin_user_password).
  type: str
"""

_PASSWORD_METHOD = """
password_method:
  description: The form in which O(password) is sent.
  type: str
  choices:
    salted: As the SHA-256 of a random salt and the password.
    clear_text: As it is, within TLS.
  default: salted
"""

_PASSWORD_HASH = """
password_hash:
  description:
    - A hash of the password from another system, instead of O(password), which nobody has to know then.{when}
    - 64 hexadecimal digits, or a bcrypt hash. OneLogin cannot check it against the password policy.
  type: str
password_salt:
  description: The salt of O(password_hash), with 1 to 40 characters. Not with O(password_algorithm=bcrypt), whose hash
    holds its salt.
  type: str
password_algorithm:
  description: How O(password_hash) was made.
  type: str
  choices:
    salt+sha256: The SHA-256 of the salt followed by the password.
    sha256+salt: The SHA-256 of the password followed by the salt. Version 2 of the API accepts it.
    bcrypt: With bcrypt. Version 2 of the API accepts it.
  default: salt+sha256
"""

_USER = (
    _IDENTITY,
    texts.LIFE,
    _PROFILE,
    texts.UPDATE_PASSWORD,
    _PASSWORD_METHOD,
    _PASSWORD_HASH.format(when=" O(update_password) says when it is sent."),
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
- A field that is not given is left alone. An empty text clears it.
- OneLogin reports neither which users are administrators nor which one is calling. RV(ignore:privileged) and
  RV(ignore:mfa) are always V(null). Only O(protect) shields a user.
- A status is sent with the update of version 2 of the API, the only one that accepts one. If the answer has another
  status, the task fails.
- IDs such as C(group_id) compare as numbers. They are sent as the server shows them, as numbers or as texts. A text is
  cleared with an empty text, an ID with V(null). Where the server refuses one form, the other one is sent.
- A user whom a directory owns may refuse changes of fields that come from there.
"""

_GRANTABLE = texts.grantable(
    "OneLogin",
    {
        "roles": "The roles of the account.",
        "groups": "The groups of the account. A user is in one at most, by O(ignore:group_id).",
    },
    "- Members of roles take one call for each role and 50 users. "
    "Members of groups take the whole list of users, 50 to a call.",
)

_ROLE_NOTES = """
- Roles that a mapping or provisioning gives stay when they are taken away, although OneLogin reports success. The roles
  are read again after a removal. Those that stay are named in a warning, and a run that achieved nothing else reports
  no change. Check mode cannot know this and predicts the removal.
"""


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = texts.options(
        texts.connection("ONELOGIN", "https://acme.onelogin.com", _ACCOUNT), _CREDENTIALS
    ) + r"""
attributes:
  action_group:
    description: The action groups that the module is in. They give many tasks the same options with C(module_defaults).
    support: full
    membership:
      - rollcall.identity.onelogin
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_onelogin
    description: The guide to OneLogin's modules.
notes:
  - The API credential needs the scope C(Manage All) for roles, O(ignore:user_state), locks and passwords. C(Manage
    Users) is enough to write anything else, C(Read All) to read.
"""

    WHO: str = texts.options(_USER_KEY, _IDENTITY)

    ROLE_INFO: str = texts.options(_USER_KEY, _GRANTABLE)

    PASSWORD: str = texts.options(_USER_KEY, _IDENTITY, _PASSWORD_HASH.format(when=""))

    ROLES: str = WHO + texts.notes(_ROLE_NOTES)

    USER: str = texts.options(_USER_KEY, *_USER) + texts.notes(_FIELD_NOTES, _ROLE_NOTES)

    USERS: str = texts.options(_USER_KEY, texts.listed("OneLogin", *_USER, _ONLY_TOLD)) + texts.notes(
        _FIELD_NOTES, _ROLE_NOTES
    )
