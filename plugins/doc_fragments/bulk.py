# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limits of the modules on many users."""

from __future__ import annotations


class ModuleDocFragment:
    """What happens to users that are not listed, and how much a task may change."""

    DOCUMENTATION = r"""
options:
  unlisted:
    description:
      - What happens to users of the directory who are not in O(users).
      - All values except V(ignore) read the whole directory. If the listing is not complete, the task fails.
      - V(disable) and V(delete) fail if no user in O(users) has O(users[].state=present), or if the directory has a
        user without a name who may be a listed user.
    type: str
    choices:
      ignore: Nothing. The task only reads what it needs for the listed users.
      report: The task returns them in RV(unlisted), and leaves them alone.
      disable: The task blocks their login.
      delete: The task deletes them. O(delete_limit) limits their number.
    default: ignore
  loss_limit:
    description:
      - How many users may lose something in this task, as a number such as V(10), or as a percentage such as V(5%) of
        the users that the task has read. With O(unlisted=ignore), these may be only the listed users.
      - A user who is deleted, disabled, locked or demoted, or loses a grant such as a role, counts as a loss. Changes
        of attributes and profile fields do not count. RV(losses) contains the losses of a plan.
      - If the limit is exceeded, the task fails before its first write, and RV(stopped) lists the users.
      - If not given, the limit is V(5) users or V(2%), whichever is larger.
    type: str
  delete_limit:
    description:
      - How many users O(unlisted=delete) may delete. If the limit is exceeded, the task fails before its first write.
      - Users who are listed with O(users[].state=absent) count only towards O(loss_limit).
    type: int
    default: 0
  create_limit:
    description:
      - How many users the task may create, as a number or as a percentage, like O(loss_limit). If the limit is
        exceeded, the task fails before its first write.
      - If not given, there is no limit.
    type: str
  reopen_limit:
    description:
      - How many blocked or deleted users may be able to log in again after this task, as a number or as a percentage,
        like O(loss_limit). If the limit is exceeded, the task fails before its first write.
      - If not given, there is no limit.
    type: str
  rename_limit:
    description:
      - How many users the task may rename, as a number or as a percentage, like O(loss_limit). If the limit is
        exceeded, the task fails before its first write.
      - If not given, there is no limit. It has no effect on nextAuth, which cannot rename users.
    type: str
  min_admins:
    description:
      - How many privileged users must still be able to log in. V(0) does not require any.
      - A user who may be privileged counts as privileged when deleted, disabled or demoted, but not among those who
        remain.
      - It has no effect if the provider does not report who is privileged. Modules for one user always keep two.
    type: int
    default: 2
  bootstrap:
    description:
      - Whether O(unlisted=disable) and O(unlisted=delete) are allowed if fewer than half of the listed users exist in a
        directory that is not empty. Otherwise the task fails, because it may be the wrong directory.
    type: bool
    default: false
  plan_digest:
    description:
      - The RV(plan_digest) of an approved plan, usually from a run in check mode.
      - The task plans again, and fails before its first write if the new plan has another digest.
      - If there is nothing to change, the digest does not matter, so the approved task can run twice.
    type: str
  max_mails:
    description:
      - How many e-mails to users the plan may trigger. If the limit is exceeded, the task fails before its first write.
      - It has no effect if the provider does not send e-mails. RV(mails) is their number.
    type: int
    default: 20
  on_error:
    description: What to do after the first user whose change failed.
    type: str
    choices:
      continue: Continue with the other users.
      stop: Do not start with any other user. RV(not_attempted) lists the remaining users.
    default: continue
notes:
  - If a task fails halfway, run it again. It does not repeat what was done.
  - The module writes several users at the same time. It disables and deletes users after all other changes.
  - In a terminal, or with C(-v), a task that takes more than a few seconds shows its progress and what it waits for.
    You can interrupt it.
"""
