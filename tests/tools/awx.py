# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the parts of extensions/awx that follow from the modules: `python tests/tools/awx.py [--check]`.

Every provider has two credential types. The first sets the environment variables that the modules read. The second, for
one more connection of the same provider in the same job, sets a variable with the connection options as JSON. Fields,
secrets and required fields are those of the argument specs, and help texts those of the documentation. With --check,
nothing is written, and a file that is out of date is an error.

`python tests/tools/awx.py --facts FOLDER` writes tests/awx/facts.json, the argument specs of the collection awx.awx
below FOLDER, which contains ansible_collections.
"""

from __future__ import annotations

import ast
import importlib
import json
import pathlib
import re
import sys
from collections.abc import Mapping
from typing import Any

import yaml

from environment import ROOT
from schema import Indented, load

TARGET = ROOT / "extensions" / "awx" / "credential_types.yml"
FACTS = ROOT / "tests" / "awx" / "facts.json"
PLUGINS = "ansible_collections.rollcall.identity.plugins"
NOT_FIELDS = ("api_timeout", "api_retries", "max_wait", "rate_reserve", "max_concurrency")
"""Options that neither identify the target of a connection nor contain a secret. They are set in
identity_connections."""
FILE = "ca_certificate"
"""The field that becomes the file of the option ca_path."""
MODULES = (
    "credential", "credential_type", "execution_environment", "inventory", "inventory_source", "job_template",
    "notification_template", "organization", "project", "schedule", "workflow_job_template",
    "workflow_job_template_node",
)
"""The modules of awx.awx that load the data."""
HEADER = """\
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Credential types of AWX and automation controller. tests/tools/awx.py generates this file from the argument specs of
# the modules. Do not edit it.
# For a third connection of a provider, copy its type "(connection 2)" into your own file, and replace 2 with 3 in the
# name and the variable.
---
"""


def label_of(name: str) -> str:
    """Return the label of a field: api_url -> API URL."""
    words = [
        {"api": "API", "url": "URL", "id": "ID", "ca": "CA", "certs": "certificates"}.get(word, word)
        for word in name.split("_")
    ]
    text = " ".join(words)
    return text[0].upper() + text[1:]


def plain(text: str) -> str:
    """Return a sentence of the documentation without markup."""
    text = re.sub(r"\b[VOCEIBU]\((?:ignore:)?([^()]*(?:\([^()]*\))?[^()]*)\)", r"\1", " ".join(text.split()))
    return re.sub(r"\b[MPR]\(([^(),]*)[^()]*\)", r"\1", text)


def help_of(described: Any) -> str:
    """Return the help text of a field: the first paragraph of its documentation."""
    first = described if isinstance(described, str) else described[0]
    return plain(first)


def required_of(provider: str, module: Any, names: list[str]) -> list[str]:
    """Return the fields that every connection requires, whatever other fields are set."""
    task = importlib.import_module(f"{PLUGINS}.modules.{provider}_users").TASK
    errors = importlib.import_module(f"{PLUGINS}.module_utils._core.errors")
    masker = importlib.import_module(f"{PLUGINS}.module_utils._core.http.masking").Masker
    values = {name: "https://example.com" if name.endswith("_url") else "x" for name in names}
    required = []
    for name in names:
        settings = {key: spec.get("default") for key, spec in module.OPTIONS.items()}
        settings.update(
            {key: value for key, value in values.items() if key != name and module.OPTIONS[key]["type"] == "str"}
        )
        try:
            task.connect({**settings, "protect": [], "expected_account": None}, masker())
        except errors.InputError as error:
            if any(problem.code in ("missing_credentials", "missing_option") for problem in error.problems):
                required.append(name)
    return required


def field_of(name: str, spec: Mapping[str, Any], described: Any) -> dict[str, Any]:
    """Return the field of an option."""
    if spec["type"] == "path":
        return {
            "id": FILE, "type": "string", "label": label_of(FILE), "multiline": True,
            "help_text": (
                "The certificates of the authorities to trust, in PEM format. Blank trusts the public authorities."
            ),
        }
    field: dict[str, Any] = {"id": name, "type": "string", "label": label_of(name)}
    if spec.get("no_log"):
        field["secret"] = True
    if spec["type"] == "bool":
        # In AWX, a boolean that is not set is false, which would turn the check off.
        field["choices"] = ["true", "false"]
    if spec.get("choices"):
        field["choices"] = list(spec["choices"])
    field["help_text"] = help_of(described)
    return field


def value_of(name: str, spec: Mapping[str, Any]) -> str:
    """Return the template of an option's value, without braces. A blank field is not defined."""
    return f"tower.filename.ca if {FILE} is defined else ''" if spec["type"] == "path" else f"{name} | default('')"


