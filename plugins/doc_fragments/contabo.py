# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: the options of its modules.

Generated from tests/tools/fragments/contabo.py. Edit that file, then run `make fragments`.
"""

from __future__ import annotations


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of the API, for example V(https://api.contabo.com).
      - If not given, E(CONTABO_API_URL) in the environment is used, and without that V(https://api.contabo.com).
      - It must hold no credentials. Plain C(http) to another host gives a warning.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate is checked. V(false) gives a warning.
      - If not given, E(CONTABO_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of the authorities to trust, in PEM form, for a server whose authority is a private
        one.
      - If not given, E(CONTABO_CA_PATH) in the environment is used, and without that the authorities that C(requests)
        trusts.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole exchange, from the connection to the last byte of the answer, ends after four times as long.
      - If not given, E(CONTABO_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How often a request is sent again after a lost connection or an answer of 408, 425, 502, 503 or 504.
      - A request that does harm when it is repeated is sent again only if the server certainly did not take it.
      - If not given, E(CONTABO_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in all.
      - A change that needs more calls than the rate limit leaves, and a longer wait than this, fails before its first
        write.
      - If not given, E(CONTABO_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - What a task on many users leaves of the rate limit for others. A percentage of the server's limit such as
        V(20%), or a number of calls.
      - It has an effect where the server reports its limit and the calls that are left. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(CONTABO_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - Requests that may be under way at the same time. At least V(1).
      - If not given, E(CONTABO_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - The customer number of the Contabo account that is meant, such as V(12345678). It is compared with the one in
        the access token, after the login and before anything else is read or written. The task fails where they differ.
      - If not given, E(CONTABO_EXPECTED_ACCOUNT) in the environment is used, and without that nothing is compared.
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
      - If not given, E(CONTABO_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
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

    WHO = r"""
options:
  user:
    description:
      - The user's e-mail address. Contabo has no user names.
      - Compared without case and without blanks at either end.
    type: str
  id:
    description:
      - The provider's ID of the user. One of O(user) and O(id) is needed to name a user.
      - It finds the user even if O(user) has changed since.
    type: str
"""

    ROLES = r"""
options:
  user:
    description:
      - The user's e-mail address. Contabo has no user names.
      - Compared without case and without blanks at either end.
    type: str
  id:
    description:
      - The provider's ID of the user. One of O(user) and O(id) is needed to name a user.
      - It finds the user even if O(user) has changed since.
    type: str
notes:
  - Contabo takes the whole list of roles, so a user is read again right before it is written. A role that somebody else
    has given since the
    plan was made is kept, and a warning shows it. If Contabo does not report the roles of a user, none are written.
  - That an empty list takes all roles away is not documented. The user is read again after it, and the task fails if
    roles are left.
"""

    ROLE_INFO = r"""
options:
  kinds:
    description: What to list. Each kind is a list of its own in the result. If not given, all of them are.
    type: list
    elements: str
    choices:
      roles: The roles, the default ones and those of the customer.
    default: [roles]
  name:
    description:
      - The name of the entries to return, exactly, without regard to case. If not given, all are.
      - A name that Contabo does not have gives an empty list.
    type: str

  members:
    description:
      - Whether to list who has each entry.
      - Members take the list of all users, 100 to a call.
    type: bool
    default: false
"""

    USER = r"""
options:
  user:
    description:
      - The user's e-mail address. Contabo has no user names.
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
  roles:
    description:
      - The roles of the user, by name. They are roles of Contabo, the default ones and those of the customer.
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
  - A field that is not given is left alone. A name cannot be cleared, because Contabo takes no empty one. To ask for it
    is an error.
  - No password can be set. Contabo mails a new user a link to activate the account. A new address may have to be
    verified by mail, too.
  - The owner of the account never loses anything, and neither does the user as whom the task works. A change that would
    take something from either fails the task.
  - RV(ignore:privileged) is V(true) for the owner, and for users who have a role that Contabo marks as C(admin). Other
    roles may hold rights on users and do not count. Losing the last such role is a demotion. V(null) means that Contabo
    did not report the roles, or whether one of them is such a role, or whether the user is the owner.
  - RV(ignore:mfa) is the value of C(totp). RV(ignore:last_login) is always V(null), because Contabo does not report it.
  - A user can be created without names. Contabo's documentation calls them required in one place and optional in
    another, and Contabo's own
    client may not show such a user.
  - Contabo takes the whole list of roles, so a user is read again right before it is written. A role that somebody else
    has given since the
    plan was made is kept, and a warning shows it. If Contabo does not report the roles of a user, none are written.
  - That an empty list takes all roles away is not documented. The user is read again after it, and the task fails if
    roles are left.
"""

    USERS = r"""
options:
  users:
    description:
      - The users, each with the options of one user.
      - Two elements that mean the same user are an error. An element that matches several users of the directory is
        one, too.
      - What an info module of Contabo returns under RV(ignore:users) can be given as it is. The fields that only the
        server sets are ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The user's e-mail address. Contabo has no user names.
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


      email:
        description:
          - E-mail address. It is O(users[].user), and left out then.
          - With O(users[].id) and without O(users[].user), it is the new address of the user.
        type: str
      first_name:
        description:
          - First name, with 1 to 255 characters. Contabo's description allows letters, numbers, colons, dashes and
            underscores. What it takes beyond that is left to it.
          - It cannot be cleared.
        type: str
      last_name:
        description: Last name. The same holds as for O(users[].first_name).
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


      roles:
        description:
          - The roles of the user, by name. They are roles of Contabo, the default ones and those of the customer.
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


      email_verified:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      owner:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      privileged:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      last_login:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      mfa:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      tenant_id:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      customer_id:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      password_set:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw
notes:
  - A field that is not given is left alone. A name cannot be cleared, because Contabo takes no empty one. To ask for it
    is an error.
  - No password can be set. Contabo mails a new user a link to activate the account. A new address may have to be
    verified by mail, too.
  - The owner of the account never loses anything, and neither does the user as whom the task works. A change that would
    take something from either fails the task.
  - RV(ignore:privileged) is V(true) for the owner, and for users who have a role that Contabo marks as C(admin). Other
    roles may hold rights on users and do not count. Losing the last such role is a demotion. V(null) means that Contabo
    did not report the roles, or whether one of them is such a role, or whether the user is the owner.
  - RV(ignore:mfa) is the value of C(totp). RV(ignore:last_login) is always V(null), because Contabo does not report it.
  - A user can be created without names. Contabo's documentation calls them required in one place and optional in
    another, and Contabo's own
    client may not show such a user.
  - Contabo takes the whole list of roles, so a user is read again right before it is written. A role that somebody else
    has given since the
    plan was made is kept, and a warning shows it. If Contabo does not report the roles of a user, none are written.
  - That an empty list takes all roles away is not documented. The user is read again after it, and the task fails if
    roles are left.
"""
