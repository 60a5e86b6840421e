# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write CHANGELOG.rst: the releases, and the fragments of the unreleased version in galaxy.yml.

The release itself is `antsibull-changelog release`, which moves the fragments into changelogs/changelog.yaml. This tool
does the same in a copy, and copies only the changelog from there. With --check, it compares.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import yaml

from environment import ROOT, attempt
from staging import staged

TARGET = ROOT / "CHANGELOG.rst"


def generate() -> str | None:
    """Return the text of the changelog, or None if antsibull-changelog fails."""
    with staged() as (_folder, root):
        version = yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"]
        released = yaml.safe_load((root / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
        # The text does not contain the date.
        action = ["generate"] if version in released else ["release", "--version", version, "--date", "2026-01-01"]
        worked, output = attempt(["antsibull-changelog", *action], cwd=root)
        if not worked:
            print(output)
            return None
        return (root / "CHANGELOG.rst").read_text(encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write or compare the file."""
    text = generate()
    if text is None:
        return 1
    if "--check" in arguments:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            print("CHANGELOG.rst is not what the fragments say: run `make changelog`.")
            return 1
        return 0
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
