# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/docsite/rst/guide_environment.rst: the environment variables of the modules' argument specs."""

from __future__ import annotations

import dataclasses
import importlib
import os
import re
import sys
import textwrap
from typing import Any

import yaml

from environment import COLLECTIONS, ROOT
from site_pages import PROVIDERS

TARGET = ROOT / "docs" / "docsite" / "rst" / "guide_environment.rst"
PLUGINS = "ansible_collections.rollcall.identity.plugins"
HEAD = """..
  Copyright (c) 2026, The rollcall.identity authors
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

..
  Written by tests/tools/variables_page.py: run "make pages" after a change of an argument spec.

.. _ansible_collections.rollcall.identity.docsite.guide_environment:

Environment variables
=====================

If a task does not specify one of these options, the module reads its value from the environment of
``ansible-playbook``. If the task runs on another host, the module reads the environment there. The keyword
``environment`` of a task, a block or a play also sets these variables, for the modules and for the roles. Each variable
has the name of its provider and its option: ``KESTRA_API_URL`` sets ``api_url`` in the modules for Kestra EE. An empty
variable counts as not set. In a list, separate the elements with commas.

.. list-table::
   :header-rows: 1

   * - Source of a value
     - Takes precedence over
   * - the option of a task, or of a connection in ``identity_connections``
     - everything below
   * - ``module_defaults``
     - the environment
   * - the environment
     - the default

A connection with its own ``credentials`` ignores all credentials in the environment and in ``module_defaults``. It also
ignores ``expected_account`` in the environment, which belongs to the other credentials: specify ``expected_account`` in
the connection.

A task fails if it or its connection sets one of these options to an empty text. If an option is ``null``, the module
does not read its value from the environment. To use the environment, omit the option, for example with
``default(omit)``. ``null`` counts as not specified only in the ``credentials`` of a connection.

.. contents::
   :local:
   :depth: 1
"""


@dataclasses.dataclass
class Variable:
    """A variable: its option, a description, whether it is secret, and the modules that read it."""

    option: str
    text: str
    secret: bool
    modules: list[str]


def described(text: str) -> dict[str, str]:
    """Return option -> first sentence, from the documentation of a module or fragment."""
    block = re.search(r'DOCUMENTATION = r?"""(.*?)"""', text, re.DOTALL)
    documented = yaml.load(block[1], Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if block else None
    options = (documented or {}).get("options") or {}
    sentences = {}
    for name, option in options.items():
        description = option.get("description") or ""
        first = description if isinstance(description, str) else " ".join(description)
        sentence = re.split(r"(?<=[.])\s", " ".join(first.split()), maxsplit=1)[0]
        sentences[name] = re.sub(r"\b[A-Z]\(([^()]*)\)", r"``\1``", sentence)
    return sentences


def collect() -> dict[str, dict[str, Variable]]:
    """Return provider -> variable name -> variable."""
    sys.path.insert(0, str(COLLECTIONS))
    found: dict[str, dict[str, Variable]] = {provider: {} for provider in PROVIDERS}
    for path in sorted((ROOT / "plugins" / "modules").glob("*.py")):
        provider = path.stem.partition("_")[0]
        if provider not in PROVIDERS:
            continue
        spec: dict[str, Any] = importlib.import_module(f"{PLUGINS}.modules.{path.stem}").TASK.options
        fragments = sorted((ROOT / "plugins" / "doc_fragments").glob("*.py"))
        fragments = [fragment for fragment in fragments if fragment.stem in (provider, "bulk")]
        texts: dict[str, str] = {}
        for source in (path, *fragments):  # the description for all modules has priority over that of a single module
            texts.update(described(source.read_text(encoding="utf-8")))
        for option, argument in spec.items():
            if "fallback" in argument:
                name = argument["fallback"][1][0]
                entry = found[provider].setdefault(name, Variable(option, "", bool(argument.get("no_log")), []))
                entry.text = entry.text or texts.get(option, "")
                entry.modules.append(path.stem)
    return found


def section(provider: str, variables: dict[str, Variable]) -> str:
    """Return the section of a provider."""
    title = PROVIDERS[provider]
    everywhere = max(len(variable.modules) for variable in variables.values())
    lines = ["", title, "-" * len(title), "", ".. list-table::", "   :header-rows: 1", "   :widths: 35 65", ""]
    lines += ["   * - Variable", "     - Value"]
    # First credentials and the address, then the others by name.
    ranked = sorted(variables.items(), key=lambda item: (not item[1].secret, item[1].option != "api_url", item[0]))
    for name, variable in ranked:
        text = variable.text or f"The option ``{variable.option}``."
        text += " Secret." if variable.secret else ""
        if len(variable.modules) < everywhere and len(variable.modules) <= 3:
            links = [f":ansplugin:`{module} <rollcall.identity.{module}#module>`" for module in variable.modules]
            text += f" Only {', '.join(links)}."
        elif len(variable.modules) < everywhere:
            text += " Not all modules have it."
        wide = textwrap.wrap(text, 115, break_long_words=False, break_on_hyphens=False)
        lines += [f"   * - ``{name}``", f"     - {wide[0]}", *(f"       {line}" for line in wide[1:])]
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the text of the page."""
    return HEAD + "".join(section(provider, variables) for provider, variables in collect().items())


def main() -> int:
    """Write the page."""
    TARGET.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
