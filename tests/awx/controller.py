# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX does with credential types and jobs: its rules for their fields, how it fills them in, and how it runs a
job.

The rules are those of AWX 24.6 (awx.main.fields, awx.main.models.credential), in words of our own: what a field may be
called, which variables may be set, and that templates name declared fields alone. A field that was left blank is not
defined in a template.
"""

from __future__ import annotations

import functools
import pathlib
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ansible_runner
import jsonschema
import yaml
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

ROOT = pathlib.Path(__file__).resolve().parents[2]
KIT = ROOT / "extensions" / "awx"
NAME = "^[a-zA-Z_]+[a-zA-Z0-9_]*$"
TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
INPUTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "required": {"type": "array", "items": TEXT},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "label"],
                "properties": {
                    "id": {**TEXT, "pattern": NAME}, "label": TEXT, "help_text": TEXT,
                    "type": {"enum": ["string", "boolean"]},
                    "format": {"enum": ["ssh_private_key", "url"]}, "multiline": FLAG, "secret": FLAG,
                    "ask_at_runtime": FLAG, "default": {},
                    "choices": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
                },
            },
        },
    },
}  # fmt: skip
INJECTORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "object",
            "patternProperties": {r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$": TEXT},
            "additionalProperties": False,
        },
        "env": {"type": "object", "patternProperties": {NAME: TEXT}, "additionalProperties": False},
        # Lists and mappings are allowed by later releases only.
        "extra_vars": {"type": "object", "patternProperties": {NAME: TEXT}, "additionalProperties": False},
    },
}
BLOCKED = {
    "VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID",
    "AD_HOC_COMMAND_ID", "REST_API_URL", "REST_API_TOKEN", "MAX_EVENT_RES", "CALLBACK_QUEUE", "CALLBACK_CONNECTION",
    "CACHE", "JOB_CALLBACK_DEBUG", "INVENTORY_HOSTVARS", "AWX_HOST", "PROJECT_REVISION", "SUPERVISOR_CONFIG_PATH",
}  # fmt: skip


class Unsafe(str):
    """A text that Ansible must not fill in."""


class Loader(yaml.SafeLoader):
    """Reads !unsafe, too."""


class Dumper(yaml.SafeDumper):
    """Marks every text, as AWX does in the files of extra variables."""


Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(loader.construct_scalar(node)))
Dumper.add_representer(str, lambda dumper, value: dumper.represent_scalar("!unsafe", value))


def settings_of(home: pathlib.Path) -> dict[str, str]:
    """Return the settings of Ansible for all jobs. ``home`` is Ansible's folder."""
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }


def settings_of_runner(settings: Mapping[str, str], folder: pathlib.Path) -> dict[str, str]:
    """Return settings with those that ansible-runner adds for every job. ``folder`` is an empty one."""
    (folder / "project").mkdir()
    (folder / "project" / "none.yml").write_text("[]\n", encoding="utf-8")
    runner = ansible_runner.interface.init_runner(
        private_data_dir=str(folder), playbook="none.yml", envvars=dict(settings), quiet=True
    )
    own = ("ANSIBLE_CACHE_PLUGIN",)  # of one job: where ansible-runner would keep facts
    return {
        name: value
        for name, value in runner.config.env.items()
        if name.startswith("ANSIBLE_") and not name.startswith(own)
    }


@functools.cache
def read(name: str) -> dict[str, Any]:
    """Return a file of the kit."""
    found: dict[str, Any] = yaml.load((KIT / name).read_text(encoding="utf-8"), Loader=Loader)
    return found


class _Files:
    """The names of files in a template. One without a name is an error."""

    def __str__(self) -> str:
        raise TemplateError("tower.filename is not declared")


@dataclass
class _Tower:
    filename: Any


def problems_of(entry: Mapping[str, Any]) -> list[str]:
    """Return what AWX would refuse of a credential type."""
    inputs, injectors = entry.get("inputs", {}), entry.get("injectors", {})
    found = [error.message for error in jsonschema.Draft4Validator(INPUTS).iter_errors(inputs)]
    found += [error.message for error in jsonschema.Draft4Validator(INJECTORS).iter_errors(injectors)]
    names = [one["id"] for one in inputs.get("fields", ())]
    found += [f"{name} is there twice" for name in set(names) if names.count(name) > 1]
    found += ["tower is a reserved name"] if "tower" in names else []
    found += [f"{name} is required and not declared" for name in inputs.get("required", ()) if name not in names]
    for one in inputs.get("fields", ()):
        if one.get("type", "string") != "string":
            found += [
                f"{one['id']}: {key} is for texts" for key in ("choices", "multiline", "format", "secret") if key in one
            ]
    found += [
        f"{name} may not be set" for name in injectors.get("env", {}) if name.startswith("ANSIBLE_") or name in BLOCKED
    ]
    files = injectors.get("file", {})
    if "template" in files and len(files) > 1:
        found.append("one file without a name, or several with names")
    if found:
        return found
    tower = _Tower("example" if "template" in files else _Files())
    for name in files:
        if name != "template":
            setattr(tower.filename, name.split(".")[1], "example")
    strict = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for kind in injectors.values():
        for name, template in kind.items():
            try:
                strict.from_string(template).render(**dict.fromkeys(names, "EXAMPLE"), tower=tower)
            except TemplateError as error:
                found.append(f"{name}: {error}")
    return found


