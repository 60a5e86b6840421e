# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command in a virtual environment with its requirements.

    python3 tests/tools/environment.py run -- ansible --version
    python3 tests/tools/environment.py test -- pytest tests/unit

The first argument is a set of requirements, `tests/requirements/<set>.txt`. The first call creates its environment.
Later calls find it by a hash of the requirements and of the Python that runs this script, and install nothing.
Environments are outside the checkout, because the path of a checkout may contain spaces, and Ansible and the `#!` lines
of scripts do not support spaces in an interpreter's path. ROLLCALL_VENV sets another folder.

This script may only use the standard library, and must run on Python 3.10. Older ones, from 3.6 on, must be able to
start it: it says then which Python is needed.
"""

import ast
import contextlib
import errno
import fcntl
import hashlib
import importlib.util
import locale
import os
import pathlib
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence

OLDEST_PYTHON = (3, 10)
if sys.version_info < OLDEST_PYTHON:
    sys.exit(
        "rollcall.identity: Python 3.10 or newer is needed, and "
        f"{sys.executable} is {sys.version.split()[0]}. Specify another one: make PYTHON=python3.12"
    )

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONGEST_TMPDIR = 30
COLLECTIONS = ROOT / ".cache" / "collections"

# Variables of the user that would change what a test does, or direct it to a real provider.
FOREIGN_VARIABLES = re.compile(
    r"(ANSIBLE|NEXTAUTH|SENDAUTH|KESTRA|CONTABO|ONELOGIN|SCIM)_|VIRTUAL_ENV$"
    r"|PYTHON(HOME|PATH|SAFEPATH|STARTUP|OPTIMIZE|DONTWRITEBYTECODE)$"
)
WELCOME_VARIABLES = {"ANSIBLE_FORCE_COLOR", "ANSIBLE_NOCOLOR", "ANSIBLE_VERBOSITY", "ANSIBLE_KEEP_REMOTE_FILES"}


class Problem(Exception):
    """A problem that the user of make has to fix."""


def user_cache() -> pathlib.Path:
    """Return the folder in which programs cache files for this user. It may be unusable, or relative without HOME."""
    return pathlib.Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache"))


def is_usable(folder: pathlib.Path) -> bool:
    """Return whether files can be created in a folder, which is created if it does not exist."""
    if folder.is_absolute():
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            return os.access(folder, os.W_OK | os.X_OK)
    return False


def cache_home() -> pathlib.Path:
    """Return the folder outside the checkout that holds the environments: writable, and without spaces in its path."""
    folder = user_cache() / "rollcall-identity"
    if not re.search(r"\s", str(folder)) and is_usable(folder):
        return folder
    folder = pathlib.Path("/tmp") / f"rollcall-identity-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise Problem(
            f"{folder} belongs to somebody else: set XDG_CACHE_HOME to a folder of yours without spaces in its path"
        )
    return folder


def requirement_files(name: str) -> list[pathlib.Path]:
    """Return the requirements file of a set and those that it includes."""
    first = ROOT / "tests" / "requirements" / f"{name}.txt"
    if not first.is_file():
        raise Problem(f"there is no set of requirements named {name!r} ({first.relative_to(ROOT)})")
    files: list[pathlib.Path] = []
    waiting = [first]
    while waiting:
        path = waiting.pop(0)
        if path not in files:
            files.append(path)
            waiting += [
                (path.parent / name).resolve()
                for name in re.findall(r"(?m)^-r\s+(\S+)", path.read_text(encoding="utf-8"))
            ]
    return files


def fingerprint(name: str) -> str:
    """Return a hash that changes when the requirements or the Python change."""
    digest = hashlib.sha256(f"{sys.version}\n{os.path.realpath(sys.executable)}\n".encode())
    for path in requirement_files(name):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        digest.update("\n".join(line for line in lines if line and not line.startswith("#")).encode() + b"\0")
    return digest.hexdigest()[:16]


def say(text: str) -> None:
    """Print what takes long."""
    print(f"rollcall.identity: {text}", file=sys.stderr, flush=True)


def attempt(
    command: Sequence[str | pathlib.Path], env: Mapping[str, str] | None = None, cwd: pathlib.Path | None = None
) -> tuple[bool, str]:
    """Run a command quietly; return whether it succeeded, and its output."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        return False, str(error)
    return done.returncode == 0, f"$ {shlex.join(str(part) for part in command)}\n{done.stdout}"


