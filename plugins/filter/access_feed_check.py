# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter access_feed_check."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.feed import feed_problems

DOCUMENTATION = r"""
name: access_feed_check
short_description: Check whether a feed of people is whole and fresh
version_added: 0.1.0
description:
  - Tells what is wrong with the people taken together. There are too few, or their file is too old.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: least, max_age, changed, told
options:
  _input:
    description: The people.
    type: list
    elements: dict
    required: true
  least:
    description: Fewer people than this is wrong.
    type: int
    required: true
  max_age:
    description: The age that the feed may have, such as V(36h) or V(2d). Empty for any.
    type: str
    required: true
  changed:
    description: When the file was written, in seconds since 1970. Empty where there is none.
    type: str
    required: true
  told:
    description: When the feed was made, such as V(2026-12-31T08:00:00Z). Empty where it is not known.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: The feed is whole
  ansible.builtin.assert:
    that: identity_people | rollcall.identity.access_feed_check(2500, '36h', '', '2026-12-31T08:00:00Z') | length == 0
"""

RETURN = r"""
_value:
  description: A sentence for everything that is wrong. Empty if nothing is.
  type: list
  elements: str
"""


def access_feed_check(people: t.Any, least: t.Any, max_age: t.Any, changed: t.Any, told: t.Any) -> list[str]:
    """Return what is wrong with the feed."""
    when = str(plain(changed))
    return feed_problems(plain(people), int(least), str(plain(max_age)), float(when) if when else None, str(plain(told)), time.time())


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"access_feed_check": access_feed_check}
