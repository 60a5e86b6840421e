# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: the options of its modules."""

from __future__ import annotations

import re

import yaml

from . import texts

_ACCOUNT = """
- Setting O(expected_account), or E(SCIM_EXPECTED_ACCOUNT) in the environment, is an error, because SCIM does not
  report which account the credentials belong to.
"""

_CONNECTION = texts.connection("SCIM", "https://id.example.com/scim/v2", _ACCOUNT)


def _credential(name: str, text: str) -> str:
    """Return an option that logs in, on one line."""
    return f'{name}: {{description: ["{text}.", "If not given, E(SCIM_{name.upper()}) is used."], type: str}}\n'


_CREDENTIALS = """
api_token:
  description:
    - A bearer token. Specify exactly one of the four ways to log in, which the guide describes.
    - If not given, E(SCIM_API_TOKEN) in the environment is used.
  type: str
""" + "".join((
    _credential("api_user", "User name for HTTP Basic, with O(api_password)"),
    _credential("api_password", "Password of O(api_user)"),
    _credential("client_id", "Client ID for OAuth 2.0 client credentials, with O(client_secret) and O(token_url)"),
    _credential("client_secret", "Secret of O(client_id)"),
    _credential("token_url", "Address that issues access tokens to O(client_id)"),
    _credential("scope", "Scope to request at O(token_url)"),
    _credential("header_name", "Name of a header that contains the credentials, with O(header_value)"),
    _credential("header_value", "Value of O(header_name)"),
)) + """\
server_profile:
  description:
    - Adapts the module to a product that deviates from the standard. The guide lists what each profile changes.
    - If not given, E(SCIM_SERVER_PROFILE) in the environment is used.
  type: str
  choices: [none, entra, okta, slack, github]
  default: none
"""

_USER_KEY = """
user_key:
  description: The attribute that C(user) refers to. V(emails) is the primary e-mail address, otherwise the work
    address, otherwise the first one.
  type: str
  choices: [userName, externalId, emails]
  default: userName
"""

_IDENTITY = """
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

_LIFE = """
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
"""

_TEXTS = {
    "user_name": (
        "C(userName). Omit it with O(user_key=userName), because O(user) sets it. Otherwise required to create a user"
    ),
    "external_id": (
        "C(externalId), the ID in the system that the users come from. Omit it with O(user_key=externalId)"
    ),
    "display_name": "Display name",
    "formatted_name": "Full name, C(name.formatted)",
    "given_name": "First name",
    "middle_name": "Middle name",
    "family_name": "Last name",
    "honorific_prefix": "Title before the name, such as V(Dr.)",
    "honorific_suffix": "Suffix after the name, such as V(III)",
    "nick_name": "Nickname",
    "email": (
        "The primary e-mail address, otherwise the work address, otherwise the first one. Others are kept. An empty "
        "text removes the primary address, or the work address, or the only one if it has no type. Omit it with "
        "O(user_key=emails)"
    ),
    "phone": (
        "The primary telephone number, otherwise the work number, otherwise the first one. Others are kept. An empty "
        "text removes the primary number, or the work number, or the only one if it has no type"
    ),
    "title": "Job title",
    "user_type": "Kind of user, such as V(Employee)",
    "preferred_language": "Language, such as V(en-GB)",
    "locale": "Locale for dates and numbers, such as V(en-GB)",
    "timezone": "Time zone, such as V(Europe/Berlin)",
    "profile_url": "Address of a page about the user",
    "employee_number": "Employee number, of the enterprise extension",
    "cost_center": "Cost center, of the enterprise extension",
    "organization": "Organization, of the enterprise extension",
    "division": "Division, of the enterprise extension",
    "department": "Department, of the enterprise extension",
    "manager": "The server's ID of the manager, of the enterprise extension",
}


def _text(name: str, description: str) -> str:
    """Return a text option on one line."""
    return f'{name}: {{description: "{description}.", type: str}}\n'


_PROFILE = "".join(_text(name, description) for name, description in _TEXTS.items()) + """\
enabled: {description: "Whether the user can log in, C(active).", type: bool}
password: {description: "Password of the user. O(update_password) controls when it is sent.", type: str}
update_password: {description: "When O(password) is sent. It cannot be compared. V(on_create) sends it only when the
    task creates the user, V(always) in every run, which then reports a change. Without a password, the option has no
    effect.", type: str,
    choices: [on_create, always], default: on_create}
