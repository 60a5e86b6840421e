# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that users write become the ids that APIs take."""

from __future__ import annotations

import unicodedata

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.catalogue import Catalogue
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import DesiredFacet

ROLES = Catalogue(
    "role", [(1, "Admin"), ("2", "Analyst"), (3, "Double"), (4, "Double"), (5, "007"), ("x-9", "Twin"), ("y-9", "Twin")]
)


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([], {}),
        (["Admin", "Analyst"], {"1": "Admin", "2": "Analyst"}),
        (["Admin", "Admin", {"id": 1}, {"name": "Admin"}], {"1": "Admin"}),
        ([{"id": 3}, {"id": "4"}], {"3": {"id": 3}, "4": {"id": 4}}),
        (["007"], {"5": "007"}),
        ([{"id": "x-9"}], {"x-9": {"id": "x-9"}}),
    ],
)
def test_names_and_ids_are_found(items, found):
    problems = []
    assert ROLES.resolve(items, "users[0] (ada)", problems) == found
    assert problems == []


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("Admn", "there is no role named 'Admn'; similar names: 'Admin'"),
        ("admin", "similar names: 'Admin'"),
        ("1", "there is no role named '1', but one with this id. Write the id as {id: 1}."),
        ("Zebra", "there is no role named 'Zebra' (there are 7 roles). Correct the name, or create the role first."),
        ("Double", "2 roles are named 'Double'. Specify one with {id: 3 or 4}"),
        ({"id": 99}, "there is no role with id 99. Correct it, or specify the name."),
        ({"title": "Admin"}, "roles[0]: unknown key title. Specify a name, {id: …} or {name: …}."),
        ({"name": "Admin", "state": "absent"}, "roles[0]: unknown key state"),
        ({"id": 1, "name": "Double"}, "roles[0]: id 1 is the role 'Admin', not 'Double'. Specify only one of them."),
        (["Admin"], "the name of a role is missing. Specify a name or {id: …}"),
        (None, "the name of a role is missing. Specify a name or {id: …}"),
        (7, "there is no role named '7'"),
        (1, "there is no role named '1'"),
    ],
)
def test_what_is_not_found_is_told_with_its_place(item, said):
    problems = []
    assert ROLES.resolve([item], "users[3] (ada)", problems) == {}
    assert len(problems) == 1
    assert problems[0].startswith("users[3] (ada): ")
    assert said in problems[0]


def test_all_faults_are_told_and_the_rest_is_found():
    problems = []
    assert ROLES.resolve(["Nobody", "Admin", "Double", {"id": 0}], "ada", problems) == {"1": "Admin"}
    assert len(problems) == 3


def test_an_empty_catalogue_says_so():
    problems = []
    Catalogue("group", []).resolve(["Ops"], "ada", problems)
    assert problems == [
        "ada: there is no group named 'Ops' (there are no groups). Correct the name, or create the group first."
    ]


def test_nobody_has_to_create_what_users_should_lose():
    problems = []
    target = DesiredFacet("absent", ["Ops"])
    Catalogue("group", []).resolve_desired(target, "ada", problems)
    assert problems == ["ada: there is no group named 'Ops' (there are no groups). Correct the name."]


def test_what_is_shown_leads_back_to_the_same_id():
    shown = ROLES.entries([1, "2", 3, 4, 5, "x-9", "y-9"])
    problems = []
    assert ROLES.resolve(shown.values(), "ada", problems) == shown
    assert problems == []


def test_an_id_that_the_catalogue_does_not_hold_is_shown_as_an_id():
    assert ROLES.entries([77, "abc"]) == {"77": {"id": 77}, "abc": {"id": "abc"}}


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("item", ["Prüfung", {"name": "Prüfung"}, {"id": 1, "name": "Prüfung"}, {"id": "ä"}])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_names_are_the_same(stored, item, form):
    roles = Catalogue("role", [(1, unicodedata.normalize(stored, "Prüfung")), (unicodedata.normalize(stored, "ä"), "")])
    written = (
        {key: unicodedata.normalize(form, value) if isinstance(value, str) else value for key, value in item.items()}
        if isinstance(item, dict)
        else unicodedata.normalize(form, item)
    )
    problems = []
    assert list(roles.resolve([written], "", problems)) == [
        unicodedata.normalize(stored, "ä") if item == {"id": "ä"} else "1"
    ]
    assert problems == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_composed_and_a_decomposed_object_are_ambiguous(form):
    roles = Catalogue("role", [(1, "Prüfung"), (2, unicodedata.normalize("NFD", "Prüfung"))])
    problems = []
    assert roles.resolve([unicodedata.normalize(form, "Prüfung")], "", problems) == {}
    assert [(problem.code, "{id: 1 or 2}" in problem) for problem in problems] == [("ambiguous_name", True)]
    assert roles.show("2") == {"id": 2}


@pytest.mark.parametrize(
    ("name", "known", "difference"),
    [
        ("\u212aelvin", "Kelvin", " (without U+212A KELVIN SIGN)"),
        ("On\u2010call", "On-call", " (without U+2010 HYPHEN)"),
        ("Prufung", "Prüfung", ""),
        ("Prüfunk", "Prufung", ""),
    ],
)
def test_a_look_alike_is_another_name(name, known, difference):
    problems = []
    assert Catalogue("role", [(1, known)]).resolve([name], "", problems) == {}
    assert [problem.text for problem in problems] == [
        f"there is no role named {name!r}; similar names: {known!r}{difference}."
    ]
