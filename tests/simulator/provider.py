# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base class of a simulated provider and the declaration of its operations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from .clock import Clock
from .web import Answer, Call, Refused, is_a, json_answer


@dataclass(frozen=True)
class Operation:
    """One row of a provider's operations table.

    ``path`` is the template without the provider's prefix. ``needs`` is what the provider's ``admit`` requires of the
    caller. ``query`` names the accepted parameters; a name that ends with ``*`` accepts all names with that prefix.
    ``id`` is by default the name of the handler. ``kind`` is read, write or auth (a request for a token); by default,
    GET is a read and all other methods are writes.
    """

    method: str
    path: str
    handler: Callable[[Any, Call], Answer]
    needs: Any = None
    query: Collection[str] = ()
    id: str = ""
    kind: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.handler.__name__)
        if not self.kind:
            object.__setattr__(self, "kind", "read" if self.method == "GET" else "write")


@dataclass(frozen=True)
class Options:
    """Options that every provider has; a provider adds its own in a subclass. The choices of one are a Literal type."""

    seed_users: int = 0
    preset: Literal["none", "company"] = "none"

    def changed(self, changes: dict[str, Any]) -> Options:
        """Return a copy with ``changes``. Raises ValueError for an unknown name, a wrong type or a wrong choice."""
        known = {item.name: getattr(self, item.name) for item in fields(self)}
        types = get_type_hints(type(self))
        changes = dict(changes)
        for name, value in list(changes.items()):
            if name not in known:
                raise ValueError(f"unknown option {name!r}; known: {', '.join(sorted(known))}")
            requested = type(known[name])
            if requested is float and is_a(value, int):
                value = changes[name] = float(value)
            if not is_a(value, requested):
                raise ValueError(f"option {name!r} must be {requested.__name__}, not {type(value).__name__}")
            allowed = get_args(types[name]) if get_origin(types[name]) is Literal else ()
            if allowed and value not in allowed:
                raise ValueError(f"option {name!r} must be one of {allowed}")
            if requested in (int, float) and value < 0:
                raise ValueError(f"option {name!r} must not be negative")
        return replace(self, **changes)


class Provider:
    """A simulated provider: routes, state, the shape of its errors, its environment variables.

    A subclass sets ``name``, ``options_class`` and ``operations`` and overrides what it needs. All methods run on the
    event loop, one at a time: no locks are needed, and nothing may block.
    """

    name: ClassVar[str]
    options_class: ClassVar[type[Options]] = Options
    operations: ClassVar[list[Operation]]
    # For ``put``: kind of item -> the function that writes one.
    makers: ClassVar[Mapping[str, Callable[..., Any]]] = {}
    # Names of body and query fields that never appear in the log, besides the common ones.
    secret_names: ClassVar[frozenset[str]] = frozenset()
    # Names of request and response headers that are masked, lower case, besides the common ones.
    secret_headers: ClassVar[frozenset[str]] = frozenset()
    # Query parameters that a request may repeat: ``call.query`` has all values, ``call.args`` the last one.
    repeatable: ClassVar[frozenset[str]] = frozenset()
    # Whether the provider ignores unknown and repeated query parameters.
    ignores_unknown_query: ClassVar[bool] = False
    # For validate.py: (operationId or "*", status) -> why this status is right though the OpenAPI document lacks it.
    document_gaps: ClassVar[dict[tuple[str, int], str]] = {}

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.options: Any = self.options_class()
        self.reset()

    @staticmethod
    def amend_document(content: dict[str, Any]) -> None:
        """Correct the OpenAPI document, as read from YAML, before traffic is validated against it."""

    # State -----------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Build the state anew from ``self.options``."""
        raise NotImplementedError

    def options_changed(self) -> None:
        """Update what the provider caches from its options. Called when options change."""

    def env(self, base_url: str) -> dict[str, str]:
        """Return the environment variables that the modules read. Their values need no quotes in a shell.

        ``base_url`` is the URL of this provider.
        """
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return the state as JSON values, without any secret in clear text."""
        raise NotImplementedError

    def put(self, kind: str, items: list[dict[str, Any]]) -> list[Any]:
        """Write state without the checks of the API. Raises ValueError for an unknown kind, and ValueError, KeyError or
        TypeError for invalid items."""
        if kind not in self.makers:
            raise ValueError(f"{self.name} takes {', '.join(self.makers)}, not {kind}")
        return [self.make(kind, dict(item)) for item in items]

    def make(self, kind: str, item: dict[str, Any]) -> Any:
        """Write one item of ``put``, and return its state."""
        return self.makers[kind](self, item)

    # Requests --------------------------------------------------------------------------------------------------

    def handle(self, call: Call) -> Answer:
        """Admit a call, check its query and run its handler. Raises Refused."""
        assert call.operation is not None
        self.admit(call, call.operation)
        if call.query and not self.ignores_unknown_query:
            self._check_query(call, self.allowed_query(call, call.operation))
        return call.operation.handler(self, call)

    def admit(self, call: Call, operation: Operation) -> None:
        """Check headers, authentication, permission and rate limit. Raises Refused."""

    def allowed_query(self, call: Call, operation: Operation) -> Collection[str]:
        return operation.query

    def _check_query(self, call: Call, allowed: Collection[str]) -> None:
        """Raise Refused 400 for unknown and repeated parameters."""
        prefixes = tuple(name[:-1] for name in allowed if name.endswith("*"))
        for name in call.args:
            if name not in allowed and not (prefixes and name.startswith(prefixes)):
                raise Refused(400, f"Unknown query parameter {name}", attribute=name)
        if len(call.args) != len(call.query):
            names = [name for name, _value in call.query if name not in self.repeatable]
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise Refused(400, f"Query parameter {twice} is given twice", attribute=twice)

    def no_body(self, call: Call) -> None:
        """Raise Refused 400 if an operation without a body gets one. An empty object is accepted."""
        if call.body.strip() not in (b"", b"{}"):
            raise Refused(400, "no request body is expected")

    def error(self, call: Call, refused: Refused) -> Answer:
        """Return an error in the provider's shape. ``call.operation`` is None for an unknown path or method."""
        return json_answer(refused.status, {"message": refused.text}, refused.headers)

    def finish(self, call: Call, answer: Answer) -> None:
        """Complete every answer of the provider, for example with rate-limit headers."""