def pip_variables() -> dict[str, str]:
    """Return the environment for pip, without settings that make it install into another folder.

    PIP_USER also makes `pip config` ignore the files of the system.
    """
    elsewhere = ("PIP_PREFIX", "PIP_ROOT", "PIP_TARGET")
    return {**{name: value for name, value in os.environ.items() if name not in elsewhere}, "PIP_USER": "0"}


def pip_settings(pip: Sequence[str] = (sys.executable, "-m", "pip")) -> dict[str, str]:
    """Return the settings of a pip command, from its files and environment. Those of the environment and of `install`
    have priority."""
    worked, text = attempt([*pip, "config", "list"], pip_variables())
    settings: dict[str, tuple[int, str]] = {}
    for line in text.splitlines() if worked else []:
        match = re.fullmatch(r"(global|install|:env:)\.([\w-]+)=(.*)", line.strip())
        if not match:
            continue
        rank = ("global", "install", ":env:").index(match[1])
        with contextlib.suppress(ValueError, SyntaxError):
            value = str(ast.literal_eval(match[3]))
            if match[2] not in settings or rank >= settings[match[2]][0]:
                settings[match[2]] = (rank, value)
    return {key: value for key, (rank, value) in settings.items()}


def uv_variables(pip: Sequence[str]) -> dict[str, str]:
    """Return the environment for uv, which does not read pip's settings: the same indexes, hosts and certificates."""
    settings = pip_settings(pip)
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_EXTRA_INDEX_URL",
        "find-links": "UV_FIND_LINKS",
        "trusted-host": "UV_INSECURE_HOST",
        "cert": "SSL_CERT_FILE",
        "client-cert": "SSL_CLIENT_CERT",
        "proxy": "ALL_PROXY",
    }
    env = dict(os.environ)
    for key, variable in names.items():
        values = settings.get(key, "").split()
        if values and variable not in env:
            env[variable] = ("," if variable == "UV_FIND_LINKS" else " ").join(values)
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        env.setdefault("UV_NO_INDEX", "1")
    if "UV_EXTRA_INDEX_URL" in env:
        env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # as pip does: the best version of all indexes
    env.setdefault("UV_HTTP_TIMEOUT", "180")
    if not is_usable(user_cache()):
        env.setdefault("UV_CACHE_DIR", str(cache_home() / "uv"))
    return env


def new_environment(folder: pathlib.Path) -> list[str]:
    """Create an empty virtual environment; return its pip command.

    There are three ways, because distributions remove parts of Python: without pip inside, controlled by the pip
    outside (quickest; needs pip 22.3); with pip inside (needs ensurepip); with the virtualenv package.
    """
    inner = folder / "bin" / "python"
    notes = []
    worked, text = attempt([sys.executable, "-m", "venv", "--clear", "--without-pip", folder])
    notes.append(text)
    if worked:
        pip = [sys.executable, "-m", "pip", "--python", str(inner)]
        worked, text = attempt([*pip, "--version"])
        notes.append(text)
        if worked:
            return pip
    worked, text = attempt([sys.executable, "-m", "venv", "--clear", folder])
    notes.append(text)
    if worked:
        return [str(inner), "-m", "pip"]
    with tempfile.TemporaryDirectory(prefix="rollcall-") as scratch:
        env = pip_variables()
        worked = importlib.util.find_spec("virtualenv") is not None
        if not worked:
            worked, text = attempt(
                [sys.executable, "-m", "pip", "install", "--quiet", "--target", scratch, "virtualenv"], env
            )
            notes.append(text)
            env["PYTHONPATH"] = scratch
        if worked:
            worked, text = attempt([sys.executable, "-m", "virtualenv", "--clear", folder], env)
            notes.append(text)
            if worked:
                return [str(inner), "-m", "pip"]
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    raise Problem(
        "\n".join(notes)
        + f"\n{sys.executable} can make no virtual environment. Install what your system keeps apart from Python\n"
        f"(Debian, Ubuntu: apt-get install python3-venv python3-pip, or python{version}-venv; "
        "others: the virtualenv package),\n"
        "or name a complete Python: make PYTHON=/path/to/python3"
    )


