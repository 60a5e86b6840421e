# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masking: no password, token or secret leaves the simulator through its control routes or its record."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from .web import loads

MASK = "********"
COMMON_NAMES = frozenset(
    name.lower()
    for name in (
        "password", "password_confirmation", "passwordConfirmation", "oldPassword", "newPassword", "salt",
        "password_salt", "client_secret", "clientSecret", "secret", "access_token", "accessToken", "refresh_token",
        "refreshToken", "id_token", "token", "fullToken", "apikey", "apiKey", "api_key",
    )
)
COMMON_HEADERS = frozenset(("authorization", "proxy-authorization", "cookie", "set-cookie", "x-apikey", "x-csrf-token"))


def mask_value(value: Any, names: Collection[str], hide: bool = False) -> Any:
    """Return a copy of a JSON value, with the strings under secret names replaced. Shapes and types are unchanged."""
    if isinstance(value, dict):
        return {key: mask_value(item, names, hide or key.lower() in names) for key, item in value.items()}
    if isinstance(value, list):
        return [mask_value(item, names, hide) for item in value]
    return MASK if hide and isinstance(value, str) else value


def mask_query(raw_query: str, names: Collection[str]) -> str:
    """Return the raw query with secrets replaced. A query without a secret name is unchanged."""
    if not raw_query:
        return raw_query
    pairs = parse_qsl(raw_query, keep_blank_values=True)
    if not any(name.lower() in names for name, _value in pairs):
        return raw_query
    return urlencode([(name, MASK if name.lower() in names else value) for name, value in pairs])


def mask_body(raw: bytes, content_type: str, names: Collection[str]) -> Any:
    """Return a body with secrets replaced: JSON as a value, a form as a map, None without a body, else its length."""
    if not raw:
        return None
    if "x-www-form-urlencoded" in content_type:
        pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: MASK if name.lower() in names else value for name, value in pairs}
    try:
        return mask_value(loads(raw), names)
    except ValueError:
        return f"<{len(raw)} bytes that are not JSON>"


def mask_headers(headers: Iterable[tuple[str, str]], names: Collection[str]) -> dict[str, str]:
    """Return headers as a map, with secrets replaced. A masked Authorization keeps the scheme Basic or Bearer."""
    masked: dict[str, str] = {}
    for name, value in headers:
        low = name.lower()
        if low in names:
            scheme, space, _rest = value.partition(" ")
            known = low == "authorization" and space and scheme.lower() in ("basic", "bearer")
            value = f"{scheme} {MASK}" if known else MASK
        masked[low] = f"{masked[low]}, {value}" if low in masked else value
    return masked
