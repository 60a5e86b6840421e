# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of a task, validated without running it: ansible-lint calls ``main`` of an action plugin for that.

It passes the arguments as the playbook has them. A template has the type of its text then, so it is replaced by a value
that the option accepts: what is written out beside it is validated all the same.
https://github.com/ansible/ansible-lint/blob/main/src/ansiblelint/rules/args.py
"""

from __future__ import annotations

import typing as t

from ansible.module_utils import basic

Spec = t.Mapping[str, t.Mapping[str, t.Any]]

_ACCEPTED: dict[str, t.Callable[[], t.Any]] = {"bool": bool, "int": int, "float": float, "list": list, "dict": dict}


def is_template(value: t.Any) -> bool:
    """Return whether a value is rendered when the playbook runs."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def settled(arguments: t.Mapping[str, t.Any], spec: Spec) -> dict[str, t.Any]:
    """Return arguments with a value of the right type in the place of each template."""
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
    """Return an option whose elements name a user by ``user`` or ``id``, of which one is required.

    The modules themselves report it with the rest.
    """
    return (
        {**about, "required_one_of": [["user", "id"]]} if {"user", "id"} <= set(about.get("options") or ()) else about
    )


def check_arguments(spec: Spec, rules: t.Mapping[str, t.Any] | None = None) -> None:
    """Read the arguments of a task and exit with an error where the specification does not accept them."""

    class Module(basic.AnsibleModule):  # type: ignore[misc]  # ansible-core has no type information
        """Validates and does nothing else."""

        params: dict[str, t.Any]

        def _load_params(self) -> None:
            super()._load_params()
            self.params = settled(self.params, spec)

        def fail_json(self, msg: str, **kwargs: t.Any) -> None:
            """Fail. ansible-lint searches the two wordings for an option of the task, and reports nothing at all
            where it is one of an element."""
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
