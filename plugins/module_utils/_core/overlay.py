# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Planning again on an account that was just read, for APIs that replace whole lists and documents. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .model import Account, Desired, Entries, Schema
from .plan import Step, plan_user


def again(
    schema: Schema, desired: Desired, account: Account, planned: t.Sequence[Step]
) -> tuple[list[Step], dict[str, Entries]]:
    """Return the steps that are left for an account as it is now, and the entries that are kept against the wish, by
    facet.

    ``planned`` are the steps that were checked against the limits. What they do not take away stays: an entry that
    somebody
    has added since, a role that somebody has raised since.
    """
    removed = {step.via: step.remove for step in planned if step.verb == "facet"}
    changed = {name for step in planned for name in step.changes}
    steps: list[Step] = []
    kept: dict[str, Entries] = {}
    for step in plan_user(schema, desired, account).steps:
        if step.verb == "facet":
            extra = {key: item for key, item in step.remove.items() if key not in removed.get(step.via, {})}
            if extra:
                kept[step.via] = extra
                remove = {key: item for key, item in step.remove.items() if key not in extra}
                step = replace(step, remove=remove, final={**step.final, **extra})
        elif step.verb == "update":
            step = replace(
                step,
                changes={
                    name: change
                    for name, change in step.changes.items()
                    if name in changed or not schema.field(name).loses
                },
            )
        if step.verb not in ("facet", "update") or step.changes or step.add or step.remove:
            steps.append(step)
    return steps, kept


def kept_warning(name: str, noun: str, kept: t.Sequence[str]) -> str:
    """Return the warning for entries that were kept because the plan did not show them."""
    listed = ", ".join(kept)
    return f"{name} has {noun}s that the plan did not show: {listed}. They were kept. Run the task again to plan with them."
