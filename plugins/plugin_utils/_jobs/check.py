# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks connections, entitlements and people together, before any API call."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Notice, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold, nfc, skeleton
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import near as near_names
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import limit_of
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.options import desired_from
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.scalars import shown_name
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import joined
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate

from .entitlements import Entitlement
from .life import binding_of, life_of
from .people import EARLY, LEFT, Person, account_id, account_names, standing, writable
from .schema import CONNECTION, ENTITLEMENT, PROVIDERS
from .session import OURS, Entry, declared
from .validate import is_day, violations


def connection_problems(connections: t.Any) -> list[Problem]:
    """Return the problems of ``identity_connections``: its structure, and options that the modules do not have."""
    if not isinstance(connections, dict):
        return [
            Problem(
                "identity_connections is not a mapping of names to connections. Write it as {name: {provider: …}}.",
                "invalid_value", option="identity_connections",
            )
        ]
    if not connections:
        return [
            Problem(
                "There are no connections. Set identity_connections.", "missing_option", option="identity_connections"
            )
        ]
    problems: list[Problem] = []
    for name, entry in connections.items():
        place = f"identity_connections.{name}"
        entry, blanks = _without_blanks(entry, place)
        entry, texts = _without_wrong_credentials(entry, place)
        texts += _wrong_name(name, "identity_connections") + violations(CONNECTION, entry, place)
        problems += [*blanks, *(Problem(text, "invalid_value", option=place) for text in texts)]
        if not texts:
            problems += _option_problems(entry, place)
    return problems


def _wrong_name(name: t.Any, option: str) -> list[str]:
    """Return a sentence if a key is blank or not a text: YAML reads 7 and yes as other types."""
    if isinstance(name, str):
        return [] if name.strip() else [f"{option}: a name is empty. Specify a name. Check for an unset variable."]
    return [f"{option}: the name {name} is not text. Quote it."]


def _without_blanks(entry: t.Any, place: str) -> tuple[t.Any, list[Problem]]:
    """Return a connection without nulls, which count as not specified, and without blank texts, and a problem for each
    blank text: it never stands for a value from the environment."""
    if not isinstance(entry, dict):
        return entry, []
    provider = entry.get("provider")
    options = declared(f"{provider}_users").options if provider in PROVIDERS else {}
    problems: list[Problem] = []

    def kept(values: t.Mapping[t.Any, t.Any], begin: str) -> dict[t.Any, t.Any]:
        others: dict[t.Any, t.Any] = {}
        for name, value in values.items():
            if name == "credentials" and begin == place and isinstance(value, dict):
                others[name] = kept(value, f"{begin}.credentials")
            elif isinstance(value, list):
                others[name] = [
                    item for number, item in enumerate(value) if not blank(item, f"{begin}.{name}[{number}]", None)
                ]
            elif value is not None and not (name != "provider" and blank(value, f"{begin}.{name}", options.get(name))):
                others[name] = value
        return others

    def blank(value: t.Any, where: str, option: t.Mapping[str, t.Any] | None) -> bool:
        if not (isinstance(value, str) and not value.strip()):
            return False
        state = "contains only whitespace" if value else "is empty"
        text = f"{where} {state}. {_instead(option)} Check for an unset variable."
        problems.append(Problem(text, "blank_value", option=where))
        return True

    return kept(entry, place), problems


def _instead(option: t.Mapping[str, t.Any] | None) -> str:
    """Return what to do about a blank option of a connection, or about a blank element of a list."""
    if option is None:
        return "Specify a value, or remove it."
    if "fallback" in option:
        return f"Set it, or remove it to use {option['fallback'][1][0]} in the environment."
    return "Set it, or remove it to use the default."


def _without_wrong_credentials(entry: t.Any, place: str) -> tuple[t.Any, list[str]]:
    """Return a connection without the credentials that are not texts, and a sentence for each of them. No sentence
    shows a value."""
    own = entry.get("credentials") if isinstance(entry, dict) else None
    if not isinstance(own, dict):
        return entry, []
    wrong = [name for name, value in own.items() if value is not None and not isinstance(value, str)]
    texts = [f"{place}.credentials.{name} is not text. Quote it." for name in wrong]
    return {**entry, "credentials": {name: value for name, value in own.items() if name not in wrong}}, texts


