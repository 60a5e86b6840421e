# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: the options of its modules.

Generated from tests/tools/fragments/nextauth.py. Edit that file, then run `make fragments`.
"""

from __future__ import annotations


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of the API, for example V(https://nextauth.example.com).
      - If not given, E(NEXTAUTH_API_URL) in the environment is used, or V(https://api.nextauth.com) if it is not set.
      - It must not contain credentials. Plain C(http) to another host causes a warning.
    type: str
  validate_certs:
    description:
      - Whether to verify the server's certificate. V(false) causes a warning.
      - If not given, E(NEXTAUTH_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file, in PEM format, with the certificates of the authorities to trust. Set it if a private authority issued
        the server's certificate.
      - If not given, E(NEXTAUTH_CA_PATH) in the environment is used. If that is not set either, the authorities that
        C(requests) trusts apply.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole request, from the connection to the last byte of the answer, may take four times as long.
      - If not given, E(NEXTAUTH_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How many times a request is repeated after a lost connection or an answer with status 408, 425, 502, 503 or 504.
      - A request that is not safe to repeat is only repeated if the server cannot have received it.
      - If not given, E(NEXTAUTH_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in total.
      - If a change needs more calls than the rate limit leaves, and the wait would be longer than this, the task fails
        before its first write.
      - If not given, E(NEXTAUTH_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - The part of the rate limit that a task on many users leaves for other clients. A percentage of the server's
        limit, such as V(20%), or a number of calls.
      - It only has an effect if the server reports its limit and the remaining calls. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(NEXTAUTH_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - How many requests may run at the same time. At least V(1).
      - If not given, E(NEXTAUTH_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - The ID of the intended virtual server. It must equal O(server_id), which may come from another source, such as
        the environment. It is case-sensitive, as base64 is.
      - Before anything else, the module reads the server, which must exist with this ID. If the key has neither the
        permission C(servers) nor C(createserver), the module only compares the two options.
      - If not given, E(NEXTAUTH_EXPECTED_ACCOUNT) in the environment is used. Without it, nothing is compared.
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
      - If not given, E(NEXTAUTH_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
  api_key:
    description:
      - The API key. It belongs to a role, whose permissions decide what the modules can do.
      - Required, here or as E(NEXTAUTH_API_KEY) in the environment.
    type: str
  server_id:
    description:
      - ID of the virtual server, in base64 as nextAuth shows it, without URL encoding.
      - Required, here or as E(NEXTAUTH_SERVER_ID) in the environment.
    type: str
  role_id:
    description:
      - ID of a role to use instead of the role of the key. This requires that the role of the key has the global
        permission C(root) or C(setrid).
      - If not given, E(NEXTAUTH_ROLE_ID) in the environment is used. Without it, the role of the key is used.
    type: str

attributes:
  action_group:
    description: The action groups of the module. Use them in C(module_defaults) to give many tasks the same options.
    support: full
    membership:
      - rollcall.identity.nextauth
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_nextauth
    description: The guide to nextAuth's modules.
notes:
  - The role of the API key needs the permission C(users) for most calls, C(accounts) to block accounts, C(servers) to
    read permissions, and C(root) to write them. An error names the missing permission.
"""

    WHO = r"""
options:
  user:
    description:
      - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
      - A user with exactly this name matches first. Otherwise, a user whose name differs only in case matches. If
        several names differ only in case, the task fails. Select one with O(id).
      - Blanks at either end are removed.
    type: str
  id:
    description:
      - The name of the user, compared exactly. nextAuth does not have another ID.
      - At least one of O(user) and O(id) is required. A user specified by O(id) must exist.
    type: str
"""

    VALUES = r"""
options:
  user:
    description:
      - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
      - A user with exactly this name matches first. Otherwise, a user whose name differs only in case matches. If
        several names differ only in case, the task fails. Select one with O(id).
      - Blanks at either end are removed.
    type: str
  id:
    description:
      - The name of the user, compared exactly. nextAuth does not have another ID.
      - At least one of O(user) and O(id) is required. A user specified by O(id) must exist.
    type: str
notes:
  - One call sets all changed attributes. Clearing takes one call for each attribute. With C(exact), one call replaces
    all attributes if one is cleared.
  - Values are texts. An integer is sent and compared as decimal text. A boolean or a decimal number is an error,
    because YAML converts unquoted texts such as C(yes) and C(1.10). Quote such texts. A value cannot be a list or a
    mapping.
  - The name of a user or an attribute cannot be V(.) or V(..), have such a part between slashes, or decode to one. A
    proxy could resolve it, and the request would reach another resource.
  - nextAuth does not document the format in which it returns attributes. The module accepts a JSON object, a list of
    pairs, each also within a JSON text, and an empty body. Anything else is an error, and nothing is written.
"""

    PERMISSIONS = r"""
options:
  user:
    description:
      - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
      - A user with exactly this name matches first. Otherwise, a user whose name differs only in case matches. If
        several names differ only in case, the task fails. Select one with O(id).
      - Blanks at either end are removed.
    type: str
  id:
    description:
      - The name of the user, compared exactly. nextAuth does not have another ID.
      - At least one of O(user) and O(id) is required. A user specified by O(id) must exist.
    type: str
notes:
  - The API replaces all permissions of a role, so the module reads them again right before it writes. It keeps
    permissions that were granted outside the task since the plan, and a warning reports them. The next run includes
    them in its plan.
  - Names of permissions are case-sensitive. nextAuth does not report which permissions exist. Its documentation names
    C(users), C(accounts), C(sessions), C(servers), C(createserver), C(setrid) and C(root). To grant another one is an
    error, unless some role has it. Reading permissions requires the permission C(servers), writing them requires
    C(root).
"""

    ROLE_INFO = r"""
options:
  kinds:
    description: What to list. Each kind is a separate list in the result. By default, all kinds are listed.
    type: list
    elements: str
    choices:
      roles: The roles that have permissions on the server. Reading them requires the permission C(servers).
    default: [roles]
  name:
    description:
      - The exact name of the entries to return. Case is ignored. By default and for V(null), all entries are returned.
        An empty text is an error.
      - If nextAuth does not have the name, the list is empty.
    type: str

  members:
    description:
      - Whether to list the members of each entry.
      - Listing members requires the list of all users, 100 per call, and one call for each user.
    type: bool
    default: false
"""

    USER = r"""
options:
  user:
    description:
      - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
      - A user with exactly this name matches first. Otherwise, a user whose name differs only in case matches. If
        several names differ only in case, the task fails. Select one with O(id).
      - Blanks at either end are removed.
    type: str
  id:
    description:
      - The name of the user, compared exactly. nextAuth does not have another ID.
      - At least one of O(user) and O(id) is required. A user specified by O(id) must exist.
    type: str
  previous_users:
    description:
      - Earlier values of O(user) for the same person.
      - nextAuth cannot rename users. If no user has O(user), but a user has one of these names, the task fails.
    type: list
    elements: str
    default: []
  state:
    description: Whether the user exists.
    type: str
    choices:
      present: The user is created if necessary, and matches the other options. If only O(id) is specified, the user
        must exist.
      absent: The user is deleted permanently, with all accounts. Only the options that find the user have an effect.
    default: present
  enabled:
    description:
      - Whether the user can log in, which means that at least one account is not blocked.
      - V(false) blocks all accounts of the user. V(true) unblocks them if all of them are blocked. If one of them is
        not blocked, nothing changes.
      - For a user without accounts, the module changes nothing and returns V(null). A user who registers an app after
        O(enabled=false) can therefore log in until the task runs again.
      - V(null), which an info module returns for a user without accounts, has the same effect as omitting the option.
    type: bool
  attributes:
    description:
      - The attributes of the user, name to value. Any name is possible. nextAuth has neither profile fields nor a list
        of names.
      - Values are compared and sent as text. An empty text or V(null) clears the attribute.
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
  permissions:
    description:
      - The permissions of the user, by name. They belong to the user's role, which is created if necessary, and apply
        to this virtual server.
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
notes:
  - nextAuth does not report which users are administrators, or which user is calling. RV(ignore:privileged) and
    RV(ignore:mfa) are always V(null). Use O(protect) to protect users.
  - The API cannot rename a user. Create the new user, have the person register the app, and delete the old user.
  - One call sets all changed attributes. Clearing takes one call for each attribute. With C(exact), one call replaces
    all attributes if one is cleared.
  - Values are texts. An integer is sent and compared as decimal text. A boolean or a decimal number is an error,
    because YAML converts unquoted texts such as C(yes) and C(1.10). Quote such texts. A value cannot be a list or a
    mapping.
  - The name of a user or an attribute cannot be V(.) or V(..), have such a part between slashes, or decode to one. A
    proxy could resolve it, and the request would reach another resource.
  - nextAuth does not document the format in which it returns attributes. The module accepts a JSON object, a list of
    pairs, each also within a JSON text, and an empty body. Anything else is an error, and nothing is written.
  - The API replaces all permissions of a role, so the module reads them again right before it writes. It keeps
    permissions that were granted outside the task since the plan, and a warning reports them. The next run includes
    them in its plan.
  - Names of permissions are case-sensitive. nextAuth does not report which permissions exist. Its documentation names
    C(users), C(accounts), C(sessions), C(servers), C(createserver), C(setrid) and C(root). To grant another one is an
    error, unless some role has it. Reading permissions requires the permission C(servers), writing them requires
    C(root).
"""

    USERS = r"""
options:
  users:
    description:
      - The users, each with the options of one user.
      - It is an error if two elements describe the same user, or if an element matches several users of the directory.
      - You can use RV(ignore:users) of an info module of nextAuth unchanged. Fields that only the server sets are
        ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
          - A user with exactly this name matches first. Otherwise, a user whose name differs only in case matches. If
            several names differ only in case, the task fails. Select one with O(users[].id).
          - Blanks at either end are removed.
        type: str
      id:
        description:
          - The name of the user, compared exactly. nextAuth does not have another ID.
          - At least one of O(users[].user) and O(users[].id) is required. A user specified by O(users[].id) must exist.
        type: str


      previous_users:
        description:
          - Earlier values of O(users[].user) for the same person.
          - nextAuth cannot rename users. If no user has O(users[].user), but a user has one of these names, the task
            fails.
        type: list
        elements: str
        default: []
      state:
        description: Whether the user exists.
        type: str
        choices:
          present: The user is created if necessary, and matches the other options. If only O(users[].id) is specified,
            the user must exist.
          absent: The user is deleted permanently, with all accounts. Only the options that find the user have an
            effect.
        default: present


      enabled:
        description:
          - Whether the user can log in, which means that at least one account is not blocked.
          - V(false) blocks all accounts of the user. V(true) unblocks them if all of them are blocked. If one of them
            is not blocked, nothing changes.
          - For a user without accounts, the module changes nothing and returns V(null). A user who registers an app
            after O(users[].enabled=false) can therefore log in until the task runs again.
          - V(null), which an info module returns for a user without accounts, has the same effect as omitting the
            option.
        type: bool


      attributes:
        description:
          - The attributes of the user, name to value. Any name is possible. nextAuth has neither profile fields nor a
            list of names.
          - Values are compared and sent as text. An empty text or V(null) clears the attribute.
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


      permissions:
        description:
          - The permissions of the user, by name. They belong to the user's role, which is created if necessary, and
            apply to this virtual server.
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


      userid:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      number_accounts:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      last_login:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      role:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      privileged:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      mfa:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw

      accounts:
        description: Returned by info modules. Accepted and ignored, so that you can use their users unchanged.
        type: raw
notes:
  - nextAuth does not report which users are administrators, or which user is calling. RV(ignore:privileged) and
    RV(ignore:mfa) are always V(null). Use O(protect) to protect users.
  - The API cannot rename a user. Create the new user, have the person register the app, and delete the old user.
  - One call sets all changed attributes. Clearing takes one call for each attribute. With C(exact), one call replaces
    all attributes if one is cleared.
  - Values are texts. An integer is sent and compared as decimal text. A boolean or a decimal number is an error,
    because YAML converts unquoted texts such as C(yes) and C(1.10). Quote such texts. A value cannot be a list or a
    mapping.
  - The name of a user or an attribute cannot be V(.) or V(..), have such a part between slashes, or decode to one. A
    proxy could resolve it, and the request would reach another resource.
  - nextAuth does not document the format in which it returns attributes. The module accepts a JSON object, a list of
    pairs, each also within a JSON text, and an empty body. Anything else is an error, and nothing is written.
  - The API replaces all permissions of a role, so the module reads them again right before it writes. It keeps
    permissions that were granted outside the task since the plan, and a warning reports them. The next run includes
    them in its plan.
  - Names of permissions are case-sensitive. nextAuth does not report which permissions exist. Its documentation names
    C(users), C(accounts), C(sessions), C(servers), C(createserver), C(setrid) and C(root). To grant another one is an
    error, unless some role has it. Reading permissions requires the permission C(servers), writing them requires
    C(root).
"""
