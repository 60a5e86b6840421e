# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses of servers: validation, comparison, and removal of credentials."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import unquote, urljoin, urlsplit

from ..errors import InputError, first_words

_LABEL = 63
"""The maximum length of a part of a host name."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def check_url(url: str, option: str = "api_url") -> str:
    """Return a base URL without its last slash.

    Raises InputError if it is invalid. The message does not show credentials.
    """
    text = str(url).strip()
    if "@" in text:
        raise InputError(
            f"{option} contains @, so it may contain credentials.",
            "Specify credentials in their own options: messages show the address. Write an @ in the path as %40.",
            "invalid_url",
            option,
        )
    if not _is_address(text):
        raise InputError(
            f"{option} is {first_words(repr(_without_query(text)))}, which is not a valid http or https address.",
            "Specify https://host, with a path if the API requires one.", "invalid_url", option,
        )
    parts = urlsplit(text)
    if parts.query or parts.fragment:
        raise InputError(
            f"{option} has a query or a fragment.", "Specify only the base address of the API.", "invalid_url", option
        )
    if any(unquote(segment) in (".", "..") for segment in parts.path.split("/")):
        message = f"{option} contains the path segment . or .., which servers and proxies resolve."
        raise InputError(message, "Specify the full address without such segments.", "invalid_url", option)
    return text.rstrip("/")


def check_link(url: str, option: str) -> None:
    """Raise InputError if a link for people is not an address, contains blanks, or contains credentials."""
    try:
        credentials = "@" in urlsplit(url).netloc
    except ValueError:
        credentials = False
    if credentials:
        raise InputError(
            f"{option} contains credentials, which everybody who gets the link can read.",
            "Specify https://host/path.", "invalid_url", option,
        )
    if url != url.strip() or not _is_address(url):
        raise InputError(
            f"{option} is {first_words(repr(url))}, which is not a valid http or https address.",
            "Specify https://host/path.", "invalid_url", option,
        )


def _is_address(text: str) -> bool:
    """Return whether a text is an http or https address with a host, and without blanks in it."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
            and len(text.split()) == 1
            and _is_host(parts.hostname or "")
        )
    except ValueError:  # an invalid port, or a bracket that is not closed
        return False


def _is_host(host: str) -> bool:
    """Return whether each part of the name of a server has a length that the domain name system allows."""
    return ":" in host or all(0 < len(label) <= _LABEL for label in host.removesuffix(".").split("."))


def credentials_in(url: str | None) -> list[str]:
    """Return the credentials in an address, in every form to mask. Addresses come from users and the environment."""
    userinfo = str(url or "").rpartition("@")[0].rpartition("//")[2]
    password = userinfo.partition(":")[2]
    return [text for text in (userinfo, password, unquote(password)) if text]


def query_in(url: str | None) -> list[str]:
    """Return the query and the fragment of an address, and the address as a whole if it has one of them.

    They are not valid in the address of a server, and can contain an API key.
    """
    text = str(url or "").strip()
    rest = text[len(_without_query(text)):]
    return [text, rest[1:]] if rest else []


def _without_query(url: str) -> str:
    return re.split(r"[?#]", url, maxsplit=1)[0]


def without_credentials(text: str) -> str:
    """Return a text without the user and password of any address in it."""
    return re.sub(r"//[^/\s]*@", "//", text)


def origin(url: str) -> str:
    """Return scheme, host and port of an address, with a slash."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


def same_origin(url: str, other: str) -> bool:
    """Return whether two addresses are those of one server."""
    first, second = urlsplit(url), urlsplit(other)
    return (first.scheme, first.hostname, first.port) == (second.scheme, second.hostname, second.port)


def same_path(address: str, other: str) -> bool:
    """Return whether two addresses have the same path, apart from slashes too many or too few."""
    first, second = ([part for part in urlsplit(url).path.split("/") if part] for url in (address, other))
    return first == second


def follow(url: str, location: str | None) -> str | None:
    """Return the target address of a redirect, None if it is missing or cannot be called."""
    try:
        goal = urljoin(url, location or "")
        usable = bool(location) and urlsplit(goal).port != 0
    except ValueError:
        return None
    return goal if usable and urlsplit(goal).scheme in ("http", "https") else None


def surplus_path(base: str, paths: t.Collection[str]) -> str:
    """Return the longest end of a base URL with which a path of the API begins, such as ``/api/2``, else an empty text.

    ``paths`` are the templates of the API's paths.
    """
    segments = _segments(urlsplit(base).path)
    for start in range(len(segments)):
        if any(_begins(_segments(path), segments[start:]) for path in paths):
            return "/" + "/".join(segments[start:])
    return ""


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _begins(template: list[str], segments: list[str]) -> bool:
    """Return whether a path begins with these segments, of which a parameter of the template matches any."""
    return len(segments) <= len(template) and all(
        own.startswith("{") or own.lower() == segment.lower() for own, segment in zip(template, segments, strict=False)
    )


def surplus_hint(option: str, part: str) -> str:
    """Return what to do about an address that ends with a part of the API's own paths."""
    return f"{option} ends with {part}, which the collection adds itself. Remove it."


def elsewhere(option: str) -> str:
    """Return what may be wrong if the answer is a page and not one of the API."""
    return f"{option} may point to a proxy or a login page."


def connection_warnings(hosts: t.Mapping[str, str], validate_certs: bool) -> list[str]:
    """Return what a user should know about the connection itself. ``hosts`` maps options to addresses."""
    warnings = []
    for option, address in hosts.items():
        parts = urlsplit(address)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            warnings.append(f"{option} is plain http: credentials are sent unencrypted to {parts.hostname}. Use https.")
    if not validate_certs:
        warnings.append(
            "validate_certs is false: the server's identity is not verified. For a private certificate authority, set "
            "ca_path instead."
        )
    return warnings
