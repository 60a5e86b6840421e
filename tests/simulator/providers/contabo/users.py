# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, their mails, audits, and the OAuth2 client of the customer."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ...web import Answer, Call, Refused, dumps
from .envelope import boolean, check, is_boolean, is_numbers, is_text, links_only, listed, ordered, single
from .store import OWNED, WRITABLE, User

if TYPE_CHECKING:
    from . import Contabo

AUDIT_COLUMNS = ("id", "timestamp", "action", "userId", "changedBy", "username")
LOCALES = ("de-DE", "de", "en-US", "en")
_STRICT_NAME = re.compile(r"[\w:-]+")
_MAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _is_mail(value: Any) -> str | None:
    return None if isinstance(value, str) and len(value) <= 255 and _MAIL.fullmatch(value) else "must be an email"


def _is_locale(value: Any) -> str | None:
    return None if isinstance(value, str) and value in LOCALES else f"must be one of {', '.join(LOCALES)}"


def _values(provider: Contabo, body: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """A checked body with the roles tested and the e-mail address as it will be kept. Raises Refused 400."""

    def is_name(value: Any) -> str | None:
        problem = is_text(value)
        if problem is None and provider.options.strict_names and not _STRICT_NAME.fullmatch(value):
            problem = "may have letters, numbers, colons, dashes and underscores"
        return problem

    rules = {
        "firstName": is_name, "lastName": is_name, "email": _is_mail, "enabled": is_boolean,
        "totp": is_boolean, "locale": _is_locale, "roles": is_numbers,
    }
    check(body, rules, required)
    values = dict(body)
    if "roles" in values:
        values["roles"] = list(dict.fromkeys(values["roles"]))
        unknown = [role_id for role_id in values["roles"] if role_id not in provider.store.roles]
        if unknown:
            raise Refused(400, f"Role {unknown[0]} does not exist")
    if "email" in values and provider.options.lower_case_emails:
        values["email"] = values["email"].lower()
    return values


def _unique(provider: Contabo, mail: str, user: User | None) -> None:
    holder = provider.store.by_mail(mail)
    if holder is not None and holder is not user:
        raise Refused(409, "A user with this email exists")


def _sort_key(name: str) -> Callable[[User], str]:
    return lambda user: str(user.fields.get(name, "")).lower()


def retrieve_user_list(provider: Contabo, call: Call) -> Answer:
    args, store = call.args, provider.store
    users = list(store.users.values())
    if provider.options.index_delay:
        users = [user for user in users if user.created + provider.options.index_delay <= call.now]
    part, enabled, owner = args.get("email", "").lower(), boolean(args, "enabled"), boolean(args, "owner")
    if part:
        users = [user for user in users if part in user.email.lower()]
    if enabled is not None:
        users = [user for user in users if user.fields["enabled"] is enabled]
    if owner is not None:
        users = [user for user in users if user.owner is owner]
    users = ordered(call, users, {"userId": lambda user: user.id, **{name: _sort_key(name) for name in WRITABLE}})
    form = provider.options.empty_names
    return listed(
        provider,
        call,
        users,
        lambda user: store.user_text(user, form),
        filtered=bool(part) or enabled is not None or owner is not None,
    )


def retrieve_user(provider: Contabo, call: Call) -> Answer:
    user = provider.user_of(call)
    return single(200, provider.store.user_value(user, provider.options.empty_names), f"/v1/users/{user.id}")


def create_user(provider: Contabo, call: Call) -> Answer:
    values = _values(provider, call.json_object(), ("email", "enabled", "totp", "locale"))
    _unique(provider, values["email"], None)
    store = provider.store
    user = User(store.new_user_id(), call.now)
    user.roles = values.pop("roles", [])
    user.fields.update(values)
    store.add(user)
    provider.audit(call, "CREATED", user, {"new": {**values, "roles": user.roles}})
    store.send("activation", user, call.now)
    return single(201, {**OWNED, "userId": user.id}, f"/v1/users/{user.id}")


def update_user(provider: Contabo, call: Call) -> Answer:
    """Fields that are not sent stay; the answer has nothing but links."""
    user, store, options = provider.user_of(call), provider.store, provider.options
    values = _values(provider, call.json_object())
    roles = values.pop("roles", None)
    if roles == [] and options.empty_roles != "clears":
        if options.empty_roles == "refused":
            raise Refused(400, errors=["roles should not be empty"])
        roles = None
    if user.owner and (values.get("enabled") is False or (roles is not None and not set(user.roles) <= set(roles))):
        raise Refused(403, "The owner can neither be disabled nor lose a role")
    if "email" in values:
        _unique(provider, values["email"], user)
    changes = {name: value for name, value in values.items() if value != user.fields.get(name)}
    before = {name: user.fields.get(name) for name in changes}
    store.change(user, changes)
    if roles is not None and roles != user.roles:
        before["roles"], changes["roles"] = user.roles, roles
        user.roles = roles
    if changes:
        provider.audit(call, "UPDATED", user, {"prev": before, "new": changes})
    if "email" in changes and options.email_change == "unverified":
        user.verified = False
        store.send("verification", user, call.now)
    return links_only(f"/v1/users/{user.id}")


def delete_user(provider: Contabo, call: Call) -> Answer:
    user = provider.user_of(call)
    if user.owner:
        raise Refused(403, "The owner cannot be deleted")
    provider.store.remove(user)
    provider.audit(call, "DELETED", user, {"prev": {"email": user.email}})
    return Answer(204)


# Mails -----------------------------------------------------------------------------------------------------------


def _redirect(call: Call) -> str | None:
    sent = call.args.get("redirectUrl")
    if sent is not None and not sent.startswith(("https://", "http://")):
        raise Refused(400, errors=["redirectUrl must be a URL address"])
    return sent


def resend_email_verification(provider: Contabo, call: Call) -> Answer:
    user, redirect = provider.user_of(call), _redirect(call)
    provider.no_body(call)
    if user.verified and provider.options.verified_status != 204:
        raise Refused(provider.options.verified_status, "The email is verified already")
    provider.store.send("verification", user, call.now, redirect)
    return Answer(204)


def reset_password(provider: Contabo, call: Call) -> Answer:
    user, redirect = provider.user_of(call), _redirect(call)
    provider.no_body(call)
    provider.store.send("password_reset", user, call.now, redirect)
    return Answer(204)


def retrieve_user_is_password_set(provider: Contabo, call: Call) -> Answer:
    """Of the user of the query, or of the caller."""
    user = provider.store.users.get(call.args["userId"]) if "userId" in call.args else provider.caller
    if user is None:
        raise Refused(404, "The user does not exist")
    return single(200, {**OWNED, "isPasswordSet": user.password_set}, "/v1/users/is-password-set")


def retrieve_user_audits_list(provider: Contabo, call: Call) -> Answer:
    args = call.args
    rows = provider.store.audits
    requested = {name: args[name] for name in ("userId", "requestId", "changedBy") if name in args}
    rows = [row for row in rows if all(row[name] == value for name, value in requested.items())]
    for name in ("startDate", "endDate"):
        if name in args:
            try:
                if not _DATE.fullmatch(args[name]):
                    raise ValueError
                time.strptime(args[name], "%Y-%m-%d")
            except ValueError:
                raise Refused(400, errors=[f"{name} must be a date as YYYY-MM-DD"]) from None
            low, high = (args[name], "9") if name == "startDate" else ("0", args[name])
            rows = [row for row in rows if low <= row["timestamp"][:10] <= high]
    rows = ordered(call, rows[::-1], {name: itemgetter(name) for name in AUDIT_COLUMNS})
    return listed(provider, call, rows, dumps, filtered=bool(requested) or "startDate" in args or "endDate" in args)


# The client ------------------------------------------------------------------------------------------------------


def retrieve_user_client(provider: Contabo, call: Call) -> Answer:
    client = provider.store.client
    return single(
        200, {**OWNED, "id": client.id, "clientId": client.client_id, "secret": client.secret}, "/v1/users/client"
    )


def generate_client_secret(provider: Contabo, call: Call) -> Answer:
    """The old secret gets no token any more; tokens that were given with it live on."""
    provider.no_body(call)
    client = provider.store.client
    client.secret = secrets.token_urlsafe(24)
    client.rotations += 1
    return single(200, {**OWNED, "secret": client.secret}, "/v1/users/client/secret")
