# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and their attributes. There is no call to create a user: a POST of attributes does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...web import Answer, Call, Refused, dumps, json_answer, loads
from .auth import server_of
from .listing import filter_test, like, ordered, page
from .store import Server, User

if TYPE_CHECKING:
    from . import NextAuth


def user_of(server: Server, call: Call) -> User:
    """The user of the path. Raises Refused 404."""
    user = server.users.get(call.params["userid"])
    if user is None:
        raise Refused(404, "user not found")
    return user


def _user_value(provider: NextAuth, server: Server, user: User) -> dict[str, Any]:
    accounts = server.owned.get(user.userid, {}).values()
    last = max((account.lastlogin for account in accounts), default=0.0)
    return {"userid": user.userid, "numberaccounts": len(accounts), "lastlogin": provider.moment(last)}


def get_users(provider: NextAuth, call: Call) -> Answer:
    server = server_of(provider, call)
    users = list(server.users.values())
    sent = filter_test(call)
    if sent is not None:
        name, values = sent
        users = [
            user for user in users if (user.userid if name == "userid" else str(user.attributes.get(name))) in values
        ]
    if call.args.get("search"):
        test = like(provider, call.args["search"])
        users = [user for user in users if test(user.userid)]
    columns = {
        "userid": lambda user: user.userid,
        "numberaccounts": lambda user: len(server.owned.get(user.userid, ())),
        "lastlogin": lambda user: _user_value(provider, server, user)["lastlogin"],
    }
    return page(
        provider, call, "users", ordered(call, users, columns), lambda user: _user_value(provider, server, user)
    )


def delete_user(provider: NextAuth, call: Call) -> Answer:
    """Deletes the user; the accounts go too, or stay without a user, or are in the way."""
    server = server_of(provider, call)
    user = user_of(server, call)
    provider.no_body(call)
    accounts, mode = server.accounts_of(user.userid), provider.options.accounts_of_deleted
    if accounts and mode == "refused":
        raise Refused(403, "the user has accounts")
    if mode == "deleted":
        for account in accounts:
            server.remove_account(account)
    del server.users[user.userid]
    if user.role is not None:
        for acl in provider.store.acls.values():
            acl.pop(user.role, None)
        provider.store.roles.pop(user.role, None)
    return Answer(200)


# Attributes ------------------------------------------------------------------------------------------------------


def attributes_body(provider: NextAuth, call: Call) -> dict[str, Any]:
    """The attributes of a body; the content type may be missing, for the generated clients send none."""
    if call.content_type not in ("", "application/json"):
        raise Refused(400, "the content type must be application/json")
    try:
        value = loads(call.body)
    except ValueError:
        raise Refused(400, "the request body is not JSON") from None
    if not isinstance(value, dict):
        raise Refused(400, "the request body must be an object")
    if "" in value:
        raise Refused(400, "an attribute must have a name")
    result = {}
    for key, item in value.items():
        if not isinstance(item, str):
            mode = provider.options.other_values
            if mode == "refused" or (mode == "stringified" and (item is None or isinstance(item, (dict, list)))):
                raise Refused(400, f"the value of {key} must be a string")
            if mode == "stringified":
                item = dumps(item).decode("utf-8")
        result[key] = item
    return result


def _attributes_text(provider: NextAuth, attributes: dict[str, Any]) -> bytes:
    """The body of a read, in the form that the option ``attributes_form`` chooses."""
    form, empty = provider.options.attributes_form, provider.options.empty_attributes
    if not attributes and empty != "form":
        return b"" if empty == "nothing" else b"null"
    if form == "list":
        return dumps([{"key": key, "value": value} for key, value in attributes.items()])
    if form == "string":
        return dumps(dumps(attributes).decode("utf-8"))
    if form == "garbage":
        return "".join(f"{key}: {value}\n" for key, value in attributes.items()).encode("utf-8") or b"(none)\n"
    return dumps(attributes)


def attributes_answer(provider: NextAuth, attributes: dict[str, Any]) -> Answer:
    content_type = f"{provider.options.attributes_type}; charset=utf-8"
    return Answer(200, _attributes_text(provider, attributes), [], content_type)


def get_user_attributes(provider: NextAuth, call: Call) -> Answer:
    return attributes_answer(provider, user_of(server_of(provider, call), call).attributes)


def set_user_attributes(provider: NextAuth, call: Call) -> Answer:
    """Replaces all attributes, and creates the user where there is none."""
    server, attributes = server_of(provider, call), attributes_body(provider, call)
    userid = call.params["userid"]
    if userid not in server.users:
        if not attributes and provider.options.empty_post == "refused":
            raise Refused(400, "a user needs attributes")
        server.users[userid] = User(userid)
    server.users[userid].attributes = attributes
    return Answer(200)


def update_user_attributes(provider: NextAuth, call: Call) -> Answer:
    """Keys that are not sent stay."""
    user = user_of(server_of(provider, call), call)
    user.attributes.update(attributes_body(provider, call))
    return Answer(200)


def delete_user_attributes(provider: NextAuth, call: Call) -> Answer:
    user = user_of(server_of(provider, call), call)
    provider.no_body(call)
    user.attributes = {}
    return Answer(200)


def delete_user_attribute(provider: NextAuth, call: Call) -> Answer:
    user = user_of(server_of(provider, call), call)
    provider.no_body(call)
    if call.params["attributekey"] not in user.attributes and provider.options.unknown_key_status == 404:
        raise Refused(404, "attribute not found")
    user.attributes.pop(call.params["attributekey"], None)
    return Answer(200)


# Role ------------------------------------------------------------------------------------------------------------


def get_user_role(provider: NextAuth, call: Call) -> Answer:
    """404 for a user without a role too."""
    user = server_of(provider, call).users.get(call.params["userid"])
    if user is None or user.role is None:
        raise Refused(404, "not found")
    return json_answer(200, {"role": user.role})


def get_or_create_user_role(provider: NextAuth, call: Call) -> Answer:
    user = user_of(server_of(provider, call), call)
    provider.no_body(call)
    if user.role is None:
        user.role = provider.store.new_role()
    return json_answer(200, {"role": user.role})
