# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the documentation as HTML into build/docs: the guides of docs/docsite, and a page for each module and role.

Needs no network: references into Ansible's own documentation stay plain text. A warning is an error. With --check the
pages are built, but not kept.
"""

from __future__ import annotations

import pathlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence

from environment import ROOT, attempt
from site_pages import STYLE, broken_links
from site_pages import write as write_pages
from staging import NAME, NAMESPACE, scratch, staged

TITLE = f"{NAMESPACE}.{NAME}"
SETTINGS = """
# Added by tests/tools/docs.py: without inventories from the network, labels of other documentation stay plain text.
import os
import shutil

intersphinx_mapping = {{}}


def plain(app, env, node, contnode):
    return None if node.get("reftarget", "").startswith("ansible_collections.rollcall.identity") else contnode


def pictures(app):
    shutil.copytree({images!r}, os.path.join(app.srcdir, "images"), dirs_exist_ok=True)


def setup(app):
    app.connect("missing-reference", plain)
    app.connect("builder-inited", pictures)
    app.add_css_file("rollcall.css")


html_static_path = ["_static"]
"""


def prepared(site: pathlib.Path) -> pathlib.Path | None:
    """Return the script that builds the pages in a folder, or None if the folder could not be made a site."""
    initialise = [
        "antsibull-docs",
        "sphinx-init",
        "--use-current",
        "--squash-hierarchy",
        "--project",
        TITLE,
        "--title",
        f"{TITLE} documentation",
        "--html-short-title",
        TITLE,
        "--copyright",
        f"The {TITLE} authors",
        "--dest-dir",
        str(site),
        TITLE,
    ]
    if subprocess.run(initialise, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode:
        return None
    with open(site / "conf.py", "a", encoding="utf-8") as handle:
        handle.write(SETTINGS.format(images=str(ROOT / "docs" / "docsite" / "images")))
    (site / "_static").mkdir(exist_ok=True)
    (site / "_static" / "rollcall.css").write_text(STYLE, encoding="utf-8")
    script = site / "build.sh"
    collect, sphinx = script.read_text(encoding="utf-8").split("# Build Sphinx site\n")
    pages = shlex.join([sys.executable, str(pathlib.Path(__file__)), "--pages", str(site / "rst")])
    script.write_text(f"{collect}{pages}\n{sphinx}", encoding="utf-8")
    return script


def main(arguments: Sequence[str]) -> int:
    """Build the pages."""
    if arguments[:1] == ["--pages"]:
        write_pages(pathlib.Path(arguments[1]))
        return 0
    with scratch() as site, staged():
        script = prepared(site)
        if script is None:
            return 1
        # What Sphinx says is of interest only if it fails.
        worked, output = attempt(["bash", script.name], cwd=site)
        if not worked:
            print(output)
            return 1
        broken = broken_links(site / "build" / "html")
        if broken:
            print("These links lead nowhere:", *broken, sep="\n  ")
            return 1
        if "--check" in arguments:
            return 0
        target = ROOT / "build" / "docs"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(site / "build" / "html", target)
    print(f"open {target / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