def _option_problems(entry: Entry, place: str) -> list[Problem]:
    """Return a problem for each option and credential that the modules of the provider do not have, and for each option
    that describes a user, which has no effect in a connection."""
    provider = entry["provider"]
    tasks = [declared(f"{provider}_{noun}") for noun in ("user", "users")]
    options = tasks[1].options.keys() - {"users"}
    of_users = {name for task in tasks for name in task.options} - options
    limits = ", ".join(sorted(options.difference(tasks[1].connection_options)))
    problems = [
        Problem(
            f"{place}.{name} has no effect, because it describes users. Remove it. A connection accepts the connection "
            f"options of {provider}'s modules, and {limits}.",
            "no_effect", option=f"{place}.{name}",
        ) if name in of_users else Problem(
            f"{place}.{shown_name(str(name))} is not an option of {provider}'s modules{near(name, options)}",
            "unknown_option", option=f"{place}.{name}",
        ) for name in entry if name not in options.union(OURS)
    ]
    problems += limit_problems(entry, ("loss_limit", "create_limit", "reopen_limit", "rename_limit"), f"{place}.")
    problems += [
        Problem(
            f"{place}.{name} is {entry[name]!r}; specify a whole number of at least 0.",
            "invalid_value", option=f"{place}.{name}",
        ) for name in ("delete_limit", "min_admins", "max_mails") if name in options and not _is_count(entry.get(name))
    ]
    known = {option for task in tasks for option in task.connection_options}
    return problems + [
        Problem(
            f"{place}.credentials.{shown_name(str(name))} is not a connection option of {provider}'s modules"
            f"{near(name, known)}",
            "unknown_option", option=f"{place}.{name}",
        ) for name in entry.get("credentials") or {} if name not in known
    ]


def _is_count(value: t.Any) -> bool:
    """Return whether a value is a number of accounts or e-mails, or not specified."""
    return value is None or (not isinstance(value, bool) and str(value).strip().isdecimal())


def limit_problems(values: t.Mapping[str, t.Any], names: t.Iterable[str], prefix: str) -> list[Problem]:
    """Return a problem for each limit that is neither a number nor a percentage. Blank limits are not checked.

    ``prefix`` is the beginning of the options' names in messages.
    """
    problems = []
    for name in names:
        value = values.get(name)
        try:
            limit_of(None if value in (None, "") else str(value), 100)
        except ValueError:
            text = f"{prefix}{name} is {value!r}; specify a number of accounts such as 10, or a percentage such as 5%."
            problems.append(Problem(text, "invalid_value", option=f"{prefix}{name}"))
    return problems


def near(name: t.Any, known: t.Collection[str]) -> str:
    """Return the end of a sentence about an unknown name: similar names, if there are any."""
    names = near_names(str(name), map(str, known))
    return f"; similar names: {', '.join(names)}." if names else ". Correct it, or remove it."


def unknown_connections(option: str, names: t.Iterable[str], connections: t.Mapping[str, Entry]) -> list[Problem]:
    """Return a problem for each name in an option that is not the name of a connection."""
    return [
        Problem(
            f"{option}: there is no connection {name} in identity_connections{near(name, connections)}",
            "unknown_connection", option=option,
        ) for name in names if name not in connections
    ]


def entitlement_problems(entitlements: t.Any, connections: t.Mapping[str, Entry] | None) -> list[Problem]:
    """Return the problems of ``identity_entitlements``. ``connections`` is None if the connections are wrong."""
    if not isinstance(entitlements or {}, dict):
        return [
            Problem(
                "identity_entitlements is not a mapping of names to entitlements. Write it as {name: {grants: …}}.",
                "invalid_value", option="identity_entitlements",
            )
        ]
    problems: list[Problem] = []
    names: dict[str, str] = {}
    for name, about in (entitlements or {}).items():
        place = f"identity_entitlements.{name}"
        about, wrong = _without_unknown_facets(about, place, connections or {})
        if names.setdefault(nfc(str(name)), name) != name:
            text = f"identity_entitlements has {name} twice, composed and decomposed (Unicode). Remove one of them."
            problems.append(Problem(text, "duplicate_key", option=place))
        texts = _wrong_name(name, "identity_entitlements") + violations(ENTITLEMENT, about, place)
        problems += [*(Problem(text, "invalid_value", option=place) for text in texts), *wrong]
        if texts or connections is None:
            continue
        problems += [
            Problem(
                f"{place}.grants.{connection}: there is no such connection in "
                f"identity_connections{near(connection, list(connections))}",
                "unknown_connection", option=place,
            ) for connection in about["grants"] if connection not in connections
        ]
    return problems


