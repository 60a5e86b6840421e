# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: the options of its modules.

Generated from tests/tools/fragments/onelogin.py. Edit that file, then run `make fragments`.
"""

from __future__ import annotations


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of the API, for example V(https://acme.onelogin.com).
      - Required, here or as E(ONELOGIN_API_URL) in the environment.
      - It must hold no credentials. Plain C(http) to another host gives a warning.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate is checked. V(false) gives a warning.
      - If not given, E(ONELOGIN_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of the authorities to trust, in PEM form, for a server whose authority is a private
        one.
      - If not given, E(ONELOGIN_CA_PATH) in the environment is used, and without that the authorities that C(requests)
        trusts.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole exchange, from the connection to the last byte of the answer, ends after four times as long.
      - If not given, E(ONELOGIN_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How often a request is sent again after a lost connection or an answer of 408, 425, 502, 503 or 504.
      - A request that does harm when it is repeated is sent again only if the server certainly did not take it.
      - If not given, E(ONELOGIN_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in all.
      - A change that needs more calls than the rate limit leaves, and a longer wait than this, fails before its first
        write.
      - If not given, E(ONELOGIN_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - What a task on many users leaves of the rate limit for others. A percentage of the server's limit such as
        V(20%), or a number of calls.
      - It has an effect where the server reports its limit and the calls that are left. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(ONELOGIN_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - Requests that may be under way at the same time. At least V(1).
      - If not given, E(ONELOGIN_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - The C(account_id) of the OneLogin account that is meant. It is compared with the one that comes with the access
        token, after the login and before anything else is read or written. The task fails where they differ.
      - It cannot be verified with O(access_token), which does not reveal its account. Specifying both is an error.
      - If not given, E(ONELOGIN_EXPECTED_ACCOUNT) in the environment is used, and without that nothing is compared.
    type: str
  protect:
    description:
      - Users who must not lose anything, as glob patterns (V(*), V(?), V([seq])) on the user, compared without case. A
        pattern that equals the name of a user matches that user as well.
      - A change that deletes, disables, locks or renames such a user, removes a grant such as a role, sets another
        password, ends sessions, replaces tags, or clears an attribute or another value, fails the task before its first
        write. Additions are made.
      - An unlisted user who matches is skipped by the bulk modules' O(ignore:unlisted=disable) and
        O(ignore:unlisted=delete), and returned in RV(ignore:spared). These require O(protect) if the API does not
        report who is an administrator and who is calling.
      - Modules that remove nothing accept the option and ignore it, so that C(module_defaults) can set it for the whole
        action group.
      - If not given, E(ONELOGIN_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
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
      - An access token that was made before, instead of O(client_id) and O(client_secret). It wins where both are
        given, and it is not renewed when it expires.
      - If not given, E(ONELOGIN_ACCESS_TOKEN) in the environment is used.
    type: str

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

    WHO = r"""
options:
  user_key:
    description: The field that C(user) holds. OneLogin accounts log in with either, and both are unique.
    type: str
    choices: [username, email]
    default: username
  user:
    description:
      - The user's name, which is the value of the field that O(user_key) names.
      - A C(*) and a C(!) at the beginning are refused without O(id). OneLogin's search reads them as a pattern.
      - Compared without case and without blanks at either end.
    type: str
  id:
    description:
      - The provider's ID of the user. One of O(user) and O(id) is needed to name a user.
      - It finds the user even if O(user) has changed since.
    type: str
"""

    ROLE_INFO = r"""
options:
  user_key:
    description: The field that C(user) holds. OneLogin accounts log in with either, and both are unique.
    type: str
    choices: [username, email]
    default: username
  kinds:
    description: What to list. Each kind is a list of its own in the result. If not given, all of them are.
    type: list
    elements: str
    choices:
      roles: The roles of the account.
      groups: The groups of the account. A user is in one at most, by O(ignore:group_id).
    default: [roles, groups]
  name:
    description:
      - The name of the entries to return, exactly, without regard to case. If not given, all are.
      - A name that OneLogin does not have gives an empty list.
    type: str

  members:
    description:
      - Whether to list who has each entry.
      - Members of roles take one call for each role and 50 users. Members of groups take the whole list of users, 50 to
        a call.
    type: bool
    default: false
"""

    PASSWORD = r"""
