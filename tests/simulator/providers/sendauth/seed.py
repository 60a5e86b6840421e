# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the SendAuth organisation holds at its start, and state that the control API adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...clock import iso_millis
from ...people import COMPANY, LONG_AGO, ODD_PEOPLE, numbered
from .actions import start_transaction
from .fields import ROLES, TEXTS, defaults
from .store import FINAL, PLAIN, Approval, Group, Tag, User

if TYPE_CHECKING:
    from . import SendAuth

LABELS = (
    "Snowflake", "data-engineer", "data-analyst", "vault-admin", "On-call", "VPN", "2024", "2025", "R&D + Ops / 50%",
    "Finance", "finance", "..", "ops@example.com", "GitHub", "AWS prod",
)
# Name -> labels. Two have the same name.
GROUPS = (
    ("Engineering", ("GitHub", "VPN")),
    ("Data", ("Snowflake", "data-analyst")),
    ("Contractors", ()),
    ("2024", ("2024",)),
    ("Überprüfung", ("vault-admin",)),
    ("研究", ("R&D + Ops / 50%",)),
    ("Ops / EU + UK", ("On-call",)),
    ("Twice", ()),
    ("Twice", ("VPN",)),
)
COMPANIES = ("Example", "2024", "R&D + Ops / 50%", "Überprüfung GmbH")
TAGS = (
    ("department", True, ("Engineering", "Data", "Finance", "Sales", "Support", "People")),
    ("site", True, ("Aarhus", "Zürich", "100% remote")),
    ("2024", True, ("1", "2")),
    ("cost center / 50%", True, ("CC-100", "CC-101")),
    ("legacy", False, ("yes",)),
)


def build(provider: SendAuth) -> None:
    """Fill an empty store: the catalogues, and the users that the options specify."""
    store, options = provider.store, provider.options
    store.labels = dict.fromkeys(LABELS)
    for name, labels in GROUPS:
        group = Group(store.new_id("group"), name, list(labels))
        store.groups[group.id] = group
    for name in COMPANIES:
        store.add_company(name, LONG_AGO)
    for name, enabled, values in TAGS:
        store.tags[name] = Tag(store.new_id("tag"), name, f"The {name} of a user", enabled, list(values))
    for name, threshold in (("Change board", "any"), ("2024", "all")):
        approval = Approval(store.new_id("approval"), name, threshold)
        store.approvals[approval.id] = approval
    if options.preset == "company":
        _company(provider)
    if options.odd_users:
        for first, last, mail in ODD_PEOPLE:
            _new(provider, first, last, mail)
    group_ids = list(store.groups)
    for count in range(1, options.seed_users + 1):
        person = numbered(count)
        user = _new(provider, person["firstname"], person["lastname"], person["email"])
        user.labels = [LABELS[count % len(LABELS)]]
        user.groups = [group_ids[count % len(group_ids)]]
        user.passkeys = count % 2
        user.set({"phone": f"+4520{count:06d}"})


def _new(provider: SendAuth, first: str, last: str, mail: str) -> User:
    store = provider.store
    user = User(store.new_id("user"), LONG_AGO + len(store.users))
    user.fields = {"firstName": first, "lastName": last, "email": mail, **defaults(provider)}
    store.add(user)
    return user


def _company(provider: SendAuth) -> None:
    """Two admins and the account of the key; Ada and Katherine have a passkey; Alan is soft-deleted."""
    store = provider.store
    groups = {group.name: group.id for group in reversed(store.groups.values())}
    highest = max(ROLES[provider.options.roles].items(), key=lambda pair: pair[1])[0]
    labels = {
        "ada.lovelace": ["Snowflake", "data-analyst"],
        "katherine.johnson": ["data-engineer", "2024"],
        "margaret.hamilton": ["vault-admin"],
    }
    for person in COMPANY:
        key = person["key"]
        user = _new(provider, person["firstname"], person["lastname"], person["email"])
        user.company = next(iter(store.companies))
        user.labels = labels.get(key, [])
        user.groups = [groups[person["department"]]] if person["department"] in groups else []
        user.tags = {"department": person["department"]}
        if key in ("grace.hopper", "margaret.hamilton", "svc-awx"):
            user.fields["role"] = highest
        if key in ("ada.lovelace", "katherine.johnson"):
            user.passkeys = 1
            user.set({"lastAuthenticated": iso_millis(LONG_AGO + 86400), "phone": "+4520000001"})
        if key == "alan.turing":
            store.soft_delete(user, LONG_AGO + 172800)


# State from the control API --------------------------------------------------------------------------------------


def _user(provider: SendAuth, key: str) -> User:
    """A live or soft-deleted user by id or e-mail address."""
    store = provider.store
    user_id = store.mails.get(key.casefold()) or store.deleted_mails.get(key.casefold()) or key
    user = store.users.get(user_id) or store.deleted.get(user_id)
    if user is None:
        raise ValueError(f"no user {key!r}")
    return user


def _group_id(provider: SendAuth, key: str) -> str:
    groups = provider.store.groups
    identity = key if key in groups else next((group.id for group in groups.values() if group.name == key), None)
    if identity is None:
        raise ValueError(f"no permission group {key!r}")
    return identity