def _without_unknown_facets(
    about: t.Any, place: str, connections: t.Mapping[str, Entry]
) -> tuple[t.Any, list[Problem]]:
    """Return an entitlement without the kinds of grants that the provider of their connection does not have, and a
    problem for each of them."""
    grants = about.get("grants") if isinstance(about, dict) else None
    if not isinstance(grants, dict):
        return about, []
    problems: list[Problem] = []
    kept: dict[t.Any, t.Any] = {}
    for connection, some in grants.items():
        entry = connections.get(connection)
        if entry is None or not isinstance(some, dict):
            kept[connection] = some
            continue
        facets = life_of(entry["provider"]).facets
        kept[connection] = {facet: names for facet, names in some.items() if facet in facets}
        problems += [
            Problem(
                f"{place}.grants.{connection}.{shown_name(str(facet))}: {shown_name(str(facet))} is not a kind of "
                f"grant of {entry['provider']}. Use {joined(list(facets), 'or')}.",
                "unknown_option", option=place,
            ) for facet in some if facet not in facets
        ]
    return {**about, "grants": kept}, problems


def day_problems(day: str) -> list[Problem]:
    """Return the problems of the day with which dates are compared."""
    return (
        [] if is_day(day) else [
            Problem(
                f"identity_as_of: {day!r} is not a day in the form YYYY-MM-DD, such as 2026-12-31.", "invalid_value",
                option="identity_as_of",
            )
        ]
    )


def person_problems(
    people: t.Sequence[Person],
    entitlements: t.Mapping[str, Entitlement],
    connections: t.Mapping[str, Entry],
    day: str,
    lead_days: int = 0,
) -> dict[str, list[Problem]]:
    """Return the problems of individual people, by person id.

    Of people who have left, only unknown connections are reported; of emergency accounts, shared ones, too.
    """
    problems: dict[str, list[Problem]] = {}
    for person in people:
        for problem in _problems_of(person, entitlements, connections, day):
            problems.setdefault(person.id, []).append(problem)
    for connection in connections:
        for person, text in _shared(people, connection, day, lead_days):
            problems.setdefault(person.id, []).append(Problem(text, "shared_address", _place(person)))
    return problems


def _place(person: Person) -> str:
    return f"{person.place}: {person.id}" if person.place else person.id


def _problems_of(
    person: Person, entitlements: t.Mapping[str, Entitlement], connections: t.Mapping[str, Entry], day: str
) -> t.Iterator[Problem]:
    """Yield the problems of a person that do not depend on other people."""
    place = _place(person)
    for connection, about in person.accounts.items():
        base, _dot, part = connection.rpartition(".")
        if base in connections:  # the heading accounts.<connection>.<field>
            for text in _account_problems(connections[base]["provider"], "", {part: about}):
                yield Problem(f"accounts.{base}: {text}", "invalid_value", place)
        elif connection not in connections:
            text = (
                f"accounts.{connection}: there is no such connection in "
                f"identity_connections{near(connection, list(connections))}"
            )
            yield Problem(text, "unknown_connection", place)
    if standing(person, day) == LEFT:
        return
    for connection, about in person.accounts.items():
        if connection in connections:
            provider, user = connections[connection]["provider"], account_names(person, connection).key
            for text in _account_problems(provider, user, about):
                yield Problem(f"accounts.{connection}: {text}", "invalid_value", place)
    for granted in person.entitlements:
        entitlement = entitlements.get(granted.name)
        if entitlement is None:
            text = f"entitlement {granted.name} is not in identity_entitlements{near(granted.name, list(entitlements))}"
            yield Problem(text, "unknown_entitlement", place)
            continue
        for connection in entitlement.grants:
            if connection in connections and not account_names(person, connection).key:
                text = (
                    f"entitlement {granted.name} grants something in {connection}, where the account has no name. "
                    f"Add email, or accounts.{connection}.user."
                )
                yield Problem(text, "missing_address", place)
    if person.start and person.end and person.end < person.start:
        yield Problem(f"end {person.end} is before start {person.start}. Correct one of them.", "invalid_value", place)


