# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what is made from the schema of the jobs' data.

That is docs/identity.schema.json, and the shared part of the roles' argument specifications.

python tests/tools/schema.py            # write
python tests/tools/schema.py --check    # only report what is out of date
"""

from __future__ import annotations

import importlib
import json
import pathlib
import sys
import textwrap
from typing import Any

import yaml

from environment import COLLECTIONS, ROOT

MARK = "      # What the roles share: made from the schema by tests/tools/schema.py.\n"
GUIDE = "R(the guide,ansible_collections.rollcall.identity.docsite.guide_people)"
RULES = [
    "Gives entitlements by attribute, so that the HR file does not need a column for entitlements.",
    (
        "C(when) (required) - Maps a field or another column to a value, a list of values, or a pattern with C(*). "
        "All of them must match."
    ),
    "C(entitlements) (required) - The entitlements that a matching person gets.",
]
"""What describes identity_rules."""


class Indented(yaml.SafeDumper):
    """Indents lists, as ansible-lint wants them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never leave the indentation out."""
        super().increase_indent(flow, False)


def load() -> Any:
    """Return the module that holds the schema."""
    sys.path.insert(0, str(COLLECTIONS))
    return importlib.import_module("ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema")


def described(description: str, about: dict[str, Any]) -> list[str]:
    """Return the description of a variable: what it is, where more is documented, what each of its entries can hold."""
    texts = [description, "The schema is C(docs/identity.schema.json).", f"See {GUIDE} for an example."]
    for name, inner in about["properties"].items():
        choices = f" One of {', '.join(f'V({choice})' for choice in inner['enum'])}." if "enum" in inner else ""
        texts.append(f"C({name}){' (required)' if name in about['required'] else ''} - {inner['description']}{choices}")
    if about["additionalProperties"]:
        texts.append("Further entries are options of the provider's module for many users, except C(users).")
    return texts


def shared(schema: Any) -> dict[str, Any]:
    """Return the options that roles share.

    What their entries hold is not declared as options, nor are mappings, lists and numbers declared as such:
    ansible-core would refuse the first mistake in its own words, without the person, before the roles can report all
    of them.
    """
    about = schema.SCHEMA["properties"]
    return {
        "identity_connections": {
            "description": described("Maps a name to a connection.", schema.CONNECTION),
            "type": "raw",
            "default": {},
        },
        "identity_entitlements": {
            "description": described("Maps a name to an entitlement.", schema.ENTITLEMENT),
            "type": "raw",
            "default": {},
        },
        "identity_people": {
            "description": described(about["identity_people"]["description"], schema.PERSON),
            "type": "raw",
            "default": [],
        },
        "identity_rules": {"description": RULES, "type": "raw", "default": []},
        "identity_links": {
            "description": [
                (
                    "The file that records the owner of each account, by its immutable ID, and who was offboarded. "
                    "YAML, or JSON if its name ends in C(.json)."
                ),
                "The role export creates the first one. Keep it in version control.",
            ],
            "type": "str",
            "default": "",
        },
        "identity_as_of": {
            "description": (
                "The day that dates are compared with, such as V(2026-12-31). By default today in O(identity_timezone)."
            ),
            "type": "str",
            "default": "",
        },
        "identity_timezone": {
            "description": "The time zone that decides which day is today, such as V(Europe/Berlin).",
            "type": "str",
            "default": "UTC",
        },
    }


def pages(schema: Any) -> dict[pathlib.Path, str]:
    """Return the text of each file that is made from the schema. A role has the shared options of its defaults."""
    made = {ROOT / "docs" / "identity.schema.json": json.dumps(schema.SCHEMA, indent=2) + "\n"}
    for path in sorted((ROOT / "roles").glob("*/meta/argument_specs.yml")):
        head, mark, _rest = path.read_text(encoding="utf-8").partition(MARK)
        if mark:
            variables = yaml.safe_load((path.parents[1] / "defaults" / "main.yml").read_text(encoding="utf-8"))
            options = {name: about for name, about in shared(schema).items() if name in variables}
            text = yaml.dump(options, Dumper=Indented, sort_keys=False, width=80, allow_unicode=True)
            made[path] = head + MARK + textwrap.indent(text, "      ")
    return made


def main(arguments: list[str]) -> int:
    """Write the files, or report which are out of date."""
    check = "--check" in arguments
    stale = {
        path: text
        for path, text in pages(load()).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        if check:
            print(f"{path.relative_to(ROOT)} is out of date. Run python tests/tools/schema.py", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
