# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validates the arguments of a task without running it: ansible-lint calls ``main`` of an action plugin for this.

ansible-lint passes the arguments unrendered, so every template is a text. A value that the option accepts replaces each
template, so that the remaining values can be validated.
https://github.com/ansible/ansible-lint/blob/main/src/ansiblelint/rules/args.py
"""

from __future__ import annotations

import typing as t

from ansible.module_utils import basic

Spec = t.Mapping[str, t.Mapping[str, t.Any]]

_ACCEPTED: dict[str, t.Callable[[], t.Any]] = {"bool": bool, "int": int, "float": float, "list": list, "dict": dict}


def is_template(value: t.Any) -> bool:
    """Return whether a value contains a template, which Ansible renders when the playbook runs."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def settled(arguments: t.Mapping[str, t.Any], spec: Spec) -> dict[str, t.Any]:
    """Return arguments with a value of the right type in place of each template."""
    names = {name: about for option, about in spec.items() for name in (option, *about.get("aliases", ()))}
    return {name: _value(value, names[name]) if name in names else value for name, value in arguments.items()}


def _value(value: t.Any, about: t.Mapping[str, t.Any]) -> t.Any:
    kind = about.get("type", "str")
    if is_template(value):
        return about["choices"][0] if about.get("choices") and kind == "str" else _ACCEPTED.get(kind, lambda: value)()
    if kind == "list" and isinstance(value, list):
        element = {**about, "type": about.get("elements", "raw")}
        return [_value(item, element) for item in value if not (is_template(item) and element["type"] == "dict")]
    if kind == "dict" and isinstance(value, dict) and about.get("options"):
        return settled(value, about["options"])
    return value


def _identified(about: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """Return an option; if its elements have ``user`` and ``id``, they require one of the two.

    When a task runs, the module itself checks this, together with everything else.
    """
    return (
        {**about, "required_one_of": [["user", "id"]]} if {"user", "id"} <= set(about.get("options") or ()) else about
    )


def check_arguments(spec: Spec, rules: t.Mapping[str, t.Any] | None = None) -> None:
    """Validate the arguments of a task and exit: with the first error, or with a note that this is an action plugin."""

    class Module(basic.AnsibleModule):  # type: ignore[misc]  # ansible-core has no type information
        """Validates and does nothing else."""

        params: dict[str, t.Any]

        def _load_params(self) -> None:
            super()._load_params()
            self.params = settled(self.params, spec)

        def fail_json(self, msg: str, **kwargs: t.Any) -> None:
            """Fail, with other words in two messages.

            ansible-lint searches for the original words, expects an option of the task there, and reports nothing at
            all if it finds an option of an element.
            """
            super().fail_json(
                msg=msg.replace(" is of type ", " has the type ").replace(" must be one of: ", " must be one of "),
                **kwargs,
            )

    module = Module(
        argument_spec={name: _identified(about) for name, about in spec.items()},
        supports_check_mode=True,
        **(rules or {}),
    )
    module.fail_json(msg="This is an action plugin. Call the module in a task.")
