# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: the options of its modules."""

from __future__ import annotations

import yaml

from . import texts

_ACCOUNT = """
- It cannot be verified, because SCIM does not report whose credentials these are. Specifying it is an error.
"""

_CREDENTIALS = """
api_token:
  description:
    - A bearer token. Exactly one way to log in is needed. See the guide for all four.
    - If not given, E(SCIM_API_TOKEN) in the environment is used.
  type: str
api_user: {description: "User name for HTTP Basic, with O(api_password). If not given, E(SCIM_API_USER) is used.", type: str}
api_password: {description: "Password of O(api_user). If not given, E(SCIM_API_PASSWORD) is used.", type: str}
client_id:
  description: "Client ID for OAuth 2.0 client credentials, with O(client_secret) and O(token_url). If not given, E(SCIM_CLIENT_ID) is used."
  type: str
client_secret: {description: "Secret of O(client_id). If not given, E(SCIM_CLIENT_SECRET) is used.", type: str}
token_url: {description: "Address that issues access tokens to O(client_id). If not given, E(SCIM_TOKEN_URL) is used.", type: str}
scope: {description: "Scope to request at O(token_url). If not given, E(SCIM_SCOPE) is used.", type: str}
header_name: {description: "Name of a header that logs in, with O(header_value). If not given, E(SCIM_HEADER_NAME) is used.", type: str}
header_value: {description: "Value of O(header_name). If not given, E(SCIM_HEADER_VALUE) is used.", type: str}
server_profile:
  description:
    - Known deviations of a product from the standard. The guide lists what each profile changes.
    - If not given, E(SCIM_SERVER_PROFILE) in the environment is used.
  type: str
  choices: [none, entra, okta, slack, github]
  default: none
"""

_USER_KEY = """
user_key:
  description: The attribute that C(user) holds. With V(emails) it is the primary e-mail address, or the only one.
  type: str
  choices: [userName, externalId, emails]
  default: userName
"""

_IDENTITY = """
user:
  description:
    - The user's name, which is the value of the attribute that O(user_key) names.
    - Compared without blanks at either end, and without case unless the server's schema says that the attribute is C(caseExact).
  type: str
id:
  description:
    - The server's ID of the user. One of O(user) and O(id) is needed to name a user.
    - It finds the user even if O(user) has changed since.
  type: str
"""

_TEXTS = {
    "user_name": "C(userName). It is O(user) with O(user_key=userName), and left out then. Otherwise needed to create a user",
    "external_id": "C(externalId), the ID of the user in the system that the list comes from",
    "display_name": "Name that is shown",
    "formatted_name": "Full name as it is written, C(name.formatted)",
    "given_name": "First name",
    "middle_name": "Middle name",
    "family_name": "Last name",
    "honorific_prefix": "Title before the name, such as V(Dr.)",
    "honorific_suffix": "What follows the name, such as V(III)",
    "nick_name": "What the user is called",
    "email": "The primary e-mail address. Other addresses of the user stay",
    "phone": "The primary telephone number, or the first one. Others stay",
    "title": "Job title",
    "user_type": "Kind of user, such as V(Employee)",
    "preferred_language": "Language, such as V(en-GB)",
    "locale": "Locale for dates and numbers, such as V(en-GB)",
    "timezone": "Time zone, such as V(Europe/Berlin)",
    "profile_url": "Address of a page about the user",
    "employee_number": "Employee number, of the enterprise extension as the next five are",
    "cost_center": "Cost center",
    "organization": "Organization",
    "division": "Division",
    "department": "Department",
    "manager": "The server's ID of the manager, who is a user",
}


def _text(name: str, description: str) -> str:
    """Return a text option on one line."""
    return f'{name}: {{description: "{description}.", type: str}}\n'


_PROFILE = "".join(_text(name, description) for name, description in _TEXTS.items()) + """\
enabled: {description: "Whether the user may log in, C(active).", type: bool}
password: {description: "Password of the user. O(update_password) says when it is sent.", type: str}
"""

_ATTRIBUTES = """
attributes:
  description:
    - Attributes without an option of their own, path to value. A core attribute by name, such as C(nickName) or C(name.middleName).
      An attribute of an extension with its URN in front, such as C(urn:example:2.0:User:badge).
    - Values are any JSON that the server's schema allows, lists for multi-valued attributes and mappings for complex ones. They
      are compared as the schema says, lists without order. An empty text, an empty list or V(null) clears the attribute.
    - A path that the schema does not have, or that cannot be written, fails before anything is written.
    - If not given, the user's attributes are left alone. An empty mapping clears them with O(attributes_state=exact), and is an error with V(present).
    - An attribute that has an option is taken as that option.
  type: dict
attributes_state:
  description: What O(attributes) says of the user's other attributes. Requires O(attributes).
  type: str
  choices:
    present: The user has these attributes. Others stay.
    exact: The user has these attributes and no others. Those that are options of their own stay.
    managed: Within O(managed_attributes), the user has these attributes and no others. What lies outside stays and is reported as RV(unmanaged).
  default: present
managed_attributes:
  description: The paths that O(attributes_state=managed) may clear. Each path in O(attributes) must be among them.
  type: list
  elements: str
"""

_GROUPS = texts.facet_of_names("groups", "group", "Direct members of a group only.")

_USER = (_IDENTITY, texts.LIFE, _PROFILE, texts.UPDATE_PASSWORD, _ATTRIBUTES, _GROUPS)
"""One user whole, in C(scim_user) and in each element of C(users)."""


def _brief(*options: str) -> str:
    """Return options on one line each, with what their descriptions say first: the whole of it is in C(scim_user)."""
    lines = []
    for name, option in yaml.safe_load("\n".join(options)).items():
        about = option["description"] if isinstance(option["description"], str) else option["description"][0]
        rest = "".join(f", {key}: {str(value).lower() if key == 'default' else value}" for key, value in option.items() if key in ("elements", "default"))
        choices = f", choices: [{', '.join(option['choices'])}]" if "choices" in option else ""
        lines.append(f'{name}: {{description: "{about}", type: {option["type"]}{rest}{choices}}}')
    return "\n".join(lines)


_ONLY_TOLD = "".join(f"{name}: {{description: Returned by info modules. Accepted and ignored., type: raw}}\n" for name in (
    "privileged", "last_login", "mfa",
))

_FIELD_NOTES = """
- A field that is not given is left alone. An empty text clears it.
- RV(ignore:privileged), RV(ignore:last_login) and RV(ignore:mfa) are always V(null), because SCIM does not report them. Only O(protect) shields
  a user.
"""

_USERS_NOTES = "- M(rollcall.identity.scim_user) describes the options of a user in full.\n" + _FIELD_NOTES.lstrip("\n")


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = texts.options(texts.connection("SCIM", "https://id.example.com/scim/v2", _ACCOUNT), _CREDENTIALS) + r"""
attributes:
  action_group:
    description: The action groups that the module is in. They give many tasks the same options with C(module_defaults).
    support: full
    membership: [rollcall.identity.scim, rollcall.identity.all]
seealso:
  - ref: ansible_collections.rollcall.identity.docsite.guide_scim
    description: The guide to the SCIM modules.
notes:
  - What the server can do is read from it once for each connection. The guide says what happens where it does not report it.
"""

    WHO: str = texts.options(_USER_KEY, _IDENTITY)

    USER: str = texts.options(_USER_KEY, *_USER) + texts.notes(_FIELD_NOTES)

    USERS: str = texts.options(_USER_KEY, texts.listed("the server", _brief(*_USER, _ONLY_TOLD))) + texts.notes(_USERS_NOTES)
