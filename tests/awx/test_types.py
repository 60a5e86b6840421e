# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credential types: as new as the modules, what AWX accepts, and blank fields that count as not set."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from typing import Any

import pytest
from controller import ROOT, inject, problems_of, read

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame, declared, settled_params

ALL = read("credential_types.yml")["controller_credential_types"]
TYPES = [entry for entry in ALL if not entry["name"].endswith(" for results")]
"""Those of connections. The others are for results."""
BLANK = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"


def test_types_are_as_new_as_the_modules() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "tools" / "awx.py"), "--check"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


def test_every_provider_has_both_types() -> None:
    env = {name.partition("_")[0] for entry in TYPES for name in entry["injectors"].get("env", ())}
    extra = {name for entry in TYPES for name in entry["injectors"].get("extra_vars", ())}
    assert env == {provider.upper() for provider in PROVIDERS}
    assert extra == {f"identity_{provider}_2" for provider in PROVIDERS}


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry["name"])
def test_awx_accepts_the_type(entry: dict[str, Any]) -> None:
    assert problems_of(entry) == []
    assert entry["kind"] == "cloud"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"inputs": {"fields": [{"id": "tower", "label": "x"}]}}, "reserved"),
        ({"inputs": {"fields": [{"id": "1x", "label": "x"}]}}, "does not match"),
        ({"inputs": {"fields": [], "required": ["x"]}}, "not declared"),
        ({"injectors": {"env": {"ANSIBLE_X": "x"}}}, "may not be set"),
        ({"injectors": {"env": {"PATH": "x"}}}, "may not be set"),
        ({"injectors": {"env": {"X": "{{ nobody }}"}}}, "undefined"),
        ({"injectors": {"env": {"X": "{{ tower.filename }}"}}}, "not declared"),
        ({"injectors": {"extra_vars": {"x": {"y": "z"}}}}, "not of type"),
        ({"injectors": {"file": {"template": "x", "template.ca": "x"}}}, "several with names"),
        ({"injectors": {"env": {"X": "{{ ''.__class__.__mro__ }}"}}}, "unsafe"),
        ({"inputs": {"fields": [{"id": "x", "label": "x", "type": "boolean", "secret": True}]}}, "for texts"),
    ],
)  # fmt: skip
def test_the_rules_find_what_awx_refuses(change: dict[str, Any], problem: str) -> None:
    assert problem in " ".join(problems_of({"inputs": {}, "injectors": {}, **change}))


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: entry["name"])
@pytest.mark.parametrize("full", [True, False], ids=["all fields", "blank fields"])
def test_a_connection_gets_the_fields(
    entry: dict[str, Any], full: bool, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fields arrive as options of the modules, whether by the environment or by a variable;
    blank ones as if they were not specified."""
    variables = " ".join((*entry["injectors"].get("env", ()), *entry["injectors"].get("extra_vars", ()))).lower()
    provider = next(name for name in PROVIDERS if name in variables)
    fields = {one["id"]: one for one in entry["inputs"]["fields"]}
    task = declared(f"{provider}_users")
    assert {one["id"] for one in fields.values() if one.get("secret")} == {
        name for name in fields if task.options.get(name, {}).get("no_log")
    }
    values = {
        name: BLANK if one.get("multiline") else one["choices"][-1] if "choices" in one else f"<{name}> & 'x'"
        for name, one in fields.items()
    }
    values.update({name: f"https://{name.replace('_', '-')}.example.com" for name in fields if name.endswith("_url")})
    if not full:
        values = {name: value for name, value in values.items() if name in entry["inputs"]["required"]}
    injected = inject(entry, values, tmp_path / "env")
    for variable, value in injected.env.items():
        monkeypatch.setenv(variable, value)
    texts = list(injected.extra_vars.values())
    own = {"credentials": json.loads(texts[0])} if texts else {}
    params = settled_params(f"{provider}_users", task, {"provider": provider, **own}, {"users": []}, Frame())
    for name in fields:
        option = "ca_path" if name == "ca_certificate" else name
        if name not in values:
            assert params[option] == task.options[option].get("default"), option
        elif name == "ca_certificate":
            assert pathlib.Path(params[option]).read_text(encoding="utf-8") == BLANK
        else:
            assert params[option] == (False if values[name] == "false" else values[name]), option
