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
      - If not given, E(NEXTAUTH_API_URL) in the environment is used, and without that V(https://api.nextauth.com).
      - It must hold no credentials. Plain C(http) to another host gives a warning.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate is checked. V(false) gives a warning.
      - If not given, E(NEXTAUTH_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of the authorities to trust, in PEM form, for a server whose authority is a private
        one.
      - If not given, E(NEXTAUTH_CA_PATH) in the environment is used, and without that the authorities that C(requests)
        trusts.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole exchange, from the connection to the last byte of the answer, ends after four times as long.
      - If not given, E(NEXTAUTH_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How often a request is sent again after a lost connection or an answer of 408, 425, 502, 503 or 504.
      - A request that does harm when it is repeated is sent again only if the server certainly did not take it.
      - If not given, E(NEXTAUTH_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in all.
      - A change that needs more calls than the rate limit leaves, and a longer wait than this, fails before its first
        write.
      - If not given, E(NEXTAUTH_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - What a task on many users leaves of the rate limit for others. A percentage of the server's limit such as
        V(20%), or a number of calls.
      - It has an effect where the server reports its limit and the calls that are left. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(NEXTAUTH_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - Requests that may be under way at the same time. At least V(1).
      - If not given, E(NEXTAUTH_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - The ID of the virtual server that is meant. It must be the same as O(server_id), which may come from somewhere
        else, such as the environment. Compared with case, because base64 has capitals that mean something.
      - The server is read as well, before anything else is read or written, and must be there under this ID. A key
        without the permission C(servers) or C(createserver) may not read it. Then only the two options are compared.
      - If not given, E(NEXTAUTH_EXPECTED_ACCOUNT) in the environment is used, and without that nothing is compared.
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
      - If not given, E(NEXTAUTH_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
  api_key:
    description:
      - The API key, which belongs to a role. What the role may do, the modules may do.
      - Required, here or as E(NEXTAUTH_API_KEY) in the environment.
    type: str
  server_id:
    description:
      - ID of the virtual server, in base64 as nextAuth shows it. It is encoded for the address here.
      - Required, here or as E(NEXTAUTH_SERVER_ID) in the environment.
    type: str
  role_id:
    description:
      - ID of a role to work as, instead of the role of the key. The key's role needs the global permission C(root) or
        C(setrid) for that.
      - If not given, E(NEXTAUTH_ROLE_ID) in the environment is used, and without that the key's own role.
    type: str

attributes:
  action_group:
    description: The action groups that the module is in. They give many tasks the same options with C(module_defaults).
    support: full
    membership:
      - rollcall.identity.nextauth
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_nextauth
    description: The guide to nextAuth's modules.
notes:
  - The role of the API key needs the permission C(users) for most calls, C(accounts) to block accounts, C(servers) and
    C(root) for permissions. An error names the one that is missing.
"""

    WHO = r"""
options:
  user:
    description:
      - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
      - The user with exactly this name is taken. If there is none, one whose name differs in case alone is. If several
        differ in case alone, that is an error, and O(id) says which.
      - Blanks at either end are cut off.
    type: str
  id:
    description:
      - The name of the user, compared exactly. nextAuth has no other ID.
      - One of O(user) and O(id) is needed to name a user. A user who is named by O(id) must exist.
    type: str
"""

    VALUES = r"""
options:
  user:
    description:
      - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
      - The user with exactly this name is taken. If there is none, one whose name differs in case alone is. If several
        differ in case alone, that is an error, and O(id) says which.
      - Blanks at either end are cut off.
    type: str
  id:
    description:
      - The name of the user, compared exactly. nextAuth has no other ID.
      - One of O(user) and O(id) is needed to name a user. A user who is named by O(id) must exist.
    type: str
notes:
  - Attributes that change are merged by one call, and each that goes takes a call. With C(exact) all are replaced at
    once if one goes.
  - Values are texts. An integer is sent and compared as its decimal text. A boolean or a decimal number fails, because
    YAML makes one of texts such as
    C(yes) and C(1.10). Write the text in quotes. A value cannot be a list or a mapping.
  - No name of a user or an attribute can be V(.) or V(..), have such a part between slashes, or become one when it is
    decoded. A proxy could resolve it, and the
    request would reach another resource.
  - nextAuth's documentation does not show the text that attributes are read as. A JSON object, a list of pairs, each
    also within a JSON text, and an empty body are understood. Anything else is an error, and nothing is written.
"""

    PERMISSIONS = r"""
options:
  user:
    description:
      - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
      - The user with exactly this name is taken. If there is none, one whose name differs in case alone is. If several
        differ in case alone, that is an error, and O(id) says which.
      - Blanks at either end are cut off.
    type: str
  id:
    description:
      - The name of the user, compared exactly. nextAuth has no other ID.
      - One of O(user) and O(id) is needed to name a user. A user who is named by O(id) must exist.
    type: str
notes:
  - A role has its permissions as a whole, so they are read again right before they are written. A permission that
    somebody else
    has granted since the plan was made is kept, and a warning shows it. The next run plans with it.
  - Names of permissions compare with case. nextAuth does not report which there are. Reading them needs the permission
    C(servers), writing C(root).
"""

    ROLE_INFO = r"""
options:
  kinds:
    description: What to list. Each kind is a list of its own in the result. If not given, all of them are.
    type: list
    elements: str
    choices:
      roles: The roles that have permissions on the server. Reading them needs the permission C(servers).
    default: [roles]
  name:
    description:
      - The name of the entries to return, exactly, without regard to case. If not given, all are.
      - A name that nextAuth does not have gives an empty list.
    type: str

  members:
    description:
      - Whether to list who has each entry.
      - Members take the list of all users, 100 to a call, and one call for each user.
    type: bool
    default: false
"""

    USER = r"""
options:
  user:
    description:
      - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
      - The user with exactly this name is taken. If there is none, one whose name differs in case alone is. If several
        differ in case alone, that is an error, and O(id) says which.
      - Blanks at either end are cut off.
    type: str
  id:
    description:
      - The name of the user, compared exactly. nextAuth has no other ID.
      - One of O(user) and O(id) is needed to name a user. A user who is named by O(id) must exist.
    type: str
  previous_users:
    description:
      - Earlier values of O(user) of the same person.
      - nextAuth cannot rename. If nobody has O(user), and somebody has one of these, the task fails and says so.
    type: list
    elements: str
    default: []
  state:
    description: Whether the user is there.
    type: str
    choices:
      present: The user is created if need be, and is as the other options say. A user who is named by O(id) alone must
        exist.
      absent: The user is deleted for good, with all accounts. Other options are not looked at, apart from those that
        find the user.
    default: present
  enabled:
    description:
      - Whether the user may log in, which is to have an account that is not blocked. V(true) or V(false).
      - V(false) blocks all accounts of the user. V(true) unblocks them if all of them are blocked. If one of them is
        not, nothing is done.
      - A user without accounts is as desired either way, and shown with V(null). So a user who registers an app after
        O(enabled=false) can log in until the task runs again.
      - V(null), which an info module returns for a user without accounts, is the same as not given.
    type: bool
  attributes:
    description:
      - The attributes of the user, name to value. Any name will do. nextAuth has neither profile fields nor a list of
        names.
      - Values are compared and sent as text. An empty text or V(null) clears the attribute.
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
  permissions:
    description:
      - The permissions of the user, by name. They belong to the user's role, which is made if need be, and hold on this
        virtual server.
      - If not given, the user's permissions are left alone. An empty list clears them with O(permissions_state=exact),
        and is an error with V(present).
    type: list
    elements: raw
  permissions_state:
    description: What O(permissions) says of the user's other permissions. Requires O(permissions).
    type: str
    choices:
      present: The user has these permissions. Others stay.
      exact: The user has these permissions and no others.
      managed: Within O(managed_permissions), the user has these permissions and no others. What lies outside stays and
        is reported as RV(unmanaged).
    default: present
  managed_permissions:
    description:
      - The permissions that O(permissions_state=managed) may take away. Each permission of O(permissions) must be among
        them, written the same way.
      - An error with other values of O(permissions_state).
    type: list
    elements: raw
notes:
  - nextAuth reports neither which users are administrators nor which one is calling. RV(ignore:privileged) and
    RV(ignore:mfa) are
    always V(null). Only O(protect) shields a user.
  - There is no call that renames a user. Create the new one, let its owner register, and delete the old one.
  - Attributes that change are merged by one call, and each that goes takes a call. With C(exact) all are replaced at
    once if one goes.
  - Values are texts. An integer is sent and compared as its decimal text. A boolean or a decimal number fails, because
    YAML makes one of texts such as
    C(yes) and C(1.10). Write the text in quotes. A value cannot be a list or a mapping.
  - No name of a user or an attribute can be V(.) or V(..), have such a part between slashes, or become one when it is
    decoded. A proxy could resolve it, and the
    request would reach another resource.
  - nextAuth's documentation does not show the text that attributes are read as. A JSON object, a list of pairs, each
    also within a JSON text, and an empty body are understood. Anything else is an error, and nothing is written.
  - A role has its permissions as a whole, so they are read again right before they are written. A permission that
    somebody else
    has granted since the plan was made is kept, and a warning shows it. The next run plans with it.
  - Names of permissions compare with case. nextAuth does not report which there are. Reading them needs the permission
    C(servers), writing C(root).
"""

    USERS = r"""
options:
  users:
    description:
      - The users, each with the options of one user.
      - Two elements that mean the same user are an error. An element that matches several users of the directory is
        one, too.
      - What an info module of nextAuth returns under RV(ignore:users) can be given as it is. The fields that only the
        server sets are ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The name of the user, which nextAuth calls C(userid). It can be any text, an e-mail address for example.
          - The user with exactly this name is taken. If there is none, one whose name differs in case alone is. If
            several differ in case alone, that is an error, and O(users[].id) says which.
          - Blanks at either end are cut off.
        type: str
      id:
        description:
          - The name of the user, compared exactly. nextAuth has no other ID.
          - One of O(users[].user) and O(users[].id) is needed to name a user. A user who is named by O(users[].id) must
            exist.
        type: str


      previous_users:
        description:
          - Earlier values of O(users[].user) of the same person.
          - nextAuth cannot rename. If nobody has O(users[].user), and somebody has one of these, the task fails and
            says so.
        type: list
        elements: str
        default: []
      state:
        description: Whether the user is there.
        type: str
        choices:
          present: The user is created if need be, and is as the other options say. A user who is named by O(users[].id)
            alone must exist.
          absent: The user is deleted for good, with all accounts. Other options are not looked at, apart from those
            that find the user.
        default: present


      enabled:
        description:
          - Whether the user may log in, which is to have an account that is not blocked. V(true) or V(false).
          - V(false) blocks all accounts of the user. V(true) unblocks them if all of them are blocked. If one of them
            is not, nothing is done.
          - A user without accounts is as desired either way, and shown with V(null). So a user who registers an app
            after O(users[].enabled=false) can log in until the task runs again.
          - V(null), which an info module returns for a user without accounts, is the same as not given.
        type: bool


      attributes:
        description:
          - The attributes of the user, name to value. Any name will do. nextAuth has neither profile fields nor a list
            of names.
          - Values are compared and sent as text. An empty text or V(null) clears the attribute.
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


      permissions:
        description:
          - The permissions of the user, by name. They belong to the user's role, which is made if need be, and hold on
            this virtual server.
          - If not given, the user's permissions are left alone. An empty list clears them with
            O(users[].permissions_state=exact), and is an error with V(present).
        type: list
        elements: raw
      permissions_state:
        description: What O(users[].permissions) says of the user's other permissions. Requires O(users[].permissions).
        type: str
        choices:
          present: The user has these permissions. Others stay.
          exact: The user has these permissions and no others.
          managed: Within O(users[].managed_permissions), the user has these permissions and no others. What lies
            outside stays and is reported as RV(unmanaged).
        default: present
      managed_permissions:
        description:
          - The permissions that O(users[].permissions_state=managed) may take away. Each permission of
            O(users[].permissions) must be among them, written the same way.
          - An error with other values of O(users[].permissions_state).
        type: list
        elements: raw


      userid:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      number_accounts:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      last_login:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      role:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      privileged:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      mfa:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      accounts:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw
notes:
  - nextAuth reports neither which users are administrators nor which one is calling. RV(ignore:privileged) and
    RV(ignore:mfa) are
    always V(null). Only O(protect) shields a user.
  - There is no call that renames a user. Create the new one, let its owner register, and delete the old one.
  - Attributes that change are merged by one call, and each that goes takes a call. With C(exact) all are replaced at
    once if one goes.
  - Values are texts. An integer is sent and compared as its decimal text. A boolean or a decimal number fails, because
    YAML makes one of texts such as
    C(yes) and C(1.10). Write the text in quotes. A value cannot be a list or a mapping.
  - No name of a user or an attribute can be V(.) or V(..), have such a part between slashes, or become one when it is
    decoded. A proxy could resolve it, and the
    request would reach another resource.
  - nextAuth's documentation does not show the text that attributes are read as. A JSON object, a list of pairs, each
    also within a JSON text, and an empty body are understood. Anything else is an error, and nothing is written.
  - A role has its permissions as a whole, so they are read again right before they are written. A permission that
    somebody else
    has granted since the plan was made is kept, and a warning shows it. The next run plans with it.
  - Names of permissions compare with case. nextAuth does not report which there are. Reading them needs the permission
    C(servers), writing C(root).
"""
