# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is there on a day, which entitlements hold, and names of people and their accounts."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import (
    Granted,
    Person,
    account_names,
    entitled,
    names_of,
    standing,
)
from ansible_collections.rollcall.identity.tests.unit.access import DAY


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "active"),
        ({"start": DAY, "end": DAY}, "active"),
        ({"start": "2026-06-16"}, "early"),
        ({"end": "2026-06-14"}, "left"),
        ({"status": "left", "start": "2027-01-01"}, "left"),
        ({"status": "leave"}, "leave"),
        ({"status": "leave", "end": "2026-06-14"}, "left"),
        ({"status": "leave", "start": "2026-06-16"}, "early"),
    ],
)
def test_days_and_status_decide_who_is_there(more, expected):
    assert standing(Person("E1", **more), DAY) == expected


def test_entitlements_end_with_their_last_day():
    ada = Person("E1", entitlements=(Granted("a"), Granted("b", DAY), Granted("c", "2026-06-14"), Granted("a")))
    assert entitled(ada, DAY) == ["a", "b"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"name": "Ada Lovelace"}, ("Ada", "Lovelace")),
        ({"name": "Lovelace, Ada"}, ("Ada", "Lovelace")),
        ({"name": "Mary Ann van Dyke"}, ("Mary Ann van", "Dyke")),
        ({"name": "Mary Ann van Dyke", "given_name": "Mary Ann", "family_name": "van Dyke"}, ("Mary Ann", "van Dyke")),
        ({"name": "Cher"}, ("Cher", "Cher")),
        ({}, ("", "")),
    ],
)
def test_names(more, expected):
    assert names_of(Person("E1", **more)) == expected


def test_names_of_accounts():
    ada = Person(
        "E1",
        email="ada@new.com",
        previous_emails=("ada@old.com",),
        accounts={"ol": {"user": "alovelace"}, "kes": {"user": "ADA@new.com"}},
    )
    assert account_names(ada, "ol").all() == ["alovelace", "ada@new.com", "ada@old.com"]
    assert account_names(ada, "kes").all() == ["ada@new.com", "ada@old.com"]
    assert account_names(ada, "co").all() == ["ada@new.com", "ada@old.com"]
    assert account_names(Person("E1"), "co").key == ""
