# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers and calls for the tests of the transport."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.tests.unit.web import Reply

OK = Reply(body={"ok": True})
THING = {"id": 7}
by_name = pytest.mark.parametrize


def call(sender, operation, **more):
    """Send an operation, with a body where it takes one."""
    body = {"name": "ada"} if operation.method in ("POST", "PUT") else None
    return sender.call(operation, THING, json=body, subject="ada", **more)
