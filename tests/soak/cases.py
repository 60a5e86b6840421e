# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random cases: a directory and a task on it, as plain data that can be printed, run again and made smaller.

A case is ``{"provider", "options", "put": [[kind, items], ...], "module", "params"}``; other parts of it are a part's
own.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from engine import Bench
from worlds import NAMES, WORLDS, World, entries

Case = dict[str, Any]
_DEPTH = {"put": 4, "lists": 3}
"""Part of a case -> the least depth of what can be left out of it."""
_STAYS = ("firstName", "lastName", "firstname", "lastname")
"""Fields of people whom no server would have without them."""
_TRIES = 150
"""Runs that are made to find a smaller case."""


def directory(chance: random.Random, provider: str = "") -> Case:
    """Return a case without a task: a provider, its options and people."""
    world = WORLDS[provider or chance.choice(sorted(WORLDS))]
    options = {name: chance.choice(values) for name, values in world.simulator.items() if chance.random() < 0.25}
    names = chance.sample(NAMES, chance.randrange(1, len(NAMES)))
    users = []
    for name in names:
        grants = {facet: entries(chance, world, facet, 4) for facet in world.facets}
        users.append(world.put(chance, name, NAMES.index(name) + 1, grants))
    put: list[Any] = [["users", users]]
    if world.provider == "kestra":
        put.append(["bindings", list(_bindings(chance, world, users))])
    return {"provider": world.provider, "options": options, "put": put}


def _bindings(chance: random.Random, world: World, users: list[Any]) -> Iterator[Any]:
    for user in users:
        for item in entries(chance, world, "roles"):
            role = item if isinstance(item, dict) else {"role": item}
            if role.get("tenant", "main") in user["tenants"]:
                yield {"tenant": "main", **role, "user": user["email"]}


def prepare(bench: Bench, case: Case) -> None:
    """Give the simulator the directory of a case."""
    bench.reset(0, preset="none", **{case["provider"]: case["options"]})
    for kind, items in case["put"]:
        if items:
            bench.simulator.put(kind, items, case["provider"])


def facet_options(chance: random.Random, world: World, facet: str) -> dict[str, Any]:
    """Return options that wish for something of a facet."""
    items = entries(chance, world, facet)
    mode = chance.choice((None, "present", "exact", "managed") if items else ("exact", "exact", "managed"))
    options: dict[str, Any] = {facet: items}
    if mode is not None:
        options[f"{facet}_state"] = mode
    if mode == "managed":
        more = entries(chance, world, facet, 4)
        wide = [*items, *(item for item in more if item not in items)]
        options[f"managed_{facet}"] = wide
    if facet in world.maps and items and chance.random() < 0.3:
        options[facet] = {**items, chance.choice(sorted(items)): chance.choice(("", None))}
    return options


def wish(chance: random.Random, world: World, name: str, taken: set[str]) -> dict[str, Any]:
    """Return one element of ``users``. ``taken`` are the names that others have in this list."""
    user: dict[str, Any] = {"user": name.upper() if chance.random() < 0.1 and name.isascii() else name}
    state = chance.choice(world.states)
    if state != "present" or chance.random() < 0.2:
        user["state"] = state
    free = [other for other in NAMES if other not in taken]
    if world.renames and free and chance.random() < 0.15:
        former = chance.choice(free)
        taken.add(former)
        if chance.random() < 0.5:
            user["previous_users"] = [former]
        else:
            user["id"] = world.id_of(former, NAMES.index(former) + 1)
    elif chance.random() < 0.1:
        user["id"] = world.id_of(name, NAMES.index(name) + 1)
    if state != "present":
        return user
    required = [option for option in world.fields if option.endswith("name") or option == "email"]
    for option, values in world.fields.items():
        if chance.random() < (0.95 if option in required else 0.2):
            user[option] = name if option == "email" else chance.choice(values)
    if user.get("restore") and chance.random() < 0.5:
        user["keep_passkeys"] = chance.random() < 0.5
    for facet in world.facets:
        if chance.random() < 0.5:
            user.update(facet_options(chance, world, facet))
    if "password" in user and chance.random() < 0.1:
        user["update_password"] = "always"
    return user


