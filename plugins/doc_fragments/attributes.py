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
      - With a local connection, the action plugin works in the controller's worker process. It starts no module
        process, and the items of a loop share connections and logins.
      - A module process does the work instead if the connection is another one, if the task has C(become), C(async) or
        C(environment), if O(ignore:ansible_python_interpreter) is not Ansible's Python, if Ansible's Python has no
        C(requests), and on macOS. The result is the same.
      - To always use a module process, set the variable O(ignore:rollcall_in_process) to V(false).
  async:
    description: Supports being used with the C(async) keyword.
    support: full
  platform:
    description: Target systems that the module can be run on.
    platforms: posix
    support: full
notes:
  - If the module fails, it returns C(msg), C(code) and C(errors), a list with C(code) and C(message) of each problem.
    R(Troubleshooting by code,ansible_collections.rollcall.identity.docsite.guide_errors) says what to do about each
    code.
"""

    CONVERGE = r"""
attributes:
  check_mode:
    description: Can run in check mode and predict the change without making it.
    support: full
    details:
      - The module makes the same plan from the same reads, but does not execute it. What only the server can check,
        such as its password policy, fails only in the real run.
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
      - The module looks up the user, but does not perform the action. If no user has the name, a warning with the code
        C(missing_in_check_mode) reports it, because an earlier task may create the user. What only the server can
        check, such as its password policy, fails only in the real run.
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
      - The module only reads.
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
      - Only with O(dest). Ansible keeps the result of an asynchronous task in a file, which must not contain a secret.
"""
