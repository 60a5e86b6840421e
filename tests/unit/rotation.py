# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of tokens to rotate, read without an API."""

from __future__ import annotations

import os

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.modules.identity_token_rotation import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.entries import Reader, Settings
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.job import run_rotation
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame

CONNECTIONS = {
    "kes": {"provider": "kestra", "credentials": {"api_token": "canary"}},
    **{name: {"provider": name} for name in PROVIDERS if name != "kestra"},
}
GOOD = {"connection": "kes", "user": "ada@acme.com", "name": "ci", "rotate_after": "30d", "deliver": "/play/vault.yml"}


def read(*tokens, **settings):
    here = os.getcwd()
    files = {
        *(f"/play/{name}.yml" for name in ("vault", "own", "all", "both")),
        f"{here}/both.yml",
        f"{here}/sub/here.yml",
    }
    settled = Settings(**{"folder": here, "playbook_folder": "/play", **settings})
    return Reader(
        list(tokens), CONNECTIONS, settled, files.__contains__, ("/play", "/tokens", here, f"{here}/sub").__contains__
    )


def run(**params):
    """Return the result of a step of the job, which sends nothing here."""
    validated = validate(SPEC, {}, {"step": "check", "connections": CONNECTIONS, **params})
    assert validated.error_messages == []
    return run_rotation(validated.validated_parameters, Frame(folder="/play"))


def problems_of(**params):
    """Return what is wrong with the input of a step."""
    with pytest.raises(InputError) as raised:
        run(**params)
    return [str(problem) for problem in raised.value.problems]
