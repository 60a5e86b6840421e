# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access: people x entitlements x connections -> what each connection should hold, and what differs from that."""

from __future__ import annotations

import collections
import hashlib
import json
import typing as t

from .life import Life, User, life_of
from .matching import Match, Matching, name_of
from .people import ACTIVE, LEAVE, Person, account_id, account_names, entitled, fold, standing, written

Document = t.Mapping[str, t.Any]
Directories = t.Mapping[str, "list[User] | None"]
"""Connection -> its users, as the info modules tell them; None where they could not be read."""

SUMMARY = ("created", "updated", "renamed", "disabled", "deleted", "restored", "reopened", "unchanged", "failed")


def _key(grant: t.Any) -> str:
    return json.dumps(grant, sort_keys=True)


def _unique(grants: t.Iterable[t.Any]) -> list[t.Any]:
    return list({_key(grant): grant for grant in grants}.values())


def managed(document: Document, connection: str) -> dict[str, list[t.Any]]:
    """Return what the entitlements name in a connection, by facet: nothing else is given or taken there."""
    found: dict[str, list[t.Any]] = {}
    for entitlement in (document.get("identity_entitlements") or {}).values():
        for facet, grants in (entitlement["grants"].get(connection) or {}).items():
            found[facet] = _unique([*found.get(facet, ()), *grants])
    return found


def gathered(document: Document, connection: str) -> list[str]:
    """Return what must be read of the users of a connection: what is managed, and all grants where these go with the login."""
    life = life_of(document["identity_connections"][connection]["provider"])
    return sorted({*managed(document, connection), *(life.facets if life.takes_all else ())})


def desired(document: Document, directories: Directories, day: str) -> dict[str, dict[str, t.Any]]:
    """Return for each connection that could be read what its bulk module is to be given, and what there is to say.

    ``users`` and ``protect`` are options of the bulk module. ``people`` maps the folded name of each account to the id of its person.
    ``notes`` are entries of drift that no plan shows: accounts without an entitlement, and what the API cannot do. ``problems`` says
    whose accounts cannot be told: then nothing is wished for.
    """
    connections = document.get("identity_connections") or {}
    return {name: _Wishes(document, name, users, day).result() for name in connections if (users := directories.get(name)) is not None}


