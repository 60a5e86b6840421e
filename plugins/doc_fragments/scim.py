# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: the options of its modules.

Generated from tests/tools/fragments/scim.py. Edit that file, then run `make fragments`.
"""

from __future__ import annotations


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of the API, for example V(https://id.example.com/scim/v2).
      - Required, here or as E(SCIM_API_URL) in the environment.
      - It must not contain credentials. Plain C(http) to another host causes a warning.
    type: str
  validate_certs:
    description:
      - Whether to verify the server's certificate. V(false) causes a warning.
      - If not given, E(SCIM_VALIDATE_CERTS) in the environment is used.
    type: bool
    default: true
  ca_path:
    description:
      - A file, in PEM format, with the certificates of the authorities to trust. Set it if a private authority issued
        the server's certificate.
      - If not given, E(SCIM_CA_PATH) in the environment is used. If that is not set either, the authorities that
        C(requests) trusts apply.
    type: path
  api_timeout:
    description:
      - Seconds to wait for a connection, and then for each part of an answer. At least V(1).
      - A whole request, from the connection to the last byte of the answer, may take four times as long.
      - If not given, E(SCIM_API_TIMEOUT) in the environment is used.
    type: int
    default: 30
  api_retries:
    description:
      - How many times a request is repeated after a lost connection or an answer with status 408, 425, 502, 503 or 504.
      - A request that is not safe to repeat is only repeated if the server cannot have received it.
      - If not given, E(SCIM_API_RETRIES) in the environment is used.
    type: int
    default: 3
  max_wait:
    description:
      - Seconds that a task may wait for rate limits in total.
      - If a change needs more calls than the rate limit leaves, and the wait would be longer than this, the task fails
        before its first write.
      - If not given, E(SCIM_MAX_WAIT) in the environment is used.
    type: int
    default: 300
  rate_reserve:
    description:
      - The part of the rate limit that a task on many users leaves for other clients. A percentage of the server's
        limit, such as V(20%), or a number of calls.
      - It only has an effect if the server reports its limit and the remaining calls. V(0) allows all calls.
      - When only the reserve is left, such a task waits for the reset within O(max_wait), or fails. A task on a single
        user may use the reserve.
      - If not given, E(SCIM_RATE_RESERVE) in the environment is used.
    type: str
    default: 20%
  max_concurrency:
    description:
      - How many requests may run at the same time. At least V(1).
      - If not given, E(SCIM_MAX_CONCURRENCY) in the environment is used.
    type: int
    default: 8
  expected_account:
    description:
      - Setting O(expected_account), or E(SCIM_EXPECTED_ACCOUNT) in the environment, is an error, because SCIM does not
        report which account the credentials belong to.
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
      - If not given, E(SCIM_PROTECT) in the environment is used, a list separated by commas.
    type: list
    elements: str
    default: []
  api_token:
    description:
      - A bearer token. Specify exactly one of the four ways to log in, which the guide describes.
      - If not given, E(SCIM_API_TOKEN) in the environment is used.
    type: str
  api_user: {description: ["User name for HTTP Basic, with O(api_password).", "If not given, E(SCIM_API_USER) is
    used."], type: str}
  api_password: {description: ["Password of O(api_user).", "If not given, E(SCIM_API_PASSWORD) is used."], type: str}
  client_id: {description: ["Client ID for OAuth 2.0 client credentials, with O(client_secret) and O(token_url).", "If
    not given, E(SCIM_CLIENT_ID) is used."], type: str}
  client_secret: {description: ["Secret of O(client_id).", "If not given, E(SCIM_CLIENT_SECRET) is used."], type: str}
  token_url: {description: ["Address that issues access tokens to O(client_id).", "If not given, E(SCIM_TOKEN_URL) is
    used."], type: str}
  scope: {description: ["Scope to request at O(token_url).", "If not given, E(SCIM_SCOPE) is used."], type: str}
  header_name: {description: ["Name of a header that contains the credentials, with O(header_value).", "If not given,
    E(SCIM_HEADER_NAME) is used."], type: str}
  header_value: {description: ["Value of O(header_name).", "If not given, E(SCIM_HEADER_VALUE) is used."], type: str}
  server_profile:
    description:
      - Adapts the module to a product that deviates from the standard. The guide lists what each profile changes.
      - If not given, E(SCIM_SERVER_PROFILE) in the environment is used.
    type: str
    choices: [none, entra, okta, slack, github]
    default: none

attributes:
  action_group:
    description: The action groups of the module. Use them in C(module_defaults) to give many tasks the same options.
    support: full
    membership: [rollcall.identity.scim, rollcall.identity.all]
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_scim
    description: The guide to the SCIM modules.
notes:
  - The module reads the server's capabilities once for each connection. The guide says what happens if the server does
    not report them.
"""

    WHO = r"""
options:
  user_key:
    description: The attribute that C(user) refers to. V(emails) is the primary e-mail address, otherwise the work
      address, otherwise the first one.
    type: str
    choices: [userName, externalId, emails]
    default: userName
  user:
    description:
      - The user's name, which is the value of the attribute that O(user_key) names.
      - Blanks at either end are ignored. Case is ignored, except for C(externalId), and for attributes that are
        C(caseExact) in the server's schema.
    type: str
  id:
    description:
      - The server's ID of the user. At least one of O(user) and O(id) is required.
      - It finds the user even if the value of O(user) has changed.
    type: str
"""

    USER = r"""
options:
  previous_users:
    description:
      - Earlier values of O(user) for the same person. If no user has O(user), the user with one of these values is
        renamed.
      - If both exist, the earlier user is left alone. If both exist and O(state=absent), the task fails and reports the
        IDs. Specify O(id) in that case.
    type: list
    elements: str
    default: []
  state: {description: "V(present) creates the user if necessary, and sets the other options. If only O(id) is
    specified, the user must exist. V(absent) deletes the user permanently.", type: str, choices: [present, absent],
    default: present}
  user_name: {description: "C(userName). Omit it with O(user_key=userName), because O(user) sets it. Otherwise required
    to create a user.", type: str}
  external_id: {description: "C(externalId), the ID in the system that the users come from. Omit it with
    O(user_key=externalId).", type: str}
  display_name: {description: "Display name.", type: str}
  formatted_name: {description: "Full name, C(name.formatted).", type: str}
  given_name: {description: "First name.", type: str}
  middle_name: {description: "Middle name.", type: str}
  family_name: {description: "Last name.", type: str}
  honorific_prefix: {description: "Title before the name, such as V(Dr.).", type: str}
  honorific_suffix: {description: "Suffix after the name, such as V(III).", type: str}
  nick_name: {description: "Nickname.", type: str}
  email: {description: "The primary e-mail address, otherwise the work address, otherwise the first one. Others are
    kept. An empty text removes the primary address, or the work address, or the only one if it has no type. Omit it
    with O(user_key=emails).", type: str}
  phone: {description: "The primary telephone number, otherwise the work number, otherwise the first one. Others are
    kept. An empty text removes the primary number, or the work number, or the only one if it has no type.", type: str}
  title: {description: "Job title.", type: str}
  user_type: {description: "Kind of user, such as V(Employee).", type: str}
  preferred_language: {description: "Language, such as V(en-GB).", type: str}
  locale: {description: "Locale for dates and numbers, such as V(en-GB).", type: str}
  timezone: {description: "Time zone, such as V(Europe/Berlin).", type: str}
  profile_url: {description: "Address of a page about the user.", type: str}
  employee_number: {description: "Employee number, of the enterprise extension.", type: str}
  cost_center: {description: "Cost center, of the enterprise extension.", type: str}
  organization: {description: "Organization, of the enterprise extension.", type: str}
  division: {description: "Division, of the enterprise extension.", type: str}
  department: {description: "Department, of the enterprise extension.", type: str}
  manager: {description: "The server's ID of the manager, of the enterprise extension.", type: str}
  enabled: {description: "Whether the user can log in, C(active).", type: bool}
  password: {description: "Password of the user. O(update_password) controls when it is sent.", type: str}
  update_password: {description: "When O(password) is sent. It cannot be compared. V(on_create) sends it only when the
    task creates the user, V(always) in every run, which then reports a change. Without a password, the option has no
    effect.", type: str, choices: [on_create, always], default: on_create}
  attributes:
    description:
      - Attributes that do not have their own option, path to value. The path of a core attribute is its name, such as
        C(nickName) or C(name.middleName). The path of an extension's attribute begins with its URN, such as
        C(urn:example:2.0:User:badge). An attribute that has an option counts as that option.
      - A value is any JSON that the server's schema allows, a list for a multi-valued attribute and a mapping for a
        complex one. The schema decides how values are compared. The order of lists does not matter. An empty text, an
        empty list or V(null) clears the attribute.
      - If a path is not in the schema, or cannot be written, the task fails before its first write.
      - If not given, the user's attributes are left alone. An empty mapping clears them with O(attributes_state=exact),
        and is an error with V(present).
    type: dict
  attributes_state: {description: "What happens to the user's other attributes. V(present) keeps them, V(exact) removes
    them, V(managed) removes those in O(managed_attributes) and returns the others in RV(unmanaged). Requires
    O(attributes).", type: str, default: present, choices: [present, exact, managed]}
  managed_attributes: {description: "The attributes that O(attributes_state=managed) may remove. They must include all
    of O(attributes), written in the same way.", type: list, elements: str}
  groups:
    description:
      - The groups of the user, by name. Only direct members count.
      - A number is treated as a name. If two groups have the same name, specify a mapping with C({id}) instead.
      - If a name is unknown or ambiguous, the task fails before its first write.
      - If not given, the user's groups are left alone. An empty list clears them with O(groups_state=exact), and is an
        error with V(present).
    type: list
    elements: raw
  groups_state: {description: "What happens to the user's other groups. V(present) keeps them, V(exact) removes them,
    V(managed) removes those in O(managed_groups) and returns the others in RV(unmanaged). Requires O(groups).", type:
    str, default: present, choices: [present, exact, managed]}
  managed_groups: {description: "The groups that O(groups_state=managed) may remove. They must include all of O(groups),
    written in the same way.", type: list, elements: raw}
notes:
  - Fields that are not given stay as they are. An empty text clears a field, if the server allows it. The description
    of the e-mail address and of the telephone number says which entry an empty text removes.
  - RV(ignore:privileged), RV(ignore:last_login) and RV(ignore:mfa) are always V(null), because SCIM does not report
    them. Use O(protect) to protect users.
"""

    USERS = r"""
options:
  user_key:
    description: The attribute that C(user) refers to. V(emails) is the primary e-mail address, otherwise the work
      address, otherwise the first one.
    type: str
    choices: [userName, externalId, emails]
    default: userName
  users:
    description:
      - The users, each with the options of one user.
      - It is an error if two elements describe the same user, or if an element matches several users of the directory.
      - You can use RV(ignore:users) of an info module of the server unchanged. Fields that only the server sets are
        ignored.
      - An empty list is an error with O(unlisted=disable) and O(unlisted=delete).
    type: list
    elements: dict
    required: true
    suboptions:
      user: {description: "The user's name, which is the value of the attribute that O(user_key) names.", type: str}
      id: {description: "The server's ID of the user. At least one of O(users[].user) and O(users[].id) is required.",
        type: str}
      previous_users: {description: "Earlier values of O(users[].user) for the same person. If no user has
        O(users[].user), the user with one of these values is renamed.", type: list, elements: str, default: []}
      state: {description: "V(present) creates the user if necessary, and sets the other options. If only O(users[].id)
        is specified, the user must exist. V(absent) deletes the user permanently.", type: str, default: present,
        choices: [present, absent]}
      user_name: {description: "C(userName). Omit it with O(user_key=userName), because O(users[].user) sets it.
        Otherwise required to create a user.", type: str}
      external_id: {description: "C(externalId), the ID in the system that the users come from. Omit it with
        O(user_key=externalId).", type: str}
      display_name: {description: "Display name.", type: str}
      formatted_name: {description: "Full name, C(name.formatted).", type: str}
      given_name: {description: "First name.", type: str}
      middle_name: {description: "Middle name.", type: str}
      family_name: {description: "Last name.", type: str}
      honorific_prefix: {description: "Title before the name, such as V(Dr.).", type: str}
      honorific_suffix: {description: "Suffix after the name, such as V(III).", type: str}
      nick_name: {description: "Nickname.", type: str}
      email: {description: "The primary e-mail address, otherwise the work address, otherwise the first one. Others are
        kept. An empty text removes the primary address, or the work address, or the only one if it has no type. Omit it
        with O(user_key=emails).", type: str}
      phone: {description: "The primary telephone number, otherwise the work number, otherwise the first one. Others are
        kept. An empty text removes the primary number, or the work number, or the only one if it has no type.", type:
        str}
      title: {description: "Job title.", type: str}
      user_type: {description: "Kind of user, such as V(Employee).", type: str}
      preferred_language: {description: "Language, such as V(en-GB).", type: str}
      locale: {description: "Locale for dates and numbers, such as V(en-GB).", type: str}
      timezone: {description: "Time zone, such as V(Europe/Berlin).", type: str}
      profile_url: {description: "Address of a page about the user.", type: str}
      employee_number: {description: "Employee number, of the enterprise extension.", type: str}
      cost_center: {description: "Cost center, of the enterprise extension.", type: str}
      organization: {description: "Organization, of the enterprise extension.", type: str}
      division: {description: "Division, of the enterprise extension.", type: str}
      department: {description: "Department, of the enterprise extension.", type: str}
      manager: {description: "The server's ID of the manager, of the enterprise extension.", type: str}
      enabled: {description: "Whether the user can log in, C(active).", type: bool}
      password: {description: "Password of the user. O(users[].update_password) controls when it is sent.", type: str}
      update_password: {description: "When O(users[].password) is sent. It cannot be compared. V(on_create) sends it
        only when the task creates the user, V(always) in every run, which then reports a change. Without a password,
        the option has no effect.", type: str, default: on_create, choices: [on_create, always]}
      attributes: {description: "Attributes that do not have their own option, path to value. The path of a core
        attribute is its name, such as C(nickName) or C(name.middleName). The path of an extension's attribute begins
        with its URN, such as C(urn:example:2.0:User:badge). An attribute that has an option counts as that option.",
        type: dict}
      attributes_state: {description: "What happens to the user's other attributes. V(present) keeps them, V(exact)
        removes them, V(managed) removes those in O(users[].managed_attributes) and returns the others in RV(unmanaged).
        Requires O(users[].attributes).", type: str, default: present, choices: [present, exact, managed]}
      managed_attributes: {description: "The attributes that O(users[].attributes_state=managed) may remove. They must
        include all of O(users[].attributes), written in the same way.", type: list, elements: str}
      groups: {description: "The groups of the user, by name. Only direct members count.", type: list, elements: raw}
      groups_state: {description: "What happens to the user's other groups. V(present) keeps them, V(exact) removes
        them, V(managed) removes those in O(users[].managed_groups) and returns the others in RV(unmanaged). Requires
        O(users[].groups).", type: str, default: present, choices: [present, exact, managed]}
      managed_groups: {description: "The groups that O(users[].groups_state=managed) may remove. They must include all
        of O(users[].groups), written in the same way.", type: list, elements: raw}
      privileged: {description: "Returned by info modules. Accepted and ignored.", type: raw}
      last_login: {description: "Returned by info modules. Accepted and ignored.", type: raw}
      mfa: {description: "Returned by info modules. Accepted and ignored.", type: raw}
notes:
  - M(rollcall.identity.scim_user) describes the options of a user in full.
  - Fields that are not given stay as they are. An empty text clears a field, if the server allows it. The description
    of the e-mail address and of the telephone number says which entry an empty text removes.
  - RV(ignore:privileged), RV(ignore:last_login) and RV(ignore:mfa) are always V(null), because SCIM does not report
    them. Use O(protect) to protect users.
"""
