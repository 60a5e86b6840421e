# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to say of single rows below the tables: what missed its aim, by what, and what would help."""

from __future__ import annotations

_AT_ONCE = ("a-kestra", "a-sendauth", "a-contabo", "a-nextauth")

NOTES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        _AT_ONCE,
        (
            "these read their pages at once, so 10,000 users are there after half a second, and the time goes with "
            "what Python does for each user. A profile of SendAuth's task (2026-11-22), for each user: "
            "13 us to render the list, 8 to make it plain, 6 to validate it, 12 to make "
            "wishes of it, 8 to check them, 15 to resolve names, 35 to read JSON and keep the account, 5 to find it, "
            "7 to see what else must be loaded, 10 to plan, 1 to report. All of that runs under one interpreter lock, "
            "and the simulator takes one of the two cores. The script has no list of users and compares nothing. "
            "With the waits of a real network, or where pages can only be "
            "read one after the other (row a), it hides behind the reading. "
            "To come to 1.2 here, the comparison itself would have to be compiled "
            "code, or be shared out among processes."
        ),
    ),
    (
        ("g",),
        (
            "single tasks vary by more than the difference, so this row has more pairs than others. "
            "What remains is the compiling of our files from "
            "the zip, some 60 ms, and a log-in and a look-up, which the empty module does not make."
        ),
    ),
    (
        ("f",),
        (
            "on other cores (table below) it is 25 to 34 times quicker: ansible-core 2.16, 2.17 and 2.21 miss the 30 "
            "by 3 to 18%. Why an item takes longer there was not looked into."
        ),
    ),
    (
        ("i",),
        ("measured once, because a run is long: there is no range."),
    ),
    (
        ("m",),
        (
            "the list of users itself is most of it: the task adds less for each user than ansible.builtin.set_fact "
            "with the same list."
        ),
    ),
)
"""Keys of rows -> a note."""
