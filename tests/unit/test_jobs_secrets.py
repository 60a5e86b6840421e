# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No text of a job shows a secret: not of its own connection, not of another one, not of the environment,
not in a failure."""

from __future__ import annotations

import types
from typing import ClassVar

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem
from ansible_collections.rollcall.identity.plugins.modules.identity_export import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs import action
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.check import connection_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.job import run_export
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import (
    Frame,
    hidden,
    masker_of,
    not_inherited,
    open_session,
)

SECRET = "canary-secret-of-a-connection"


def test_a_masker_knows_the_secrets_of_all_connections_wherever_they_are(monkeypatch):
    monkeypatch.setenv("NEXTAUTH_API_KEY", "canary-from-the-environment")
    connections = {
        "credentials": {"provider": "onelogin", "credentials": {"client_id": "visible-name", "client_secret": SECRET}},
        "options": {"provider": "contabo", "client_secret": f"{SECRET}-2", "api_password": 123456789},
        "environment": {"provider": "nextauth"},
        "defaults": {"provider": "kestra"},
        **{
            f"wrong{number}": entry
            for number, entry in enumerate((None, 7, [], {"provider": ["x"]}, {"provider": "nobody"}, {}))
        },
        "wrong": {"provider": "onelogin", "credentials": "text"},
    }
    masker = masker_of(connections, lambda module: {"api_token": f"{SECRET}-3"} if module == "kestra_users" else {})
    for text in (SECRET, f"{SECRET}-2", f"{SECRET}-3", "123456789", "canary-from-the-environment"):
        assert text not in masker.text(f"KeyError: {text!r} is not there"), text
    assert "visible-name" in masker.text("client visible-name")
    assert masker_of(None).text(SECRET) == masker_of([1]).text(SECRET) == SECRET


@pytest.mark.parametrize("value", [123456789, 12.5, True, [SECRET], {"a": SECRET}])
def test_a_credential_of_a_wrong_type_is_named_and_never_shown(value):
    (problem,) = connection_problems(
        {"ol": {"provider": "onelogin", "credentials": {"client_id": "x", "client_secret": value}}}
    )
    assert (
        str(problem) == "identity_connections.ol.credentials.client_secret is not text. Quote it."
    )


class Broken(action.JobAction):
    """An action whose job fails."""

    spec: ClassVar = SPEC
    role: ClassVar = "export"
    error: Exception

    def job(self, params, frame):
        raise self.error


@pytest.mark.parametrize(
    "error",
    [KeyError(SECRET), InputError([Problem(f"x: {SECRET} is wrong.", "invalid_value", option="x")]), OSError(SECRET)],
)
def test_a_job_that_fails_shows_no_secret(error, monkeypatch):
    monkeypatch.setattr(action.ActionBase, "run", lambda self, tmp, task_vars: {})
    task = types.SimpleNamespace(
        args={"connections": {"ol": {"provider": "onelogin", "credentials": {"client_secret": SECRET}}}},
        check_mode=False,
        diff=False,
        run_once=False,
        environment=[],
        module_defaults=[],
    )
    job = Broken.__new__(Broken)
    job._task, job._loader, job._templar, job.error = task, types.SimpleNamespace(get_basedir=lambda: "."), None, error
    result = job.run(None, {})
    assert result["failed"]
    assert SECRET not in str(result)
    assert "********" in result["msg"]
    assert task.args == {}, "nor do the arguments of the task"


def test_a_connection_with_own_credentials_hides_those_of_the_environment(monkeypatch):
    for name in ("CLIENT_ID", "CLIENT_SECRET", "ACCESS_TOKEN"):
        monkeypatch.setenv(f"ONELOGIN_{name}", f"environment-{name}")
    monkeypatch.setenv("ONELOGIN_API_URL", "http://127.0.0.1:9/onelogin")
    entry = {"provider": "onelogin", "credentials": {"client_id": "own", "client_secret": SECRET}}
    session = open_session("ol", entry, Frame())
    assert (session.params["client_id"], session.params["client_secret"], session.params["access_token"]) == (
        "own", SECRET, None,
    )
    assert open_session("ol", {"provider": "onelogin"}, Frame()).params["client_id"] == "environment-CLIENT_ID"
    with pytest.raises(InputError) as caught:
        open_session("ol", {"provider": "onelogin", "credentials": {"client_id": "own"}}, Frame())
    assert "credentials of its own" in caught.value.sentence()
    with pytest.raises(RuntimeError), hidden(not_inherited(entry)):
        raise RuntimeError
    assert open_session("ol", {"provider": "onelogin"}, Frame()).params["client_id"] == "environment-CLIENT_ID", (
        "and they are there again"
    )


def test_an_export_shows_no_secret_of_another_connection(tmp_path):
    wrong = {
        "provider": "onelogin",
        "api_url": f"http://127.0.0.1:9/{SECRET}",
        "api_retries": 0,
        "credentials": {"client_id": "x", "client_secret": "y" * 20},
    }
    other = {
        "provider": "nextauth",
        "api_url": "http://127.0.0.1:9/",
        "api_retries": 0,
        "server_id": "1",
        "credentials": {"api_key": SECRET},
    }
    validated = validate(SPEC, {}, {"connections": {"a": wrong, "b": other}, "dest": str(tmp_path / "x")})
    with pytest.raises(Exception, match="No connection could be read") as caught:
        run_export(validated.validated_parameters, Frame())
    assert SECRET not in str(caught.value.sentence())
