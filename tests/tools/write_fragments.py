# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the documentation fragments of the providers: `python tests/tools/write_fragments.py [--check]`.

Editors and linters read the fragments without running them, so the files in plugins/doc_fragments contain literal
texts. Their sources in tests/tools/fragments share the common parts of several providers. With --check, nothing is
written, and a file that differs from its source is an error.
"""

from __future__ import annotations

import importlib
import inspect
import pathlib
import re
import sys
import textwrap

from environment import ROOT

WIDTH = 120
SOURCES = pathlib.Path(__file__).parent / "fragments"
FOLDER = ROOT / "plugins" / "doc_fragments"
HEADER = '''# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""{title}

Generated from tests/tools/fragments/{name}.py. Edit that file, then run `make fragments`.
"""

from __future__ import annotations


class ModuleDocFragment:
    """{summary}"""
'''


def names() -> list[str]:
    """Return the names of the generated files, without their extension."""
    return sorted(path.stem for path in SOURCES.glob("[!_]*.py") if path.stem != "texts")


def wrapped(text: str) -> str:
    """Return a YAML text whose plain scalars are refilled if one of their lines is too long."""
    scalars: list[list[str]] = []
    for line in text.split("\n"):
        start = re.match(r" *", scalars[-1][0]) if scalars else None
        further = (
            start is not None and line.startswith(f"{start[0]}  ") and not re.match(r" *(- |[\w.-]+:( |$)|#)", line)
        )
        if further and re.match(r" *(- |[\w.-]+: )(?![\"'\[{|>])", scalars[-1][0]):
            scalars[-1].append(line)
        else:
            scalars.append([line])
    return "\n".join(line for scalar in scalars for line in filled(scalar))


def filled(scalar: list[str]) -> list[str]:
    """Return the lines of a plain scalar, refilled if one of them is too long."""
    if all(len(line) <= WIDTH for line in scalar):
        return scalar
    margin = " " * (len(scalar[0]) - len(scalar[0].lstrip()))
    words = " ".join(line.strip() for line in scalar)
    return textwrap.wrap(
        margin + words, WIDTH, subsequent_indent=f"{margin}  ", break_long_words=False, break_on_hyphens=False
    )


def rendered(name: str) -> str:
    """Return a generated file: every upper-case attribute of the source's class as a literal."""
    module = importlib.import_module(f"fragments.{name}")
    holder = module.ModuleDocFragment
    text = HEADER.format(title=inspect.getdoc(module), name=name, summary=inspect.getdoc(holder))
    for attribute, value in vars(holder).items():
        if attribute.isupper():
            value = wrapped(value)
            if '"""' in value or "\\" in value:
                raise ValueError(f"{name}.{attribute} cannot be a raw text in triple quotes.")
            text += f'\n    {attribute} = r"""\n' + value.strip("\n") + '\n"""\n'
    return text


def main() -> int:
    """Write or check all files. Return the exit code."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name in names():
        path, text = FOLDER / f"{name}.py", rendered(name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(str(path.relative_to(ROOT)))
            if not check:
                path.write_text(text, encoding="utf-8")
    for path_name in stale:
        print(f"{path_name} {'differs from its source. Run `make fragments`.' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
