# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the collection awx.awx is, if it is installed.

The package ansible holds it, and is too large to be installed for every run.
"""

from __future__ import annotations

import os
import pathlib
import sys


def awx_folder() -> pathlib.Path | None:
    """Return the folder of ansible_collections/awx/awx: the one that ROLLCALL_AWX names, or
    where Python finds packages."""
    folders = map(pathlib.Path, filter(None, [os.environ.get("ROLLCALL_AWX"), *sys.path]))
    return next(
        (path for path in folders if (path / "ansible_collections" / "awx" / "awx" / "MANIFEST.json").is_file()), None
    )
