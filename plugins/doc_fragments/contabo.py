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
      - If not given, E(CONTABO_API_URL) in the environment is used, or V(https://api.contabo.com) if it is not set.
      - It must not contain credentials. Plain C(http) to another host causes a warning.
    type: str
  validate_certs:
    description:
      - Whether to verify the server's certificate. V(false) causes a warning.
      - If not given, E(CONTABO_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file, in PEM format, with the certificates of the authorities to trust. Set it if a private authority issued
        the server's certificate.
      - If not given, E(CONTABO_CA_PATH) in the environment is used. If that is not set either, the authorities that
        C(requests) trusts apply.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole request, from the connection to the last byte of the answer, may take four times as long.
      - If not given, E(CONTABO_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How many times a request is repeated after a lost connection or an answer with status 408, 425, 502, 503 or 504.
      - A request that is not safe to repeat is only repeated if the server cannot have received it.
      - If not given, E(CONTABO_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in total.
      - If a change needs more calls than the rate limit leaves, and the wait would be longer than this, the task fails
        before its first write.
      - If not given, E(CONTABO_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - The part of the rate limit that a task on many users leaves for other clients. A percentage of the server's
        limit, such as V(20%), or a number of calls.
      - It only has an effect if the server reports its limit and the remaining calls. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(CONTABO_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - How many requests may run at the same time. At least V(1).
      - If not given, E(CONTABO_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - The customer number of the intended Contabo account, such as V(12345678). The module compares it with the one in
        the access token, after the login and before it reads or writes anything else. If they differ, the task fails.
      - If not given, E(CONTABO_EXPECTED_ACCOUNT) in the environment is used. Without it, nothing is compared.
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
      - If not given, E(CONTABO_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
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

attributes:
  action_group:
    description: The action groups of the module. Use them in C(module_defaults) to give many tasks the same options.
    support: full
    membership:
      - rollcall.identity.contabo
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_contabo
    description: The guide to Contabo's modules.
notes:
  - The API user needs a role with the rights C(READ), C(CREATE), C(UPDATE) and C(DELETE) on C(/v1/users), as far as the
    task uses them, and C(READ) on C(/v1/roles) if the task specifies roles. The owner has all rights.
"""

    WHO = r"""
options:
  user:
    description:
      - The user's e-mail address. Contabo does not have user names.
      - Case, and blanks at either end, are ignored.
    type: str
  id:
    description:
      - The provider's ID of the user. At least one of O(user) and O(id) is required.
      - It finds the user even if the value of O(user) has changed.
    type: str
"""

    ROLES = r"""
options:
  user:
    description:
      - The user's e-mail address. Contabo does not have user names.
      - Case, and blanks at either end, are ignored.
    type: str
  id:
    description:
      - The provider's ID of the user. At least one of O(user) and O(id) is required.
      - It finds the user even if the value of O(user) has changed.
    type: str
notes:
  - Contabo replaces the whole list of roles, so the module reads a user again right before it writes. It keeps
    roles that were granted outside the task since the plan, and a warning reports them. If Contabo does not report the
    roles of a user, the module does not write any.
  - Contabo does not document that an empty list revokes all roles. The module reads the user again, and the task fails
    if the user still has roles.
"""

    ROLE_INFO = r"""
options:
  kinds:
    description: What to list. Each kind is a separate list in the result. By default, all kinds are listed.
    type: list
    elements: str
    choices:
      roles: The roles, the default ones and those of the customer.
    default: [roles]
  name:
    description:
      - The exact name of the entries to return. Case is ignored. By default and for V(null), all entries are returned.
        An empty text is an error.
      - If Contabo does not have the name, the list is empty.
    type: str

  members:
    description:
      - Whether to list the members of each entry.
      - Listing members requires the list of all users, 100 per call.
    type: bool
    default: false
"""

    USER = r"""
options:
  user:
    description:
      - The user's e-mail address. Contabo does not have user names.
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
  roles:
    description:
      - The roles of the user, by name. They are roles of Contabo, the default ones and those of the customer.
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
  - Fields that are not given stay as they are. A name cannot be cleared, because Contabo does not accept an empty name.
    An empty name is an error.
  - The API cannot set passwords. Contabo mails a new user a link to activate the account. Contabo may require that a
    new address is verified by mail, too.
  - The owner of the account, and the user that the task runs as, never lose anything. The task fails if it would remove
    something from them.
  - RV(ignore:privileged) is V(true) for the owner, and for users with a role that Contabo marks as C(admin). Other
    roles do not count, even if they have rights on users. Losing the last such role is a demotion. V(null) means that
    Contabo did not report the roles, whether one of them is such a role, or whether the user is the owner.
  - RV(ignore:mfa) is the value of C(totp). RV(ignore:last_login) is always V(null), because Contabo does not report it.
  - A user can be created without names. Contabo's documentation calls them required in one place and optional in
    another, and Contabo's own client may not show such a user.
  - Contabo replaces the whole list of roles, so the module reads a user again right before it writes. It keeps
    roles that were granted outside the task since the plan, and a warning reports them. If Contabo does not report the
    roles of a user, the module does not write any.
  - Contabo does not document that an empty list revokes all roles. The module reads the user again, and the task fails
    if the user still has roles.
"""

    USERS = r"""
options:
  users:
    description:
      - The users, each with the options of one user.
      - It is an error if two elements describe the same user, or if an element matches several users of the directory.
      - You can use RV(ignore:users) of an info module of Contabo unchanged. Fields that only the server sets are
        ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The user's e-mail address. Contabo does not have user names.
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


      email:
        description:
          - E-mail address. If O(users[].user) is specified, omit it, because it is the same.
          - With O(users[].id) and without O(users[].user), it is the new address of the user.
        type: str
      first_name:
        description:
          - First name, with 1 to 255 characters. Contabo's documentation allows letters, numbers, colons, dashes and
            underscores. The module does not restrict the characters.
          - It cannot be cleared.
        type: str
      last_name:
        description: Last name. The same rules apply as for O(users[].first_name).
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


      roles:
        description:
          - The roles of the user, by name. They are roles of Contabo, the default ones and those of the customer.
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


      email_verified:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      owner:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      privileged:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      last_login:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      mfa:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      tenant_id:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      customer_id:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      password_set:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw
notes:
  - Fields that are not given stay as they are. A name cannot be cleared, because Contabo does not accept an empty name.
    An empty name is an error.
  - The API cannot set passwords. Contabo mails a new user a link to activate the account. Contabo may require that a
    new address is verified by mail, too.
  - The owner of the account, and the user that the task runs as, never lose anything. The task fails if it would remove
    something from them.
  - RV(ignore:privileged) is V(true) for the owner, and for users with a role that Contabo marks as C(admin). Other
    roles do not count, even if they have rights on users. Losing the last such role is a demotion. V(null) means that
    Contabo did not report the roles, whether one of them is such a role, or whether the user is the owner.
  - RV(ignore:mfa) is the value of C(totp). RV(ignore:last_login) is always V(null), because Contabo does not report it.
  - A user can be created without names. Contabo's documentation calls them required in one place and optional in
    another, and Contabo's own client may not show such a user.
  - Contabo replaces the whole list of roles, so the module reads a user again right before it writes. It keeps
    roles that were granted outside the task since the plan, and a warning reports them. If Contabo does not report the
    roles of a user, the module does not write any.
  - Contabo does not document that an empty list revokes all roles. The module reads the user again, and the task fails
    if the user still has roles.
"""
