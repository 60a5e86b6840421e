# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users and maintainers read avoids some words, and names in code are nouns.

CONTRIBUTING.md says which words to use.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from ansible_collections.rollcall.identity.tests.unit.sources import ROOT, nodes_of, text_of

AVOIDED = {
    r"tells?|told|telling": "returns, reports, shows or says",
    r"mend(s|ed|ing)?": "fix",
    r"wish(es|ed)?": "desired, specify",
    r"by\s+hand": "manually, a manual step",
    r"what\s+becomes\s+of": "what happens to",
    r"(come|comes|came)\s+to(?!\s+an\s+end)": "is, reaches",
    r"is\s+nobody\s+in": "is not found, matches no person",
}
"""Pattern of a word -> what to write instead."""
AVOIDED_NAMES = {"come", "found", "held", "one", "told", "wanted", "asked", "wish", "wishes"}
"""Names that say how something was obtained, not what it is."""
PATTERNS = (
    "plugins/**/*.py", "plugins/**/*.j2", "plugins/**/*.js", "roles/**/*.yml", "roles/**/*.md", "playbooks/**/*.yml",
    "extensions/**/*.yml", "docs/**/*.md", "docs/**/*.rst", "*.md", "Makefile", "tests/tools/**/*.py",
    "tests/simulator/**/*.py", "tests/simulator/*.md", "tests/benchmarks/**/*.py", "tests/integration/playbooks.py",
)
PATHS = sorted({path.relative_to(ROOT).as_posix() for pattern in PATTERNS for path in ROOT.glob(pattern)})
CODE = [path for path in PATHS if path.startswith("plugins/") and path.endswith(".py")]
EXEMPT = {"CONTRIBUTING.md"}
"""It lists the words."""
_ANY = re.compile(rf"(?<![\w.])({'|'.join(AVOIDED)})(?![\w(])", re.IGNORECASE)


def words(text: str) -> list[str]:
    """Return the avoided words of a text, each with its line and what to write instead."""
    messages = []
    for match in _ANY.finditer(text):
        advice = next(advice for word, advice in AVOIDED.items() if re.fullmatch(word, match[0], re.IGNORECASE))
        messages.append(f"line {text.count(chr(10), 0, match.start()) + 1}: {match[0]!r}; write {advice}")
    return messages


def names(nodes: Iterable[ast.AST]) -> list[str]:
    """Return the avoided names that a file defines: variables, parameters, attributes, functions and classes."""
    defined = []
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            defined.append((node.id, node.lineno))
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            defined.append((node.attr, node.lineno))
        elif isinstance(node, ast.arg):
            defined.append((node.arg, node.lineno))
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            defined.append((node.name, node.lineno))
    avoided = [(line, name) for name, line in defined if name.lower().strip("_") in AVOIDED_NAMES]
    return [f"line {line}: {name}" for line, name in sorted(avoided)]


def test_the_patterns_find_files_and_words():
    assert {"README.md", "plugins/modules/kestra_user.py", "tests/tools/gate.py", "roles/access/README.md"} <= set(
        PATHS
    )
    assert words("It tells who.\nFix it by hand.") == [
        "line 1: 'tells'; write returns, reports, shows or says", "line 2: 'by hand'; write manually, a manual step",
    ]  # fmt: skip
    assert words("stream.tell() retells intelligence") == []
    assert names(ast.walk(ast.parse("def _told(one):\n    self.held = found = [x for x in one]\n"))) == [
        "line 1: _told", "line 1: one", "line 2: found", "line 2: held",
    ]


def test_texts_avoid_words():
    paths = [path for path in PATHS if path not in EXEMPT]
    assert {path: messages for path in paths if (messages := words(text_of(path)))} == {}


def test_names_are_nouns():
    assert {path: messages for path in CODE if (messages := names(nodes_of(path)))} == {}