class _Wishes:
    """The wishes for one connection."""

    def __init__(self, document: Document, name: str, users: list[User], day: str) -> None:
        self._name, self._day = name, day
        self._connection = document["identity_connections"][name]
        self._life: Life = life_of(self._connection["provider"])
        self._entitlements = document.get("identity_entitlements") or {}
        self._people: list[Person] = document.get("identity_people") or []
        self._managed = managed(document, name)
        self._also = self._life.also(self._connection)
        self._matching = Matching(self._people, name, users, self._also, day)
        self._names = collections.Counter(fold(str(user["user"])) for user in users if user.get("user"))
        self._notes: list[dict[str, t.Any]] = []
        self._problems: list[str] = list(self._matching.problems)

    def result(self) -> dict[str, t.Any]:
        """Return what ``desired`` returns for the connection."""
        users, protect = [], list(self._connection.get("protect") or ())
        owners: dict[str, str] = {}
        for person in self._people:
            match = self._matching.of(person)
            owners.update((fold(str(account["user"])), person["id"]) for account in match.all() if account.get("user"))
            if not written(person):
                protect += account_names(person, self._name).all()
                protect += [account["user"] for account in match.all() if account.get("user")]
                continue
            wishes = self._of(person, match)
            for wish in wishes:
                owners.setdefault(fold(wish.get("user") or ""), person["id"])
            users += wishes
        found = {"users": users, "protect": list(dict.fromkeys(protect)), "people": owners, "notes": self._notes, "problems": self._problems}
        return {**found, "users": [], "notes": []} if self._problems else found

    def _of(self, person: Person, match: Match) -> list[User]:
        """Return the entries of the bulk module for one person: none where there is nothing to wish for."""
        stands = standing(person, self._day)
        if stands != ACTIVE:
            return [self._blocked(person, account, keeps=stands == LEAVE) for account in match.all()]
        account = match.account
        for other in match.others:
            self._note(other, person, "extra", f"a second account of {person['id']}, beside {name_of(account or other)}")
        granting = [self._entitlements[name]["grants"][self._name] for name in entitled(person, self._day) if self._name in self._entitlements[name]["grants"]]
        if granting:
            return self._active(person, account, granting)
        if account is None:
            return []
        self._note(account, person, "extra", "has an account, and no entitlement that grants one")
        return [{**self._who(person, account), **self._facets([])}]

    def _blocked(self, person: Person, account: User, keeps: bool) -> User:
        """Return the wish for somebody who is not to log in, and ``keeps`` the grants where the provider can do that."""
        life = self._life
        if life.takes_all and account.get("enabled") is not False:
            for facet in life.facets:
                if account.get(facet):
                    self._note(account, person, "extra", f"{facet}: {named(account[facet])}", before=account[facet])
        return {**self._who(person, account), **life.blocked, **({} if keeps or life.takes_all else self._facets([]))}

    def _who(self, person: Person, account: User) -> User:
        """Return how an account is named to the bulk module: by its id as well where the people's file has it, or the name is not enough."""
        name, told = account.get("user"), account_id(person, self._name)
        if name and self._names[fold(str(name))] == 1 and fold(told) != fold(str(account.get("id"))):
            return {"user": name}
        return {**({"user": name} if name else {}), "id": str(account["id"])}

    def _active(self, person: Person, account: User | None, granting: list[dict[str, t.Any]]) -> list[User]:
        life, names = self._life, account_names(person, self._name)
        differing = {field: value for field, value in ((person.get("accounts") or {}).get(self._name) or {}).items() if field not in ("user", "id")}
        # Who has no name in the file keeps what is there; who is new needs one.
        told = {"name": person["id"], **person} if account is None else person
        profile = {field: value for field, value in life.profile(told, self._connection, account is None).items() if value not in (None, "")}
        wish: User = {"user": names.key, **profile, **self._facets(granting)}
        if account is None:
            problem = self._matching.given_again(person)
            self._problems += [problem] if problem else []
            holder = self._matching.holder(names.key)
            if holder is not None:
                advice = f"an account for {person['id']}: the name is still that of {holder[1]}'s; run it again once that is renamed"
                self._note(holder[0], person, "missing", advice)
                return []
            wish.update(life.new)
        else:
            wish.update(self._who(person, account), user=self._name_for(person, account))
            if fold(wish["user"]) != fold(str(account.get("user") or "")) and "id" not in wish:
                wish["previous_users"] = [account["user"]]
            if account.get("enabled") is not True:
                wish.update(life.active)
            former = self._matching.former(names.key)
            if account.get("enabled") is False and former:
                advice = f"was that of {former} too, who has left: if it is the same one, delete it first (role offboard); {person['id']} then gets a new one"
                self._note(account, person, "attribute", advice)
        return [{**wish, **differing}]

    def _name_for(self, person: Person, account: User) -> str:
        """Return how an account that is there is to be called: as in the people's file, where that tells and the provider can rename."""
        names, current = account_names(person, self._name), str(account.get("user") or "")
        told = bool(((person.get("accounts") or {}).get(self._name) or {}).get("user"))
        # Where accounts have names beside their addresses, an address does not tell the name.
        if not names.key or fold(current) == fold(names.key) or (self._also and not told and current and fold(current) not in names.all()):
            return current
        if not self._life.renames:
            advice = f"should be called {names.key}, and {self._life.provider} cannot rename; make the new account on purpose"
            self._note(account, person, "attribute", advice)
            return current
        return names.key

    def _facets(self, granting: list[dict[str, t.Any]]) -> User:
        """Return the managed facets, with what is granted in each."""
        found: User = {}
        for facet, bounds in self._managed.items():
            found[facet] = _unique(grant for grants in granting for grant in grants.get(facet) or ())
            found[f"{facet}_state"] = "managed"
            found[f"managed_{facet}"] = bounds
        return found

    def _note(self, account: User, person: Person, kind: str, text: str, before: t.Any = None) -> None:
        entry = {"connection": self._name, "account": name_of(account), "person": person["id"], "kind": kind, "text": text}
        self._notes.append({**entry, "before": before, "after": None})


# -- what differs --------------------------------------------------------------------------------------------------


def digest(plans: t.Mapping[str, t.Any]) -> str:
    """Return the SHA-256 of all connections' plans; one that could not be planned is part of it as such."""
    told = {name: (plan.get("plan_digest") if "error" not in plan else None) for name, plan in plans.items()}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def summary(
    wishes: t.Mapping[str, t.Any], plans: t.Mapping[str, t.Any], applied: t.Mapping[str, t.Any], errors: t.Mapping[str, str], day: str, mode: str
) -> dict[str, t.Any]:
    """Return one summary over all connections.

    ``plans`` and ``applied`` are results of the bulk modules by connection (check mode, and the real run where there was one), ``errors``
    why connections could not be read. The drift is what was found before anything was applied.
    """
    connections: dict[str, dict[str, t.Any]] = {}
    drift: list[dict[str, t.Any]] = []
    losses: list[dict[str, t.Any]] = []
    for name in sorted({*plans, *errors}):
        if name in errors:
            connections[name] = {"error": errors[name]}
            drift.append({"connection": name, "account": None, "person": None, "kind": "unreadable", "text": errors[name], "before": None, "after": None})
            continue
        plan, done = plans[name], applied.get(name)
        told = done if done is not None else plan
        counts = {key: (told.get("summary") or {}).get(key, 0) for key in SUMMARY}
        counts["changed"] = sum(counts[key] for key in SUMMARY if key not in ("unchanged", "failed"))
        connections[name] = {**counts, "mails": told.get("mails", 0), **({"error": told["error"]} if told.get("error") else {})}
        found = [*_drift(name, plan, wishes[name]["people"]), *wishes[name]["notes"], *_mapped(name, done, wishes[name]["people"])]
        drift += found
        losses += [entry for entry in found if entry["kind"] == "extra" and entry["before"] not in (None, "")]
    totals = {key: sum(one.get(key, 0) for one in connections.values()) for key in (*SUMMARY, "changed", "mails")}
    report: dict[str, t.Any] = {
        "day": day, "mode": mode, "digest": digest({**plans, **{name: {"error": text} for name, text in errors.items()}}), "totals": totals,
        "connections": connections, "losses": losses, "drift": drift,
        "failed": [f"{name}: {one['error']}" for name, one in connections.items() if "error" in one],
    }
    return {**report, "text": text(report)}


