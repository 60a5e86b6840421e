# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to say of single rows below the tables: what missed its aim, what is not the minimum, and why."""

from __future__ import annotations

_BULK = ("a-kestra", "a-sendauth", "a-contabo", "a-nextauth")

NOTES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        _BULK,
        (
            "the pages are read at once, so the script ends within some 0.1 to 0.3 s at 1,000 users, and what does not wait for the server shows. In a "
            "separate probe of 2026-11-22 with 1,000 users, validation and the run of the module's function, without Ansible around them, took 0.16 s "
            "(nextAuth) to 0.34 s (Contabo), and a task of ansible.builtin.set_fact with the same list, which calls nobody, 0.16 s (nextAuth) to 0.52 s "
            "(SendAuth). So much of the rest goes with Ansible's handling of the list; the script has no such list and compares nothing."
        ),
    ),
    (("a", *_BULK), "why the ratios are larger with 10,000 users was not looked into."),
    (
        ("a-kestra",),
        (
            "in the runs above, one call more than the minimum: the collection asked who is calling in every run. It now asks only where somebody could lose "
            "something, and makes the minimum. The page of tenants counts as needed on both sides."
        ),
    ),
    (_BULK, "both sides ask for pages of 100. The largest page is not documented by every provider; larger ones would be fewer calls for both."),
    (
        ("h",),
        (
            "Python's garbage collector runs over a heap that grows with the plan: with it switched off, one run of 100,000 users took 2.3 s "
            "(probe of 2026-11-22). Of six users one is new, one gets a field, one a role, and three are as they should be."
        ),
    ),
    (("d", "e", "f", "g"), "these aims were chosen with the rows, after those of a to c; nothing else asks for them."),
    (("f", "i"), "measured once, because a run is long: there is no range."),
)
"""Keys of rows -> a note."""