def wishes(chance: random.Random, world: World, most: int = 6) -> list[dict[str, Any]]:
    """Return a list for the option ``users``."""
    names = chance.sample(NAMES, chance.randrange(most + 1))
    taken = set(names)
    return [wish(chance, world, name, taken) for name in names]


def limits(chance: random.Random) -> dict[str, Any]:
    """Return further options of a bulk module."""
    options: dict[str, Any] = {}
    choices: dict[str, tuple[Any, ...]] = {
        "unlisted": ("ignore", "report", "disable", "delete"), "loss_limit": ("0", "1", "100%", "50%"),
        "delete_limit": (0, 1, 10),
        "create_limit": ("0", "2", "30%"), "reopen_limit": ("0", "1"), "rename_limit": ("0", "1"),
        "min_admins": (0, 1, 2), "bootstrap": (True,),
        "max_mails": (0, 1, 20), "on_error": ("stop",), "max_concurrency": (1, 3),
    }  # fmt: skip
    for name, values in choices.items():
        if chance.random() < (0.6 if name == "unlisted" else 0.2):
            options[name] = chance.choice(values)
    if options.get("unlisted") in ("disable", "delete") and chance.random() < 0.8:
        options.update(
            bootstrap=True, delete_limit=10, loss_limit="100%", min_admins=chance.choice((0, 0, 1)), protect=["z*"]
        )
    return options


def protection(chance: random.Random) -> dict[str, Any]:
    """Return the option ``protect``, or nothing."""
    patterns = (*NAMES, "*@corp.example", "z*", "owner@*", "nobody")
    return {"protect": chance.sample(patterns, chance.randrange(1, 3))} if chance.random() < 0.5 else {}


def task(chance: random.Random, provider: str) -> Case:
    """Return the parts ``module`` and ``params`` of a case."""
    world = WORLDS[provider]
    kind = chance.random()
    if kind < 0.6:
        return {
            "module": f"{provider}_users",
            "params": {"users": wishes(chance, world), **limits(chance), **protection(chance)},
        }
    name = chance.choice(NAMES)
    if kind < 0.8:
        return {"module": f"{provider}_user", "params": {**wish(chance, world, name, {name}), **protection(chance)}}
    if world.others and chance.random() < 0.3:
        module = chance.choice(sorted(world.others))
        return {"module": module, "params": {"user": name, **chance.choice(world.others[module]), **protection(chance)}}
    module = chance.choice(sorted(world.modules))
    state = chance.choice(("present", "absent", "exact"))
    params: dict[str, Any] = {"user": name, "state": state, **protection(chance)}
    for facet in world.modules[module]:
        params[facet] = entries(chance, world, facet)
    return {"module": module, "params": params}


# -- smaller cases ---------------------------------------------------------------------------------------------------


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the places of all elements and keys of a value, outer ones first."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    yield from ((*path, key) for key in keys)
    for key in keys:
        yield from _paths(value[key], (*path, key))


def _without(case: Case, path: tuple[Any, ...]) -> Case:
    smaller = copy.deepcopy(case)
    place: Any = smaller
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return smaller


def smallest(case: Case, fails: Callable[[Case], bool]) -> Case:
    """Return a case that still fails, without whatever can be left out of its directory and task."""
    tries = 0
    again = True
    while again and tries < _TRIES:
        again = False
        for path in list(_paths(case)):
            if tries >= _TRIES:
                break
            if len(path) < _DEPTH.get(path[0], 2) or path[-1] in _STAYS:
                continue
            try:
                smaller = _without(case, path)
            except (KeyError, IndexError, TypeError):  # it went with another one
                continue
            tries += 1
            try:
                failed = fails(smaller)
            except Exception:  # the simulator does not take such a directory
                continue
            if failed:
                case, again = smaller, True
    return case


def shown(case: Case) -> str:
    """Return a case as one line."""
    return json.dumps(case, ensure_ascii=True, sort_keys=True)
