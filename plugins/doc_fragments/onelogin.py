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
      - It must not contain credentials. Plain C(http) to another host causes a warning.
    type: str
  validate_certs:
    description:
      - Whether to verify the server's certificate. V(false) causes a warning.
      - If not given, E(ONELOGIN_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file, in PEM format, with the certificates of the authorities to trust. Set it if a private authority issued
        the server's certificate.
      - If not given, E(ONELOGIN_CA_PATH) in the environment is used. If that is not set either, the authorities that
        C(requests) trusts apply.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole request, from the connection to the last byte of the answer, may take four times as long.
      - If not given, E(ONELOGIN_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How many times a request is repeated after a lost connection or an answer with status 408, 425, 502, 503 or 504.
      - A request that is not safe to repeat is only repeated if the server cannot have received it.
      - If not given, E(ONELOGIN_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in total.
      - If a change needs more calls than the rate limit leaves, and the wait would be longer than this, the task fails
        before its first write.
      - If not given, E(ONELOGIN_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - The part of the rate limit that a task on many users leaves for other clients. A percentage of the server's
        limit, such as V(20%), or a number of calls.
      - It only has an effect if the server reports its limit and the remaining calls. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(ONELOGIN_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - How many requests may run at the same time. At least V(1).
      - If not given, E(ONELOGIN_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - The C(account_id) of the intended OneLogin account. The module compares it with the one that comes with the
        access token, after the login and before it reads or writes anything else. If they differ, the task fails.
      - It cannot be verified with O(access_token), which does not reveal its account. Specifying both is an error.
      - If not given, E(ONELOGIN_EXPECTED_ACCOUNT) in the environment is used. Without it, nothing is compared.
    type: str
  protect:
    description:
      - Users who must not lose anything, as glob patterns (V(*), V(?), V([seq])) for the name of the user. Case is
        ignored. A pattern that equals the name of a user also matches that user.
      - The task fails before its first write if it would delete, disable, lock or rename such a user, remove a grant
        such as a role, set another password, end sessions, replace tags, or clear an attribute or another value.
        Additions are allowed.
      - With O(ignore:unlisted=disable) and O(ignore:unlisted=delete), bulk modules skip unlisted users who match, and
        return them in RV(ignore:spared). These values require O(protect) if the API does not report who is an
        administrator and who is calling. At least one pattern must then match a user of the directory.
      - Modules that do not remove anything accept and ignore the option, so that C(module_defaults) can set it for the
        whole action group.
      - If not given, E(ONELOGIN_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
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
      - An existing access token, instead of O(client_id) and O(client_secret). It takes precedence if both are
        specified, and is not renewed when it expires.
      - If not given, E(ONELOGIN_ACCESS_TOKEN) in the environment is used.
    type: str

attributes:
  action_group:
    description: The action groups of the module. Use them in C(module_defaults) to give many tasks the same options.
    support: full
    membership:
      - rollcall.identity.onelogin
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_onelogin
    description: The guide to OneLogin's modules.
notes:
  - The API credential needs the scope C(Manage All) for roles, O(ignore:user_state), locks and passwords. C(Manage
    Users) is enough to write everything else, and C(Read All) to read.
"""

    WHO = r"""
options:
  user_key:
    description: The field that C(user) refers to. Both fields are unique, and users can log in with either.
    type: str
    choices: [username, email]
    default: username
  user:
    description:
      - The user's name, which is the value of the field that O(user_key) names.
      - Names that contain C(*) or begin with C(!) require O(id), because OneLogin's search treats them as patterns.
      - Case, and blanks at either end, are ignored.
    type: str
  id:
    description:
      - The provider's ID of the user. At least one of O(user) and O(id) is required.
      - It finds the user even if the value of O(user) has changed.
    type: str
"""

    ROLE_INFO = r"""
options:
  user_key:
    description: The field that C(user) refers to. Both fields are unique, and users can log in with either.
    type: str
    choices: [username, email]
    default: username
  kinds:
    description: What to list. Each kind is a separate list in the result. By default, all kinds are listed.
    type: list
    elements: str
    choices:
      roles: The roles of the account.
      groups: The groups of the account. A user can only be in one group, by O(ignore:group_id).
    default: [roles, groups]
  name:
    description:
      - The exact name of the entries to return. Case is ignored. By default and for V(null), all entries are returned.
        An empty text is an error.
      - If OneLogin does not have the name, the list is empty.
    type: str

  members:
    description:
      - Whether to list the members of each entry.
      - Listing members of roles takes one call for each role and 50 users. Listing members of groups requires the list
        of all users, 50 per call.
    type: bool
    default: false
"""

    PASSWORD = r"""
options:
  user_key:
    description: The field that C(user) refers to. Both fields are unique, and users can log in with either.
    type: str
    choices: [username, email]
    default: username
  user:
    description:
      - The user's name, which is the value of the field that O(user_key) names.
      - Names that contain C(*) or begin with C(!) require O(id), because OneLogin's search treats them as patterns.
      - Case, and blanks at either end, are ignored.
    type: str
  id:
    description:
      - The provider's ID of the user. At least one of O(user) and O(id) is required.
      - It finds the user even if the value of O(user) has changed.
    type: str
  password_hash:
    description:
      - A hash of the password from another system. Use it instead of O(password) if you do not know the password.
      - 64 hexadecimal digits, or a bcrypt hash. OneLogin cannot check it against the password policy.
    type: str
  password_salt:
    description: The salt of O(password_hash), with 1 to 40 characters. Not with O(password_algorithm=bcrypt), whose
      hash contains the salt.
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

    ROLES = r"""
options:
  user_key:
    description: The field that C(user) refers to. Both fields are unique, and users can log in with either.
    type: str
    choices: [username, email]
    default: username
  user:
    description:
      - The user's name, which is the value of the field that O(user_key) names.
      - Names that contain C(*) or begin with C(!) require O(id), because OneLogin's search treats them as patterns.
      - Case, and blanks at either end, are ignored.
    type: str
  id:
    description:
      - The provider's ID of the user. At least one of O(user) and O(id) is required.
      - It finds the user even if the value of O(user) has changed.
    type: str
notes:
  - If a mapping or provisioning grants a role, OneLogin keeps the role although it reports success for the removal. The
    module reads the roles again after a removal. A warning lists the roles that remain, and if nothing else has
    changed, the task reports no change. Check mode cannot know this and predicts the removal.
"""

    USER = r"""
options:
  user_key:
    description: The field that C(user) refers to. Both fields are unique, and users can log in with either.
    type: str
    choices: [username, email]
    default: username
  user:
    description:
      - The user's name, which is the value of the field that O(user_key) names.
      - Names that contain C(*) or begin with C(!) require O(id), because OneLogin's search treats them as patterns.
      - Case, and blanks at either end, are ignored.
    type: str
  id:
    description:
      - The provider's ID of the user. At least one of O(user) and O(id) is required.
      - It finds the user even if the value of O(user) has changed.
    type: str
  previous_users:
    description:
      - Earlier values of O(user) for the same person.
      - If no user has O(user), the user with one of these values is renamed. If both exist, the earlier user is left
        alone.
      - If both exist and O(state=absent), the task fails and reports the IDs. Specify O(id) in that case.
    type: list
    elements: str
    default: []
  state:
    description: Whether the user exists.
    type: str
    choices:
      present: The user is created if necessary, and matches the other options. If only O(id) is specified, the user
        must exist.
      absent: The user is deleted permanently. Only the options that find the user have an effect.
    default: present
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
      - The other values are steps that the user has to complete at the next login, such as choosing a new password. A
        new password usually ends them, so the module sends O(password) before the status.
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
  update_password:
    description: When O(password) is sent. The API cannot read it, so the module cannot compare it. Without a password,
      the option has no effect.
    type: str
    choices:
      on_create: Only when the task creates the user.
      always: In every run. The task then always reports a change.
    default: on_create
  password_method:
    description: The format in which O(password) is sent.
    type: str
    choices:
      salted: As the SHA-256 of a random salt and the password.
      clear_text: Unchanged, within TLS.
    default: salted
  password_hash:
    description:
      - A hash of the password from another system. Use it instead of O(password) if you do not know the password.
        O(update_password) controls when it is sent.
      - 64 hexadecimal digits, or a bcrypt hash. OneLogin cannot check it against the password policy.
    type: str
  password_salt:
    description: The salt of O(password_hash), with 1 to 40 characters. Not with O(password_algorithm=bcrypt), whose
      hash contains the salt.
    type: str
  password_algorithm:
    description: How O(password_hash) was created.
    type: str
    choices:
      salt+sha256: The SHA-256 of the salt followed by the password.
      sha256+salt: The SHA-256 of the password followed by the salt. Only version 2 of the API accepts it.
      bcrypt: With bcrypt. Only version 2 of the API accepts it.
    default: salt+sha256
  attributes:
    description:
      - The attributes of the user, name to value. They are custom attributes by short name, and must be defined in
        OneLogin.
      - Values are compared and sent as text. An empty text or V(null) clears the attribute.
      - If a name is unknown, the task fails before its first write.
      - If not given, the user's attributes are left alone. An empty mapping clears them with O(attributes_state=exact),
        and is an error with V(present).
    type: dict
  attributes_state:
    description: What happens to the other attributes of the user. Requires O(attributes).
    type: str
    choices:
      present: The user has at least these attributes. Others are kept.
      exact: The user has exactly these attributes.
      managed: Like V(exact), but only for the attributes in O(managed_attributes). Others are kept and returned in
        RV(unmanaged).
    default: present
  managed_attributes:
    description:
      - The names that O(attributes_state=managed) may clear. They must include each name in O(attributes).
      - An error with other values of O(attributes_state).
    type: list
    elements: str
  roles:
    description:
      - The roles of the user, by name. They are roles of OneLogin.
      - A number is treated as a name. If two roles have the same name, specify a mapping with C({id}) instead.
      - If a name is unknown or ambiguous, the task fails before its first write.
      - If not given, the user's roles are left alone. An empty list clears them with O(roles_state=exact), and is an
        error with V(present).
    type: list
    elements: raw
  roles_state:
    description: What happens to the other roles of the user. Requires O(roles).
    type: str
    choices:
      present: The user has at least these roles. Others are kept.
      exact: The user has exactly these roles.
      managed: Like V(exact), but only for the roles in O(managed_roles). Others are kept and returned in RV(unmanaged).
    default: present
  managed_roles:
    description:
      - The roles that O(roles_state=managed) may remove. They must include each role of O(roles), written in the
        same way.
      - An error with other values of O(roles_state).
    type: list
    elements: raw
notes:
  - Fields that are not given stay as they are. An empty text clears a field.
  - OneLogin does not report which users are administrators, or which user is calling. RV(ignore:privileged) and
    RV(ignore:mfa) are always V(null). Use O(protect) to protect users.
  - The module sends a status with version 2 of the API, because version 1 does not accept it. If the answer has another
    status, the task fails.
  - IDs such as C(group_id) compare as numbers. The module sends them in the form that the server uses, as numbers or as
    texts. It clears a text with an empty text, and an ID with V(null). If the server refuses one form, it sends the
    other.
  - If a user comes from a directory, OneLogin may refuse to change fields that the directory owns.
  - If a mapping or provisioning grants a role, OneLogin keeps the role although it reports success for the removal. The
    module reads the roles again after a removal. A warning lists the roles that remain, and if nothing else has
    changed, the task reports no change. Check mode cannot know this and predicts the removal.
"""

    USERS = r"""
options:
  user_key:
    description: The field that C(user) refers to. Both fields are unique, and users can log in with either.
    type: str
    choices: [username, email]
    default: username
  users:
    description:
      - The users, each with the options of one user.
      - It is an error if two elements describe the same user, or if an element matches several users of the directory.
      - You can use RV(ignore:users) of an info module of OneLogin unchanged. Fields that only the server sets are
        ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The user's name, which is the value of the field that O(user_key) names.
          - Names that contain C(*) or begin with C(!) require O(users[].id), because OneLogin's search treats them as
            patterns.
          - Case, and blanks at either end, are ignored.
        type: str
      id:
        description:
          - The provider's ID of the user. At least one of O(users[].user) and O(users[].id) is required.
          - It finds the user even if the value of O(users[].user) has changed.
        type: str


      previous_users:
        description:
          - Earlier values of O(users[].user) for the same person.
          - If no user has O(users[].user), the user with one of these values is renamed. If both exist, the earlier
            user is left alone.
          - If both exist and O(users[].state=absent), the task fails and reports the IDs. Specify O(users[].id) in that
            case.
        type: list
        elements: str
        default: []
      state:
        description: Whether the user exists.
        type: str
        choices:
          present: The user is created if necessary, and matches the other options. If only O(users[].id) is specified,
            the user must exist.
          absent: The user is deleted permanently. Only the options that find the user have an effect.
        default: present


      username:
        description: User name. Required to create a user. Omit it with O(user_key=username), because O(users[].user)
          sets it.
        type: str
      email:
        description: E-mail address. Required to create a user. Omit it with O(user_key=email), because O(users[].user)
          sets it.
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
          - The API has no list of these providers, so only OneLogin can refuse a wrong ID. Check mode cannot predict
            that.
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
          - V(suspended) and V(unactivated) block the login. V(locked) blocks it until an administrator unlocks the
            user. To lock a user for a few minutes, use M(rollcall.identity.onelogin_user_lock).
          - The other values are steps that the user has to complete at the next login, such as choosing a new password.
            A new password usually ends them, so the module sends O(users[].password) before the status.
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
          - Whether the user can log in, which requires that the user is approved, activated and not suspended. The
            option does not affect locks.
          - V(true) activates and approves the user, and ends a suspension. A user who was created without a password is
            V(unactivated) until then.
          - V(false) suspends the user, unless O(users[].user_state) already prevents the login.
          - It is an error to combine V(true) with a O(users[].user_state) other than V(approved), or with the
            O(users[].status) V(suspended) or V(unactivated). It is also an error to combine V(false) with another
            O(users[].status), unless O(users[].user_state) prevents the login.
        type: bool
      password:
        description:
          - Password of the user. O(users[].update_password) controls when it is sent.
          - OneLogin does not check it against the password policy. To have it checked, use
            M(rollcall.identity.onelogin_user_password).
        type: str


      update_password:
        description: When O(users[].password) is sent. The API cannot read it, so the module cannot compare it. Without
          a password, the option has no effect.
        type: str
        choices:
          on_create: Only when the task creates the user.
          always: In every run. The task then always reports a change.
        default: on_create


      password_method:
        description: The format in which O(users[].password) is sent.
        type: str
        choices:
          salted: As the SHA-256 of a random salt and the password.
          clear_text: Unchanged, within TLS.
        default: salted


      password_hash:
        description:
          - A hash of the password from another system. Use it instead of O(users[].password) if you do not know the
            password. O(users[].update_password) controls when it is sent.
          - 64 hexadecimal digits, or a bcrypt hash. OneLogin cannot check it against the password policy.
        type: str
      password_salt:
        description: The salt of O(users[].password_hash), with 1 to 40 characters. Not with
          O(users[].password_algorithm=bcrypt), whose hash contains the salt.
        type: str
      password_algorithm:
        description: How O(users[].password_hash) was created.
        type: str
        choices:
          salt+sha256: The SHA-256 of the salt followed by the password.
          sha256+salt: The SHA-256 of the password followed by the salt. Only version 2 of the API accepts it.
          bcrypt: With bcrypt. Only version 2 of the API accepts it.
        default: salt+sha256


      attributes:
        description:
          - The attributes of the user, name to value. They are custom attributes by short name, and must be defined in
            OneLogin.
          - Values are compared and sent as text. An empty text or V(null) clears the attribute.
          - If a name is unknown, the task fails before its first write.
          - If not given, the user's attributes are left alone. An empty mapping clears them with
            O(users[].attributes_state=exact), and is an error with V(present).
        type: dict
      attributes_state:
        description: What happens to the other attributes of the user. Requires O(users[].attributes).
        type: str
        choices:
          present: The user has at least these attributes. Others are kept.
          exact: The user has exactly these attributes.
          managed: Like V(exact), but only for the attributes in O(users[].managed_attributes). Others are kept and
            returned in RV(unmanaged).
        default: present
      managed_attributes:
        description:
          - The names that O(users[].attributes_state=managed) may clear. They must include each name in
            O(users[].attributes).
          - An error with other values of O(users[].attributes_state).
        type: list
        elements: str


      roles:
        description:
          - The roles of the user, by name. They are roles of OneLogin.
          - A number is treated as a name. If two roles have the same name, specify a mapping with C({id}) instead.
          - If a name is unknown or ambiguous, the task fails before its first write.
          - If not given, the user's roles are left alone. An empty list clears them with O(users[].roles_state=exact),
            and is an error with V(present).
        type: list
        elements: raw
      roles_state:
        description: What happens to the other roles of the user. Requires O(users[].roles).
        type: str
        choices:
          present: The user has at least these roles. Others are kept.
          exact: The user has exactly these roles.
          managed: Like V(exact), but only for the roles in O(users[].managed_roles). Others are kept and returned in
            RV(unmanaged).
        default: present
      managed_roles:
        description:
          - The roles that O(users[].roles_state=managed) may remove. They must include each role of O(users[].roles),
            written in the same way.
          - An error with other values of O(users[].roles_state).
        type: list
        elements: raw


      locked:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      activated_at:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      created_at:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      updated_at:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      last_login:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      invitation_sent_at:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      invalid_login_attempts:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      locked_until:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      password_changed_at:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      privileged:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      mfa:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      apps:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw
notes:
  - Fields that are not given stay as they are. An empty text clears a field.
  - OneLogin does not report which users are administrators, or which user is calling. RV(ignore:privileged) and
    RV(ignore:mfa) are always V(null). Use O(protect) to protect users.
  - The module sends a status with version 2 of the API, because version 1 does not accept it. If the answer has another
    status, the task fails.
  - IDs such as C(group_id) compare as numbers. The module sends them in the form that the server uses, as numbers or as
    texts. It clears a text with an empty text, and an ID with V(null). If the server refuses one form, it sends the
    other.
  - If a user comes from a directory, OneLogin may refuse to change fields that the directory owns.
  - If a mapping or provisioning grants a role, OneLogin keeps the role although it reports success for the removal. The
    module reads the roles again after a removal. A warning lists the roles that remain, and if nothing else has
    changed, the task reports no change. Check mode cannot know this and predicts the removal.
"""
