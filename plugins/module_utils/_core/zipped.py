# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports from the zip archive in which Ansible sends a module to its host: Python compiles each file only once.

Python's zipimport compiles a file to return its name, and again to return its code. The first takes half of the time
of an import. https://github.com/python/cpython/blob/3.13/Lib/zipimport.py: get_filename calls _get_module_code.
"""

from __future__ import annotations

import sys
import zipimport


class _Importer(zipimport.zipimporter):
    """A zipimporter that returns the file name of a plain module without compiling the file."""

    def get_filename(self, fullname: str) -> str:
        if self.is_package(fullname):
            return super().get_filename(fullname)
        return f"{self.archive}/{self.prefix}{fullname.rpartition('.')[2]}.py"


def import_once(loader: object) -> None:
    """Use ``_Importer`` for all further imports from the archive of ``loader``. Do nothing for other loaders."""
    if not isinstance(loader, zipimport.zipimporter):
        return
    archive = loader.archive

    def hook(path: str) -> _Importer:
        if not path.startswith(archive):
            raise ImportError
        return _Importer(path)

    sys.path_hooks.insert(0, hook)
    for path in [path for path in sys.path_importer_cache if path.startswith(archive)]:
        del sys.path_importer_cache[path]
