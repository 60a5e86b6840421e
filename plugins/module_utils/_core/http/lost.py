# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests without an answer: what the exceptions of the libraries mean, and what to do about each."""

from __future__ import annotations

import contextlib
import ssl
import typing as t

from ..errors import RollcallError, first_words
from .address import without_credentials

with contextlib.suppress(ImportError):  # the front ends report it with missing_required_lib
    import requests
    from urllib3.exceptions import EmptyPoolError, LocationParseError, NewConnectionError, ReadTimeoutError

_NOT_TLS = (
    "WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST", "UNKNOWN_PROTOCOL",
    "BAD_RECORD_TYPE",
)
"""OpenSSL's names for the answer of a plain http server to a TLS handshake."""
_BUNDLES = "REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE"
_PROXY = "Check the proxy settings in the environment (https_proxy, http_proxy, no_proxy)."


class Lost(Exception):
    """A request without an answer.

    ``sent`` is False if the request certainly never reached the server, ``transient`` is True if another attempt may
    succeed. ``waited`` is True if ``api_timeout`` has passed: ``reason`` is then "no answer" or "no connection".
    """

    def __init__(self, reason: str, sent: bool, transient: bool, hint: str, waited: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.transient = transient
        self.hint = hint
        self.waited = waited

    def text(self, attempts: int, timeout: float) -> str:
        """Return the reason, with the time that the request waited for an answer."""
        if not self.waited:
            return self.reason
        if attempts > 1:
            return f"{self.reason} in {attempts} attempts of {timeout:g} s (api_timeout, api_retries)"
        return f"{self.reason} within {timeout:g} s (api_timeout)"


def lost(error: BaseException, sent: bool, option: str, plain: bool) -> Lost:
    """Return the Lost for an exception of a library.

    ``sent`` is True if the request was sent before the exception. ``option`` is the option with the address, ``plain``
    is True if that address uses http.
    """
    chain = list(_causes(error))

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in chain)

    network = f"Check {option}, the network and any proxy, then run the task again: completed changes are not repeated."
    if has(LocationParseError, requests.exceptions.InvalidProxyURL, requests.exceptions.InvalidURL) and not sent:
        return Lost("the address of the proxy is invalid", False, False, _PROXY)
    if has(EmptyPoolError):
        return Lost("no connection was available", False, False, "Run the task again later, or lower max_concurrency.")
    # requests raises this for a missing bundle
    if not sent and error.__class__ is OSError and error.errno is None:
        return Lost(
            "the certificate file named in the environment does not exist", False, False,
            f"Check {_BUNDLES} in the environment.",
        )
    if not sent and has(requests.exceptions.ProxyError):
        return Lost(f"the proxy failed ({_short(chain[-1])})", False, True, _PROXY)
    if not sent and has(requests.exceptions.SSLError, ssl.SSLError):
        return _tls(chain, option)
    if not sent and has(requests.exceptions.ConnectTimeout):
        return Lost("no connection", False, True, network, waited=True)
    if not sent and has(NewConnectionError):
        return Lost(_short(chain[-1]), False, True, network)
    if has(requests.exceptions.Timeout, ReadTimeoutError):
        return Lost("no answer" if sent else "no connection", sent, True, network, waited=True)
    if plain and sent:
        network += f" If the server speaks https, use https:// in {option}."
    return Lost(_short(chain[-1]), sent, True, network)


def _tls(chain: t.Sequence[BaseException], option: str) -> Lost:
    reasons = {cause.reason for cause in chain if isinstance(cause, ssl.SSLError)}
    if reasons & set(_NOT_TLS):
        return Lost("the server speaks plain http, not https", False, False, f"Check the scheme and port of {option}.")
    if any(isinstance(cause, ssl.SSLEOFError) for cause in chain):
        return Lost(
            "the server closed the https connection", False, False,
            f"Check the scheme and port of {option}: it may speak plain http there.",
        )
    return Lost(
        f"TLS failed ({_short(chain[-1])})", False, False,
        f"Check {option}; for a private certificate authority set ca_path to its bundle.",
    )


def _causes(error: BaseException) -> t.Iterator[BaseException]:
    seen: set[int] = set()
    queue: list[BaseException] = [error]
    while queue:
        cause = queue.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        inner = [getattr(cause, "reason", None), cause.__cause__, cause.__context__, *cause.args]
        # An error that the caller was handling when it made the request is not a cause.
        queue += [item for item in inner if isinstance(item, BaseException) and not isinstance(item, RollcallError)]


def _short(error: BaseException) -> str:
    """Return the system's own words for an error, without the object names that libraries put around them."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = without_credentials(str(error).rpartition("Caused by")[2])
    return first_words(text, 160).rstrip(".") or type(error).__name__
