# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the options of its modules.

Generated from tests/tools/fragments/kestra.py. Edit that file, then run `make fragments`.
"""

from __future__ import annotations


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of the API, for example V(https://kestra.acme.com).
      - Required, here or as E(KESTRA_API_URL) in the environment.
      - It must hold no credentials. Plain C(http) to another host gives a warning.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate is checked. V(false) gives a warning.
      - If not given, E(KESTRA_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of the authorities to trust, in PEM form, for a server whose authority is a private
        one.
      - If not given, E(KESTRA_CA_PATH) in the environment is used, and without that the authorities that C(requests)
        trusts.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole exchange, from the connection to the last byte of the answer, ends after four times as long.
      - If not given, E(KESTRA_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How often a request is sent again after a lost connection or an answer of 408, 425, 502, 503 or 504.
      - A request that does harm when it is repeated is sent again only if the server certainly did not take it.
      - If not given, E(KESTRA_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in all.
      - A change that needs more calls than the rate limit leaves, and a longer wait than this, fails before its first
        write.
      - If not given, E(KESTRA_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - What a task on many users leaves of the rate limit for others. A percentage of the server's limit such as
        V(20%), or a number of calls.
      - It has an effect where the server reports its limit and the calls that are left. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(KESTRA_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - Requests that may be under way at the same time. At least V(1).
      - If not given, E(KESTRA_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - The ID of the tenant that is meant. A Kestra instance has no ID of its own, so this is what can be verified. It
        must be the one in O(tenant), and a tenant with this ID must be on the server, which is asked before anything
        else is read or written.
      - Two instances that both have a tenant of this ID, such as V(main), look the same. O(api_url) distinguishes them.
      - Reading a tenant takes an instance owner.
      - If not given, E(KESTRA_EXPECTED_ACCOUNT) in the environment is used, and without that nothing is compared.
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
      - If not given, E(KESTRA_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
  api_token:
    description:
      - An API token, of a user or of a service account. It wins where O(api_user) is given as well.
      - If not given, E(KESTRA_API_TOKEN) in the environment is used.
    type: str
  api_user:
    description:
      - E-mail address of the user to log in as with HTTP Basic. Needs O(api_password) beside it. Servers from 2.0 on
        take tokens only.
      - If not given, E(KESTRA_API_USER) in the environment is used.
    type: str
  api_password:
    description:
      - Password of O(api_user).
      - If not given, E(KESTRA_API_PASSWORD) in the environment is used.
    type: str
  tenant:
    description:
      - ID of the tenant of what is named without one, such as groups and roles given by a plain name.
      - If not given, E(KESTRA_TENANT) in the environment is used.
    type: str
    default: main

attributes:
  action_group:
    description: The action groups that the module is in. They give many tasks the same options with C(module_defaults).
    support: full
    membership:
      - rollcall.identity.kestra
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_kestra
    description: The guide to Kestra's modules.
notes:
  - Servers of Kestra EE 1.0, 1.3 and 2.0 are supported, without an option for it.
  - Most of it takes the credentials of an instance owner, which is a superadmin before 2.0.
  - Wrong credentials are sent once and not again, because Kestra locks a login after ten failures in five minutes.
"""

    WHO = r"""
options:
  user:
    description:
      - The user's e-mail address, which is the user name in Kestra as well.
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
  kinds:
    description: What to list. Each kind is a list of its own in the result. If not given, all of them are.
    type: list
    elements: str
    choices:
      tenants: The tenants of the instance.
      groups: The groups of O(tenant).
      roles: The roles of O(tenant).
    default: [tenants, groups, roles]
  name:
    description:
      - The name of the entries to return, exactly, without regard to case. If not given, all are.
      - A name that Kestra does not have gives an empty list.
    type: str

  members:
    description:
      - Whether to list who has each entry.
      - Members of a tenant are the users who have access to it. Members of a role are those to whom it is bound
        directly, not through a group.
      - Members take a list for each tenant and for each group, and the list of bindings for all roles.
    type: bool
    default: false
"""

    FACET = r"""
options:
  user:
    description:
      - The user's e-mail address, which is the user name in Kestra as well.
      - Compared without case and without blanks at either end.
    type: str
  id:
    description:
      - The provider's ID of the user. One of O(user) and O(id) is needed to name a user.
      - It finds the user even if O(user) has changed since.
    type: str
notes:
  - Before 2.0, access to a tenant ends with the last group of the user there. That is left as it is, unless the task
    names the tenant itself.
"""

    USER = r"""
options:
  user:
    description:
      - The user's e-mail address, which is the user name in Kestra as well.
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
    description: First name.
    type: str
  last_name:
    description: Last name.
    type: str
  instance_owner:
    description:
      - Whether the user owns the instance and may do everything. Servers before 2.0 call it superadmin.
      - Taking it away counts as demoting the user.
    type: bool
  restricted:
    description:
      - Whether the user is restricted, which Kestra uses for demonstrations.
      - Restricting a user counts as a loss.
    type: bool
  enabled:
    description:
      - Whether there is anything that the user could come in with. Kestra has no switch for that.
      - V(false) takes away API tokens, sessions, bindings of roles, groups, access to tenants, ownership of the
        instance and login methods, for good, and keeps the account. Beside it, tenants, groups, roles, a password or
        the ownership that would let the user in are an error.
      - V(true) does nothing by itself. For a user from whom everything was taken, or who does not exist, it is an error
        unless the task gives O(tenants), O(groups), O(roles), O(instance_owner) or O(password), the latter with
        O(update_password=always) if the user exists.
    type: bool
  password:
    description:
      - Password of the user. O(update_password) says when it is sent. It must satisfy the password policy of the
        server.
    type: str
  update_password:
    description: When O(password) is sent. It cannot be read back, so it cannot be compared.
    type: str
    choices:
      on_create: To a user whom this task creates.
      always: In every run. The task then always reports a change.
    default: on_create
  tenants:
    description:
      - The tenants of the user, by name. These are tenants by ID that the user has access to.
      - A number is taken as a name. Where two tenants share a name, write C({id}) with the ID as a mapping instead.
      - A name that is unknown or ambiguous fails before anything is written.
      - If not given, the user's tenants are left alone. An empty list clears them with O(tenants_state=exact), and is
        an error with V(present).
    type: list
    elements: raw
  tenants_state:
    description: What O(tenants) says of the user's other tenants. Requires O(tenants).
    type: str
    choices:
      present: The user has these tenants. Others stay.
      exact: The user has these tenants and no others.
      managed: Within O(managed_tenants), the user has these tenants and no others. What lies outside stays and is
        reported as RV(unmanaged).
    default: present
  managed_tenants:
    description:
      - The tenants that O(tenants_state=managed) may take away. Each tenant of O(tenants) must be among them, written
        the same way.
      - An error with other values of O(tenants_state).
    type: list
    elements: raw
  groups:
    description:
      - The groups of the user. A plain name is a group of O(tenant). A mapping C({tenant, name}) names its tenant, and
        C({tenant, id}) takes the ID of the group.
      - A number is taken as a name. A name that is unknown or ambiguous fails before anything is written.
      - A user who gets into a group gets access to its tenant as well. With O(tenants) and V(present) that shows in
        RV(ignore:tenants).
      - If not given, the user's groups are left alone. An empty list clears them in all tenants with
        O(groups_state=exact), and is an error with V(present).
    type: list
    elements: raw
  groups_state:
    description: What O(groups) says of the user's other groups. Requires O(groups).
    type: str
    choices:
      present: The user has these groups. Others stay.
      exact: The user has these groups and no others, in any tenant.
      managed: Within O(managed_groups), the user has these groups and no others. What lies outside stays and is
        reported as RV(unmanaged).
    default: present
  managed_groups:
    description:
      - The groups that O(groups_state=managed) may take away. Each group of O(groups) must be among them.
      - An error with other values of O(groups_state).
    type: list
    elements: raw
  roles:
    description:
      - The roles that bindings give to the user itself. Those that come through groups are not among them.
      - A plain name is a role of O(tenant) in all its namespaces. A mapping C({role, tenant, namespace}) says more.
        C(id) in place of C(role) takes the ID of the role.
      - A number is taken as a name. A name that is unknown or ambiguous fails before anything is written. Namespaces
        are not checked.
      - A user who gets a role gets access to its tenant as well, unless O(tenants) is given with V(exact) or
        V(managed).
      - If not given, the roles of the user are left alone. An empty list clears them in all tenants with
        O(roles_state=exact), and is an error with V(present).
    type: list
    elements: raw
  roles_state:
    description: What O(roles) says of other roles of the user. Requires O(roles).
    type: str
    choices:
      present: The user has these roles. Others stay.
      exact: The user has these roles and no others, in any tenant.
      managed: Within O(managed_roles), the user has these roles and no others. What lies outside stays and is reported
        as RV(unmanaged).
    default: present
  managed_roles:
    description:
      - The roles that O(roles_state=managed) may take away, written in the same way. Each role of O(roles) must be
        among them.
      - An error with other values of O(roles_state).
    type: list
    elements: raw
notes:
  - A field that is not given is left alone. An empty text clears a name.
  - Fields are written by the calls that change parts of a user. Exact tenants or groups that differ are written by one
    call that replaces the user. It is made from a fresh read and sends everything back but the password, of which it is
    assumed that it stays.
  - Searches of Kestra lag behind. After an unclear answer or a refusal because of an address that is taken, the search
    is repeated for up to eight seconds before the user counts as absent.
  - RV(ignore:privileged) is V(true) for owners of the instance. RV(ignore:enabled) is V(false) for a user without login
    methods, tenants and ownership. RV(ignore:last_login) and RV(ignore:mfa) are always V(null), because Kestra does not
    report them.
  - Before 2.0, access to a tenant ends with the last group of the user there. That is left as it is, unless the task
    names the tenant itself.
"""

    USERS = r"""
options:
  users:
    description:
      - The users, each with the options of one user.
      - Two elements that mean the same user are an error. An element that matches several users of the directory is
        one, too.
      - What an info module of Kestra returns under RV(ignore:users) can be given as it is. The fields that only the
        server sets are ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The user's e-mail address, which is the user name in Kestra as well.
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
        description: First name.
        type: str
      last_name:
        description: Last name.
        type: str
      instance_owner:
        description:
          - Whether the user owns the instance and may do everything. Servers before 2.0 call it superadmin.
          - Taking it away counts as demoting the user.
        type: bool
      restricted:
        description:
          - Whether the user is restricted, which Kestra uses for demonstrations.
          - Restricting a user counts as a loss.
        type: bool
      enabled:
        description:
          - Whether there is anything that the user could come in with. Kestra has no switch for that.
          - V(false) takes away API tokens, sessions, bindings of roles, groups, access to tenants, ownership of the
            instance and login methods, for good, and keeps the account. Beside it, tenants, groups, roles, a password
            or the ownership that would let the user in are an error.
          - V(true) does nothing by itself. For a user from whom everything was taken, or who does not exist, it is an
            error unless the task gives O(users[].tenants), O(users[].groups), O(users[].roles),
            O(users[].instance_owner) or O(users[].password), the latter with O(users[].update_password=always) if the
            user exists.
        type: bool
      password:
        description:
          - Password of the user. O(users[].update_password) says when it is sent. It must satisfy the password policy
            of the server.
        type: str


      update_password:
        description: When O(users[].password) is sent. It cannot be read back, so it cannot be compared.
        type: str
        choices:
          on_create: To a user whom this task creates.
          always: In every run. The task then always reports a change.
        default: on_create


      tenants:
        description:
          - The tenants of the user, by name. These are tenants by ID that the user has access to.
          - A number is taken as a name. Where two tenants share a name, write C({id}) with the ID as a mapping instead.
          - A name that is unknown or ambiguous fails before anything is written.
          - If not given, the user's tenants are left alone. An empty list clears them with
            O(users[].tenants_state=exact), and is an error with V(present).
        type: list
        elements: raw
      tenants_state:
        description: What O(users[].tenants) says of the user's other tenants. Requires O(users[].tenants).
        type: str
        choices:
          present: The user has these tenants. Others stay.
          exact: The user has these tenants and no others.
          managed: Within O(users[].managed_tenants), the user has these tenants and no others. What lies outside stays
            and is reported as RV(unmanaged).
        default: present
      managed_tenants:
        description:
          - The tenants that O(users[].tenants_state=managed) may take away. Each tenant of O(users[].tenants) must be
            among them, written the same way.
          - An error with other values of O(users[].tenants_state).
        type: list
        elements: raw


      groups:
        description:
          - The groups of the user. A plain name is a group of O(tenant). A mapping C({tenant, name}) names its tenant,
            and C({tenant, id}) takes the ID of the group.
          - A number is taken as a name. A name that is unknown or ambiguous fails before anything is written.
          - A user who gets into a group gets access to its tenant as well. With O(users[].tenants) and V(present) that
            shows in RV(ignore:tenants).
          - If not given, the user's groups are left alone. An empty list clears them in all tenants with
            O(users[].groups_state=exact), and is an error with V(present).
        type: list
        elements: raw
      groups_state:
        description: What O(users[].groups) says of the user's other groups. Requires O(users[].groups).
        type: str
        choices:
          present: The user has these groups. Others stay.
          exact: The user has these groups and no others, in any tenant.
          managed: Within O(users[].managed_groups), the user has these groups and no others. What lies outside stays
            and is reported as RV(unmanaged).
        default: present
      managed_groups:
        description:
          - The groups that O(users[].groups_state=managed) may take away. Each group of O(users[].groups) must be among
            them.
          - An error with other values of O(users[].groups_state).
        type: list
        elements: raw


      roles:
        description:
          - The roles that bindings give to the user itself. Those that come through groups are not among them.
          - A plain name is a role of O(tenant) in all its namespaces. A mapping C({role, tenant, namespace}) says more.
            C(id) in place of C(role) takes the ID of the role.
          - A number is taken as a name. A name that is unknown or ambiguous fails before anything is written.
            Namespaces are not checked.
          - A user who gets a role gets access to its tenant as well, unless O(users[].tenants) is given with V(exact)
            or V(managed).
          - If not given, the roles of the user are left alone. An empty list clears them in all tenants with
            O(users[].roles_state=exact), and is an error with V(present).
        type: list
        elements: raw
      roles_state:
        description: What O(users[].roles) says of other roles of the user. Requires O(users[].roles).
        type: str
        choices:
          present: The user has these roles. Others stay.
          exact: The user has these roles and no others, in any tenant.
          managed: Within O(users[].managed_roles), the user has these roles and no others. What lies outside stays and
            is reported as RV(unmanaged).
        default: present
      managed_roles:
        description:
          - The roles that O(users[].roles_state=managed) may take away, written in the same way. Each role of
            O(users[].roles) must be among them.
          - An error with other values of O(users[].roles_state).
        type: list
        elements: raw


      username:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      display_name:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      auth_methods:
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

      tokens:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw
notes:
  - A field that is not given is left alone. An empty text clears a name.
  - Fields are written by the calls that change parts of a user. Exact tenants or groups that differ are written by one
    call that replaces the user. It is made from a fresh read and sends everything back but the password, of which it is
    assumed that it stays.
  - Searches of Kestra lag behind. After an unclear answer or a refusal because of an address that is taken, the search
    is repeated for up to eight seconds before the user counts as absent.
  - RV(ignore:privileged) is V(true) for owners of the instance. RV(ignore:enabled) is V(false) for a user without login
    methods, tenants and ownership. RV(ignore:last_login) and RV(ignore:mfa) are always V(null), because Kestra does not
    report them.
  - Before 2.0, access to a tenant ends with the last group of the user there. That is left as it is, unless the task
    names the tenant itself.
"""

    SCOPE = r"""
options:
  scope:
    description: Where service accounts are looked for.
    type: str
    choices:
      instance: In the whole instance, which takes an instance owner.
      tenant: In O(tenant), with permissions of that tenant.
    default: instance
"""

    ACCESS = r"""
options:
  tenants:
    description:
      - The tenants of the account, by name. These are tenants by ID that the service account has access to. Not with
        O(scope=tenant).
      - A number is taken as a name. Where two tenants share a name, write C({id}) with the ID as a mapping instead.
      - A name that is unknown or ambiguous fails before anything is written.
      - If not given, the account's tenants are left alone. An empty list clears them with O(tenants_state=exact), and
        is an error with V(present).
    type: list
    elements: raw
  tenants_state:
    description: What O(tenants) says of the account's other tenants. Requires O(tenants).
    type: str
    choices:
      present: The account has these tenants. Others stay.
      exact: The account has these tenants and no others.
      managed: Within O(managed_tenants), the user has these tenants and no others. What lies outside stays and is
        reported as RV(unmanaged).
    default: present
  managed_tenants:
    description:
      - The tenants that O(tenants_state=managed) may take away. Each tenant of O(tenants) must be among them, written
        the same way.
      - An error with other values of O(tenants_state).
    type: list
    elements: raw
  roles:
    description:
      - The roles that bindings give to the account itself. Those that come through groups are not among them.
      - A plain name is a role of O(tenant) in all its namespaces. A mapping C({role, tenant, namespace}) says more.
        C(id) in place of C(role) takes the ID of the role.
      - A number is taken as a name. A name that is unknown or ambiguous fails before anything is written. Namespaces
        are not checked.
      - A account who gets a role gets access to its tenant as well, unless O(tenants) is given with V(exact) or
        V(managed).
      - If not given, the roles of the account are left alone. An empty list clears them in all tenants with
        O(roles_state=exact), and is an error with V(present).
    type: list
    elements: raw
  roles_state:
    description: What O(roles) says of other roles of the account. Requires O(roles).
    type: str
    choices:
      present: The account has these roles. Others stay.
      exact: The account has these roles and no others, in any tenant.
      managed: Within O(managed_roles), the account has these roles and no others. What lies outside stays and is
        reported as RV(unmanaged).
    default: present
  managed_roles:
    description:
      - The roles that O(roles_state=managed) may take away, written in the same way. Each role of O(roles) must be
        among them.
      - An error with other values of O(roles_state).
    type: list
    elements: raw
"""

    OWNER = r"""
options:
  user:
    description: E-mail address of the owner, if it is a user. Compared without case.
    type: str
  id:
    description: ID of the owner, if it is a user.
    type: str
  service_account:
    description:
      - Name of the owner, if it is a service account. One of these four options is needed.
      - Names of service accounts are not unique. Where several have it, the task fails and lists their IDs.
    type: str
  service_account_id:
    description: ID of the owner, if it is a service account.
    type: str
"""
