# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what the schema of the roles' data is published as: docs/identity.schema.json, and the shared part of the roles' argument specifications.

    python tests/tools/schema.py            # write
    python tests/tools/schema.py --check    # only tell what is not up to date
"""

from __future__ import annotations

import importlib
import json
import pathlib
import sys
import textwrap
from typing import Any

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
MARK = "      # The data that all roles work on: made from the schema by tests/tools/schema.py.\n"
TYPES = {"object": "dict", "array": "list", "string": "str"}


class _Indented(yaml.SafeDumper):
    """Indents lists, as ansible-lint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never leave the indentation out."""
        super().increase_indent(flow, False)


def load() -> Any:
    """Return the module that holds the schema."""
    sys.path.insert(0, str(ROOT / ".cache" / "collections"))
    return importlib.import_module("ansible_collections.rollcall.identity.plugins.plugin_utils._life.schema")


def option(about: dict[str, Any]) -> dict[str, Any]:
    """Return a part of the schema as an option of an argument specification."""
    found: dict[str, Any] = {"description": about.get("description", ""), "type": TYPES[about.get("type", "string")]}
    if "enum" in about:
        found["choices"] = about["enum"]
    if found["type"] == "list":
        items = about["items"]
        found["elements"] = TYPES.get(items.get("type"), "raw")
        if items.get("properties"):
            needed = items.get("required", ())
            found["options"] = {name: option(inner) | ({"required": True} if name in needed else {}) for name, inner in items["properties"].items()}
    return found


def shared(schema: Any) -> dict[str, Any]:
    """Return the options that all roles share."""
    found = {name: option(about) for name, about in schema.SCHEMA["properties"].items()}
    found["identity_connections"]["description"] = "Name -> connection, as docs/identity.schema.json describes it."
    found["identity_entitlements"]["description"] = "Name -> entitlement, as docs/identity.schema.json describes it."
    found["identity_connections"]["default"], found["identity_entitlements"]["default"], found["identity_people"]["default"] = {}, {}, []
    found["identity_as_of"] = {"description": "The day that dates are compared with, such as 2026-12-31. Today in UTC, if not given.", "type": "str"}
    return found


def pages(schema: Any) -> dict[pathlib.Path, str]:
    """Return the text of each file that is made from the schema."""
    found = {ROOT / "docs" / "identity.schema.json": json.dumps(schema.SCHEMA, indent=2) + "\n"}
    options = textwrap.indent(yaml.dump(shared(schema), Dumper=_Indented, sort_keys=False, width=140, allow_unicode=True), "      ")
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml")):
        head, mark, _rest = path.read_text(encoding="utf-8").partition(MARK)
        if mark:
            found[path] = head + MARK + options
    return found


def main(arguments: list[str]) -> int:
    """Write the files, or tell which are not up to date."""
    stale = [path for path, text in pages(load()).items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is not what the schema says: run python tests/tools/schema.py", file=sys.stderr)
        else:
            path.write_text(pages(load())[path], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
