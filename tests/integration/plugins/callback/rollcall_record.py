# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what each task returned, and the requests that it sent to the simulator, as lines of JSON."""

from __future__ import annotations

import http.client
import json
import os
import urllib.parse

from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: rollcall_record
type: aggregate
short_description: Record results and requests for tests
description: Only for the tests of this collection.
"""

_default = AnsibleJSONEncoder().default


class CallbackModule(CallbackBase):
    """One line for each task: its name, result and requests."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "rollcall_record"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._simulator = http.client.HTTPConnection(
            urllib.parse.urlsplit(os.environ["ROLLCALL_SIMULATOR"]).netloc, timeout=120
        )
        self._mark = 0
        self._play = 0

    def _control(self, method, path, body=None):
        data = None if body is None else json.dumps(body)
        self._simulator.request(method, f"/_sim/{path}", data, {"Content-Type": "application/json"})
        answer = self._simulator.getresponse()
        text = answer.read().decode("utf-8")
        if answer.status != 200:
            raise ValueError(f"{method} {path}: {text}")
        return text

    def v2_playbook_on_play_start(self, play):
        if self._play and "ROLLCALL_BETWEEN" in os.environ:
            with open(os.environ["ROLLCALL_BETWEEN"], encoding="utf-8") as file:
                between = json.load(file)
            state = self._control("GET", "state?provider=" + between["provider"])
            # not with the run's own files: it may hold secrets
            with open(os.environ["ROLLCALL_BETWEEN"] + ".state", "w", encoding="utf-8") as file:
                file.write(state)
            for method, path, body in between["calls"]:
                self._control(method, path, body)
        self._play += 1
        self._sent(2**53)

    def _sent(self, since):
        """Return the requests after one, as the simulator's own text, and remember the last of them."""
        text = self._control("GET", f"requests?since={since}")
        self._mark = int(text.rpartition(":")[2].rstrip("}"))
        return text

    def _record(self, result, failed):
        # The public names of 2.19 and later, and those of the cores before.
        task = getattr(result, "task", None) or result._task
        raw = getattr(result, "result", None) or result._result
        line = {
            "play": self._play, "name": task.name, "action": task.action, "failed": failed, "result": raw,
            "given": sorted(task.args),
        }  # fmt: skip
        # Ansible's encoder looks at every value, which takes long: it is for those that JSON does not know.
        text = json.dumps(line, default=_default)
        with open(os.environ["ROLLCALL_RECORD"], "a", encoding="utf-8") as file:
            file.write(f'{text[:-1]}, "sent": {self._sent(self._mark)}}}\n')

    def v2_runner_on_ok(self, result):
        self._record(result, False)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._record(result, True)

    def v2_runner_on_unreachable(self, result):
        self._record(result, True)
