# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A port that another program uses."""

from __future__ import annotations

import socket

from simulator.__main__ import main


def test_a_port_in_use_is_named_with_the_next_step(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    message = capsys.readouterr().err
    assert f"simulator: port {port} is in use." in message
    assert "specify another port: --port " in message
