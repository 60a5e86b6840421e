# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control routes under ``/_sim``. Their errors are ``{"error": text}`` with status 400."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from .world import World

Handler = Callable[[Request], Awaitable[JSONResponse]]


def _guard(handler: Handler) -> Handler:
    async def guarded(request: Request) -> JSONResponse:
        try:
            return await handler(request)
        except (ValueError, TypeError, KeyError) as problem:
            return JSONResponse({"error": f"{type(problem).__name__}: {problem}"}, status_code=400)

    return guarded


async def _body(request: Request) -> Any:
    return await request.json() if await request.body() else {}


async def _object(request: Request) -> dict[str, Any]:
    value = await _body(request)
    if not isinstance(value, dict):
        raise TypeError("the body must be a JSON object")
    return value


def control_app(world: World) -> Starlette:
    """The Starlette application of the control routes; latency and faults do not touch it."""

    def chosen(name: str | None) -> str | None:
        if name is not None and name not in world.providers:
            raise ValueError(f"no provider {name!r}; there are {', '.join(world.providers)}")
        return name

    async def get_requests(request: Request) -> JSONResponse:
        since = int(request.query_params.get("since", "0"))
        provider = chosen(request.query_params.get("provider"))
        return JSONResponse({"requests": world.journal.entries(since, provider), "last": world.journal.last})

    async def delete_requests(request: Request) -> JSONResponse:
        world.journal.clear()
        return JSONResponse({"last": world.journal.last})

    async def get_state(request: Request) -> JSONResponse:
        provider = chosen(request.query_params.get("provider"))
        if provider:
            return JSONResponse(world.providers[provider].state())
        return JSONResponse({name: item.state() for name, item in world.providers.items()})

    async def get_options(request: Request) -> JSONResponse:
        own = {name: asdict(item.options) for name, item in world.providers.items()}
        return JSONResponse({"latency": world.latency, "normalise_paths": world.normalise_paths, **own})

    async def post_options(request: Request) -> JSONResponse:
        world.change(await _object(request))
        return await get_options(request)

    async def post_reset(request: Request) -> JSONResponse:
        world.reset(await _object(request))
        return await get_options(request)

    async def get_faults(request: Request) -> JSONResponse:
        return JSONResponse({"faults": [fault.as_json() for fault in world.faults.faults]})

    async def post_faults(request: Request) -> JSONResponse:
        world.faults.add(await _body(request))
        return await get_faults(request)

    async def delete_faults(request: Request) -> JSONResponse:
        world.faults.clear()
        return await get_faults(request)

    async def get_clock(request: Request) -> JSONResponse:
        return JSONResponse({"now": world.clock.now(), "offset": world.clock.offset})

    async def post_clock(request: Request) -> JSONResponse:
        world.clock.advance(float((await _object(request))["advance"]))
        return await get_clock(request)

    async def get_operations(request: Request) -> JSONResponse:
        rows = [
            {"provider": name, "operation": item.id, "method": item.method, "path": item.path, "kind": item.kind}
            for name, provider in world.providers.items()
            for item in provider.operations
        ]
        return JSONResponse({"operations": rows})

    async def post_state(request: Request) -> JSONResponse:
        """``{"provider": name, "<kind>": [...]}`` on ``/_sim/<kind>``. The provider defines which kinds it accepts."""
        kind = request.path_params["kind"]
        body = await _object(request)
        provider = chosen(body.pop("provider", None))
        if provider is None or set(body) != {kind} or not isinstance(body[kind], list):
            raise ValueError(f'the body must be {{"provider": name, "{kind}": [...]}}')
        return JSONResponse({kind: world.providers[provider].put(kind, body[kind])})

    table: list[tuple[str, str, Handler]] = [
        ("GET", "/_sim/requests", get_requests),
        ("DELETE", "/_sim/requests", delete_requests),
        ("GET", "/_sim/state", get_state),
        ("GET", "/_sim/options", get_options),
        ("POST", "/_sim/options", post_options),
        ("POST", "/_sim/reset", post_reset),
        ("GET", "/_sim/faults", get_faults),
        ("POST", "/_sim/faults", post_faults),
        ("DELETE", "/_sim/faults", delete_faults),
        ("GET", "/_sim/clock", get_clock),
        ("POST", "/_sim/clock", post_clock),
        ("GET", "/_sim/operations", get_operations),
        ("POST", "/_sim/{kind}", post_state),
    ]
    return Starlette(routes=[Route(path, _guard(handler), methods=[method]) for method, path, handler in table])