"""

_ATTRIBUTES = """
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
"""

_GROUPS = """
groups:
  description:
    - The groups of the user, by name. Only direct members count.
    - A number is treated as a name. If two groups have the same name, specify a mapping with C({id}) instead.
    - If a name is unknown or ambiguous, the task fails before its first write.
    - If not given, the user's groups are left alone. An empty list clears them with O(groups_state=exact), and is an
      error with V(present).
  type: list
  elements: raw
"""


def _rest(name: str, elements: str) -> str:
    """Return the options beside a facet: what happens to the others that the user has."""
    about = (
        f"What happens to the user's other {name}. V(present) keeps them, V(exact) removes them, "
        f"V(managed) removes those in O(managed_{name}) and returns the others in RV(unmanaged). Requires O({name})."
    )
    bounds = (
        f"The {name} that O({name}_state=managed) may remove. They must include all of O({name}), "
        "written in the same way."
    )
    return (
        f'{name}_state: {{description: "{about}", type: str, default: present, choices: [present, exact, managed]}}\n'
        f'managed_{name}: {{description: "{bounds}", type: list, elements: {elements}}}\n'
    )


_USER = (_IDENTITY, _LIFE, _PROFILE, _ATTRIBUTES, _rest("attributes", "str"), _GROUPS, _rest("groups", "raw"))
"""One user whole, in C(scim_user) and in each element of C(users)."""


def _brief(*options: str) -> str:
    """Return options on one line each, with what their descriptions say first: the whole of it is in C(scim_user)."""
    lines = []
    for name, option in yaml.safe_load("\n".join(options)).items():
        about = option["description"] if isinstance(option["description"], str) else option["description"][0]
        more = {key: value for key, value in option.items() if key in ("elements", "default")}
        rest = "".join(f", {key}: {value}" for key, value in more.items())
        choices = f", choices: [{', '.join(option['choices'])}]" if "choices" in option else ""
        lines.append(f'{name}: {{description: "{about}", type: {option["type"]}{rest}{choices}}}')
    return "\n".join(lines)


_ONLY_TOLD = "".join(
    f"{name}: {{description: Returned by info modules. Accepted and ignored., type: raw}}\n"
    for name in ("privileged", "last_login", "mfa")
)

_FIELD_NOTES = """
- Fields that are not given stay as they are. An empty text clears a field, if the server allows it. The description of
  the e-mail address and of the telephone number says which entry an empty text removes.
- RV(ignore:privileged), RV(ignore:last_login) and RV(ignore:mfa) are always V(null), because SCIM does not report them.
  Use O(protect) to protect users.
"""

_USERS_NOTES = "- M(rollcall.identity.scim_user) describes the options of a user in full.\n" + _FIELD_NOTES.lstrip("\n")


def _flowing(text: str) -> str:
    """Return YAML whose plain texts are one line each, so that all their lines are full in the end."""
    return re.sub(r"(?<=,)\n +|\n +(?!- |\w+:( |\n|$))(?=\S)", " ", text)


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = _flowing(texts.options(_CONNECTION, _CREDENTIALS)) + r"""
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

    WHO: str = _flowing(texts.options(_USER_KEY, _IDENTITY))

    USER: str = _flowing(texts.options(*_USER[1:]) + texts.notes(_FIELD_NOTES))

    USERS: str = _flowing(
        texts.options(_USER_KEY, texts.listed("the server", _brief(*_USER, _ONLY_TOLD))) + texts.notes(_USERS_NOTES)
    )