def _account_problems(provider: str, user: str, about: t.Mapping[str, t.Any]) -> list[str]:
    """Return the problems of an account's fields in the people data: names and values, as the modules would report
    them.

    The people data often comes from another system, so it may not set grants or delete an account.
    """
    fields = {name: value for name, value in about.items() if name not in ("user", "id")}
    if not fields:
        return []
    life, schema = life_of(provider), binding_of(provider).schema
    known = {field.name for field in schema.fields if field.writable} | {
        facet.name for facet in schema.facets if facet.is_map
    }
    problems = []
    for name, value in fields.items():
        if name in life.facets:
            problems.append(f"{name} are granted by entitlements. Remove them here.")
        elif name not in known and (name not in life.blocked or value != life.blocked[name]):
            problems.append(f"{name} is not a field of an account of {provider}{near(name, known)}")
    if problems:
        return problems
    result = validate(
        {"users": declared(f"{provider}_users").options["users"]}, {}, {"users": [{"user": user or "x", **fields}]}
    )
    # the list users is that of the bulk module, which nobody wrote here
    texts = [" ".join(text.split()).rstrip(".") for text in result.error_messages]
    problems = [f"{text.removesuffix(' found in users')}." for text in texts]
    if not problems:
        wrong: list[str] = []
        desired_from(schema, result.validated_parameters["users"][0], wrong)
        problems = [problem.text if isinstance(problem, Problem) else problem for problem in wrong]
    return problems


def _shared(people: t.Sequence[Person], connection: str, day: str, lead_days: int) -> list[tuple[Person, str]]:
    """Return the people who share an address or account id with another person at the same time, each with a sentence.

    People who have left are ignored, except emergency accounts. People who have not started yet are only compared with
    each other, because they may get the address of a person who leaves before.
    """
    first: dict[tuple[str, str, bool], Person] = {}
    shared: list[tuple[Person, str]] = []
    for person in people:
        stands = standing(person, day, lead_days)
        if stands == LEFT and writable(person):
            continue
        key = account_names(person, connection).key
        for label, name in (("address", skeleton(key)), ("account id", account_id(person, connection))):
            if not name:
                continue
            other = first.setdefault((label, name, stands == EARLY), person)
            if other is not person:
                reason = f"would have the same account in {connection}, because both have the {label} {name}"
                theirs = account_names(other, connection).key
                specified = [each.id for each in (other, person) if (each.accounts.get(connection) or {}).get("user")]
                what = f"the {label}"
                if label == "address" and specified:
                    what = f"accounts.{connection}.user or the address"
                if label == "address" and fold(key) != fold(theirs):
                    reason = (
                        f"would have the same account in {connection}, because their addresses look the same: "
                        f"{theirs!a} and {key!a}"
                    )
                elif label == "address" and specified:
                    reason = (
                        f"would have the same account in {connection}, because both have the name {key} there "
                        f"(accounts.{connection}.user of {' and '.join(specified)})"
                    )
                shared += [
                    (each, f"{each.id} and {second.id} {reason}. Correct {what} of one of them.")
                    for each, second in ((person, other), (other, person))
                ]
    return shared


def reference_notices(
    people: t.Sequence[Person], entitlements: t.Mapping[str, Entitlement], day: str, rejected: t.Collection[str] = ()
) -> list[Notice]:
    """Return warnings about owners who have left or are unknown. They do not affect access. ``rejected`` are the ids in
    the rows that cannot be used. Without any people, no owner is known to be missing."""
    known = {person.id: person for person in people}
    notices: list[Notice] = []
    for person in people:
        if person.owner and standing(person, day) != LEFT:
            owner = known.get(person.owner)
            if owner is not None and standing(owner, day) == LEFT:  # the feed reports unknown owners
                text = f"{person.label}: the owner {person.owner} has left. Specify another owner, or set status: left."
                notices.append(Notice("owner_left", text, person.id))
    for entitlement in entitlements.values():
        place, name = f"identity_entitlements.{entitlement.name}", entitlement.owner
        owner = known.get(name)
        if owner is not None and standing(owner, day) == LEFT:
            notices.append(Notice("owner_left", f"{place}: the owner {name} has left. Specify another owner."))
        elif name and name in rejected:
            text = f"{place}: the row of the owner {name} in the feed could not be used. Correct that row."
            notices.append(Notice("unknown_owner", text))
        elif name and owner is None and (people or rejected):
            advice = "Add this person to the feed, or specify another owner."
            notices.append(Notice("unknown_owner", f"{place}: the owner {name} is not in the feed. {advice}"))
    return notices
