# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names are composed (NFC) in all options; secrets, free text and paths stay as they are."""

from __future__ import annotations

import copy
import unicodedata

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.facets import plan_facet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import DesiredFacet, Facet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import UserPlan
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.composing import NameComposer
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import ConnectionPool, run_task
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks as nextauth
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks as sendauth
from ansible_collections.rollcall.identity.tests.unit.nextauth import ADA
from ansible_collections.rollcall.identity.tests.unit.web import by_path

NFC, NFD = "größe", unicodedata.normalize("NFD", "größe")


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("user", NFD, NFC),
        ("company", NFD, NFC),
        ("role", NFD, NFC),
        ("permissions", [NFD, {"name": NFD}, {"id": 7}, 2024], [NFC, {"name": NFC}, {"id": 7}, 2024]),
        ("managed_groups", [NFD], [NFC]),
        ("protect", [NFD], [NFD]),
        ("first_name", NFD, NFD),
        ("password", NFD, NFD),
        ("api_key", NFD, NFD),
        ("ca_path", NFD, NFD),
        ("groups", None, None),
    ],
)
def test_which_options_are_composed(option, value, expected):
    task = sendauth.USERS
    options = {**task.options, **task.options["users"]["options"]}
    params = {option: value}
    before = copy.deepcopy(params)
    assert NameComposer(options, task.kinds).compose(params) == {option: expected}
    assert task.names.compose({"users": [params]})["users"][0] == (
        {option: expected} if option in task.options["users"]["options"] else params
    )
    assert params == before


def test_the_values_of_attributes_stay():
    task = nextauth.USER
    params = {"attributes": {NFD: NFD, "size": None}, "managed_attributes": [NFD]}
    assert task.names.compose(params) == {
        "attributes": {NFC: NFD, "size": None}, "managed_attributes": [NFC],
    }  # fmt: skip


ATTRIBUTES = Facet("attributes", "attribute", "map", loss=False)


@pytest.mark.parametrize(
    ("mode", "current", "add", "remove"),
    [
        ("present", {NFC: "1"}, [NFC], []),
        ("present", {NFD: "1"}, [NFD], []),
        ("present", {NFC: "2"}, [], []),
        ("present", {NFD: "2"}, [], []),
        ("present", {NFD: "2", NFC: "1"}, [NFC], []),
        ("exact", {NFD: "2"}, [], []),
        ("exact", {NFD: "1", NFC: "2"}, [], [NFD]),
        ("absent", {NFD: "1"}, [], [NFD]),
        ("absent", {NFD: "1", NFC: "2", "other": "x"}, [], [NFD, NFC]),
    ],
)
def test_an_attribute_keeps_the_name_that_the_user_has(mode, current, add, remove):
    plan = UserPlan("ada")
    plan_facet(ATTRIBUTES, DesiredFacet(mode, {}, entries={NFC: "2"}), current, plan)
    assert [(list(step.add), sorted(step.remove)) for step in plan.steps] == ([(add, remove)] if add or remove else [])


@pytest.mark.parametrize("stored", [NFC, NFD])
def test_a_decomposed_attribute_is_written_under_its_own_name(serve, stored):
    server = serve(by_path({f"GET {ADA}/attributes/": {stored: "1"}, f"PUT {ADA}/attributes/": {}}, repeats=True))
    options = nextauth.USER_ATTRIBUTES.options
    params = {
        **{name: option.get("default") for name, option in options.items()},
        "api_url": server.url, "api_key": "canary-key", "server_id": "s+1/=",
        "user": "ada", "attributes": {NFD: "2"}, "state": "present",
    }  # fmt: skip
    result = run_task(nextauth.USER_ATTRIBUTES, params, False, True, ConnectionPool())
    assert result["diff"][0]["after"]["attributes"] == {stored: "2"}


def test_keys_are_found_in_both_forms(serve):
    server = serve(
        by_path({"GET /apikeys/": {"apikeys": [{"apikey": "canary", "role": "r", "description": NFC}]}}, repeats=True)
    )
    params = {
        **{name: option.get("default") for name, option in nextauth.API_TOKEN.options.items()},
        "api_url": server.url, "api_key": "canary-key", "server_id": "s+1/=", "name": NFD,
    }  # fmt: skip
    assert run_task(nextauth.API_TOKEN, params, False, True, ConnectionPool())["changed"] is False
    assert [request.method for request in server.requests if "apikeys" in request.target] == ["GET"]
