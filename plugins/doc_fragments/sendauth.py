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
      - If not given, E(SENDAUTH_API_URL) in the environment is used, and without that V(https://app.sendauth.com).
      - It must hold no credentials. Plain C(http) to another host gives a warning.
    type: str
  validate_certs:
    description:
      - Whether the server's certificate is checked. V(false) gives a warning.
      - If not given, E(SENDAUTH_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of the authorities to trust, in PEM form, for a server whose authority is a private
        one.
      - If not given, E(SENDAUTH_CA_PATH) in the environment is used, and without that the authorities that C(requests)
        trusts.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole exchange, from the connection to the last byte of the answer, ends after four times as long.
      - If not given, E(SENDAUTH_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How often a request is sent again after a lost connection or an answer of 408, 425, 502, 503 or 504.
      - A request that does harm when it is repeated is sent again only if the server certainly did not take it.
      - If not given, E(SENDAUTH_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in all.
      - A change that needs more calls than the rate limit leaves, and a longer wait than this, fails before its first
        write.
      - If not given, E(SENDAUTH_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - What a task on many users leaves of the rate limit for others. A percentage of the server's limit such as
        V(20%), or a number of calls.
      - It has an effect where the server reports its limit and the calls that are left. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(SENDAUTH_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - Requests that may be under way at the same time. At least V(1).
      - If not given, E(SENDAUTH_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - SendAuth does not report which organisation its credentials belong to. To give this is an error, so that nobody
        believes it to be checked.
      - If not given, E(SENDAUTH_EXPECTED_ACCOUNT) in the environment is used, and without that nothing is compared.
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
      - If not given, E(SENDAUTH_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
  api_user:
    description:
      - The user name for HTTP Basic. SendAuth makes its credentials in the web application.
      - It is not treated as a secret, so results show it. Give what must not be seen as O(api_password).
      - If not given, E(SENDAUTH_API_USER) in the environment is used.
    type: str
  api_password:
    description:
      - The password or key that belongs to O(api_user).
      - If not given, E(SENDAUTH_API_PASSWORD) in the environment is used.
    type: str

attributes:
  action_group:
    description: The action groups that the module is in. They give many tasks the same options with C(module_defaults).
    support: full
    membership:
      - rollcall.identity.sendauth
      - rollcall.identity.all
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_sendauth
    description: The guide to SendAuth's modules.
notes:
  - The credentials need the role Registrar to write users, and Authenticator to read them. Nobody writes a user of a
    higher role.
"""

    WHO = r"""
options:
  user:
    description:
      - The user's e-mail address. SendAuth's own user name is for display and names nobody.
      - A user without an address can only be named by O(id), and must exist. To create one, use SendAuth's
        administration. Only by an address does the next run know that the user is there.
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
      - The user's e-mail address. SendAuth's own user name is for display and names nobody.
      - A user without an address can only be named by O(id), and must exist. To create one, use SendAuth's
        administration. Only by an address does the next run know that the user is there.
      - Compared without case and without blanks at either end.
    type: str
  id:
    description:
      - The provider's ID of the user. One of O(user) and O(id) is needed to name a user.
      - It finds the user even if O(user) has changed since.
    type: str
notes:
  - Permission labels are read before they are written. One that is neither defined nor had by any user fails, because
    what SendAuth makes of it is not documented. Only an Admin may read them. With other credentials labels are written
    as they are, and what SendAuth does not take over is an error.
"""

    ROLE_INFO = r"""
options:
  kinds:
    description: What to list. Each kind is a list of its own in the result. If not given, all of them are.
    type: list
    elements: str
    choices:
      permissions: The permission labels.
      groups: The permission groups, with the labels that they bring.
    default: [permissions, groups]
  name:
    description:
      - The name of the entries to return, exactly, without regard to case. If not given, all are.
      - A name that SendAuth does not have gives an empty list.
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
      - The user's e-mail address. SendAuth's own user name is for display and names nobody.
      - A user without an address can only be named by O(id), and must exist. To create one, use SendAuth's
        administration. Only by an address does the next run know that the user is there.
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
      absent: The user is deleted, and kept by SendAuth. O(restore) brings the user back. Only the options that find the
        user are looked at.
      destroyed: The user is deleted, if that is not done, and then removed from the deleted users. Nothing brings the
        user back.
    default: present
  restore:
    description:
      - Whether a deleted user with the same address is brought back, instead of failing.
      - Whoever is brought back gets nothing that the task does not name in O(permissions) and O(groups), where these
        are given. They count as V(exact) then. Where they are not given, what the user still has is reported as
        RV(unmanaged). Passkeys are removed, unless O(keep_passkeys) says otherwise. Give O(role), too. Without it the
        user has the one from before.
      - Of several deleted users with that address one must be named by O(id).
      - It does nothing for a user who is there.
    type: bool
    default: false
  keep_passkeys:
    description:
      - Whether a user who is brought back keeps the passkeys from before. Without it they are removed, and the user has
        to register again.
      - Requires O(restore=true).
    type: bool
    default: false
  email:
    description:
      - E-mail address. It is O(user), and left out then.
      - With O(id) and without O(user), it is the new address of the user. It cannot be cleared.
    type: str
  first_name:
    description: First name, with 2 to 50 characters. Needed to create a user.
    type: str
  last_name:
    description: Last name, with 2 to 50 characters. Needed to create a user.
    type: str
  phone:
    description: Telephone number, with at most 20 characters.
    type: str
  company:
    description:
      - The company of the user, by name, or by ID as a mapping C({id}). It must exist in SendAuth.
      - A mapping with an C(id) and a C(name), as info modules return it, is taken by its C(id).
      - An empty text takes the user out of the company. If SendAuth does not do so, the task fails and says it.
    type: raw
  role:
    description:
      - The role of the user in SendAuth. The API's specification names V(super_admin), V(admin) and V(user), the
        product's documentation Admin, Registrar, Authenticator and None. Any text is accepted here and compared without
        case.
      - A change to a lower role counts as a loss, and so does one from or to a role that is none of these.
      - A user who is created with a role that has rights is sent a mail to set a password.
    type: str
  messaging_preference:
    description: How SendAuth reaches the user.
    type: str
    choices: [email, sms, both]
  permissions:
    description:
      - The permissions of the user, by name. They are SendAuth's permission labels, and must be defined there or be had
        by a user.
      - A number is taken as a name. Where two permissions share a name, write C({id}) with the ID as a mapping instead.
      - A name that is unknown or ambiguous fails before anything is written.
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
  groups:
    description:
      - The groups of the user, by name. They are SendAuth's permission groups.
      - A number is taken as a name. Where two groups share a name, write C({id}) with the ID as a mapping instead.
      - A name that is unknown or ambiguous fails before anything is written.
      - If not given, the user's groups are left alone. An empty list clears them with O(groups_state=exact), and is an
        error with V(present).
    type: list
    elements: raw
  groups_state:
    description: What O(groups) says of the user's other groups. Requires O(groups).
    type: str
    choices:
      present: The user has these groups. Others stay.
      exact: The user has these groups and no others.
      managed: Within O(managed_groups), the user has these groups and no others. What lies outside stays and is
        reported as RV(unmanaged).
    default: present
  managed_groups:
    description:
      - The groups that O(groups_state=managed) may take away. Each group of O(groups) must be among them, written the
        same way.
      - An error with other values of O(groups_state).
    type: list
    elements: raw
notes:
  - A field that is not given is left alone. An empty text clears O(ignore:phone) and O(ignore:company). Other fields
    cannot be cleared.
  - Whether SendAuth's update replaces or merges is not documented. The user is sent back as it was read, with the
    changes, in one call. What SendAuth accepts and does not take over of role, company, permissions and groups is an
    error.
  - The user is read again right before an update. What others have changed since the plan was made stays. A permission
    or a group that
    somebody has given since is kept, and a warning shows it.
  - RV(ignore:privileged) is V(true) for the roles C(super_admin), C(admin) and C(registrar), V(false) for the roles
    C(user), C(authenticator) and C(none), and V(null) for all others. A user with such a role counts as privileged
    where the user is lost, and not where the user stays. The last two privileged users and the last C(super_admin)
    cannot be deleted or demoted. C(sendauth_users) has the option C(min_admins) for another number.
  - SendAuth does not report which user is calling. Name that one in O(protect). One without an address is matched as
    C(id) and the ID, such as V(id 1c6dc9a4-*).
  - Permission labels are read before they are written. One that is neither defined nor had by any user fails, because
    what SendAuth makes of it is not documented. Only an Admin may read them. With other credentials labels are written
    as they are, and what SendAuth does not take over is an error.
"""

    USERS = r"""
options:
  users:
    description:
      - The users, each with the options of one user.
      - Two elements that mean the same user are an error. An element that matches several users of the directory is
        one, too.
      - What an info module of SendAuth returns under RV(ignore:users) can be given as it is. The fields that only the
        server sets are ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user:
        description:
          - The user's e-mail address. SendAuth's own user name is for display and names nobody.
          - A user without an address can only be named by O(users[].id), and must exist. To create one, use SendAuth's
            administration. Only by an address does the next run know that the user is there.
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
          absent: The user is deleted, and kept by SendAuth. O(users[].restore) brings the user back. Only the options
            that find the user are looked at.
          destroyed: The user is deleted, if that is not done, and then removed from the deleted users. Nothing brings
            the user back.
        default: present
      restore:
        description:
          - Whether a deleted user with the same address is brought back, instead of failing.
          - Whoever is brought back gets nothing that the task does not name in O(users[].permissions) and
            O(users[].groups), where these are given. They count as V(exact) then. Where they are not given, what the
            user still has is reported as RV(unmanaged). Passkeys are removed, unless O(users[].keep_passkeys) says
            otherwise. Give O(users[].role), too. Without it the user has the one from before.
          - Of several deleted users with that address one must be named by O(users[].id).
          - It does nothing for a user who is there.
        type: bool
        default: false
      keep_passkeys:
        description:
          - Whether a user who is brought back keeps the passkeys from before. Without it they are removed, and the user
            has to register again.
          - Requires O(users[].restore=true).
        type: bool
        default: false


      email:
        description:
          - E-mail address. It is O(users[].user), and left out then.
          - With O(users[].id) and without O(users[].user), it is the new address of the user. It cannot be cleared.
        type: str
      first_name:
        description: First name, with 2 to 50 characters. Needed to create a user.
        type: str
      last_name:
        description: Last name, with 2 to 50 characters. Needed to create a user.
        type: str
      phone:
        description: Telephone number, with at most 20 characters.
        type: str
      company:
        description:
          - The company of the user, by name, or by ID as a mapping C({id}). It must exist in SendAuth.
          - A mapping with an C(id) and a C(name), as info modules return it, is taken by its C(id).
          - An empty text takes the user out of the company. If SendAuth does not do so, the task fails and says it.
        type: raw
      role:
        description:
          - The role of the user in SendAuth. The API's specification names V(super_admin), V(admin) and V(user), the
            product's documentation Admin, Registrar, Authenticator and None. Any text is accepted here and compared
            without case.
          - A change to a lower role counts as a loss, and so does one from or to a role that is none of these.
          - A user who is created with a role that has rights is sent a mail to set a password.
        type: str
      messaging_preference:
        description: How SendAuth reaches the user.
        type: str
        choices: [email, sms, both]


      permissions:
        description:
          - The permissions of the user, by name. They are SendAuth's permission labels, and must be defined there or be
            had by a user.
          - A number is taken as a name. Where two permissions share a name, write C({id}) with the ID as a mapping
            instead.
          - A name that is unknown or ambiguous fails before anything is written.
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


      groups:
        description:
          - The groups of the user, by name. They are SendAuth's permission groups.
          - A number is taken as a name. Where two groups share a name, write C({id}) with the ID as a mapping instead.
          - A name that is unknown or ambiguous fails before anything is written.
          - If not given, the user's groups are left alone. An empty list clears them with
            O(users[].groups_state=exact), and is an error with V(present).
        type: list
        elements: raw
      groups_state:
        description: What O(users[].groups) says of the user's other groups. Requires O(users[].groups).
        type: str
        choices:
          present: The user has these groups. Others stay.
          exact: The user has these groups and no others.
          managed: Within O(users[].managed_groups), the user has these groups and no others. What lies outside stays
            and is reported as RV(unmanaged).
        default: present
      managed_groups:
        description:
          - The groups that O(users[].groups_state=managed) may take away. Each group of O(users[].groups) must be among
            them, written the same way.
          - An error with other values of O(users[].groups_state).
        type: list
        elements: raw


      username:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      has_passkeys:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      enabled:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      group_permissions:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      created_at:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      last_authenticated:
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

      audits:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw

      transactions:
        description: Returned by info modules. Accepted and ignored, so that a task can take their users unchanged.
        type: raw
notes:
  - A field that is not given is left alone. An empty text clears O(ignore:phone) and O(ignore:company). Other fields
    cannot be cleared.
  - Whether SendAuth's update replaces or merges is not documented. The user is sent back as it was read, with the
    changes, in one call. What SendAuth accepts and does not take over of role, company, permissions and groups is an
    error.
  - The user is read again right before an update. What others have changed since the plan was made stays. A permission
    or a group that
    somebody has given since is kept, and a warning shows it.
  - RV(ignore:privileged) is V(true) for the roles C(super_admin), C(admin) and C(registrar), V(false) for the roles
    C(user), C(authenticator) and C(none), and V(null) for all others. A user with such a role counts as privileged
    where the user is lost, and not where the user stays. The last two privileged users and the last C(super_admin)
    cannot be deleted or demoted. C(sendauth_users) has the option C(min_admins) for another number.
  - SendAuth does not report which user is calling. Name that one in O(protect). One without an address is matched as
    C(id) and the ID, such as V(id 1c6dc9a4-*).
  - Permission labels are read before they are written. One that is neither defined nor had by any user fails, because
    what SendAuth makes of it is not documented. Only an Admin may read them. With other credentials labels are written
    as they are, and what SendAuth does not take over is an error.
"""