options:
  user_key:
    description: The field that C(user) holds. OneLogin accounts log in with either, and both are unique.
    type: str
    choices: [username, email]
    default: username
  user:
    description:
      - The user's name, which is the value of the field that O(user_key) names.
      - A C(*) and a C(!) at the beginning are refused without O(id). OneLogin's search reads them as a pattern.
      - Compared without case and without blanks at either end.
    type: str
  id:
    description:
      - The provider's ID of the user. One of O(user) and O(id) is needed to name a user.
      - It finds the user even if O(user) has changed since.
    type: str
  password_hash:
    description:
      - A hash of the password from another system, instead of O(password), which nobody has to know then.
      - 64 hexadecimal digits, or a bcrypt hash. OneLogin cannot check it against the password policy.
    type: str
  password_salt:
    description: The salt of O(password_hash), with 1 to 40 characters. Not with O(password_algorithm=bcrypt), whose
      hash holds its salt.
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

    ROLES = r"""
options:
  user_key:
    description: The field that C(user) holds. OneLogin accounts log in with either, and both are unique.
    type: str
    choices: [username, email]
    default: username
  user:
    description:
      - The user's name, which is the value of the field that O(user_key) names.
      - A C(*) and a C(!) at the beginning are refused without O(id). OneLogin's search reads them as a pattern.
      - Compared without case and without blanks at either end.
    type: str
  id:
    description:
      - The provider's ID of the user. One of O(user) and O(id) is needed to name a user.
      - It finds the user even if O(user) has changed since.
    type: str
notes:
  - Roles that a mapping or provisioning gives stay when they are taken away, although OneLogin reports success. The
    roles are read again after a removal. Those that stay are named in a warning, and a run that achieved nothing else
    reports no change. Check mode cannot know this and predicts the removal.
"""

    USER = r"""
options:
  user_key:
    description: The field that C(user) holds. OneLogin accounts log in with either, and both are unique.
    type: str
    choices: [username, email]
    default: username
  user:
    description:
      - The user's name, which is the value of the field that O(user_key) names.
      - A C(*) and a C(!) at the beginning are refused without O(id). OneLogin's search reads them as a pattern.
      - Compared without case and without blanks at either end.
    type: str
  id:
    description:
      - The provider's ID of the user. One of O(user) and O(id) is needed to name a user.
      - It finds the user even if O(user) has changed since.
    type: str
  previous_users:
    description:
      - Earlier values of O(user) of the same person.
      - Where nobody has O(user), the user with one of these is renamed. Where both exist, the earlier one is left
        alone.
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
  update_password:
    description: When O(password) is sent. It cannot be read back, so it cannot be compared.
    type: str
    choices:
      on_create: To a user whom this task creates.
      always: In every run. The task then always reports a change.
    default: on_create
  password_method:
    description: The form in which O(password) is sent.
    type: str
    choices:
      salted: As the SHA-256 of a random salt and the password.
      clear_text: As it is, within TLS.
    default: salted
  password_hash:
    description:
      - A hash of the password from another system, instead of O(password), which nobody has to know then.
        O(update_password) says when it is sent.
      - 64 hexadecimal digits, or a bcrypt hash. OneLogin cannot check it against the password policy.
    type: str
  password_salt:
    description: The salt of O(password_hash), with 1 to 40 characters. Not with O(password_algorithm=bcrypt), whose
      hash holds its salt.
    type: str
  password_algorithm:
    description: How O(password_hash) was made.
    type: str
    choices:
      salt+sha256: The SHA-256 of the salt followed by the password.
      sha256+salt: The SHA-256 of the password followed by the salt. Version 2 of the API accepts it.
      bcrypt: With bcrypt. Version 2 of the API accepts it.
    default: salt+sha256
  attributes:
    description:
      - The attributes of the user, name to value. They are custom attributes by short name, and must be defined in
        OneLogin.
      - Values are compared and sent as text. An empty text or V(null) clears the attribute.
      - A name that is unknown fails before anything is written.
      - If not given, the user's attributes are left alone. An empty mapping clears them with O(attributes_state=exact),
        and is an error with V(present).
    type: dict
  attributes_state:
    description: What O(attributes) says of the user's other attributes. Requires O(attributes).
    type: str
    choices:
      present: The user has these attributes. Others stay.
      exact: The user has these attributes and no others.
      managed: Within O(managed_attributes), the user has these attributes and no others. What lies outside stays and is
        reported as RV(unmanaged).
    default: present
  managed_attributes:
    description:
      - The names that O(attributes_state=managed) may clear. Each name in O(attributes) must be among them.
      - An error with other values of O(attributes_state).
    type: list
    elements: str
  roles:
    description:
      - The roles of the user, by name. They are roles of OneLogin.
      - A number is taken as a name. Where two roles share a name, write C({id}) with the ID as a mapping instead.
      - A name that is unknown or ambiguous fails before anything is written.
      - If not given, the user's roles are left alone. An empty list clears them with O(roles_state=exact), and is an
        error with V(present).
    type: list
    elements: raw
  roles_state:
    description: What O(roles) says of the user's other roles. Requires O(roles).
    type: str
    choices:
      present: The user has these roles. Others stay.
      exact: The user has these roles and no others.
      managed: Within O(managed_roles), the user has these roles and no others. What lies outside stays and is reported
        as RV(unmanaged).
    default: present
  managed_roles:
    description:
      - The roles that O(roles_state=managed) may take away. Each role of O(roles) must be among them, written the
        same way.
      - An error with other values of O(roles_state).
    type: list
    elements: raw
notes:
  - A field that is not given is left alone. An empty text clears it.
  - OneLogin reports neither which users are administrators nor which one is calling. RV(ignore:privileged) and
    RV(ignore:mfa) are always V(null). Only O(protect) shields a user.
  - A status is sent with the update of version 2 of the API, the only one that accepts one. If the answer has another
    status, the task fails.
  - IDs such as C(group_id) compare as numbers. They are sent as the server shows them, as numbers or as texts. A text
    is cleared with an empty text, an ID with V(null). Where the server refuses one form, the other one is sent.
  - A user whom a directory owns may refuse changes of fields that come from there.
  - Roles that a mapping or provisioning gives stay when they are taken away, although OneLogin reports success. The
    roles are read again after a removal. Those that stay are named in a warning, and a run that achieved nothing else
    reports no change. Check mode cannot know this and predicts the removal.
"""

    USERS = r"""
options:
  user_key:
    description: The field that C(user) holds. OneLogin accounts log in with either, and both are unique.
    type: str
    choices: [username, email]
    default: username
  users:
    description:
      - The users, each with the options of one user.
      - Two elements that mean the same user are an error. An element that matches several users of the directory is
        one, too.
      - What an info module of OneLogin returns under RV(ignore:users) can be given as it is. The fields that only the
        server sets are ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The user's name, which is the value of the field that O(user_key) names.
          - A C(*) and a C(!) at the beginning are refused without O(users[].id). OneLogin's search reads them as a
            pattern.
          - Compared without case and without blanks at either end.
        type: str
      id:
        description:
          - The provider's ID of the user. One of O(users[].user) and O(users[].id) is needed to name a user.
          - It finds the user even if O(users[].user) has changed since.
        type: str


      previous_users:
        description:
          - Earlier values of O(users[].user) of the same person.
          - Where nobody has O(users[].user), the user with one of these is renamed. Where both exist, the earlier one
            is left alone.
          - Where both exist and the user is to be deleted, the task fails and reports the IDs. Specify O(users[].id)
            then.
        type: list
        elements: str
        default: []
      state:
        description: Whether the user is there.
        type: str
        choices:
          present: The user is created if need be, and is as the other options say. A user who is named by O(users[].id)
            alone must exist.
          absent: The user is deleted for good. Other options are not looked at, apart from those that find the user.
        default: present


      username:
        description: User name. Needed to create a user. It is O(users[].user) with O(user_key=username), and left out
          then.
        type: str
      email:
        description: E-mail address. Needed to create a user. It is O(users[].user) with O(user_key=email), and left out
          then.
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
          - V(suspended) and V(unactivated) block the login. V(locked) blocks it until somebody unlocks the user. For a
            lock of some minutes use M(rollcall.identity.onelogin_user_lock).
          - The others are steps that the user has to take at the next login, such as a new password. A new password
            usually ends them, so O(users[].password) is sent before the status.
          - A change to V(suspended) or V(unactivated) counts as disabling the user.
        type: str
        choices: [unactivated, active, suspended, locked, password_expired, awaiting_password_reset, password_pending,
          security_questions_required]
      user_state:
        description:
          - Where the user stands in OneLogin's approval, which the API calls C(state). OneLogin refuses some changes of
            it.
          - A change away from V(approved) counts as disabling the user.
        type: str
        choices: [unapproved, approved, rejected, unlicensed]
      enabled:
        description:
          - Whether the login is open, which is to be approved, activated and not suspended. A lock is another matter
            and stays.
          - V(true) activates the user, takes a suspension back, and approves the user. A user who is created without a
            password is V(unactivated) until then.
          - V(false) suspends the user, unless O(users[].user_state) keeps the user from logging in already.
          - V(true) and a O(users[].user_state) other than V(approved), or a O(users[].status) that blocks the login,
            are an error. So are V(false) and a O(users[].status) that does not block it.
        type: bool
      password:
        description:
          - Password of the user. O(users[].update_password) says when it is sent.
          - It is not checked against the password policy. For that see M(rollcall.identity.onelogin_user_password).
        type: str


      update_password:
        description: When O(users[].password) is sent. It cannot be read back, so it cannot be compared.
        type: str
        choices:
          on_create: To a user whom this task creates.
          always: In every run. The task then always reports a change.
        default: on_create


      password_method:
        description: The form in which O(users[].password) is sent.
        type: str
        choices:
          salted: As the SHA-256 of a random salt and the password.
          clear_text: As it is, within TLS.
        default: salted


      password_hash:
        description:
          - A hash of the password from another system, instead of O(users[].password), which nobody has to know then.
            O(users[].update_password) says when it is sent.
          - 64 hexadecimal digits, or a bcrypt hash. OneLogin cannot check it against the password policy.
        type: str
      password_salt:
        description: The salt of O(users[].password_hash), with 1 to 40 characters. Not with
          O(users[].password_algorithm=bcrypt), whose hash holds its salt.
        type: str
      password_algorithm:
        description: How O(users[].password_hash) was made.
        type: str
        choices:
          salt+sha256: The SHA-256 of the salt followed by the password.
          sha256+salt: The SHA-256 of the password followed by the salt. Version 2 of the API accepts it.
          bcrypt: With bcrypt. Version 2 of the API accepts it.
        default: salt+sha256


      attributes:
        description:
          - The attributes of the user, name to value. They are custom attributes by short name, and must be defined in
            OneLogin.
          - Values are compared and sent as text. An empty text or V(null) clears the attribute.
          - A name that is unknown fails before anything is written.
          - If not given, the user's attributes are left alone. An empty mapping clears them with
            O(users[].attributes_state=exact), and is an error with V(present).
        type: dict
      attributes_state:
        description: What O(users[].attributes) says of the user's other attributes. Requires O(users[].attributes).
        type: str
        choices:
          present: The user has these attributes. Others stay.
          exact: The user has these attributes and no others.
          managed: Within O(users[].managed_attributes), the user has these attributes and no others. What lies outside
            stays and is reported as RV(unmanaged).
        default: present
      managed_attributes:
        description:
          - The names that O(users[].attributes_state=managed) may clear. Each name in O(users[].attributes) must be
            among them.
          - An error with other values of O(users[].attributes_state).
        type: list
        elements: str


      roles:
        description:
          - The roles of the user, by name. They are roles of OneLogin.
          - A number is taken as a name. Where two roles share a name, write C({id}) with the ID as a mapping instead.
          - A name that is unknown or ambiguous fails before anything is written.
          - If not given, the user's roles are left alone. An empty list clears them with O(users[].roles_state=exact),
            and is an error with V(present).
        type: list
        elements: raw
      roles_state:
        description: What O(users[].roles) says of the user's other roles. Requires O(users[].roles).
        type: str
        choices:
          present: The user has these roles. Others stay.
          exact: The user has these roles and no others.
          managed: Within O(users[].managed_roles), the user has these roles and no others. What lies outside stays and
            is reported as RV(unmanaged).
        default: present
      managed_roles:
        description:
          - The roles that O(users[].roles_state=managed) may take away. Each role of O(users[].roles) must be among
            them, written the same way.
          - An error with other values of O(users[].roles_state).
        type: list
        elements: raw


      locked:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      activated_at:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      created_at:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      updated_at:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      last_login:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      invitation_sent_at:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      invalid_login_attempts:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      locked_until:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      password_changed_at:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      privileged:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      mfa:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      apps:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw
notes:
  - A field that is not given is left alone. An empty text clears it.
  - OneLogin reports neither which users are administrators nor which one is calling. RV(ignore:privileged) and
    RV(ignore:mfa) are always V(null). Only O(protect) shields a user.
  - A status is sent with the update of version 2 of the API, the only one that accepts one. If the answer has another
    status, the task fails.
  - IDs such as C(group_id) compare as numbers. They are sent as the server shows them, as numbers or as texts. A text
    is cleared with an empty text, an ID with V(null). Where the server refuses one form, the other one is sent.
  - A user whom a directory owns may refuse changes of fields that come from there.
  - Roles that a mapping or provisioning gives stay when they are taken away, although OneLogin reports success. The
    roles are read again after a removal. Those that stay are named in a warning, and a run that achieved nothing else
    reports no change. Check mode cannot know this and predicts the removal.
"""