def _drift(name: str, plan: Document, people: t.Mapping[str, str]) -> t.Iterator[dict[str, t.Any]]:
    def entry(account: str, kind: str, text: str, before: t.Any = None, after: t.Any = None) -> dict[str, t.Any]:
        return {"connection": name, "account": account, "person": people.get(fold(account)), "kind": kind, "text": text, "before": before, "after": after}

    for change in plan.get("changes") or ():
        account, before, after = change["before_header"], change.get("before") or {}, change.get("after") or {}
        if not before and after:
            yield entry(account, "missing", _ACCOUNT, None, after)
            continue
        if before and not after:
            yield entry(account, "extra", _ACCOUNT, before, None)
            continue
        for field in {**before, **after}:
            old, new = before.get(field), after.get(field)
            if isinstance(old, list) or isinstance(new, list):
                gained, lost = _less(new, old), _less(old, new)
                if gained:
                    yield entry(account, "missing", f"{field}: {named(gained)}", None, gained)
                if lost:
                    yield entry(account, "extra", f"{field}: {named(lost)}", lost, None)
            elif field == "enabled" and new is False:
                yield entry(account, "extra", "login", old, new)
            elif field == "enabled" or field == "state":
                yield entry(account, "missing", "login", old, new)
            else:
                yield entry(account, "attribute", field, old, new)
    for user in plan.get("unmanaged") or ():
        for facet, grants in user.items():
            if facet != "user":
                yield entry(user["user"], "unmanaged", f"{facet}: {named(grants)}", grants, grants)
    for account in plan.get("unlisted") or ():
        if fold(account) not in people:
            yield entry(account, "unmanaged", _STRANGER, account, account)


def _less(one: t.Any, other: t.Any) -> list[t.Any]:
    without = {_key(item) for item in other or ()}
    return [item for item in one or () if _key(item) not in without]


def _mapped(name: str, done: Document | None, people: t.Mapping[str, str]) -> t.Iterator[dict[str, t.Any]]:
    for notice in (done or {}).get("warning_details") or ():
        if notice["code"] == "kept_by_server":
            account, text = notice.get("user"), notice["message"]
            person = people.get(fold(account)) if account else None
            yield {"connection": name, "account": account, "person": person, "kind": "mapped", "text": text, "before": None, "after": None}


def named(grants: t.Any) -> str:
    """Return grants as one text."""
    shown = []
    for grant in grants if isinstance(grants, list) else [grants]:
        shown.append("/".join(str(value) for _name, value in sorted(grant.items(), reverse=True)) if isinstance(grant, dict) else str(grant))
    return ", ".join(shown)


_SHOWN = 5
"""Accounts of a crowd that the text names; the summary itself has them all."""
_ACCOUNT, _STRANGER = "account", "account that is nobody's"
_SIGNS = {"missing": "+", "extra": "-", "attribute": "~", "unmanaged": "?", "mapped": "=", "unreadable": "!"}


def text(report: Document) -> list[str]:
    """Return a summary as lines for people, longest story last."""
    verb = "Applied" if report["mode"] == "apply" else "Plan"
    lines = [f"{verb} for {report['day']}, digest {report['digest']}"]
    for name, one in report["connections"].items():
        counts = ", ".join(f"{one[key]} {key}" for key in SUMMARY if one.get(key))
        mails = f", {one['mails']} mails" if one.get("mails") else ""
        lines.append(f"{name}: {one.get('error', counts or 'nobody')}{mails}")
    # Whole accounts come in crowds: those of a kind are one line.
    crowds: dict[tuple[str, str, str], list[str]] = {}
    for entry in report["drift"]:
        if entry["text"] in (_ACCOUNT, _STRANGER):
            crowds.setdefault((entry["connection"], entry["kind"], entry["text"]), []).append(entry["account"])
            continue
        change = f": {_value(entry['before'])} -> {_value(entry['after'])}" if entry["kind"] == "attribute" and (entry["before"] or entry["after"]) else ""
        who = f" {entry['account']}" if entry["account"] else ""
        lines.append(f"  {_SIGNS[entry['kind']]} {entry['connection']}{who}: {entry['kind']}: {entry['text']}{change}")
    for (name, kind, what), accounts in crowds.items():
        more = f" and {len(accounts) - _SHOWN} more" if len(accounts) > _SHOWN else ""
        lines.append(f"  {_SIGNS[kind]} {name}: {kind}: {what}: {', '.join(accounts[:_SHOWN])}{more}")
    return lines


def _value(value: t.Any) -> str:
    return "nothing" if value in (None, "") else str(value)
