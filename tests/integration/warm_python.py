# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Python that has begun already: it forks for each module, so that a thousand of them start in a tenth of the time.

Every module still arrives as Ansible's own archive, in a process of its own, with the arguments, files, environment
and folder that Ansible gives it. Only what is not the collection's is imported before. ``test_features`` starts modules by the plain interpreter.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

_CLIENT = """
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(sys.argv[1])
    wish = json.dumps({"argv": sys.argv[2:], "env": dict(os.environ), "cwd": os.getcwd()}).encode()
    socket.send_fds(connection, [len(wish).to_bytes(8, "big")], [0, 1, 2])
    connection.sendall(wish)
    sys.exit((connection.recv(1) or b"\\1")[0])
"""


@contextlib.contextmanager
def warm_python(folder: pathlib.Path) -> Iterator[str]:
    """Start the server and yield the path of an executable that stands for the interpreter."""
    address, client, executable = folder / "warm.sock", folder / "client.py", folder / "python3"
    client.write_text(_CLIENT, encoding="utf-8")
    command = [sys.executable, "-I", "-S", str(client), str(address)]
    executable.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    executable.chmod(0o755)
    server = subprocess.Popen([sys.executable, __file__, str(address)], stdin=subprocess.PIPE)
    try:
        while not address.exists():
            if server.poll() is not None:
                raise RuntimeError("the warm interpreter did not start")
            time.sleep(0.01)
        yield str(executable)
    finally:
        server.terminate()
        server.wait()


def serve(address: str) -> None:
    """Fork a process for each connection, for ever."""
    import ansible.module_utils.basic
    import requests  # noqa: F401  # imported so that those who are forked have it

    del ansible
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address + ".new")
        listener.listen(16)
        os.rename(address + ".new", address)
        while True:
            connection, _peer = listener.accept()
            if os.fork() == 0:
                listener.close()
                _child(connection)
            connection.close()


def _child(connection: socket.socket) -> None:
    """Be the process that the client stands for."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        size, fds, _flags, _peer = socket.recv_fds(connection, 8, 3)
        with connection.makefile("rb") as stream:
            wish = json.loads(stream.read(int.from_bytes(size, "big")))
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
        os.environ.clear()
        os.environ.update(wish["env"])
        os.chdir(wish["cwd"])
        code = _run(wish["argv"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        with contextlib.suppress(OSError):
            connection.sendall(bytes([code]))
        os._exit(code)


def _run(argv: list[str]) -> int:
    """Run a script as the interpreter would, and return the exit code."""
    import runpy
    import traceback

    sys.argv[:] = argv
    sys.path[0] = os.path.dirname(argv[0])
    try:
        runpy.run_path(argv[0], run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
