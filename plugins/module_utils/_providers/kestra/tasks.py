# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the tasks of its modules on users."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ..._core.errors import ApiError, GuardError, InputError, Problem, RollcallError, UnclearAnswer
from ..._core.http.api import Answer, parse_json
from ..._core.http.paging import Row
from ..._core.plan.guards import check_protected
from ..._core.plan.losses import PASSWORD_CHANGED, SESSIONS_ENDED, Loss
from ..._core.plan.model import Account, DesiredFacet
from ..._core.run.connection import Connection
from ..._core.run.delivery import check_dest, deliver, dest_of, rehearse
from ..._core.run.directory import Need
from ..._core.run.options import Params, Spec, single_policy, who_options
from ..._core.run.recipes import WHO, Binding, action_task, facet_task, info_task, user_task, users_task
from ..._core.run.report import Context, Result
from ..._core.run.role_info import Entry, role_info_task
from ..._core.run.run import converge_one, existing_user
from .bindings import bound_to
from .connection import ALTERNATIVES, OPTIONS, Kestra, completions_of, search_for
from .login_methods import LoginMethods
from .tokens import USER_TOKENS, Tokens, shown
from .users import Users, normalise, users_schema

BINDING = Binding(
    connect=Kestra,
    options=OPTIONS,
    schema=users_schema(),
    directory=lambda connection, params: Users(t.cast(Kestra, connection)),
    alternatives=ALTERNATIVES,
)
_NAMED_TENANTS = replace(
    BINDING, directory=lambda connection, params: Users(t.cast(Kestra, connection), everywhere=False)
)
"""The modules for one facet read the tenants that they name, and leave the other tenants unchanged."""

USER = user_task(BINDING)
USERS = users_task(BINDING)
USER_GROUPS = facet_task(_NAMED_TENANTS, "groups")
USER_ROLES = facet_task(_NAMED_TENANTS, "roles")

_ABSENT: Spec = {"state": {"type": "str", "choices": ["absent"], "default": "absent"}}


# -- login methods, sessions, impersonation --------------------------------------------------------------------------


def _methods(context: Context, connection: Connection) -> Result:
    params = context.params
    directory = LoginMethods(t.cast(Kestra, connection))
    problems: list[str] = []
    if params["auth_methods"] is None and not params["all"]:
        text = "all is false and auth_methods is not specified. List the methods, or set all: true."
        problems.append(Problem(text, "missing_option", option="auth_methods"))
    elif not (params["auth_methods"] or params["all"]):
        text = "auth_methods is empty. Specify the login methods to remove, or all: true."
        problems.append(Problem(text, "blank_value", option="auth_methods"))
    target = DesiredFacet("exact", []) if params["all"] else DesiredFacet("absent", params["auth_methods"] or [])
    desired = existing_user(
        directory.schema, params.get("user"), params.get("id"), facets={"auth_methods": target}
    )
    return converge_one(context, directory, desired, problems)


USER_AUTH_METHOD = BINDING.task(
    {
        **who_options(),
        "auth_methods": {"type": "list", "elements": "str"},
        "all": {"type": "bool", "default": False},
        **_ABSENT,
    },
    _methods,
    WHO,
)


def _end_sessions(context: Context, users: Users, account: Account) -> Result:
    users.connection.call("delete_refresh_token", {"id": account.id}, subject=account.key)
    return {}


USER_SESSION = action_task(BINDING, _ABSENT, _end_sessions, losses=[Loss(SESSIONS_ENDED)])


def _session(answer: Answer) -> str:
    """Return the token of a session: the cookie, else the content of the body.

    The body is a JSON text, a JSON object, or the token alone.
    """
    cookie = re.search(r"(?:^|[,;\s])JWT=\"?([^;,\s\"]+)", answer.headers.get("Set-Cookie", ""))
    if cookie:
        return cookie[1]
    text = answer.text.strip()
    try:
        body = parse_json(text)
    except ValueError:
        body = text
    if isinstance(body, dict):
        body = next((body[name] for name in ("access_token", "token", "jwt") if body.get(name)), None)
    if not isinstance(body, str) or not re.fullmatch(r"[\w.~+/=:-]+", body):  # such as the page of a proxy
        raise answer.unreadable("it contains neither a cookie nor a token")
    return body


def _impersonate(context: Context, users: Users, account: Account) -> Result:
    """Open a session as the user. The session's token is returned and not stored."""
    rehearse(dest_of(context.params))
    secret = _session(users.connection.call("impersonate", {"id": account.id}, subject=account.key))
    users.connection.masker.add(secret)
    try:
        return deliver(context, secret)[0]
    except RollcallError as error:
        error.hint = (
            f"{error.hint} The session was opened anyway, and its token is lost: end the sessions of {account.key} "
            "with kestra_user_session."
        )
        raise


