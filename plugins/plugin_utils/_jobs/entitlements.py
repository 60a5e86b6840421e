# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entitlements: what they grant in a connection, and which grants the jobs manage."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import nfc

from .life import Life
from .people import Person, entitled

Grants = dict[str, list[t.Any]]
"""Facet -> grants, in the form that the provider's modules accept."""


@dataclass(frozen=True)
class Entitlement:
    """An entitlement. ``grants`` is connection -> facet -> grants. If it is ``retired``, all people lose it."""

    name: str
    grants: t.Mapping[str, t.Mapping[str, t.Sequence[t.Any]]] = field(default_factory=dict)
    owner: str = ""
    retired: bool = False


def entitlements_of(document: t.Mapping[str, t.Any] | None) -> dict[str, Entitlement]:
    """Return the entitlements of ``identity_entitlements``, whose structure is already checked, by composed name."""
    return {
        nfc(name): Entitlement(
            nfc(name),
            {connection: dict(grants or {}) for connection, grants in about["grants"].items()},
            str(about.get("owner") or ""),
            bool(about.get("retired")),
        )
        for name, about in (document or {}).items()
    }


class Catalogue:
    """What the entitlements grant in one connection."""

    def __init__(
        self, entitlements: t.Mapping[str, Entitlement], connection: str, life: Life, params: t.Mapping[str, t.Any]
    ) -> None:
        self._connection = connection
        self._grants: dict[str, Grants] = {}
        self._granted: dict[tuple[str, ...], Grants] = {}
        self._retired = {name for name, entitlement in entitlements.items() if entitlement.retired}
        self.managed: Grants = {}
        """All grants of the entitlements in this connection, including retired ones. The jobs grant and remove no
        others."""
        for name, entitlement in entitlements.items():
            if connection not in entitlement.grants:
                continue
            facets = {
                facet: [life.qualified(facet, grant, params) for grant in grants or ()]
                for facet, grants in entitlement.grants[connection].items()
            }
            self._grants[name] = facets
            for facet, grants in facets.items():
                self.managed[facet] = unique([*self.managed.get(facet, ()), *grants])

    def of(self, person: Person, day: str) -> list[str]:
        """Return a person's entitlements that grant something in this connection on a day."""
        return [name for name in entitled(person, day) if name in self._grants and name not in self._retired]

    def granting(self, facet: str, grant: t.Any) -> list[tuple[str, str]]:
        """Return the names of the entitlements that grant something, each with the place of the grant."""
        key = grant_key(grant)
        places = []
        for name, grants in self._grants.items():
            keys = list(map(grant_key, grants.get(facet, ())))
            if key in keys:
                place = f"identity_entitlements.{name}.grants.{self._connection}.{facet}[{keys.index(key)}]"
                places.append((name, place))
        return places

    def granted(self, names: t.Iterable[str]) -> Grants:
        """Return the grants of several entitlements, for each managed facet.

        The result is cached and shared by people with the same entitlements: do not modify it.
        """
        key = tuple(names)
        if key not in self._granted:
            self._granted[key] = {
                facet: unique(grant for name in key for grant in self._grants[name].get(facet, ()))
                for facet in self.managed
            }
        return self._granted[key]


def facets_to_read(
    entitlements: t.Mapping[str, Entitlement], connection: str, life: Life, params: t.Mapping[str, t.Any]
) -> list[str]:
    """Return the facets to read: those that entitlements manage, and all if blocking the login removes grants."""
    managed = Catalogue(entitlements, connection, life, params).managed
    return sorted({*managed, *(life.facets if life.takes_all else ())})


def grant_key(grant: t.Any) -> str:
    """Return the form in which grants are compared: with composed names (NFC)."""
    return nfc(json.dumps(grant, sort_keys=True, ensure_ascii=False))


def unique(grants: t.Iterable[t.Any]) -> list[t.Any]:
    """Return grants in their order, without duplicates."""
    return list({grant_key(grant): grant for grant in grants}.values())


def shown(grant: t.Any) -> str:
    """Return a grant as text for users: ``main/data`` for a group of a tenant."""
    if not isinstance(grant, dict):
        return str(grant)
    name = str(grant.get("name") or grant.get("role") or grant.get("id"))
    name = f"{grant['tenant']}/{name}" if grant.get("tenant") else name
    return f"{name} in {grant['namespace']}" if grant.get("namespace") else name
