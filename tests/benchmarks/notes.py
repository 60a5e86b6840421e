# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes on single rows, shown below the tables: which row missed its aim, by how much, and what would help."""

from __future__ import annotations

_AT_ONCE = ("a-kestra", "a-sendauth", "a-contabo", "a-nextauth")

NOTES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        _AT_ONCE,
        (
            "these modules read all pages at the same time. They have read 10,000 users after half a second; the rest "
            "is the time that Python needs for each user. A profile of the SendAuth task (2026-11-29), for each user: "
            "4 microseconds to render the list, 3 to convert it to plain values, 4 to check and validate it, 4 to "
            "create desired users, 3 to check them, 4 to resolve names, 20 to send requests, read JSON and keep the "
            "account, 1 to find it, 3 to determine what else must be loaded, 5 to plan. All of this runs under one "
            "interpreter lock, and the simulator uses one of the two cores. The script has no list of users and "
            "compares nothing. The latency of a real network hides this time, and so does an API whose pages must be "
            "read one after the other (row a). To reach 1.2 here, the comparison would have to be compiled code, or "
            "run in several processes."
        ),
    ),
    (
        ("g",),
        (
            "the times of single tasks vary more than the two sides differ, so this row has more pairs than others. "
            "The difference is the time to compile the 68 files that the module imports from the zip file, about "
            "250 ms, and a login and a look-up, which the empty module does not need. The action plugin, which is the "
            "default, compiles nothing."
        ),
    ),
    (
        ("f",),
        (
            "measured with other versions of ansible-core on 2026-11-22, the loop was 25 to 34 times faster: "
            "ansible-core 2.16, 2.17 and 2.21 missed the aim of 30 by 3 to 18%. The reason is not known."
        ),
    ),
    (
        ("i",),
        ("measured once, because a run takes a long time, so there is no range."),
    ),
    (
        ("m",),
        (
            "most of the memory is the list of users itself: the task adds less for each user than "
            "ansible.builtin.set_fact with the same list."
        ),
    ),
)
"""Keys of rows -> a note."""
