# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: API keys: how they are created, found and replaced. Over real sockets."""

from __future__ import annotations

import json

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, RollcallError
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.keys import run_api_token
from ansible_collections.rollcall.identity.tests.unit.nextauth import asked
from ansible_collections.rollcall.identity.tests.unit.web import Reply

LISTED = {
    "apikeys": [
        {"apikey": "canary-old", "role": "r", "description": "report"},
        {"apikey": "canary-own", "role": "r", "description": "Report"},
    ]
}


KEY = {"id": None, "name": "report", "role": "r", "expires_at": None}


def keys(login, check=False, **params):
    """Run the task on API keys."""
    given = {"name": "report", "state": "present", "rotate": "never", "dest": None, **params}
    return run_api_token(Context(given, check, True, login.masker), login)


def test_a_key_that_is_there_is_not_told(nextauth):
    login = nextauth({"GET /apikeys/": LISTED})
    result = keys(login)
    assert (result["changed"], result["token"], result["diff"]) == (False, KEY, [])
    assert "canary" not in json.dumps(result)
    assert login.masker.text("canary-old canary-own canary-key") == "******** ******** ********"


def test_a_key_is_made_once_and_told_once(nextauth, tmp_path):
    routes = {
        "GET /apikeys/": {"apikeys": None},
        "POST /apikeys/": {"apikey": "canary-new", "role": "r", "description": "report"},
    }
    login = nextauth(routes)
    assert keys(login, check=True)["token"] is None
    assert len(login.server.requests) == 1
    result = keys(login)
    assert (result["made"], result["secret"], result["token"]) == (True, "canary-new", KEY)
    assert asked(login)[-1] == "POST /apikeys/?description=report"
    filed = keys(login, dest=str(tmp_path / "key"))
    assert "secret" not in filed and (tmp_path / "key").read_text() == "canary-new\n"


def test_a_key_that_gets_another_name(nextauth):
    login = nextauth(
        {
            "GET /apikeys/": {"apikeys": []},
            "POST /apikeys/": {"apikey": "canary-new", "role": "r", "description": "repo"},
        }
    )
    context = Context(
        {"name": "report", "state": "present", "rotate": "never", "dest": None}, False, False, login.masker
    )
    assert run_api_token(context, login)["secret"] == "canary-new"
    (warning,) = [notice.text for notice in context.notices]
    assert "'repo'" in warning and "next run creates another one" in warning


@pytest.mark.parametrize(
    ("routes", "params", "text"),
    [
        ({"GET /apikeys/": LISTED}, {"state": "absent"}, "cannot delete it"),
        ({"GET /apikeys/": LISTED}, {"rotate": "always"}, "cannot delete a key"),
        ({}, {"name": " "}, "name is empty"),
        ({}, {"name": "report "}, "begins or ends with whitespace"),
        ({}, {"dest": "/nowhere/at/all"}, "cannot be written"),
        ({"GET /apikeys/": Reply(200, b"canary-own, canary-old")}, {}, "not JSON"),
        ({"GET /apikeys/": {"keys": ["canary-old"]}}, {}, "no list of apikeys"),
        ({"GET /apikeys/": [{"apikeys": []}, LISTED], "POST /apikeys/": Reply(drop=True)}, {}, "its secret is lost"),
        (
            {"GET /apikeys/": {"apikeys": []}, "POST /apikeys/": Reply(200, b'"canary-n')},
            {},
            "No API key report has appeared",
        ),
    ],
)
def test_keys_that_cannot_be_had(nextauth, routes, params, text):
    with pytest.raises(RollcallError) as caught:
        keys(nextauth(routes), **params)
    assert text in caught.value.sentence()
    assert "canary" not in caught.value.sentence()


@pytest.mark.parametrize("reply", [Reply(drop=True), Reply(500, b"oops"), Reply(502, b"<html>"), Reply(200, b"{}")])
@pytest.mark.parametrize(
    ("looks", "code", "text"),
    [
        (1, "orphaned_token", "its secret is lost"),
        (3, "orphaned_token", "its secret is lost"),
        (9, "unclear_answer", "so far"),
    ],
)
def test_a_key_that_appears_in_time_or_not(nextauth, reply, looks, code, text):
    lists = [{"apikeys": []}] * looks + [LISTED] * 9
    login = nextauth({"GET /apikeys/": lists, "POST /apikeys/": reply})
    with pytest.raises(RollcallError) as caught:
        keys(login)
    assert (caught.value.code, text in caught.value.message) == (code, True)
    assert [line for line in asked(login) if line.startswith("POST")] == ["POST /apikeys/?description=report"], (
        "no other is made: none can be deleted"
    )


def test_keys_that_cannot_be_read_after_a_lost_answer(nextauth):
    login = nextauth({"GET /apikeys/": [{"apikeys": []}, Reply(403, b"no")], "POST /apikeys/": Reply(500, b"oops")})
    with pytest.raises(RollcallError) as caught:
        keys(login)
    assert "answered 500" in caught.value.message and "could not be read after that" in caught.value.message


def test_a_key_without_a_description_is_no_reason_for_another(nextauth):
    login = nextauth(
        {
            "GET /apikeys/": {
                "apikeys": [
                    {"apikey": "canary-old", "role": "r", "description": None},
                    {"apikey": "canary-own", "description": ""},
                ]
            }
        }
    )
    with pytest.raises(InputError) as caught:
        keys(login)
    assert caught.value.code == "unnamed_token"
    assert len(login.server.requests) == 1


@pytest.mark.parametrize(
    ("held", "listed", "warns"),
    [
        (None, "canary-old", True),
        ("", "canary-old", True),
        ("another", "canary-old", True),
        ("canary-old", "canary-old", False),
        ("whatever", "cana****", False),
        ("two words", "", True),
        ("whatever", "", False),
    ],
)
def test_a_key_whose_file_is_lost(nextauth, tmp_path, held, listed, warns):
    dest = tmp_path / "key"
    if held is not None:
        dest.write_text(held)
    login = nextauth({"GET /apikeys/": {"apikeys": [{"apikey": listed, "role": "r", "description": "report"}]}})
    context = Context(
        {"name": "report", "state": "present", "rotate": "never", "dest": str(dest)}, False, False, login.masker
    )
    result = run_api_token(context, login)
    assert (result["changed"], result["dest"]) == (False, str(dest))
    assert [notice.code for notice in context.notices] == (["lost_secret"] if warns else [])
    assert not any("canary" in notice.text for notice in context.notices)
