# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the options of its modules."""

from __future__ import annotations

from . import texts

_ACCOUNT = """
- The ID of the intended tenant, because a Kestra instance does not have an ID. It must equal O(tenant), and the tenant
  must exist on the server. The module verifies this before it reads or writes anything else.
- If two instances have a tenant with this ID, such as V(main), only O(api_url) distinguishes them.
- Reading a tenant requires the credentials of an instance owner.
- If not given, E(KESTRA_EXPECTED_ACCOUNT) in the environment is used. Without it, nothing is compared.
"""

_CREDENTIALS = """
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
"""

_IDENTITY = texts.identity("""
- The user's e-mail address, which is also the user name in Kestra.
""")

_PROFILE = """
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
      unless the task specifies O(tenants), O(groups), O(roles), O(instance_owner) or O(password). For an existing user,
      O(password) requires O(update_password=always).
  type: bool
password:
  description:
    - Password of the user. O(update_password) controls when it is sent. It must satisfy the server's password policy.
    - Kestra does not report this policy, so check mode cannot predict that Kestra refuses a password.
  type: str
"""


def _tenants(source: str) -> str:
    """Return the options of the tenants, which have no names."""
    return texts.facet(
        "tenants",
        "tenant",
        f"    - {source} A number is treated as text.\n"
        "    - If an ID is unknown, the task fails before its first write.",
    )


_TENANTS = _tenants("The IDs of the tenants that the user has access to.")

_GROUPS = """
groups:
  description:
    - The groups of the user. A plain name is a group of O(tenant). For a group of another tenant, specify a mapping
      C({tenant, name}), or C({tenant, id}) with the ID of the group.
    - A number is treated as a name. If a name is unknown or ambiguous, the task fails before its first write.
    - A user who joins a group also gets access to its tenant. If O(tenants) is specified with O(tenants_state=present),
      RV(ignore:tenants) includes that tenant.
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
    managed: Like V(exact), but only for the groups in O(managed_groups). Others are kept and returned in RV(unmanaged).
  default: present
managed_groups:
  description:
    - The groups that O(groups_state=managed) may remove. They must include each group of O(groups).
    - An error with other values of O(groups_state).
  type: list
  elements: raw
"""


def _roles(noun: str) -> str:
    return _ROLES.replace("NOUN", noun)


_ROLES = """
roles:
  description:
    - The roles that are bound to the NOUN directly. Roles that the NOUN has through groups are not included.
    - A plain name is a role of O(tenant) in all its namespaces. To specify a tenant or a namespace, use a mapping
      C({role, tenant, namespace}). Use C(id) instead of C(role) for the ID of the role.
    - A number is treated as a name. If a name is unknown or ambiguous, the task fails before its first write.
      Namespaces are not checked.
    - With a role, the NOUN also gets access to its tenant. If O(tenants_state=exact) is set, or O(managed_tenants)
      names the tenant, O(tenants) must include it.
    - If not given, the roles of the NOUN are left alone. An empty list clears them in all tenants with
      O(roles_state=exact), and is an error with V(present).
  type: list
  elements: raw
roles_state:
  description: What happens to the other roles of the NOUN. Requires O(roles).
  type: str
  choices:
    present: The NOUN has at least these roles. Others are kept.
    exact: The NOUN has exactly these roles, in all tenants.
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

_USER = (_IDENTITY, texts.LIFE, _PROFILE, texts.UPDATE_PASSWORD, _TENANTS, _GROUPS, _roles("user"))
"""One user whole, in C(kestra_user) and in each element of C(users)."""

_ONLY_TOLD = texts.ignored("username", "display_name", "auth_methods", "privileged", "last_login", "mfa", "tokens")

_FIELD_NOTES = """
- Fields that are not given stay as they are. An empty text clears a name.
- The module writes fields with calls that change parts of a user. To set exact tenants or groups, it reads the user and
  writes everything except the password in one call that replaces the user. It assumes that this call keeps the
  password.
- Searches of Kestra lag behind writes. If an answer is unclear, or if Kestra reports that the address is taken, the
  module repeats the search for up to eight seconds before it treats the user as absent.
- RV(ignore:privileged) is V(true) for owners of the instance. RV(ignore:enabled) is V(false) for a user without login
  methods, tenants and ownership. RV(ignore:last_login) and RV(ignore:mfa) are always V(null), because Kestra does not
  report them.
"""

_TENANT_NOTES = """
- Before 2.0, leaving the last group of a tenant ends the access to that tenant. The module then grants the access and
  the roles again, unless the task removes the tenant.
"""

_OWNER = """
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

_SCOPE = """
scope:
  description: Where to search for service accounts.
  type: str
  choices:
    instance: In the whole instance, which requires an instance owner.
    tenant: In O(tenant), with permissions of that tenant.
  default: instance
"""

_ACCESS = (
    _tenants("The IDs of the tenants that the account has access to. Not with O(scope=tenant).")
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
- Members of a tenant are the users with access to it. Members of a role are the users with a direct binding, not those
  who have it through a group.
- Listing members requires a list for each tenant and each group, and the list of bindings for all roles.
""",
)

_NOTES = """
- Supports Kestra EE 1.0, 1.3 and 2.0. You do not have to specify the version.
- Most operations require the credentials of an instance owner, or of a superadmin before 2.0.
- Wrong credentials are only sent once, because Kestra locks a login after ten failures in five minutes.
"""


class ModuleDocFragment:
    """The connection is for all modules; the other parts are for those that have such options."""

    # Annotated, because yamllint's sanity test wants plain assignments to be literals.

    DOCUMENTATION: str = texts.options(
        texts.connection("KESTRA", "https://kestra.acme.com", _ACCOUNT), _CREDENTIALS
    ) + texts.membership("kestra", "Kestra's modules", _NOTES)

    WHO: str = texts.options(_IDENTITY)

    ROLE_INFO: str = texts.options(_GRANTABLE)

    FACET: str = WHO + texts.notes(_TENANT_NOTES)

    USER: str = texts.options(*_USER) + texts.notes(_FIELD_NOTES, _TENANT_NOTES)

    USERS: str = texts.options(texts.listed("Kestra", *_USER, _ONLY_TOLD)) + texts.notes(_FIELD_NOTES, _TENANT_NOTES)

    SCOPE: str = texts.options(_SCOPE)

    ACCESS: str = texts.options(_ACCESS, _roles("account"))

    OWNER: str = texts.options(_OWNER)