def reports_account(provider: str, module: Any) -> bool:
    """Return whether some credentials of the provider reveal their account. Otherwise expected_account is an error."""
    core = importlib.import_module(f"{PLUGINS}.module_utils._core.run.connection").Connection
    return any(
        getattr(value, "provider", "") == provider and getattr(value, "account", None) is not core.account
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, core)
    )


def types_of(provider: str) -> list[dict[str, Any]]:
    """Return the two credential types of a provider."""
    module = importlib.import_module(f"{PLUGINS}.module_utils._providers.{provider}.connection")
    fragment = importlib.import_module(f"{PLUGINS}.doc_fragments.{provider}")
    title = str(fragment.__doc__).partition(":")[0].strip()
    described = yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"]
    left_out = NOT_FIELDS if reports_account(provider, module) else (*NOT_FIELDS, "expected_account")
    options = {name: spec for name, spec in module.OPTIONS.items() if name not in left_out}
    order = sorted(
        options,
        key=lambda name: (
            (name in module.CREDENTIALS) * 1 + (name in ("validate_certs", "ca_path", "expected_account")) * 2
        ),
    )
    required = required_of(provider, module, [name for name in order if options[name]["type"] == "str"])
    inputs = {
        "fields": [field_of(name, options[name], described[name]["description"]) for name in order],
        "required": required,
    }
    files = {"template.ca": "{{ " + f"{FILE} | default('')" + " }}"}
    # An empty variable counts as not set. In a connection, only null does.
    variables = {f"{provider}_{name}".upper(): "{{ " + value_of(name, options[name]) + " }}" for name in order}
    entries = ", ".join(f"'{name}': {value_of(name, options[name])} or none" for name in order)
    first = {
        "name": f"Identity: {title}",
        "kind": "cloud",
        "description": f"Credentials of a connection to {title}, as environment variables.",
        "inputs": inputs,
        "injectors": {"file": files, "env": variables},
    }
    second = {
        "name": f"Identity: {title} (connection 2)", "kind": "cloud",
        "description": (
            f"Credentials of a second connection to {title}. In identity_connections, set its credentials to the "
            f"variable identity_{provider}_2, with the filter from_json."
        ),
        "inputs": inputs,
        "injectors": {"file": files, "extra_vars": {f"identity_{provider}_2": "{{ {" + entries + "} | tojson }}"}},
    }
    return [first, second]


def results_of(
    title: str, what: str, fields: list[dict[str, Any]], required: list[str], variables: dict[str, str]
) -> dict[str, Any]:
    """Return a credential type for a destination of results. Variables are templates without braces."""
    return {
        "name": f"Identity: {title} for results",
        "kind": "cloud",
        "description": what,
        "inputs": {
            "fields": [{"id": field["id"], "type": "string", **field} for field in fields],
            "required": required,
        },
        "injectors": {"extra_vars": {name: "{{ " + value + " }}" for name, value in variables.items()}},
    }