@dataclass
class Injected:
    """What credentials give to a job."""

    env: dict[str, str] = field(default_factory=dict)
    extra_vars: dict[str, str] = field(default_factory=dict)


def inject(entry: Mapping[str, Any], values: Mapping[str, str], folder: pathlib.Path) -> Injected:
    """Fill in the injectors of a type. Fields without a value are blank. Files are written into a folder."""
    assert set(entry["inputs"].get("required", ())) <= set(values), (
        "AWX refuses a job whose credential lacks a required field"
    )
    names: dict[str, Any] = {name: value for name, value in values.items() if value}
    names.update(
        {one["id"]: False for one in entry["inputs"]["fields"] if one["type"] == "boolean" and one["id"] not in values}
    )
    sandbox, tower = ImmutableSandboxedEnvironment(), _Tower(_Files())
    names["tower"] = tower
    folder.mkdir(parents=True, exist_ok=True)
    for number, (label, template) in enumerate(entry["injectors"].get("file", {}).items()):
        path = folder / f"file{len(list(folder.iterdir()))}-{number}"
        path.write_text(sandbox.from_string(template).render(**names), encoding="utf-8")
        if label == "template":
            tower.filename = str(path)
        else:
            setattr(tower.filename, label.split(".")[1], str(path))

    def filled(kind: str) -> dict[str, str]:
        return {
            name: sandbox.from_string(template).render(**names)
            for name, template in entry["injectors"].get(kind, {}).items()
        }

    return Injected(filled("env"), filled("extra_vars"))


@dataclass
class Job:
    """A job that has run."""

    status: str
    output: str
    artifacts: dict[str, Any]
    events: list[dict[str, Any]]

    def result(self, task: str) -> dict[str, Any]:
        """Return the result of the last task of a name."""
        found = [
            event["event_data"]["res"]
            for event in self.events
            if event["event_data"].get("task") == task and "res" in event["event_data"]
        ]
        assert found, f"no task {task!r} ran:\n{self.output[-4000:]}"
        last: dict[str, Any] = found[-1]
        return last


@dataclass
class Controller:
    """Runs jobs as AWX does: the project in a folder of its own that is gone afterwards, credentials by files,
    survey answers as texts."""

    project: pathlib.Path
    folder: pathlib.Path
    settings: Mapping[str, str]
    credentials: Iterable[tuple[str, Mapping[str, str]]] = ()
    types: dict[str, Any] = field(default_factory=dict)
    templates: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.types = {entry["name"]: entry for entry in read("credential_types.yml")["controller_credential_types"]}
        self.templates = {entry["name"]: entry for entry in read("job_templates.yml")["controller_templates"]}

    def survey(self, template: str) -> dict[str, Any]:
        """Return the answers of a survey that was sent without a change."""
        return {
            question["variable"]: question["default"]
            for question in self.templates[template].get("survey_spec", {}).get("spec", ())
        }

    def launch(
        self, template: str, artifacts: Mapping[str, Any] | None = None, *, limit: Iterable[str] = (),
        prompts: Mapping[str, Any] | None = None,
        **answers: Any,
    ) -> Job:  # fmt: skip
        """Launch a job template with answers to its survey, and with what the nodes before it have handed over.

        ``limit`` are the hosts of a slice, ``prompts`` the variables that somebody gives to the workflow at its launch.
        Those win.
        """
        entry = self.templates[template]
        self.count += 1
        folder = self.folder / f"job{self.count}"
        shutil.copytree(self.project, folder / "project")
        env: dict[str, str] = {**self.settings}
        extra: dict[str, Any] = {}
        for name, values in self.credentials:
            injected = inject(self.types[name], values, folder / "env" / "files")
            env.update(injected.env)
            extra.update(injected.extra_vars)
        assert set(answers) <= set(self.survey(template)), "AWX ignores variables that the survey does not ask"
        fixed = entry.get("extra_vars", {})
        job = {"awx_job_id": self.count, "tower_job_id": self.count, "awx_job_template_name": template}
        variables = {**fixed, **self.survey(template), **answers, **(artifacts or {}), **(prompts or {}), **job}
        (folder / "env" / "credentials.yml").write_text(yaml.dump(extra, Dumper=Dumper), encoding="utf-8")
        (folder / "env" / "extravars").write_text(yaml.dump(variables, Dumper=Dumper), encoding="utf-8")
        events: list[dict[str, Any]] = []
        run = ansible_runner.run(
            private_data_dir=str(folder), playbook=entry["playbook"], envvars=env,
            inventory=str(folder / "project" / "inventory" / "hosts.yml"),
            cmdline="-e @" + str(folder / "env" / "credentials.yml"), limit=",".join(limit) or None,
            forks=entry.get("forks", 5), quiet=True,
            event_handler=lambda event: bool(events.append(event)) or True,
        )  # fmt: skip
        output = re.sub(r"\x1b\[[0-9;]*m", "", run.stdout.read())
        handed = [event["event_data"]["artifact_data"] for event in events if event["event_data"].get("artifact_data")]
        shutil.rmtree(folder / "project")
        return Job(run.status, output, handed[-1] if handed else {}, events)
