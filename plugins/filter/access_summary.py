# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter access_summary."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.access import summary

DOCUMENTATION = r"""
name: access_summary
short_description: Sum up the plans of all connections
version_added: 0.1.0
description:
  - Makes one summary from the results of the bulk modules, with the digest of all plans, losses, and the drift that was found.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: plans, applied, errors, day, mode
options:
  _input:
    description: For each connection what P(rollcall.identity.access_desired#filter) made.
    type: dict
    required: true
  plans:
    description: Results of the bulk modules in check mode, by connection.
    type: dict
    required: true
  applied:
    description: Results of the bulk modules, by connection, where they ran.
    type: dict
    required: true
  errors:
    description: Why connections could not be read.
    type: dict
    required: true
  day:
    description: The day, such as V(2026-12-31).
    type: str
    required: true
  mode:
    description: Whether this is a V(plan), or what was done by V(apply).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: One summary over all connections
  ansible.builtin.set_fact:
    access_result: "{{ wishes | rollcall.identity.access_summary(plans, {}, {}, '2026-12-31', 'plan') }}"
"""

RETURN = r"""
_value:
  description: C(day), C(mode), C(digest), C(totals), C(connections), C(losses), C(drift), and C(text) as lines for people.
  type: dict
"""


def access_summary(wishes: t.Any, plans: t.Any, applied: t.Any, errors: t.Any, day: t.Any, mode: t.Any) -> dict[str, t.Any]:
    """Return the summary."""
    return summary(plain(wishes), plain(plans), plain(applied), plain(errors), str(plain(day)), str(plain(mode)))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"access_summary": access_summary}