USER_IMPERSONATION = action_task(
    BINDING,
    {"dest": {"type": "path"}},
    _impersonate,
    check=lambda params: check_dest(dest_of(params)),
    secret=lambda params: not params.get("dest"),
)


def _spare_protected(params: Params, identity: str, names: t.Sequence[str]) -> None:
    """Raise GuardError if ``protect`` names the caller, or if Kestra does not report the caller's name.

    A caller's own password is not refused as such: the module exists to change it.
    """
    policy = single_policy(params)
    if policy.protect and not names:
        text = "Kestra does not report the name of the caller, which may match a pattern in protect."
        hint = "Nothing was written. Set protect: [] in this task if the password should change."
        raise GuardError(text, hint, code="unknown_caller", option="protect")
    for name in names:
        check_protected(BINDING.schema, policy, [(Account(identity, name, {}), [Loss(PASSWORD_CHANGED)])], None)


def _own_password(context: Context, connection: Connection) -> Result:
    """Change the caller's own password. The old password identifies the caller, so it is sent only once."""
    params, kestra = context.params, t.cast(Kestra, connection)
    for name in ("old_password", "new_password"):
        if not params[name]:
            raise InputError(Problem(f"{name} is empty.", "blank_value", option=name))
    start = kestra.transport.count()
    kestra.verify()
    me = kestra.me()
    profile = me.get("profile") or {}
    user = str(profile.get("email") or profile.get("username") or "")
    _spare_protected(
        params, str(me.get("id") or ""), [str(profile[name]) for name in ("email", "username") if profile.get(name)]
    )
    if not context.check:
        body = {"oldPassword": params["old_password"], "newPassword": params["new_password"]}
        try:
            kestra.call("update_current_user_password", json=body, subject=user or "the caller")
        except UnclearAnswer as error:
            error.hint = (
                "Try to log in with new_password, then with old_password. "
                "Each attempt with the wrong password counts as a failed login."
            )
            raise
    return {
        "changed": True,
        "user": {"id": me.get("id"), "user": user or None},
        "api_calls": kestra.transport.count() - start,
    }


CURRENT_USER_PASSWORD = BINDING.task(
    {
        "old_password": {"type": "str", "required": True, "no_log": True},
        "new_password": {"type": "str", "required": True, "no_log": True},
    },
    _own_password,
)


# -- info ----------------------------------------------------------------------------------------------------------


def _list(users: _Listed, filters: Params) -> list[Account]:
    """Return all users, the users that a search returns, or those of a tenant."""
    connection, search = users.connection, filters.get("search")
    query = search_for(str(search)) if search else None
    if filters.get("tenant"):
        tenant = str(filters["tenant"])
        try:
            listed = connection.rows("list_tenant_access", "users", {"tenant": tenant}, query).rows
        except ApiError as error:
            if error.status == 404:
                connection.require_tenant(tenant, "filters.tenant")
            raise
        rows = {str(row["id"]): row for row in listed}
        if search:  # the completion may match other fields, and returns only some of many matches
            body = {"q": search, "ids": [], "existingOnly": True}
            answer = connection.call("autocomplete_users", {"tenant": tenant}, json=body, subject=tenant)
            for row in completions_of(answer):
                rows.setdefault(str(row["id"]), row)
        if not rows:  # a server may return an empty list for a tenant that does not exist
            connection.require_tenant(tenant, "filters.tenant")
        users.many = len(rows) > users.lookups_up_to
        return [users.of_tenant(row, tenant) for row in rows.values()]
    user_rows = connection.rows("list_users", "users", query=query).rows
    users.many = len(user_rows) > users.lookups_up_to
    return [users.account(row, whole=False) for row in user_rows]


