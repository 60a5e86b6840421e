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
      - What happens to the users of the directory that O(users) does not name.
      - All values but V(ignore) read the whole directory. If the listing is not complete, the task fails.
      - V(disable) and V(delete) fail if O(users) lists nobody with O(users[].state=present), and if a user of the
        directory has no name and may be a listed one.
    type: str
    choices:
      ignore: Nothing. The directory is read only as far as the listed users need it.
      report: They are returned as RV(unlisted), and left alone.
      disable: Their login is blocked.
      delete: They are deleted. The number of them is limited by O(delete_limit).
    default: ignore
  loss_limit:
    description:
      - Users who may lose something in this task, as a number such as V(10), or as a percentage such as V(5%) of the
        users that the task has read. With O(unlisted=ignore) these can be the listed users alone.
      - A loss is being deleted, disabled, locked or demoted, or having a grant such as a role taken away. Attributes
        and profile fields are none. The losses of a plan are returned in RV(losses).
      - Over the limit the task fails before its first write and names the users in RV(stopped).
      - If not given, the limit is V(5) users or V(2%), whichever is larger.
    type: str
  delete_limit:
    description:
      - Users that O(unlisted=delete) may delete. Over the limit the task fails before its first write.
      - Users who are listed with O(users[].state=absent) count for O(loss_limit) only.
    type: int
    default: 0
  create_limit:
    description:
      - Users who may be created in this task, as a number or as a percentage, like O(loss_limit). Over the limit the
        task fails before its first write.
      - If not given, there is no limit.
    type: str
  reopen_limit:
    description:
      - Blocked or deleted users who may be able to log in again after this task, as a number or as a percentage, like
        O(loss_limit). Over the limit the task fails before its first write.
      - If not given, there is no limit.
    type: str
  rename_limit:
    description:
      - Users who may be renamed in this task, as a number or as a percentage, like O(loss_limit). Over the limit the
        task fails before its first write.
      - If not given, there is no limit.
    type: str
  min_admins:
    description:
      - Privileged users who must be left with a login. V(0) allows to take away all.
      - If it is unknown whether a user is privileged, the user counts as privileged when deleted, disabled or demoted,
        and does not count among those who are left.
      - Without effect if the provider does not report who is privileged. Modules on one user keep two.
    type: int
    default: 2
  bootstrap:
    description:
      - O(unlisted=disable) and O(unlisted=delete) fail if fewer than half of the listed users exist in a directory that
        is not empty, for it may be the wrong one. V(true) says that it is the right one.
    type: bool
    default: false
  plan_digest:
    description:
      - The RV(plan_digest) of a plan that was approved, mostly of a run in check mode.
      - The plan is made again and must have this digest. Otherwise the task fails before its first write.
      - A task that has nothing to change is unchanged, whatever the digest is, so the approved task can run twice.
    type: str
  max_mails:
    description:
      - Mails to users that a plan may cause. Over the limit the task fails before its first write.
      - Without effect if the provider sends none. The number is returned as RV(mails).
    type: int
    default: 20
  on_error:
    description: What to do after the first user whose change failed.
    type: str
    choices:
      continue: Go on with the other users.
      stop: Begin with no further user. They are returned in RV(not_attempted).
    default: continue
notes:
  - A task that failed half-way is completed by running it again. What was done is not repeated.
  - Users are written concurrently. Nobody is disabled or deleted before all other changes have been made.
  - At a terminal, or with C(-v), a task that takes more than a few seconds shows how far it is and what it waits for.
    It can be interrupted.
"""
