# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all modules have in common, as Ansible's attributes: one part for each kind of module, and one for all."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes and requirements. Every module names the first part and one for its kind."""

    DOCUMENTATION = r"""
requirements:
  - requests >= 2.28
attributes:
  action:
    description: Whether an action plugin can do the work on the controller.
    support: full
    details:
      - With a local connection the work is done in the controller's worker process. No module process is started, and
        connections and logins live across the items of a loop.
      - It is done by a module process instead if the connection is another one, if the task has C(become), C(async) or
        C(environment), if O(ignore:ansible_python_interpreter) is another Python than Ansible's, if that Python has no
        C(requests), and on macOS. The result is the same.
      - The variable O(ignore:rollcall_in_process) set to V(false) asks for a module process always.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
  platform:
    description: Target systems that the module can be run on.
    platforms: posix
    support: full
"""

    CONVERGE = r"""
attributes:
  check_mode:
    description: Can run in check mode and predict the change without making it.
    support: full
    details:
      - The same plan is made from the same reads, and not executed.
  diff_mode:
    description: Returns what changes, in diff mode.
    support: full
    details:
      - One difference for each user, with the changed fields only. A password shows as V(********).
"""

    PERFORM = r"""
attributes:
  check_mode:
    description: Can run in check mode and predict the change without making it.
    support: full
    details:
      - The user is looked up, so that a wrong name fails here as well. The action is announced and not done.
  diff_mode:
    description: Returns what changes, in diff mode.
    support: none
    details:
      - An action is not a state, so there is nothing to compare.
"""

    GATHER = r"""
attributes:
  check_mode:
    description: Can run in check mode and predict the change without making it.
    support: full
    details:
      - The module reads only.
  diff_mode:
    description: Returns what changes, in diff mode.
    support: N/A
"""

    SECRET = r"""
attributes:
  async:
    description: Supports being used with the C(async) keyword.
    support: partial
    details:
      - Only with O(dest). Ansible keeps the result of an asynchronous task in a file, and a secret must not be left
        there.
"""
