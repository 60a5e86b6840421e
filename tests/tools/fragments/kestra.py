# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the options of its modules."""

from __future__ import annotations

from . import texts

_ACCOUNT = """
- The ID of the tenant that is meant. A Kestra instance has no ID of its own, so this is what can be verified. It must
  be the one in O(tenant), and a tenant with this ID must be on the server, which is asked before anything else is read
  or written.
- Two instances that both have a tenant of this ID, such as V(main), look the same. O(api_url) distinguishes them.
- Reading a tenant takes an instance owner.
"""

_CREDENTIALS = """
api_token:
  description:
    - An API token, of a user or of a service account. It wins where O(api_user) is given as well.
    - If not given, E(KESTRA_API_TOKEN) in the environment is used.
  type: str
api_user:
  description:
    - E-mail address of the user to log in as with HTTP Basic. Needs O(api_password) beside it. Servers from 2.0 on take
      tokens only.
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
"""

_IDENTITY = texts.identity("""
- The user's e-mail address, which is the user name in Kestra as well.
""")

_PROFILE = """
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
    - V(false) takes away API tokens, sessions, bindings of roles, groups, access to tenants, ownership of the instance
      and login methods, for good, and keeps the account. Beside it, tenants, groups, roles, a password or the ownership
      that would let the user in are an error.
    - V(true) does nothing by itself. For a user from whom everything was taken, or who does not exist, it is an error
      unless the task gives O(tenants), O(groups), O(roles), O(instance_owner) or O(password), the latter with
      O(update_password=always) if the user exists.
  type: bool
password:
  description:
    - Password of the user. O(update_password) says when it is sent. It must satisfy the password policy of the server.
  type: str
"""

_TENANTS = texts.facet_of_names("tenants", "tenant", "These are tenants by ID that the user has access to.")

_GROUPS = """
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
    managed: Within O(managed_groups), the user has these groups and no others. What lies outside stays and is reported
      as RV(unmanaged).
  default: present
managed_groups:
  description:
    - The groups that O(groups_state=managed) may take away. Each group of O(groups) must be among them.
    - An error with other values of O(groups_state).
  type: list
  elements: raw
"""


def _roles(noun: str) -> str:
    return _ROLES.replace("NOUN", noun)


_ROLES = """
roles:
  description:
    - The roles that bindings give to the NOUN itself. Those that come through groups are not among them.
    - A plain name is a role of O(tenant) in all its namespaces. A mapping C({role, tenant, namespace}) says more. C(id)
      in place of C(role) takes the ID of the role.
    - A number is taken as a name. A name that is unknown or ambiguous fails before anything is written. Namespaces are
      not checked.
    - A NOUN who gets a role gets access to its tenant as well, unless O(tenants) is given with V(exact) or V(managed).
    - If not given, the roles of the NOUN are left alone. An empty list clears them in all tenants with
      O(roles_state=exact), and is an error with V(present).
  type: list
  elements: raw
roles_state:
  description: What O(roles) says of other roles of the NOUN. Requires O(roles).
  type: str
  choices:
    present: The NOUN has these roles. Others stay.
    exact: The NOUN has these roles and no others, in any tenant.
    managed: Within O(managed_roles), the NOUN has these roles and no others. What lies outside stays and is reported as
      RV(unmanaged).
  default: present
managed_roles:
  description:
    - The roles that O(roles_state=managed) may take away, written in the same way. Each role of O(roles) must be among
      them.
    - An error with other values of O(roles_state).
  type: list
  elements: raw
"""

_USER = (_IDENTITY, texts.LIFE, _PROFILE, texts.UPDATE_PASSWORD, _TENANTS, _GROUPS, _roles("user"))
"""One user whole, in C(kestra_user) and in each element of C(users)."""

_ONLY_TOLD = texts.ignored("username", "display_name", "auth_methods", "privileged", "last_login", "mfa", "tokens")

_FIELD_NOTES = """
- A field that is not given is left alone. An empty text clears a name.
- Fields are written by the calls that change parts of a user. Exact tenants or groups that differ are written by one
  call that replaces the user. It is made from a fresh read and sends everything back but the password, of which it is
  assumed that it stays.
- Searches of Kestra lag behind. After an unclear answer or a refusal because of an address that is taken, the search is
  repeated for up to eight seconds before the user counts as absent.
- RV(ignore:privileged) is V(true) for owners of the instance. RV(ignore:enabled) is V(false) for a user without login
  methods, tenants and ownership. RV(ignore:last_login) and RV(ignore:mfa) are always V(null), because Kestra does not
  report them.
"""

_TENANT_NOTES = """
- Before 2.0, access to a tenant ends with the last group of the user there. That is left as it is, unless the task
  names the tenant itself.
"""

_OWNER = """
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

_SCOPE = """
scope:
  description: Where service accounts are looked for.
  type: str
  choices:
    instance: In the whole instance, which takes an instance owner.
    tenant: In O(tenant), with permissions of that tenant.
  default: instance
"""

_ACCESS = (
    texts.facet_of_names(
        "tenants", "tenant", "These are tenants by ID that the service account has access to. Not with O(scope=tenant)."
    )
    .replace("the user's", "the account's")
    .replace("of the user", "of the account")
    .replace("The user", "The account")
)


_GRANTABLE = texts.grantable(
    "Kestra",
    {
        "tenants": "The tenants of the instance.", "groups": "The groups of O(tenant).",
        "roles": "The roles of O(tenant).",
    },
    """
- Members of a tenant are the users who have access to it. Members of a role are those to whom it is bound directly, not
  through a group.
- Members take a list for each tenant and for each group, and the list of bindings for all roles.
""",
)


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = texts.options(
        texts.connection("KESTRA", "https://kestra.acme.com", _ACCOUNT), _CREDENTIALS
    ) + r"""
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

    WHO: str = texts.options(_IDENTITY)

    ROLE_INFO: str = texts.options(_GRANTABLE)

    FACET: str = WHO + texts.notes(_TENANT_NOTES)

    USER: str = texts.options(*_USER) + texts.notes(_FIELD_NOTES, _TENANT_NOTES)

    USERS: str = texts.options(texts.listed("Kestra", *_USER, _ONLY_TOLD)) + texts.notes(_FIELD_NOTES, _TENANT_NOTES)

    SCOPE: str = texts.options(_SCOPE)

    ACCESS: str = texts.options(_ACCESS, _roles("account"))

    OWNER: str = texts.options(_OWNER)
