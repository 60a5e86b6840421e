# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: the options of its modules.

Generated from tests/tools/fragments/sendauth.py. Edit that file, then run `make fragments`.
"""

from __future__ import annotations


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of the API, for example V(https://app.sendauth.com).
      - If not given, E(SENDAUTH_API_URL) in the environment is used, or V(https://app.sendauth.com) if it is not set.
      - It must not contain credentials. Plain C(http) to another host causes a warning.
    type: str
  validate_certs:
    description:
      - Whether to verify the server's certificate. V(false) causes a warning.
      - If not given, E(SENDAUTH_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file, in PEM format, with the certificates of the authorities to trust. Set it if a private authority issued
        the server's certificate.
      - If not given, E(SENDAUTH_CA_PATH) in the environment is used. If that is not set either, the authorities that
        C(requests) trusts apply.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole request, from the connection to the last byte of the answer, may take four times as long.
      - If not given, E(SENDAUTH_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How many times a request is repeated after a lost connection or an answer with status 408, 425, 502, 503 or 504.
      - A request that is not safe to repeat is only repeated if the server cannot have received it.
      - If not given, E(SENDAUTH_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in total.
      - If a change needs more calls than the rate limit leaves, and the wait would be longer than this, the task fails
        before its first write.
      - If not given, E(SENDAUTH_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - The part of the rate limit that a task on many users leaves for other clients. A percentage of the server's
        limit, such as V(20%), or a number of calls.
      - It only has an effect if the server reports its limit and the remaining calls. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(SENDAUTH_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - How many requests may run at the same time. At least V(1).
      - If not given, E(SENDAUTH_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - Setting O(expected_account), or E(SENDAUTH_EXPECTED_ACCOUNT) in the environment, is an error, because SendAuth
        does not report which organisation the credentials belong to.
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
      - If not given, E(SENDAUTH_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
  api_user:
    description:
      - The user name for HTTP Basic. Create the credentials in SendAuth's web application.
      - It is not treated as a secret, so it can appear in results. Only O(api_password) is masked.
      - If not given, E(SENDAUTH_API_USER) in the environment is used.
    type: str
  api_password:
    description:
      - The password or key that belongs to O(api_user).
      - If not given, E(SENDAUTH_API_PASSWORD) in the environment is used.
    type: str

attributes:
  action_group:
    description: The action groups of the module. Use them in C(module_defaults) to give many tasks the same options.
    support: full
    membership:
      - rollcall.identity.sendauth
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_sendauth
    description: The guide to SendAuth's modules.
notes:
  - The credentials need the role Registrar to write users, and Authenticator to read them. They cannot write users with
    a higher role.
"""

    WHO = r"""
options:
  user:
    description:
      - The user's e-mail address. SendAuth only displays the user name; it does not identify a user.
      - For a user without an address, specify O(id). The user must exist. Create such users in SendAuth's
        administration, because the next run could not find a new user without an address.
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
      - The user's e-mail address. SendAuth only displays the user name; it does not identify a user.
      - For a user without an address, specify O(id). The user must exist. Create such users in SendAuth's
        administration, because the next run could not find a new user without an address.
      - Case, and blanks at either end, are ignored.
    type: str
  id:
    description:
      - The provider's ID of the user. At least one of O(user) and O(id) is required.
      - It finds the user even if the value of O(user) has changed.
    type: str
notes:
  - The module reads the permission labels before it writes them. A label that is neither defined nor assigned to any
    user is an error, because SendAuth does not document how it handles such labels. Only an Admin can read labels. With
    other credentials, the module writes labels as specified, and fails if SendAuth does not apply one.
"""

    ROLE_INFO = r"""
options:
  kinds:
    description: What to list. Each kind is a separate list in the result. By default, all kinds are listed.
    type: list
    elements: str
    choices:
      permissions: The permission labels.
      groups: The permission groups, with the labels that they grant.
    default: [permissions, groups]
  name:
    description:
      - The exact name of the entries to return. Case is ignored. By default and for V(null), all entries are returned.
        An empty text is an error.
      - If SendAuth does not have the name, the list is empty.
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
      - The user's e-mail address. SendAuth only displays the user name; it does not identify a user.
      - For a user without an address, specify O(id). The user must exist. Create such users in SendAuth's
        administration, because the next run could not find a new user without an address.
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
      absent: The user is deleted. SendAuth keeps deleted users, and O(restore) restores them. Only the options that
        find the user have an effect.
      destroyed: The user is deleted if necessary, and then removed from the deleted users. Such a user cannot be
        restored.
    default: present
  restore:
    description:
      - Whether to restore a deleted user with the same address. Otherwise, such a user is an error.
      - Not possible with O(state=destroyed).
      - For a restored user, O(permissions) and O(groups) count as V(exact). If the task omits them, the grants that the
        user still has are returned in RV(unmanaged). Passkeys are removed, unless O(keep_passkeys=true). Also specify
        O(role); otherwise the user has the earlier role.
      - If there are several deleted users with that address, select one with O(id).
      - It has no effect for a user who exists.
    type: bool
    default: false
  keep_passkeys:
    description:
      - Whether a restored user keeps the earlier passkeys. Otherwise they are removed, and the user has to register
        again.
      - Requires O(restore=true).
    type: bool
    default: false
  email:
    description:
      - E-mail address. If O(user) is specified, omit it, because it is the same.
      - With O(id) and without O(user), it is the new address of the user. It cannot be cleared.
    type: str
  first_name:
    description: First name, with 2 to 50 characters. Required to create a user.
    type: str
  last_name:
    description: Last name, with 2 to 50 characters. Required to create a user.
    type: str
  phone:
    description: Telephone number, with at most 20 characters.
    type: str
  company:
    description:
      - The company of the user, by name, or by ID as a mapping C({id}). It must exist in SendAuth.
      - If a mapping has both C(id) and C(name), as info modules return it, the C(id) counts.
      - An empty text removes the user from the company. If SendAuth does not do so, the task fails.
    type: raw
  role:
    description:
      - The role of the user in SendAuth. The API's specification names V(super_admin), V(admin) and V(user); the
        product's documentation names Admin, Registrar, Authenticator and None. Case is ignored, and the module writes a
        role as other users have it.
      - No call lists roles. A role that is in neither the specification nor the documentation is an error, unless some
        user has it. If the roles of other users show that SendAuth uses the names of only one of the two, a role that
        only the other one names causes a warning.
      - A change to a lower role counts as a loss, and so does a change from or to a role that neither names.
      - SendAuth sends each new user an e-mail to set a password, unless the role is V(user) or V(None).
    type: str
  messaging_preference:
    description: How SendAuth reaches the user.
    type: str
    choices: [email, sms, both]
  permissions:
    description:
      - The permissions of the user, by name. They are SendAuth's permission labels. A label must be defined there, or
        some user must have it.
      - A number is treated as a name. If two permissions have the same name, specify a mapping with C({id}) instead.
      - If a name is unknown or ambiguous, the task fails before its first write.
      - If not given, the user's permissions are left alone. An empty list clears them with O(permissions_state=exact),
        and is an error with V(present).
    type: list
    elements: raw
  permissions_state:
    description: What happens to the other permissions of the user. Requires O(permissions).
    type: str
    choices:
      present: The user has at least these permissions. Others are kept.
      exact: The user has exactly these permissions.
      managed: Like V(exact), but only for the permissions in O(managed_permissions). Others are kept and returned in
        RV(unmanaged).
    default: present
  managed_permissions:
    description:
      - The permissions that O(permissions_state=managed) may remove. They must include each permission of
        O(permissions), written in the same way.
      - An error with other values of O(permissions_state).
    type: list
    elements: raw
  groups:
    description:
      - The groups of the user, by name. They are SendAuth's permission groups.
      - A number is treated as a name. If two groups have the same name, specify a mapping with C({id}) instead.
      - If a name is unknown or ambiguous, the task fails before its first write.
      - If not given, the user's groups are left alone. An empty list clears them with O(groups_state=exact), and is an
        error with V(present).
    type: list
    elements: raw
  groups_state:
    description: What happens to the other groups of the user. Requires O(groups).
    type: str
    choices:
      present: The user has at least these groups. Others are kept.
      exact: The user has exactly these groups.
      managed: Like V(exact), but only for the groups in O(managed_groups). Others are kept and returned in
        RV(unmanaged).
    default: present
  managed_groups:
    description:
      - The groups that O(groups_state=managed) may remove. They must include each group of O(groups), written in the
        same way.
      - An error with other values of O(groups_state).
    type: list
    elements: raw
notes:
  - Fields that are not given stay as they are. An empty text clears O(ignore:phone) and O(ignore:company). Other fields
    cannot be cleared.
  - SendAuth does not document whether an update replaces or merges. The module sends the user as it was read, with the
    changes, in one call. It fails if SendAuth accepts a change of role, company, permissions or groups but does not
    apply it.
  - The module reads the user again right before an update, and keeps changes that were made outside the task since
    the plan. This includes permissions and groups, and a warning reports these.
  - RV(ignore:privileged) is V(true) for the roles C(super_admin), C(admin) and C(registrar), V(false) for the roles
    C(user), C(authenticator) and C(none), and V(null) for all others. A user with V(null) counts as privileged when
    deleted or demoted, but not among those who remain. The last two privileged users and the last C(super_admin) cannot
    be deleted or demoted. C(sendauth_users) has the option C(min_admins) to change this number.
  - SendAuth does not report which user is calling. List that user in O(protect). For a user without an address, write
    C(id) and the ID, such as V(id 1c6dc9a4-*).
  - The module reads the permission labels before it writes them. A label that is neither defined nor assigned to any
    user is an error, because SendAuth does not document how it handles such labels. Only an Admin can read labels. With
    other credentials, the module writes labels as specified, and fails if SendAuth does not apply one.
"""

    USERS = r"""
options:
  users:
    description:
      - The users, each with the options of one user.
      - It is an error if two elements describe the same user, or if an element matches several users of the directory.
      - You can use RV(ignore:users) of an info module of SendAuth unchanged. Fields that only the server sets are
        ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The user's e-mail address. SendAuth only displays the user name; it does not identify a user.
          - For a user without an address, specify O(users[].id). The user must exist. Create such users in SendAuth's
            administration, because the next run could not find a new user without an address.
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
          absent: The user is deleted. SendAuth keeps deleted users, and O(users[].restore) restores them. Only the
            options that find the user have an effect.
          destroyed: The user is deleted if necessary, and then removed from the deleted users. Such a user cannot be
            restored.
        default: present
      restore:
        description:
          - Whether to restore a deleted user with the same address. Otherwise, such a user is an error.
          - Not possible with O(users[].state=destroyed).
          - For a restored user, O(users[].permissions) and O(users[].groups) count as V(exact). If the task omits them,
            the grants that the user still has are returned in RV(unmanaged). Passkeys are removed, unless
            O(users[].keep_passkeys=true). Also specify O(users[].role); otherwise the user has the earlier role.
          - If there are several deleted users with that address, select one with O(users[].id).
          - It has no effect for a user who exists.
        type: bool
        default: false
      keep_passkeys:
        description:
          - Whether a restored user keeps the earlier passkeys. Otherwise they are removed, and the user has to register
            again.
          - Requires O(users[].restore=true).
        type: bool
        default: false


      email:
        description:
          - E-mail address. If O(users[].user) is specified, omit it, because it is the same.
          - With O(users[].id) and without O(users[].user), it is the new address of the user. It cannot be cleared.
        type: str
      first_name:
        description: First name, with 2 to 50 characters. Required to create a user.
        type: str
      last_name:
        description: Last name, with 2 to 50 characters. Required to create a user.
        type: str
      phone:
        description: Telephone number, with at most 20 characters.
        type: str
      company:
        description:
          - The company of the user, by name, or by ID as a mapping C({id}). It must exist in SendAuth.
          - If a mapping has both C(id) and C(name), as info modules return it, the C(id) counts.
          - An empty text removes the user from the company. If SendAuth does not do so, the task fails.
        type: raw
      role:
        description:
          - The role of the user in SendAuth. The API's specification names V(super_admin), V(admin) and V(user); the
            product's documentation names Admin, Registrar, Authenticator and None. Case is ignored, and the module
            writes a role as other users have it.
          - No call lists roles. A role that is in neither the specification nor the documentation is an error, unless
            some user has it. If the roles of other users show that SendAuth uses the names of only one of the two, a
            role that only the other one names causes a warning.
          - A change to a lower role counts as a loss, and so does a change from or to a role that neither names.
          - SendAuth sends each new user an e-mail to set a password, unless the role is V(user) or V(None).
        type: str
      messaging_preference:
        description: How SendAuth reaches the user.
        type: str
        choices: [email, sms, both]


      permissions:
        description:
          - The permissions of the user, by name. They are SendAuth's permission labels. A label must be defined there,
            or some user must have it.
          - A number is treated as a name. If two permissions have the same name, specify a mapping with C({id})
            instead.
          - If a name is unknown or ambiguous, the task fails before its first write.
          - If not given, the user's permissions are left alone. An empty list clears them with
            O(users[].permissions_state=exact), and is an error with V(present).
        type: list
        elements: raw
      permissions_state:
        description: What happens to the other permissions of the user. Requires O(users[].permissions).
        type: str
        choices:
          present: The user has at least these permissions. Others are kept.
          exact: The user has exactly these permissions.
          managed: Like V(exact), but only for the permissions in O(users[].managed_permissions). Others are kept and
            returned in RV(unmanaged).
        default: present
      managed_permissions:
        description:
          - The permissions that O(users[].permissions_state=managed) may remove. They must include each permission of
            O(users[].permissions), written in the same way.
          - An error with other values of O(users[].permissions_state).
        type: list
        elements: raw


      groups:
        description:
          - The groups of the user, by name. They are SendAuth's permission groups.
          - A number is treated as a name. If two groups have the same name, specify a mapping with C({id}) instead.
          - If a name is unknown or ambiguous, the task fails before its first write.
          - If not given, the user's groups are left alone. An empty list clears them with
            O(users[].groups_state=exact), and is an error with V(present).
        type: list
        elements: raw
      groups_state:
        description: What happens to the other groups of the user. Requires O(users[].groups).
        type: str
        choices:
          present: The user has at least these groups. Others are kept.
          exact: The user has exactly these groups.
          managed: Like V(exact), but only for the groups in O(users[].managed_groups). Others are kept and returned in
            RV(unmanaged).
        default: present
      managed_groups:
        description:
          - The groups that O(users[].groups_state=managed) may remove. They must include each group of
            O(users[].groups), written in the same way.
          - An error with other values of O(users[].groups_state).
        type: list
        elements: raw


      username:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      has_passkeys:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      enabled:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      group_permissions:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      created_at:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      last_authenticated:
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

      audits:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      transactions:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw
notes:
  - Fields that are not given stay as they are. An empty text clears O(ignore:phone) and O(ignore:company). Other fields
    cannot be cleared.
  - SendAuth does not document whether an update replaces or merges. The module sends the user as it was read, with the
    changes, in one call. It fails if SendAuth accepts a change of role, company, permissions or groups but does not
    apply it.
  - The module reads the user again right before an update, and keeps changes that were made outside the task since
    the plan. This includes permissions and groups, and a warning reports these.
  - RV(ignore:privileged) is V(true) for the roles C(super_admin), C(admin) and C(registrar), V(false) for the roles
    C(user), C(authenticator) and C(none), and V(null) for all others. A user with V(null) counts as privileged when
    deleted or demoted, but not among those who remain. The last two privileged users and the last C(super_admin) cannot
    be deleted or demoted. C(sendauth_users) has the option C(min_admins) to change this number.
  - SendAuth does not report which user is calling. List that user in O(protect). For a user without an address, write
    C(id) and the ID, such as V(id 1c6dc9a4-*).
  - The module reads the permission labels before it writes them. A label that is neither defined nor assigned to any
    user is an error, because SendAuth does not document how it handles such labels. Only an Admin can read labels. With
    other credentials, the module writes labels as specified, and fails if SendAuth does not apply one.
"""