RESULTS = [
    results_of(
        "Git",
        "The token with which rollcall.identity.git stores results in a repository.",
        [
            {"id": "token", "label": "Token", "secret": True, "help_text": "A token that may push to the repository."},
            {
                "id": "user",
                "label": "User",
                "help_text": "The user name for the token: oauth2 for GitLab, x-token-auth for Bitbucket.",
            },
        ],
        ["token"],
        {"deliver_git_token": "token", "deliver_git_user": "user | default('git')"},
    ),
    results_of(
        "Mail",
        "The mail server by which rollcall.identity.mail sends results.",
        [
            {"id": "host", "label": "Host", "help_text": "The mail server."},
            {"id": "user", "label": "User", "help_text": "To log in. Blank to send without a login."},
            {"id": "password", "label": "Password", "secret": True, "help_text": "To log in."},
        ],
        ["host"],
        {
            "deliver_mail_host": "host", "deliver_mail_user": "user | default('')",
            "deliver_mail_password": "password | default('')",
        },
    ),
    results_of(
        "ServiceNow",
        "The instance in which rollcall.identity.servicenow records results.",
        [
            {"id": "url", "label": "URL", "help_text": "The instance, for example https://acme.service-now.com."},
            {"id": "user", "label": "User", "help_text": "A user who may write the table and attachments."},
            {"id": "password", "label": "Password", "secret": True, "help_text": "The user's password."},
            {
                "id": "token", "label": "Token", "secret": True,
                "help_text": "An OAuth2 access token, in place of user and password.",
            },
        ],
        ["url"],
        {
            "deliver_servicenow_url": "url",
            **{f"deliver_servicenow_{name}": f"{name} | default('')" for name in ("user", "password", "token")},
        },
    ),
    results_of(
        "Slack",
        "The webhook to which rollcall.identity.slack posts results.",
        [{"id": "url", "label": "Webhook", "secret": True, "help_text": "The address of the incoming webhook."}],
        ["url"],
        {"deliver_slack_url": "url"},
    ),
]
"""The types that do not follow from the modules. S3 uses AWX's own type for Amazon Web Services."""


def marked(types: list[dict[str, Any]]) -> str:
    """Return the types as YAML.

    Templates of AWX are tagged, so that Ansible does not evaluate them while it loads the file.
    """
    text = yaml.dump(
        {"controller_credential_types": types}, Dumper=unaliased(), sort_keys=False, width=140, allow_unicode=True
    )
    return re.sub(r"(?m)^(\s+[\w.]+: )(?=['\"]?.*\{\{)", r"\1!unsafe ", text)


def unaliased() -> type[yaml.SafeDumper]:
    """Return a dumper that writes repeated values in full, without aliases."""
    return type("Unaliased", (Indented,), {"ignore_aliases": lambda self, data: True})


def rendered() -> str:
    """Return the file of the credential types."""
    return HEADER + marked([*(entry for provider in load().PROVIDERS for entry in types_of(provider)), *RESULTS])


def spec_of(path: pathlib.Path) -> dict[str, Any]:
    """Return the argument spec of a module of awx.awx: option -> type, choices, aliases, elements, required.

    The module is not run.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    call = next(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "argument_spec"
    )
    if not isinstance(call, ast.Call):
        raise TypeError(f"{path}: argument_spec is not made by dict()")

    def literal(node: ast.expr) -> Any:
        # list(KIND_CHOICES.keys())
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "list":
            inner = node.args[0]
            if (
                isinstance(inner, ast.Call)
                and isinstance(inner.func, ast.Attribute)
                and isinstance(inner.func.value, ast.Name)
            ):
                return list(ast.literal_eval(constants[inner.func.value.id]))
        return ast.literal_eval(node)

    spec: dict[str, Any] = {}
    for option in call.keywords:
        about = (
            {entry.arg: literal(entry.value) for entry in option.value.keywords if entry.arg}
            if isinstance(option.value, ast.Call)
            else {}
        )
        kept = ("type", "choices", "aliases", "elements", "required")
        spec[str(option.arg)] = {name: about[name] for name in kept if about.get(name)}
    return spec


def facts_of(folder: pathlib.Path) -> dict[str, Any]:
    """Return the argument specs of awx.awx below a folder, with its version."""
    collection = folder / "ansible_collections" / "awx" / "awx"
    version = json.loads((collection / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]["version"]
    return {
        "version": version,
        "modules": {name: spec_of(collection / "plugins" / "modules" / f"{name}.py") for name in MODULES},
    }


def main(arguments: list[str]) -> int:
    """Write or check the files. Return the exit code."""
    if arguments[:1] == ["--facts"]:
        FACTS.write_text(
            json.dumps(facts_of(pathlib.Path(arguments[1])), indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
        return 0
    text = rendered()
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print(f"{TARGET.relative_to(ROOT)} differs from the argument specs of the modules. Run `make awx`.")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