def _put_user(provider: SendAuth, item: dict[str, Any]) -> dict[str, Any]:
    """Writable fields of the model, and ``passkeys`` (a number), ``tags``, ``deleted``, ``lastAuthenticated``.

    ``permissionGroups`` are ids or names, ``company`` an id or a name. With the ``id`` of a user, that one is changed.
    """
    store, now = provider.store, provider.clock.now()
    lists = {"permissions", "permissionGroups"}
    unknown = sorted(set(item) - {*PLAIN, *lists, "id", "company", "passkeys", "tags", "deleted"})
    if unknown:
        raise ValueError(f"unknown fields {unknown}")
    user_id, deleted = item.pop("id", None), item.pop("deleted", None)
    user = store.users.get(user_id) or store.deleted.get(user_id)
    if user is None:
        user = User(user_id or store.new_id("user"), now)
        user.fields = defaults(provider)
        store.add(user)
    was_deleted = user.id in store.deleted
    if was_deleted:
        store.restore(user)
    if "company" in item:
        requested = item.pop("company")
        user.company = next((key for key, value in store.companies.items() if requested in (key, value["name"])), None)
    user.labels = item.pop("permissions", user.labels)
    store.labels.update(dict.fromkeys(user.labels))
    user.groups = [_group_id(provider, key) for key in item.pop("permissionGroups", user.groups)]
    user.passkeys = int(item.pop("passkeys", user.passkeys))
    user.tags = item.pop("tags", user.tags)
    if not all(value is None or isinstance(value, str) for name, value in item.items() if name in (*TEXTS, "role")):
        raise TypeError("plain fields are texts")
    store.change(user, item)
    if deleted or (was_deleted and deleted is None):
        store.soft_delete(user, now)
    return provider.user_state(user)


def _put_permission(provider: SendAuth, item: dict[str, Any]) -> dict[str, Any]:
    provider.store.labels.setdefault(item["name"])
    return {"name": item["name"]}


def _put_group(provider: SendAuth, item: dict[str, Any]) -> dict[str, Any]:
    group = Group(item.get("id") or provider.store.new_id("group"), item["name"], list(item.get("permissions", ())))
    provider.store.groups[group.id] = group
    provider.store.labels.update(dict.fromkeys(group.permissions))
    return group.as_json()


def _put_company(provider: SendAuth, item: dict[str, Any]) -> dict[str, Any]:
    return provider.store.add_company(item["name"], provider.clock.now(), item.get("id"))


def _put_tag(provider: SendAuth, item: dict[str, Any]) -> dict[str, Any]:
    tag = Tag(item.pop("id", None) or provider.store.new_id("tag"), **item)
    provider.store.tags[tag.name] = tag
    return tag.as_json()


def _put_approval(provider: SendAuth, item: dict[str, Any]) -> dict[str, Any]:
    users = [_user(provider, key).id for key in item.pop("users", ())]
    group = Approval(item.pop("id", None) or provider.store.new_id("approval"), users=users, **item)
    provider.store.approvals[group.id] = group
    return {"id": group.id, "name": group.name, "users": group.users}


def _put_transaction(provider: SendAuth, item: dict[str, Any]) -> dict[str, Any]:
    """``{"id", "state"}`` gives an outcome; ``{"user", "state"}`` to the user's pending one; with ``type``,
    a new one."""
    store, now = provider.store, provider.clock.now()
    store.settle(now)
    state = item.get("state", "pending")
    if state not in (*FINAL, "pending"):
        raise ValueError(f"state must be pending or one of {', '.join(FINAL)}")
    if "id" in item:
        transaction = store.transactions[item["id"]]
    else:
        user = _user(provider, item["user"])
        if "type" in item:
            transaction = start_transaction(provider, user, item["type"], item.get("requestor", "control"), now)
        else:
            pending = [
                other for other in store.transactions.values() if other.subject == user.id and other.state == "pending"
            ]
            if not pending:
                raise ValueError(f"{item['user']} has no pending transaction")
            transaction = pending[-1]
    store.complete(transaction, state, now)
    return transaction.as_json()


def _put_audit(provider: SendAuth, item: dict[str, Any]) -> dict[str, Any]:
    user = _user(provider, item["user"])
    provider.store.audit(
        user, item["action"], item.get("actor", "control"), provider.clock.now(), **item.get("extras", {})
    )
    return provider.store.audits[-1]


def _put_credential(provider: SendAuth, item: dict[str, Any]) -> dict[str, Any]:
    """``{"name": "registrar", "email": ...}``: whose key it is."""
    caller = next((candidate for candidate in provider.callers.values() if candidate.name == item["name"]), None)
    if caller is None:
        raise ValueError(f"no credential {item['name']!r}")
    caller.email = item.get("email", caller.email)
    return {"name": caller.name, "email": caller.email, "rank": caller.rank}


MAKERS = {
    "users": _put_user,
    "permissions": _put_permission,
    "permission_groups": _put_group,
    "companies": _put_company,
    "tags": _put_tag,
    "approval_groups": _put_approval,
    "transactions": _put_transaction,
    "audits": _put_audit,
    "credentials": _put_credential,
}
