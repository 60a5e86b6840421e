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
      - It must not contain credentials. Plain C(http) to another host causes a warning.
    type: str
  validate_certs:
    description:
      - Whether to verify the server's certificate. V(false) causes a warning.
      - If not given, E(KESTRA_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file, in PEM format, with the certificates of the authorities to trust. Set it if a private authority issued
        the server's certificate.
      - If not given, E(KESTRA_CA_PATH) in the environment is used. If that is not set either, the authorities that
        C(requests) trusts apply.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole request, from the connection to the last byte of the answer, may take four times as long.
      - If not given, E(KESTRA_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How many times a request is repeated after a lost connection or an answer with status 408, 425, 502, 503 or 504.
      - A request that is not safe to repeat is only repeated if the server cannot have received it.
      - If not given, E(KESTRA_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in total.
      - If a change needs more calls than the rate limit leaves, and the wait would be longer than this, the task fails
        before its first write.
      - If not given, E(KESTRA_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - The part of the rate limit that a task on many users leaves for other clients. A percentage of the server's
        limit, such as V(20%), or a number of calls.
      - It only has an effect if the server reports its limit and the remaining calls. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(KESTRA_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - How many requests may run at the same time. At least V(1).
      - If not given, E(KESTRA_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - The ID of the intended tenant, because a Kestra instance does not have an ID. It must equal O(tenant), and the
        tenant must exist on the server. The module verifies this before it reads or writes anything else.
      - If two instances have a tenant with this ID, such as V(main), only O(api_url) distinguishes them.
      - Reading a tenant requires the credentials of an instance owner.
      - If not given, E(KESTRA_EXPECTED_ACCOUNT) in the environment is used. Without it, nothing is compared.
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
      - If not given, E(KESTRA_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
  api_token:
    description:
      - An API token of a user or a service account. It takes precedence over O(api_user).
      - If not given, E(KESTRA_API_TOKEN) in the environment is used.
    type: str
  api_user:
    description:
      - E-mail address of the user to log in as, with HTTP Basic. Requires O(api_password). From 2.0 on, servers only
        accept tokens.
      - If not given, E(KESTRA_API_USER) in the environment is used.
    type: str
  api_password:
    description:
      - Password of O(api_user).
      - If not given, E(KESTRA_API_PASSWORD) in the environment is used.
    type: str
  tenant:
    description:
      - ID of the tenant for everything that is specified without a tenant, such as groups and roles by plain name.
      - If not given, E(KESTRA_TENANT) in the environment is used.
    type: str
    default: main

attributes:
  action_group:
    description: The action groups of the module. Use them in C(module_defaults) to give many tasks the same options.
    support: full
    membership:
      - rollcall.identity.kestra
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_kestra
    description: The guide to Kestra's modules.
notes:
  - Supports Kestra EE 1.0, 1.3 and 2.0. You do not have to specify the version.
  - Most operations require the credentials of an instance owner, or of a superadmin before 2.0.
  - Wrong credentials are only sent once, because Kestra locks a login after ten failures in five minutes.
"""

    WHO = r"""
options:
  user:
    description:
      - The user's e-mail address, which is also the user name in Kestra.
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
  kinds:
    description: What to list. Each kind is a separate list in the result. By default, all kinds are listed.
    type: list
    elements: str
    choices:
      tenants: The tenants of the instance.
      groups: The groups of O(tenant).
      roles: The roles of O(tenant).
    default: [tenants, groups, roles]
  name:
    description:
      - The exact name of the entries to return. Case is ignored. By default and for V(null), all entries are returned.
        An empty text is an error.
      - If Kestra does not have the name, the list is empty.
    type: str

  members:
    description:
      - Whether to list the members of each entry.
      - Members of a tenant are the users with access to it. Members of a role are the users with a direct binding, not
        those who have it through a group.
      - Listing members requires a list for each tenant and each group, and the list of bindings for all roles.
    type: bool
    default: false
"""

    FACET = r"""
options:
  user:
    description:
      - The user's e-mail address, which is also the user name in Kestra.
      - Case, and blanks at either end, are ignored.
    type: str
  id:
    description:
      - The provider's ID of the user. At least one of O(user) and O(id) is required.
      - It finds the user even if the value of O(user) has changed.
    type: str
notes:
  - Before 2.0, leaving the last group of a tenant ends the access to that tenant. The module then grants the access and
    the roles again, unless the task removes the tenant.
"""

    USER = r"""
options:
  user:
    description:
      - The user's e-mail address, which is also the user name in Kestra.
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
    description: First name.
    type: str
  last_name:
    description: Last name.
    type: str
  instance_owner:
    description:
      - Whether the user is an instance owner, who has all rights. Servers before 2.0 call it superadmin.
      - V(false) for an instance owner counts as a demotion.
    type: bool
  restricted:
    description:
      - Whether the user is restricted, which Kestra uses for demonstrations.
      - Restricting a user counts as a loss.
    type: bool
  enabled:
    description:
      - Whether the user has anything to log in or act with. Kestra does not have a switch that blocks a login.
      - V(false) permanently removes API tokens, sessions, role bindings, groups, access to tenants, ownership of the
        instance and login methods. The account stays. It is an error to combine V(false) with tenants, groups, roles, a
        password or the ownership that would let the user log in.
      - V(true) does not change anything by itself. For a new user, or a user who has lost everything, it is an error
        unless the task specifies O(tenants), O(groups), O(roles), O(instance_owner) or O(password). For an existing
        user, O(password) requires O(update_password=always).
    type: bool
  password:
    description:
      - Password of the user. O(update_password) controls when it is sent. It must satisfy the server's password policy.
      - Kestra does not report this policy, so check mode cannot predict that Kestra refuses a password.
    type: str
  update_password:
    description: When O(password) is sent. The API cannot read it, so the module cannot compare it. Without a password,
      the option has no effect.
    type: str
    choices:
      on_create: Only when the task creates the user.
      always: In every run. The task then always reports a change.
    default: on_create
  tenants:
    description:
      - The IDs of the tenants that the user has access to. A number is treated as text.
      - If an ID is unknown, the task fails before its first write.
      - If not given, the user's tenants are left alone. An empty list clears them with O(tenants_state=exact), and is
        an error with V(present).
    type: list
    elements: raw
  tenants_state:
    description: What happens to the other tenants of the user. Requires O(tenants).
    type: str
    choices:
      present: The user has at least these tenants. Others are kept.
      exact: The user has exactly these tenants.
      managed: Like V(exact), but only for the tenants in O(managed_tenants). Others are kept and returned in
        RV(unmanaged).
    default: present
  managed_tenants:
    description:
      - The tenants that O(tenants_state=managed) may remove. They must include each tenant of O(tenants), written in
        the same way.
      - An error with other values of O(tenants_state).
    type: list
    elements: raw
  groups:
    description:
      - The groups of the user. A plain name is a group of O(tenant). For a group of another tenant, specify a mapping
        C({tenant, name}), or C({tenant, id}) with the ID of the group.
      - A number is treated as a name. If a name is unknown or ambiguous, the task fails before its first write.
      - A user who joins a group also gets access to its tenant. If O(tenants) is specified with
        O(tenants_state=present), RV(ignore:tenants) includes that tenant.
      - If not given, the user's groups are left alone. An empty list clears them in all tenants with
        O(groups_state=exact), and is an error with V(present).
    type: list
    elements: raw
  groups_state:
    description: What happens to the other groups of the user. Requires O(groups).
    type: str
    choices:
      present: The user has at least these groups. Others are kept.
      exact: The user has exactly these groups, in all tenants.
      managed: Like V(exact), but only for the groups in O(managed_groups). Others are kept and returned in
        RV(unmanaged).
    default: present
  managed_groups:
    description:
      - The groups that O(groups_state=managed) may remove. They must include each group of O(groups).
      - An error with other values of O(groups_state).
    type: list
    elements: raw
  roles:
    description:
      - The roles that are bound to the user directly. Roles that the user has through groups are not included.
      - A plain name is a role of O(tenant) in all its namespaces. To specify a tenant or a namespace, use a mapping
        C({role, tenant, namespace}). Use C(id) instead of C(role) for the ID of the role.
      - A number is treated as a name. If a name is unknown or ambiguous, the task fails before its first write.
        Namespaces are not checked.
      - With a role, the user also gets access to its tenant. If O(tenants_state=exact) is set, or O(managed_tenants)
        names the tenant, O(tenants) must include it.
      - If not given, the roles of the user are left alone. An empty list clears them in all tenants with
        O(roles_state=exact), and is an error with V(present).
    type: list
    elements: raw
  roles_state:
    description: What happens to the other roles of the user. Requires O(roles).
    type: str
    choices:
      present: The user has at least these roles. Others are kept.
      exact: The user has exactly these roles, in all tenants.
      managed: Like V(exact), but only for the roles in O(managed_roles). Others are kept and returned in RV(unmanaged).
    default: present
  managed_roles:
    description:
      - The roles that O(roles_state=managed) may remove, written in the same way. They must include each role of
        O(roles).
      - An error with other values of O(roles_state).
    type: list
    elements: raw
notes:
  - Fields that are not given stay as they are. An empty text clears a name.
  - The module writes fields with calls that change parts of a user. To set exact tenants or groups, it reads the user
    and writes everything except the password in one call that replaces the user. It assumes that this call keeps the
    password.
  - Searches of Kestra lag behind writes. If an answer is unclear, or if Kestra reports that the address is taken, the
    module repeats the search for up to eight seconds before it treats the user as absent.
  - RV(ignore:privileged) is V(true) for owners of the instance. RV(ignore:enabled) is V(false) for a user without login
    methods, tenants and ownership. RV(ignore:last_login) and RV(ignore:mfa) are always V(null), because Kestra does not
    report them.
  - Before 2.0, leaving the last group of a tenant ends the access to that tenant. The module then grants the access and
    the roles again, unless the task removes the tenant.
"""

    USERS = r"""
options:
  users:
    description:
      - The users, each with the options of one user.
      - It is an error if two elements describe the same user, or if an element matches several users of the directory.
      - You can use RV(ignore:users) of an info module of Kestra unchanged. Fields that only the server sets are
        ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The user's e-mail address, which is also the user name in Kestra.
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
        description: First name.
        type: str
      last_name:
        description: Last name.
        type: str
      instance_owner:
        description:
          - Whether the user is an instance owner, who has all rights. Servers before 2.0 call it superadmin.
          - V(false) for an instance owner counts as a demotion.
        type: bool
      restricted:
        description:
          - Whether the user is restricted, which Kestra uses for demonstrations.
          - Restricting a user counts as a loss.
        type: bool
      enabled:
        description:
          - Whether the user has anything to log in or act with. Kestra does not have a switch that blocks a login.
          - V(false) permanently removes API tokens, sessions, role bindings, groups, access to tenants, ownership of
            the instance and login methods. The account stays. It is an error to combine V(false) with tenants, groups,
            roles, a password or the ownership that would let the user log in.
          - V(true) does not change anything by itself. For a new user, or a user who has lost everything, it is an
            error unless the task specifies O(users[].tenants), O(users[].groups), O(users[].roles),
            O(users[].instance_owner) or O(users[].password). For an existing user, O(users[].password) requires
            O(users[].update_password=always).
        type: bool
      password:
        description:
          - Password of the user. O(users[].update_password) controls when it is sent. It must satisfy the server's
            password policy.
          - Kestra does not report this policy, so check mode cannot predict that Kestra refuses a password.
        type: str


      update_password:
        description: When O(users[].password) is sent. The API cannot read it, so the module cannot compare it. Without
          a password, the option has no effect.
        type: str
        choices:
          on_create: Only when the task creates the user.
          always: In every run. The task then always reports a change.
        default: on_create


      tenants:
        description:
          - The IDs of the tenants that the user has access to. A number is treated as text.
          - If an ID is unknown, the task fails before its first write.
          - If not given, the user's tenants are left alone. An empty list clears them with
            O(users[].tenants_state=exact), and is an error with V(present).
        type: list
        elements: raw
      tenants_state:
        description: What happens to the other tenants of the user. Requires O(users[].tenants).
        type: str
        choices:
          present: The user has at least these tenants. Others are kept.
          exact: The user has exactly these tenants.
          managed: Like V(exact), but only for the tenants in O(users[].managed_tenants). Others are kept and returned
            in RV(unmanaged).
        default: present
      managed_tenants:
        description:
          - The tenants that O(users[].tenants_state=managed) may remove. They must include each tenant of
            O(users[].tenants), written in the same way.
          - An error with other values of O(users[].tenants_state).
        type: list
        elements: raw


      groups:
        description:
          - The groups of the user. A plain name is a group of O(tenant). For a group of another tenant, specify a
            mapping C({tenant, name}), or C({tenant, id}) with the ID of the group.
          - A number is treated as a name. If a name is unknown or ambiguous, the task fails before its first write.
          - A user who joins a group also gets access to its tenant. If O(users[].tenants) is specified with
            O(users[].tenants_state=present), RV(ignore:tenants) includes that tenant.
          - If not given, the user's groups are left alone. An empty list clears them in all tenants with
            O(users[].groups_state=exact), and is an error with V(present).
        type: list
        elements: raw
      groups_state:
        description: What happens to the other groups of the user. Requires O(users[].groups).
        type: str
        choices:
          present: The user has at least these groups. Others are kept.
          exact: The user has exactly these groups, in all tenants.
          managed: Like V(exact), but only for the groups in O(users[].managed_groups). Others are kept and returned in
            RV(unmanaged).
        default: present
      managed_groups:
        description:
          - The groups that O(users[].groups_state=managed) may remove. They must include each group of
            O(users[].groups).
          - An error with other values of O(users[].groups_state).
        type: list
        elements: raw


      roles:
        description:
          - The roles that are bound to the user directly. Roles that the user has through groups are not included.
          - A plain name is a role of O(tenant) in all its namespaces. To specify a tenant or a namespace, use a mapping
            C({role, tenant, namespace}). Use C(id) instead of C(role) for the ID of the role.
          - A number is treated as a name. If a name is unknown or ambiguous, the task fails before its first write.
            Namespaces are not checked.
          - With a role, the user also gets access to its tenant. If O(users[].tenants_state=exact) is set, or
            O(users[].managed_tenants) names the tenant, O(users[].tenants) must include it.
          - If not given, the roles of the user are left alone. An empty list clears them in all tenants with
            O(users[].roles_state=exact), and is an error with V(present).
        type: list
        elements: raw
      roles_state:
        description: What happens to the other roles of the user. Requires O(users[].roles).
        type: str
        choices:
          present: The user has at least these roles. Others are kept.
          exact: The user has exactly these roles, in all tenants.
          managed: Like V(exact), but only for the roles in O(users[].managed_roles). Others are kept and returned in
            RV(unmanaged).
        default: present
      managed_roles:
        description:
          - The roles that O(users[].roles_state=managed) may remove, written in the same way. They must include each
            role of O(users[].roles).
          - An error with other values of O(users[].roles_state).
        type: list
        elements: raw


      username:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      display_name:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      auth_methods:
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

      tokens:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw
notes:
  - Fields that are not given stay as they are. An empty text clears a name.
  - The module writes fields with calls that change parts of a user. To set exact tenants or groups, it reads the user
    and writes everything except the password in one call that replaces the user. It assumes that this call keeps the
    password.
  - Searches of Kestra lag behind writes. If an answer is unclear, or if Kestra reports that the address is taken, the
    module repeats the search for up to eight seconds before it treats the user as absent.
  - RV(ignore:privileged) is V(true) for owners of the instance. RV(ignore:enabled) is V(false) for a user without login
    methods, tenants and ownership. RV(ignore:last_login) and RV(ignore:mfa) are always V(null), because Kestra does not
    report them.
  - Before 2.0, leaving the last group of a tenant ends the access to that tenant. The module then grants the access and
    the roles again, unless the task removes the tenant.
"""

    SCOPE = r"""
options:
  scope:
    description: Where to search for service accounts.
    type: str
    choices:
      instance: In the whole instance, which requires an instance owner.
      tenant: In O(tenant), with permissions of that tenant.
    default: instance
"""

    ACCESS = r"""
options:
  tenants:
    description:
      - The IDs of the tenants that the account has access to. Not with O(scope=tenant). A number is treated as text.
      - If an ID is unknown, the task fails before its first write.
      - If not given, the account's tenants are left alone. An empty list clears them with O(tenants_state=exact), and
        is an error with V(present).
    type: list
    elements: raw
  tenants_state:
    description: What happens to the other tenants of the account. Requires O(tenants).
    type: str
    choices:
      present: The account has at least these tenants. Others are kept.
      exact: The account has exactly these tenants.
      managed: Like V(exact), but only for the tenants in O(managed_tenants). Others are kept and returned in
        RV(unmanaged).
    default: present
  managed_tenants:
    description:
      - The tenants that O(tenants_state=managed) may remove. They must include each tenant of O(tenants), written in
        the same way.
      - An error with other values of O(tenants_state).
    type: list
    elements: raw
  roles:
    description:
      - The roles that are bound to the account directly. Roles that the account has through groups are not included.
      - A plain name is a role of O(tenant) in all its namespaces. To specify a tenant or a namespace, use a mapping
        C({role, tenant, namespace}). Use C(id) instead of C(role) for the ID of the role.
      - A number is treated as a name. If a name is unknown or ambiguous, the task fails before its first write.
        Namespaces are not checked.
      - With a role, the account also gets access to its tenant. If O(tenants_state=exact) is set, or O(managed_tenants)
        names the tenant, O(tenants) must include it.
      - If not given, the roles of the account are left alone. An empty list clears them in all tenants with
        O(roles_state=exact), and is an error with V(present).
    type: list
    elements: raw
  roles_state:
    description: What happens to the other roles of the account. Requires O(roles).
    type: str
    choices:
      present: The account has at least these roles. Others are kept.
      exact: The account has exactly these roles, in all tenants.
      managed: Like V(exact), but only for the roles in O(managed_roles). Others are kept and returned in RV(unmanaged).
    default: present
  managed_roles:
    description:
      - The roles that O(roles_state=managed) may remove, written in the same way. They must include each role of
        O(roles).
      - An error with other values of O(roles_state).
    type: list
    elements: raw
"""

    OWNER = r"""
options:
  user:
    description: E-mail address of the owner, if the owner is a user. Case is ignored.
    type: str
  id:
    description: ID of the owner, if it is a user.
    type: str
  service_account:
    description:
      - Name of the owner, if it is a service account. Required without O(user), O(id) and O(service_account_id).
      - Names of service accounts are not unique. If several accounts have the name, the task fails and lists their IDs.
    type: str
  service_account_id:
    description: ID of the owner, if it is a service account.
    type: str
"""