def advice(text: str) -> str:
    """Return what to do after an installation that failed with this output."""
    if os.strerror(errno.ENOSPC) in text:
        return "Free some space, or set TMPDIR and XDG_CACHE_HOME to folders on another disk."
    return "Check that pip reaches its index: `pip config list` shows its settings."


def install(folder: pathlib.Path, pip: list[str], files: Sequence[pathlib.Path]) -> None:
    """Install requirements, with uv if it is available, otherwise with pip."""
    requested = ["-r", str(files[0])]  # it includes the others
    uv = folder / "bin" / "uv"
    worked, text = attempt([*pip, "install", "--quiet", "uv"], pip_variables())
    if worked:
        env = {**uv_variables(pip), "VIRTUAL_ENV": str(folder)}
        worked, text = attempt([uv, "pip", "install", "--python", folder / "bin" / "python", *requested], env)
    if not worked:
        say("uv could not install the requirements, pip tries it now")
        worked, other = attempt([*pip, "install", "--quiet", *requested], pip_variables())
        if not worked:
            raise Problem(f"{text}\n{other}\nThe requirements could not be installed. {advice(text + other)}")


@contextlib.contextmanager
def only_one(lock: pathlib.Path) -> Iterator[None]:
    """Prevent a second make from building the same environment at the same time."""
    with open(lock, "w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def ensure(name: str) -> pathlib.Path:
    """Return the folder of a set's environment. Create it if necessary."""
    mark = fingerprint(name)
    chosen = os.environ.get("ROLLCALL_VENV")
    if chosen:
        folder = pathlib.Path(chosen).expanduser().absolute()
        if re.search(r"\s", str(folder)):
            raise Problem("ROLLCALL_VENV must not have spaces in its path: Ansible cannot use such an interpreter")
    else:
        folder = cache_home() / f"{name}-py{sys.version_info[0]}.{sys.version_info[1]}-{mark}"
    stamp = folder / f".rollcall-{name}"

    def ready() -> bool:
        return (folder / "bin" / "python").exists() and stamp.is_file() and stamp.read_text(encoding="utf-8") == mark

    if ready():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with only_one(folder.with_name(folder.name + ".lock")):
        if not ready():
            start = time.monotonic()
            say(f"installing what `{name}` needs into {folder} (once; it can take minutes)")
            inside = [str(folder / "bin" / "python"), "-m", "pip"]
            if chosen and (folder / "bin" / "python").exists():
                outside = [sys.executable, "-m", "pip", "--python", inside[0]]
                pip = inside if attempt([*inside, "--version"])[0] else outside
            else:
                pip = new_environment(folder)
            try:
                install(folder, pip, requirement_files(name))
            except BaseException:
                if not chosen:
                    shutil.rmtree(folder, ignore_errors=True)
                raise
            stamp.write_text(mark, encoding="utf-8")
            say(f"ready after {time.monotonic() - start:.0f} s")
    return folder


def link_collection() -> None:
    """Make the checkout importable as ansible_collections.rollcall.identity, through a link under .cache.

    Raises Problem if the checkout is not writable.
    """
    link = COLLECTIONS / "ansible_collections" / "rollcall" / "identity"
    target = os.path.relpath(ROOT, link.parent)
    with contextlib.suppress(OSError):
        if os.readlink(link) == target:
            return
    try:
        link.parent.mkdir(parents=True, exist_ok=True)
        fresh = link.with_name(f"identity.{os.getpid()}")
        fresh.symlink_to(target, target_is_directory=True)
        fresh.replace(link)
    except OSError as error:
        raise Problem(f"{error}\nClone the repository into a folder in which you may create files.") from error


def pyenv_folder(name: str) -> pathlib.Path:
    """Return a folder of pyenv: versions or shims."""
    return pathlib.Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")) / name


def interpreter_folders() -> list[str]:
    """Return the bin folders of pyenv's other Pythons: the newest of each minor version, oldest last."""
    newest: dict[tuple[int, int], tuple[int, str]] = {}
    with contextlib.suppress(OSError):  # another user's home
        for folder in pyenv_folder("versions").glob("3.*"):
            match = re.fullmatch(r"(3)\.(\d+)\.(\d+)", folder.name)
            if match and (folder / "bin" / f"python3.{match[2]}").exists():
                minor, patch = (int(match[1]), int(match[2])), int(match[3])
                newest[minor] = max(newest.get(minor, (-1, "")), (patch, str(folder / "bin")))
    return [newest[minor][1] for minor in sorted(newest, reverse=True)]


def path_folders() -> list[str]:
    """Return the folders of PATH without pyenv's shims.

    Ansible finds the shims and treats them as interpreters, but a shim fails if its version is not selected.
    """
    shims = str(pyenv_folder("shims"))
    return [part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part and part != shims]


def search_path(folder: pathlib.Path) -> str:
    """Return PATH: first the environment, then the existing path, with real Pythons instead of pyenv's shims."""
    return os.pathsep.join(dict.fromkeys([str(folder / "bin"), *path_folders(), *interpreter_folders()]))


def is_utf8() -> bool:
    """Return whether the locale exists and encodes text as UTF-8: otherwise Ansible does not start."""
    try:
        locale.setlocale(locale.LC_ALL, "")
        return (locale.getlocale()[1] or "").lower().replace("-", "") == "utf8"
    except (locale.Error, ValueError):
        return False


def temporary_folder() -> str:
    """Return the folder for the temporary files of tests: TMPDIR, or /tmp if paths below that are unusable.

    An interpreter's path may not contain spaces, and the path of a socket is limited to about 100 characters.
    """
    folder = os.environ.get("TMPDIR") or "/tmp"
    return "/tmp" if re.search(r"\s", folder) or len(folder) > LONGEST_TMPDIR else folder


def variables(folder: pathlib.Path) -> dict[str, str]:
    """Return the environment that commands run in."""
    env = {
        key: value for key, value in os.environ.items() if key in WELCOME_VARIABLES or not FOREIGN_VARIABLES.match(key)
    }
    settings = ROOT / ".cache" / "ansible.cfg"
    if not settings.exists():
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("[defaults]\n", encoding="utf-8")
    local = ",".join(filter(None, [env.get("NO_PROXY") or env.get("no_proxy"), "localhost", "127.0.0.1", "::1"]))
    env.update(
        PATH=search_path(folder),
        VIRTUAL_ENV=str(folder),
        ROLLCALL_VENV=str(folder),
        ROLLCALL_COLLECTIONS=str(COLLECTIONS),
        ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
        ANSIBLE_CONFIG=str(settings),
        ANSIBLE_HOME=str(folder / "ansible-home"),
        HYPOTHESIS_STORAGE_DIRECTORY=str(ROOT / ".cache" / "hypothesis"),
        NO_PROXY=local,
        no_proxy=local,
    )
    if not os.access(os.path.expanduser("~"), os.W_OK | os.X_OK):
        home = cache_home() / "home"  # Ansible and npm create files there
        home.mkdir(exist_ok=True)
        env["HOME"] = str(home)
    if not is_utf8():
        env.update(LC_ALL="C.UTF-8", LANG="C.UTF-8")
    return env


def remove_environments() -> None:
    """Remove every environment of this project."""
    folder = cache_home()
    say(f"removing {folder}")
    shutil.rmtree(folder)


def main(arguments: Sequence[str]) -> int:  # noqa: RET503 - the last line does not return
    """Execute the command line. Does not return if it contains a command."""
    if list(arguments) == ["--remove"]:
        remove_environments()
        return 0
    if not arguments:
        raise Problem("usage: environment.py SET [-- COMMAND ...] | --remove")
    name, command = arguments[0], list(arguments[1:])
    folder = ensure(name)
    link_collection()
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        print(folder)
        return 0
    env = variables(folder)
    if name == "test":
        env["TMPDIR"] = temporary_folder()
    while "=" in command[0]:
        key, value = command.pop(0).split("=", 1)
        env[key] = value
    os.chdir(ROOT)
    program = shutil.which(command[0], path=env["PATH"])
    if program is None:
        raise Problem(f"there is no command {command[0]!r} in {folder}")
    os.execve(program, command, env)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Problem, OSError) as problem:  # such as a checkout that is not writable
        print(f"rollcall.identity: {problem}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
