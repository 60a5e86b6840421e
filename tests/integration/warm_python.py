# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Python that has begun already: it forks for each program that it runs, which saves most of their time to start.

A program still runs in a process of its own, with the arguments, files, environment and folder that it is given; a
module arrives as Ansible's own archive. The collection's own code is imported before, too: a module gets a file of it
only if the archive holds the same text. The tests of ``test_features`` start everything as users do.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.abc
import importlib.machinery
import marshal
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import time
import types
import zipimport
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

# Every module and every playbook starts one of these: it imports little, since that takes longer than all else.
CLIENT = """
import _socket, marshal, os, sys
connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
connection.connect(sys.argv[1])
target = marshal.dumps({"argv": sys.argv[2:], "env": dict(os.environ), "cwd": os.getcwd()})
files = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
connection.sendmsg([len(target).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
connection.sendall(target)
os._exit((connection.recv(1) or b"\\1")[0])
"""


def archives_folder(own: pathlib.Path) -> str:
    """Return the folder that keeps the archives of modules.

    The gate names one for all its processes, which saves half a second for each module and process. Ansible locks
    archives since 2.19; before, each process has a folder of its own.
    """
    from ansible.release import __version__

    shared = os.environ.get("ROLLCALL_ARCHIVES")
    return shared if shared and tuple(map(int, __version__.split(".")[:2])) >= (2, 19) else str(own)


@contextlib.contextmanager
def warm_python(
    folder: pathlib.Path,
    imports: Sequence[str],
    compiles: Sequence[pathlib.Path] = (),
    env: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Start a server and yield the path of an executable that stands for the interpreter.

    The server has imported some modules. It has compiled the files of some folders: where an archive or a collection
    holds the same text, that is used.
    """
    address, client, executable = folder / "warm.sock", folder / "client.py", folder / "python3"
    client.write_text(CLIENT, encoding="utf-8")
    command = [sys.executable, "-I", "-S", str(client), str(address)]
    executable.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    executable.chmod(0o755)
    command = [sys.executable, __file__, str(address), *imports, *map(str, compiles)]
    # What is imported may look at its output: as for the programs, that is no terminal.
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=env)
    try:
        while not address.exists():
            if server.poll() is not None:
                raise RuntimeError("the warm interpreter did not start")
            time.sleep(0.01)
        yield str(executable)
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def warm_interpreters(
    settings: Mapping[str, str],
    folder: Callable[[str], pathlib.Path],
    compiles: Sequence[pathlib.Path],
    more: Sequence[pathlib.Path] = (),
) -> Iterator[tuple[str, str]]:
    """Yield two executables: one stands for the interpreter of modules, one for that of ansible-playbook.

    ``folder`` creates a folder of a name. Both have compiled the files of ``compiles``, that of modules those of
    ``more``, too.
    """
    modules = warm_python(folder("modules"), ["ansible.module_utils.basic", "requests"], [*compiles, *more])
    with modules as python:
        env = {
            **settings,
            "ROLLCALL_EXECUTABLE": python,  # for the modules of Ansible itself
            "ROLLCALL_ARCHIVES": archives_folder(folder("archives")),
        }
        with warm_python(folder("playbooks"), ["warm_ansible", "requests"], compiles, env=env) as ansible:
            yield python, ansible


def serve(address: str, before: Sequence[str]) -> None:
    """Fork a process for each connection, for ever. ``before`` names modules to import and folders to compile."""
    compiled: dict[bytes, types.CodeType] = {}
    compile_source = vars(zipimport)["_compile_source"]
    for name in before:
        if name.endswith("/ansible_collections"):
            Ready.prepare(pathlib.Path(name))
        elif os.path.isabs(name):
            for path in pathlib.Path(name).rglob("*.py"):
                compiled[path.read_bytes()] = compile_source(str(path), path.read_bytes())
        else:
            importlib.import_module(name)
    vars(zipimport)["_compile_source"] = lambda path, source: compiled.get(source) or compile_source(path, source)
    finder = sys.modules.get("ansible.utils.collection_loader._collection_finder")
    if finder is not None:  # it compiles a collection's files whenever a program starts

        def compile_file(source: bytes, filename: str, *arguments: Any, **options: Any) -> Any:
            return compiled.get(source) or compile(source, filename, *arguments, **options)

        vars(finder)["compile"] = compile_file
    # What a program here starts by sys.executable begins already, too, if there is another server for it.
    sys.executable = os.environ.get("ROLLCALL_EXECUTABLE", sys.executable)
    signal.signal(signal.SIGCHLD, _reap)
    gc.collect()
    gc.disable()  # nothing here runs for long
    gc.freeze()  # a collection in a forked process would copy the pages that it shares
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


class Ready(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Modules of the collection that were imported before: an archive
    that holds the same text gets them as they are."""

    known: dict[str, tuple[types.ModuleType, bytes]]

    @classmethod
    def prepare(cls, collections: pathlib.Path) -> None:
        """Import the module_utils of the collection from a folder of collections, and forget that they are imported."""
        ready = cls()
        ready.known = {}
        sys.path.insert(0, str(collections.parent))
        root = collections / "rollcall" / "identity" / "plugins" / "module_utils"
        for path in sorted(root.rglob("*.py")):
            name = ".".join(path.relative_to(collections.parent).with_suffix("").parts).removesuffix(".__init__")
            ready.known[name] = (importlib.import_module(name), path.read_bytes())
        for name in [name for name in sys.modules if name.partition(".")[0] == collections.name]:
            del sys.modules[name]
        sys.path.remove(str(collections.parent))
        sys.meta_path.insert(0, ready)

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """Look a module up in the archive that is first on the path, as the interpreter would; take it from here."""
        module, text = self.known.get(fullname, (None, b""))
        if module is None:
            return None
        name = fullname.replace(".", "/") + ("/__init__.py" if hasattr(module, "__path__") else ".py")
        with contextlib.suppress(OSError, ImportError):
            if zipimport.zipimporter(sys.path[0]).get_data(name) == text:
                return importlib.machinery.ModuleSpec(fullname, self, is_package=hasattr(module, "__path__"))
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Return the module itself."""
        return self.known[spec.name][0]

    def exec_module(self, module: types.ModuleType) -> None:
        """Do nothing: that is done."""


def _reap(_number: int, _frame: types.FrameType | None) -> None:
    """Take leave of the processes that have ended: their time is then counted as that of the tests."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _child(connection: socket.socket) -> None:
    """Be the process that the client stands for."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        size, fds, _flags, _peer = socket.recv_fds(connection, 8, 3)
        with connection.makefile("rb") as stream:
            target = marshal.loads(stream.read(int.from_bytes(size, "big")))
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
        os.environ.clear()
        os.environ.update(target["env"])
        os.chdir(target["cwd"])
        code = _run(target["argv"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        with contextlib.suppress(OSError):
            connection.sendall(bytes([code]))
        os._exit(code)


def _run(argv: list[str]) -> int:
    """Run a script, or what comes by standard input, as the interpreter would, and return the exit code."""
    import runpy
    import traceback

    try:
        if argv:
            sys.argv[:] = argv
            sys.path[0] = os.path.dirname(argv[0])
            runpy.run_path(argv[0], run_name="__main__")
        else:
            sys.argv[:] = [""]
            exec(compile(sys.stdin.read(), "<stdin>", "exec"), {"__name__": "__main__", "__builtins__": __builtins__})
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
