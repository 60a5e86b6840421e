# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users as hypothesis makes them: few names and values, so that they meet often."""

from __future__ import annotations

import copy

from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account
from ansible_collections.rollcall.identity.tests.unit.fakes import SCHEMA, entries, target, want

SETS = ("groups", "tags")
MAPS = ("attributes", "labels")

keys = st.sampled_from(["ada", "Ada", "BOB", "bob", "eve", "zoë", "grün", "007"])
texts = st.sampled_from([None, "", "x", "X", "chief"])
mails = st.sampled_from([None, "", "a@x.org", "A@X.org", "b@x.org"])
badges = st.sampled_from([None, 7, "7", "8", ""])
answers = st.sampled_from([None, True, False])
items = st.sampled_from(["Ops", "ops", "dev", "Audit", "5", 5, "grün"])
cells = st.sampled_from([None, "", "red", "blue", 1, "1", True])
names = st.sampled_from(["colour", "cost", "site"])
modes = st.sampled_from(["present", "absent", "exact", "managed"])

set_values = st.lists(items, max_size=4)
map_values = st.dictionaries(names, cells, max_size=3)


@st.composite
def accounts(draw, identity=None, name=None, deleted=None):
    """An account with all facets read."""
    key = name or draw(keys)
    values = {
        "name": key, "email": draw(mails), "title": draw(texts), "badge": draw(badges),
        "enabled": draw(answers), "admin": draw(answers), "created_at": "today",
    }
    facets = {name: entries(*draw(set_values)) for name in SETS}
    facets.update({name: draw(map_values) for name in MAPS})
    gone = draw(st.booleans()) if deleted is None else deleted
    return Account(identity or draw(st.sampled_from(["1", "2"])), key, values, facets, deleted=gone)


@st.composite
def wishes(draw, facet):
    """A target for one facet; what is wished for under ``managed`` lies within the bounds, as the options demand."""
    mode = draw(modes)
    items = draw(map_values if SCHEMA.facet(facet).is_map else set_values)
    bounds = draw(st.lists(names if SCHEMA.facet(facet).is_map else items_of_sets, max_size=4))
    return target(mode, items, [*bounds, *items] if mode == "managed" else None)


items_of_sets = items


@st.composite
def desires(draw, key=None, states=("present", "present", "present", "absent", "destroyed"), index=None):
    """A desired user."""
    fields = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "email": mails, "title": texts, "badge": badges, "enabled": answers, "admin": answers,
                "password": st.sampled_from(["", "hunter2", "swordfish"]),
            },
        )
    )
    facets = {facet.name: draw(wishes(facet.name)) for facet in SCHEMA.facets if draw(st.booleans())}
    return want(key or draw(keys), draw(st.sampled_from(states)), facets=facets, index=index, **fields)


def swapped(desired):
    """Return the same wish with the case of everything swapped that compares without case, and all lists turned round.
    """
    facets = {}
    for name, held in reversed(desired.facets.items()):
        if SCHEMA.facet(name).is_map:
            turned = dict(reversed(held.items.items()))
            bounds = held.managed
        else:
            turned, bounds = ([swap(item) for item in reversed(given or ())] for given in (held.items, held.managed))
        facets[name] = target(held.mode, turned, bounds)
    fields = {
        name: swap(value) if name in ("name", "email") else value for name, value in reversed(desired.fields.items())
    }
    fields.pop("name", None)
    return want(swap(desired.key), desired.state, facets=facets, **copy.deepcopy(fields))


def swap(item):
    """Return a text with its case swapped."""
    return item.swapcase() if isinstance(item, str) else item


_ALIKE = {
    "k": ["k", "K", "\u212a", "\uff4b"],
    "s": ["s", "S", "\u017f"],
    "i": ["i", "\u2170"],
    "fi": ["fi", "\ufb01"],
    "e": ["e", "E", "\u2147"],
}
"""Characters that look alike: with the plain ones, in both cases."""


@st.composite
def lookalikes(draw):
    """One of few names, in a spelling that looks alike."""
    return "".join(
        draw(st.sampled_from(_ALIKE[part]))
        for part in draw(st.sampled_from([("s", "k", "i"), ("fi", "s"), ("k", "e")]))
    )