class _Listed(Users):
    """Users as an info module reads them.

    For users whom the credentials of a tenant may not read by id, the result has what the tenant lists.
    """

    partial = False

    def of_tenant(self, row: Row, tenant: str) -> Account:
        """Return an account from a row of a tenant.

        The user has access to the tenant, and the groups of the row are those of this tenant.
        """
        document = {name: value for name, value in row.items() if name not in ("groups", "tenants")}
        account = self.account(document, whole=False)
        account.values["enabled"] = True
        account.details["of_tenant"] = (tenant, row.get("groups"))
        return account

    def load_listed(self, needs: t.Sequence[Need]) -> None:
        """Use the lists of all tenants for users of the instance's list."""
        super().load_listed([need for need in needs if "of_tenant" not in need[0].details])

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read the whole document of a user. If the credentials may not read it, keep what the tenant shows."""
        if "of_tenant" not in account.details:
            super().load(account, facets, fields)
            return
        try:
            if not self.partial:
                super().load(account, facets, fields)
                return
        except ApiError as error:
            if error.status != 403 or error.operation != "get_user":
                raise
        self.partial = True
        tenant, groups = account.details["of_tenant"]
        if "groups" in facets and isinstance(groups, list):
            account.facets["groups"] = {
                f"{tenant}/{group['id']}": {
                    "tenant": tenant,
                    **({"name": group["name"]} if group.get("name") else {"id": group["id"]}),
                }
                for group in groups
            }
        if "roles" in facets:
            self.scope = {tenant}
            account.facets["roles"] = self.roles_of(account)


def _enrich(users: _Listed, account: Account, gather_names: t.Collection[str]) -> dict[str, t.Any]:
    # A single tenant shows only a part. As exact values of a task, that part would remove the rest.
    rows: dict[str, t.Any] = (
        {f"{name}_state": "present" for name in account.facets if name in gather_names} if users.partial else {}
    )
    if "profile" in gather_names:
        if "first_name" not in account.values:
            users.load(account, (), ("first_name",))
        rows.update(
            {name: account.values.get(name) for name in ("first_name", "last_name", "restricted", "instance_owner")}
        )
        rows.update(normalise(account.values))
    if "tokens" in gather_names:
        rows["tokens"] = [shown(token) for token in Tokens(users.connection, USER_TOKENS, account).tokens()]
    return rows


def _check_tenant(users: _Listed, params: Params) -> Result:
    """Refuse a tenant of the connection that does not exist, if the result has access to tenants. The default tenant
    may be missing."""
    tenant = users.connection.tenant
    if tenant != OPTIONS["tenant"]["default"] and {"tenants", "groups", "roles"} & set(params["gather"]):
        users.connection.require_tenant(tenant, "tenant")
    return {}


USER_INFO = info_task(
    replace(BINDING, directory=lambda connection, params: _Listed(t.cast(Kestra, connection))),
    ("tenants", "groups", "roles"),
    ("profile", "tokens"),
    {"search": {"type": "str"}, "tenant": {"type": "str"}},
    _list,
    _enrich,
    _check_tenant,
)


# -- what can be granted -------------------------------------------------------------------------------------------


def _members(rows: t.Iterable[t.Mapping[str, t.Any]]) -> list[Entry]:
    """Return members from rows with one user each: each user once, sorted by name."""
    members = {
        str(row["id"]): str(row.get("username") or row.get("email") or row.get("displayName") or "") for row in rows
    }
    return [
        {"id": identity, "user": user}
        for identity, user in sorted(members.items(), key=lambda pair: (pair[1], pair[0]))
    ]


def _tenants(users: Users, needs_members: t.Callable[[Entry], bool]) -> list[Entry]:
    """Return the tenants of the instance, with the users who have access as members."""
    kestra = users.connection
    entries: list[Entry] = [
        {"id": str(row["id"]), "name": str(row.get("name") or row["id"])}
        for row in kestra.rows("find", "tenants").rows
        if not row.get("deleted")
    ]
    for entry in filter(needs_members, entries):
        entry["members"] = _members(kestra.rows("list_tenant_access", "users", {"tenant": entry["id"]}).rows)
    return entries


def _groups(users: Users, needs_members: t.Callable[[Entry], bool]) -> list[Entry]:
    """Return the groups of the connection's tenant, with their members in it."""
    kestra, tenant = users.connection, users.connection.tenant
    entries: list[Entry] = [
        {
            "id": str(row["id"]),
            "name": str(row.get("name") or ""),
            "tenant": tenant,
            "description": row.get("description"),
        }
        for row in kestra.rows("search_groups", "groups", {"tenant": tenant}).rows
    ]
    for entry in filter(needs_members, entries):
        path = {"tenant": tenant, "id": entry["id"]}
        entry["members"] = _members(kestra.rows("search_group_members", "members", path).rows)
    return entries


def _roles(users: Users, needs_members: t.Callable[[Entry], bool]) -> list[Entry]:
    """Return the roles of the connection's tenant.

    Members are the users who have a role by a binding of their own, not through a group.
    """
    kestra, tenant = users.connection, users.connection.tenant
    entries: list[Entry] = [
        {
            "id": str(row["id"]),
            "name": str(row.get("name") or ""),
            "tenant": tenant,
            "default": row.get("isDefault"),
            "managed": row.get("isManaged"),
        }
        for row in kestra.rows("search_roles", "roles", {"tenant": tenant}).rows
    ]
    chosen = list(filter(needs_members, entries))
    if chosen:
        bindings = kestra.rows("search_bindings", "bindings", {"tenant": tenant}, {"type": "USER"}).rows
        users_of = [(bound_to(row, tenant), row) for row in bindings]
        for entry in chosen:
            entry["members"] = _members(
                row["user"] for user, row in users_of if user and str(row["role"]["id"]) == entry["id"]
            )
    return entries


ROLE_INFO = role_info_task(BINDING, {"tenants": _tenants, "groups": _groups, "roles": _roles})
