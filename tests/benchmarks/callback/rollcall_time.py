# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes how long each task took, and how it ended, as lines of JSON."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: rollcall_time
type: aggregate
short_description: Record times of tasks for benchmarks
description: Only for the benchmarks of this collection.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core has no type information
    """One line for each task: its name, seconds, whether it failed or changed anything, its message,
    and the size of its result as JSON."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "rollcall_time"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._path = os.environ["ROLLCALL_TIMES"]
        self._start = 0.0

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._start = time.perf_counter()

    def _record(self, result: Any, failed: bool) -> None:
        seconds = time.perf_counter() - self._start
        # The public names of 2.19 and later, and those of the cores before.
        task = getattr(result, "task", None) or result._task
        raw = getattr(result, "result", None) or result._result
        line = {
            "name": task.name,
            "seconds": seconds,
            "failed": failed,
            "changed": bool(raw.get("changed")),
            "msg": str(raw.get("msg", "")),
            "size": len(json.dumps(raw, default=str)),
        }
        with open(self._path, "a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record(result, False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record(result, True)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record(result, True)
