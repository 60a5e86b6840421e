# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Content encodings: a compressed body is decompressed to its end, or is an error.

The libraries accept the beginning of a compressed body as the whole body, and pass on bytes that they cannot
decompress. A write whose answer needs no body would then count as completed.
"""

from __future__ import annotations

import contextlib
import typing as t
import zlib

with contextlib.suppress(ImportError):  # the front ends report it with missing_required_lib
    from urllib3.exceptions import DecodeError

ACCEPTED = "gzip, deflate"
_PIECE = 1024 * 1024
"""The number of bytes that are decompressed at a time: a small body can expand enormously."""
_MOST = 3
"""The maximum number of nested encodings."""
_AUTO, _RAW = zlib.MAX_WBITS | 32, -zlib.MAX_WBITS
"""Forms for zlib: with the header of gzip or zlib, and without any."""


def decoded(chunks: t.Iterable[bytes], encoding: str) -> t.Iterator[bytes]:
    """Yield the decoded parts of a body. Raises DecodeError for an unknown encoding, or an invalid or cut-off body."""
    names = [name for name in (part.strip().lower() for part in encoding.split(",")) if name not in ("", "identity")]
    unknown = [name for name in names if name not in ("gzip", "x-gzip", "deflate")]
    if unknown or len(names) > _MOST:
        raise DecodeError(f"the answer is encoded as {', '.join(unknown or names)[:40]!a}")
    for _name in names:
        chunks = _unpacked(chunks)
    yield from chunks


def _unpacked(chunks: t.Iterable[bytes]) -> t.Iterator[bytes]:
    """Yield data decompressed with gzip or deflate, with or without the header that deflate should have."""
    machine: t.Any = None
    for chunk in chunks:
        rest = chunk
        while rest:
            if machine is None:
                machine = zlib.decompressobj(_AUTO if _has_header(rest) else _RAW)
            elif machine.eof:  # another gzip member may follow; anything else is padding
                if not rest.startswith(b"\x1f"):
                    break
                machine = zlib.decompressobj(_AUTO)
            try:
                piece = machine.decompress(rest, _PIECE)
            except zlib.error as error:
                raise DecodeError("the answer cannot be decompressed") from error
            yield piece
            rest = machine.unused_data if machine.eof else machine.unconsumed_tail
    if machine is None:
        return
    yield machine.flush()
    if not machine.eof:
        raise DecodeError("the compressed answer is incomplete")


def _has_header(begin: bytes) -> bool:
    """Return whether a compressed body begins with the header of gzip or zlib."""
    return begin[0] == 0x1F or (begin[0] & 0x0F == 8 and (len(begin) < 2 or (begin[0] * 256 + begin[1]) % 31 == 0))
