# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From declarations to module options, and from options to desired users."""

from __future__ import annotations

import functools
import os
import typing as t

from ..errors import Problem
from ..plan.model import NORMALISED, PASSWORD, Desired, DesiredFacet, Facet, Field, Schema
from ..plan.policy import Policy
from .scalars import converts

Spec = dict[str, dict[str, t.Any]]
Params = t.Mapping[str, t.Any]

SOUNDS_SECRET = ("pass", "secret", "token")
"""Parts of names that Ansible treats as secrets, unless the option sets ``no_log`` to False."""


def _from_environment(variable: str, kind: str, choices: t.Sequence[str] = ()) -> str:
    """Return an environment variable. Raises AnsibleFallbackNotFound if it is empty, does not fit the type, or is not
    one of the choices."""
    from ansible.module_utils.errors import AnsibleFallbackNotFound

    text = os.environ.get(variable, "")
    if not text or not converts(kind, text) or (choices and text not in choices):
        raise AnsibleFallbackNotFound
    return text


def connection_options(provider: str, credentials: Spec) -> Spec:
    """Return the options of every module of a provider. Each has the environment fallback ``<PROVIDER>_<OPTION>``."""
    options: Spec = {
        "api_url": {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
        "ca_path": {"type": "path"},
        "api_timeout": {"type": "int", "default": 30},
        "api_retries": {"type": "int", "default": 3},
        "max_wait": {"type": "int", "default": 300},
        "rate_reserve": {"type": "str", "default": "20%"},
        "max_concurrency": {"type": "int", "default": 8},
        "expected_account": {"type": "str"},
        **{name: dict(spec) for name, spec in credentials.items()},
    }
    for name, spec in options.items():
        read = functools.partial(_from_environment, choices=spec.get("choices", ()))
        spec["fallback"] = (read, [f"{provider}_{name}".upper(), str(spec["type"])])
    return options


def _field_option(declared: Field) -> dict[str, t.Any]:
    option: dict[str, t.Any] = {"type": declared.type}
    if declared.choices:
        option["choices"] = list(declared.choices)
    if declared.secret:
        option["no_log"] = True
    elif any(word in declared.name for word in SOUNDS_SECRET):
        option["no_log"] = False
    return option


def facet_options(facet: Facet) -> Spec:
    """Return ``<facet>``, ``<facet>_state`` and ``managed_<facet>``."""
    value: dict[str, t.Any] = {"type": "dict"} if facet.is_map else {"type": "list", "elements": "raw"}
    return {
        facet.name: value,
        facet.state_option: {"type": "str", "choices": ["present", "exact", "managed"], "default": "present"},
        facet.managed_option: {"type": "list", "elements": "str" if facet.is_map else "raw"},
    }


def who_options() -> Spec:
    """Return the options that identify a user."""
    return {"user": {"type": "str"}, "id": {"type": "str"}}


def user_options(schema: Schema) -> Spec:
    """Return the options that describe a whole user."""
    options: Spec = {
        **who_options(),
        "previous_users": {"type": "list", "elements": "str", "default": []},
        "state": {"type": "str", "choices": list(schema.states), "default": "present"},
    }
    for declared in schema.fields:
        if declared.writable:
            options[declared.name] = _field_option(declared)
    if PASSWORD in schema.index:
        options["update_password"] = {
            "type": "str",
            "choices": ["on_create", "always"],
            "default": "on_create",
            "no_log": False,
        }
    for facet in schema.facets:
        options.update(facet_options(facet))
    options.update({name: dict(spec) for name, spec in schema.extras.items()})
    return options


def listed_options(schema: Schema) -> Spec:
    """Return the options of one element of ``users``: those of one user, and the read-only fields, which are ignored.
    """
    options = user_options(schema)
    for name in (*(declared.name for declared in schema.fields if declared.readable), *NORMALISED, *schema.reported):
        if name not in options:
            options[name] = {"type": "raw"}
            if any(word in name for word in SOUNDS_SECRET):
                options[name]["no_log"] = False
    return options


def protect_options(provider: str) -> Spec:
    """Return the option that protects users from losses. All modules accept it, so that an action group can set it."""
    return {
        "protect": {
            "type": "list",
            "elements": "str",
            "default": [],
            "fallback": (_from_environment, [f"{provider}_PROTECT".upper(), "list"]),
        }
    }


def bulk_options(schema: Schema) -> Spec:
    """Return the options of a module on many users."""
    return {
        "users": {"type": "list", "elements": "dict", "required": True, "options": listed_options(schema)},
        "unlisted": {"type": "str", "choices": ["ignore", "report", "disable", "delete"], "default": "ignore"},
        "loss_limit": {"type": "str"},
        "delete_limit": {"type": "int", "default": 0},
        "create_limit": {"type": "str"},
        "reopen_limit": {"type": "str"},
        "rename_limit": {"type": "str"},
        "min_admins": {"type": "int", "default": 2},
        "bootstrap": {"type": "bool", "default": False},
        "plan_digest": {"type": "str"},
        "max_mails": {"type": "int", "default": 20},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
    }


def single_policy(params: Params) -> Policy:
    """Return the limits of a task on one user from its parameters: only ``protect``."""
    return Policy(protect=tuple(params.get("protect") or ()))


def bulk_policy(params: Params, scope: str = "") -> Policy:
    """Return the limits of a task on many users from its parameters. ``scope`` is the prefix of option names in
    messages."""
    return Policy(
        bulk=True,
        unlisted=params["unlisted"],
        loss_limit=params.get("loss_limit"),
        delete_limit=params["delete_limit"],
        create_limit=params.get("create_limit"),
        reopen_limit=params.get("reopen_limit"),
        rename_limit=params.get("rename_limit"),
        protect=tuple(params.get("protect") or ()),
        min_admins=params["min_admins"],
        bootstrap=params["bootstrap"],
        plan_digest=params.get("plan_digest"),
        max_mails=params["max_mails"],
        on_error=params["on_error"],
        scope=scope,
    )


def desired_from(
    schema: Schema, params: Params, problems: list[str], index: int | None = None, label: str = ""
) -> Desired:
    """Return the desired user that options describe. Add problems of the options to ``problems``.

    ``label`` is the name of the user in messages. Default: the place in ``users``.
    """
    desired = Desired(
        (params.get("user") or "").strip(),
        id=params.get("id"),
        state=params.get("state") or "present",
        previous=tuple(params.get("previous_users") or ()),
        index=index,
        options={name: params.get(name) for name in schema.extras},
        label=label,
    )
    if not desired.key and desired.id is None:
        text = (
            f"users[{index}] has neither user nor id." if index is not None else "user is missing. Specify user or id."
        )
        problems.append(Problem(text, "missing_option", option="user"))
        return desired
    for declared in schema.writable:
        value = params.get(declared.name)
        if value is None:
            continue
        if value == "" and declared.secret:
            problems.append(
                desired.problem(
                    f"{declared.name} is empty. Specify a value, or omit the option.", "blank_value", declared.name
                )
            )
        else:
            desired.fields[declared.name] = value
    _key_field(schema, desired, problems)
    if params.get("update_password") == "always":
        desired.always = frozenset({PASSWORD})
    if desired.state == "present":
        for facet in schema.facets:
            target = desired_facet(facet, params, desired, problems)
            if target is not None:
                desired.facets[facet.name] = target
    return desired


def _key_field(schema: Schema, desired: Desired, problems: list[str]) -> None:
    """Set the natural key both as a field and as the name to look up. Without the look-up, a user who is specified by
    id could get a name that is taken."""
    if not desired.key and desired.state == "present":
        desired.key = str(desired.fields.get(schema.key) or "").strip()
    if not desired.key:
        return
    declared = schema.field(schema.key)
    value = desired.fields.get(schema.key)
    if value is not None and not declared.equal(value, desired.key):
        rename = "To rename the user, specify the new name as user, and the old one in previous_users."
        text = (
            f"{schema.key} is {value!r}, and user, which sets the same field, is {desired.key!r}. "
            f"Remove {schema.key}{f'. {rename}' if desired.id is None else ', or make them equal.'}"
        )
        problems.append(desired.problem(text, "contradiction", schema.key))
    if desired.state == "present":
        desired.fields[schema.key] = desired.key


def desired_facet(
    facet: Facet, params: Params, desired: Desired, problems: list[str], shown: str = ""
) -> DesiredFacet | None:
    """Return the desired state of a facet of a user, None if the options do not specify it. Add options that have no
    effect or contradict each other to ``problems``.

    ``shown`` is the module's name for the state option.
    """
    items, managed = params.get(facet.name), params.get(facet.managed_option)
    mode = params.get(facet.state_option) or "present"
    if managed is None and mode == "present" and (items is None or items):  # most users
        return None if items is None else DesiredFacet(mode, items)
    name, state = facet.name, shown or facet.state_option

    def wrong(text: str, code: str, option: str = name) -> None:
        problems.append(desired.problem(text, code, option))

    if items is None:
        if mode != "present":
            removed = f"those in managed_{name}" if mode == "managed" else "all"
            text = f"{state} is {mode} and {name} is missing. Specify {name}; {facet.empty} removes {removed}."
            wrong(text, "missing_option")
        else:
            wrong(
                f"managed_{name} has no effect without {name}. Specify {name} with {state}: managed.",
                "no_effect",
                f"managed_{name}",
            )
        return None
    if mode == "managed" and managed is None:
        wrong(
            f"{state} is managed and managed_{name} is missing. In managed_{name}, list the {name} that the task may "
            f"add or remove, including those in {name}.",
            "missing_option",
            f"managed_{name}",
        )
    elif mode != "managed" and managed is not None:
        wrong(
            f"managed_{name} has no effect with {state}: {mode}. Use {state}: managed, or remove it.",
            "no_effect",
            f"managed_{name}",
        )
    elif not items and mode == "present":
        wrong(
            f"{name} is empty and {state} is present, so nothing would be added. To remove all, use {state}: "
            f"exact; otherwise omit {name}.",
            "blank_value",
        )
    else:
        return DesiredFacet(mode, items, managed)
    return None
