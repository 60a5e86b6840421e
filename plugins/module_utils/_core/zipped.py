# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module travels to its host as a zip archive; this makes Python compile each file in it once.

Python's zipimport compiles a file whenever it is asked for the file's name, and again for its code: half of the time
that importing takes. https://github.com/python/cpython/blob/3.13/Lib/zipimport.py: get_filename calls _get_module_code.
"""

from __future__ import annotations

import sys
import zipimport


class _Importer(zipimport.zipimporter):
    """Finds what zipimport finds; the name of a plain module's file is known without compiling it."""

    def get_filename(self, fullname: str) -> str:
        if self.is_package(fullname):
            return super().get_filename(fullname)
        return f"{self.archive}/{self.prefix}{fullname.rpartition('.')[2]}.py"


def import_once(loader: object) -> None:
    """Let all further imports from the zip archive that ``loader`` belongs to, if it does, be such ones."""
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
