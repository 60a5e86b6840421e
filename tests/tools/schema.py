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
GUIDE = "R(the guide,ansible_collections.rollcall.identity.docsite.guide_people)"


class _Indented(yaml.SafeDumper):
    """Indents lists, as ansible-lint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never leave the indentation out."""
        super().increase_indent(flow, False)


def load() -> Any:
    """Return the module that holds the schema."""
    sys.path.insert(0, str(ROOT / ".cache" / "collections"))
    return importlib.import_module("ansible_collections.rollcall.identity.plugins.plugin_utils._life.schema")


def described(description: str, about: dict[str, Any]) -> list[str]:
    """Return what is said of a variable: what it is, where more is said, and what each of its entries can hold."""
    found = [description, f"The schema is C(docs/identity.schema.json), and {GUIDE} has an example."]
    for name, inner in about["properties"].items():
        choices = f" One of {', '.join(f'V({choice})' for choice in inner['enum'])}." if "enum" in inner else ""
        found.append(f"C({name}){' (needed)' if name in about['required'] else ''} - {inner['description']}{choices}")
    return [*found, "Further entries are options of the provider's modules."] if about["additionalProperties"] else found


def shared(schema: Any) -> dict[str, Any]:
    """Return the options that all roles share.

    What their entries hold is not declared as options: ansible-core would refuse the first mistake in its own words, without saying who
    it is about, before the roles can tell all of them.
    """
    about = schema.SCHEMA["properties"]
    return {
        "identity_connections": {"description": described("Name -> connection.", schema.CONNECTION), "type": "dict", "default": {}},
        "identity_entitlements": {"description": described("Name -> entitlement.", schema.ENTITLEMENT), "type": "dict", "default": {}},
        "identity_people": {"description": described(about["identity_people"]["description"], schema.PERSON), "type": "list", "elements": "raw", "default": []},
        "identity_as_of": {"description": "The day that dates are compared with, such as 2026-12-31. Today in UTC, if not given.", "type": "str"},
    }


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
