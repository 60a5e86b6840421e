# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations: one form and one meaning for all options."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.durations import instant, iso_duration, seconds
from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError


@pytest.mark.parametrize(
    ("text", "length", "iso"),
    [
        ("0", 0, "P0D"), ("90", 90, "PT1M30S"), ("90s", 90, "PT1M30S"), ("12h", 43200, "PT12H"),
        ("30d", 2592000, "P30D"), ("2w", 1209600, "P14D"), ("PT12H", 43200, "PT12H"), ("p30d", 2592000, "P30D"),
        ("P1W", 604800, "P7D"), ("P1DT1H1M1S", 90061, "P1DT1H1M1S"), (3600, 3600, "PT1H"),
    ],
)  # fmt: skip
def test_a_duration(text, length, iso):
    assert (seconds(text, "max_age"), iso_duration(text, "max_age")) == (length, iso)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "-1",
        "1.5h",
        "1h30",
        "P",
        "PT",
        "P1M",
        "P1Y",
        "1y",
        "３０d",
        "1e3",
        "9" * 400 + "d",
        "99999999999w",
        "P99999999999D",
        True,
    ],
)
def test_what_is_no_duration(text):
    with pytest.raises(InputError) as caught:
        seconds(text, "rotate_after")
    (problem,) = caught.value.problems
    assert (problem.code, problem.option, caught.value.code) == ("invalid_duration", "rotate_after", "invalid_duration")
    assert problem.startswith("rotate_after is ")
    assert len(caught.value.sentence()) < 300


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("1970-01-01T00:01:00Z", 60.0),
        ("1970-01-01T00:01:00.5Z", 60.5),
        ("1970-01-01T00:01:00.123456789Z", 60.123456),
        ("1970-01-01T01:01:00+01:00", 60.0),
        ("", None),
        (None, None),
        ("tomorrow", None),
        ("1970-01-01", 0.0),
        ("19700101", None),
        ("1970-W01", None),
        ("1970-01-011", None),
    ],
)
def test_times(moment, seconds):
    assert instant(moment) == seconds
