# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter token_rotation_read."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.rotation import Reader

DOCUMENTATION = r"""
name: token_rotation_read
short_description: Check the tokens to rotate, and tell what is to be called for each
version_added: 0.1.0
description:
  - Tells everything that is wrong with the list of tokens that the role P(rollcall.identity.token_rotation#role) works on.
  - Turns each entry into the modules to call and their options. Neither has a secret.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: connections, settings
options:
  _input:
    description: The list, as C(token_rotation_tokens) of the role.
    type: list
    elements: dict
    required: true
  connections:
    description: The connections by name, as C(identity_connections) of the roles.
    type: dict
    required: true
  settings:
    description:
      - What holds for entries that say nothing of it. C(deliver) is a task file, C(dest) a folder, C(overlap) a duration.
      - C(awx) says whether files are gone after the run. C(playbook_dir) is the folder of the playbook, where a task file is looked for that is not where
        Ansible was started.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: The list is right
  ansible.builtin.assert:
    that: read.problems | length == 0
    fail_msg: "{{ read.problems }}"
  vars:
    settings: {deliver: "", dest: "", overlap: 1d, awx: false, playbook_dir: "{{ playbook_dir }}"}
    read: "{{ token_rotation_tokens | rollcall.identity.token_rotation_read(identity_connections, settings) }}"
"""

RETURN = r"""
_value:
  description: C(problems) is a list of sentences, empty if nothing is wrong. C(entries) are what is to be called for each token.
  type: dict
"""


def token_rotation_read(tokens: t.Any, connections: t.Any, settings: t.Any) -> dict[str, list[t.Any]]:
    """Return what is wrong with a list of tokens, and what is to be called for each."""
    reader = Reader(plain(tokens), plain(connections), plain(settings))
    return {"problems": reader.problems, "entries": reader.entries}


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"token_rotation_read": token_rotation_read}
