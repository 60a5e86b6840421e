# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of tokens to rotate, read without an API."""

from __future__ import annotations

import os
from unittest import mock

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.modules.identity_token_rotation import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.entries import Reader
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.job import run_rotation
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.play import Play
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame

CONNECTIONS = {
    "kes": {"provider": "kestra", "credentials": {"api_token": "canary"}},
    **{name: {"provider": name} for name in PROVIDERS if name != "kestra"},
}
GOOD = {"connection": "kes", "user": "ada@acme.com", "name": "ci", "rotate_after": "30d", "deliver": "/play/vault.yml"}


def read(*tokens, awx=False, **settings):
    """Return the reader of a list, in a world with a few files and folders."""
    here = os.getcwd()
    files = {
        *(f"/play/{name}.yml" for name in ("vault", "own", "all", "both")),
        f"{here}/both.yml",
        f"{here}/sub/here.yml",
    }
    folders = ("/play", "/tokens", here, f"{here}/sub")
    frame = Frame(folder=here, playbook_folder="/play", awx=awx)
    with mock.patch("os.path.isfile", files.__contains__), mock.patch("os.path.isdir", folders.__contains__):
        return Reader(params_of(tokens=list(tokens), **settings), frame)


def params_of(**params):
    """Return the parameters of a step."""
    validated = validate(SPEC, {}, {"step": "check", "connections": CONNECTIONS, **params})
    assert validated.error_messages == []
    return validated.validated_parameters


def run(**params):
    """Return the result of a step of the job, which sends nothing here."""
    return run_rotation(params_of(**params), Frame(folder="/play"), Play.of({}))


def problems_of(**params):
    """Return what is wrong with the input of a step."""
    with pytest.raises(InputError) as raised:
        run(**params)
    return [str(problem) for problem in raised.value.problems]
