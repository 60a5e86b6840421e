# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the site beside those of antsibull-docs: where it begins, each provider, each role,
the release notes."""

from __future__ import annotations

import html.parser
import pathlib
import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import yaml

from environment import ROOT

REPOSITORY = "https://github.com/rollcall-identity/rollcall.identity"
PROVIDERS = {
    "contabo": "Contabo", "kestra": "Kestra EE", "nextauth": "nextAuth", "onelogin": "OneLogin",
    "scim": "SCIM 2.0", "sendauth": "SendAuth",
}
JOBS = (
    ("Keep accounts in line with HR", "access", "plan, approval by digest, apply"),
    ("Onboard or move one person", "access", "one row in the file of people"),
    ("Offboard one person everywhere", "offboard", "block the login, remove all access, read again, keep evidence"),
    ("Review who has access to what", "access_review", "reviewers decide in a browser; what they revoke is removed"),
)
INDEX = """\
.. _plugins_in_rollcall.identity:
.. _plugin_index_for_rollcall.identity:
.. _module_plugins_in_rollcall.identity:
.. _role_plugins_in_rollcall.identity:

rollcall.identity
=================

An Ansible collection that manages the users of identity providers. You declare who has an account, with which
attributes, roles and API tokens. The collection compares that with the provider, shows the difference, and applies it.

Four jobs
---------

{jobs}

Start from what exists: :doc:`export <docsite/role_export>`. Rotate API tokens:
:doc:`token_rotation <docsite/role_token_rotation>`.

The first ten minutes
---------------------

.. code-block:: console

    $ ansible-galaxy collection install rollcall.identity

The collection includes a simulator, so you do not need an account to run this playbook. First start the
simulator and set its credentials, as described in :doc:`First steps <docsite/guide_start>`:

{first_steps}

.. code-block:: console

    $ ansible-playbook first.yml --check --diff    # shows what would change
    $ ansible-playbook first.yml                   # changed=1
    $ ansible-playbook first.yml                   # changed=0

Providers
---------

{providers}

Modules of the jobs
-------------------

{modules}

Help
----

* :doc:`Errors by code <docsite/guide_errors>`
* :doc:`Environment variables <docsite/guide_environment>`
* `Issues <{repository}/issues>`__, `source <{repository}>`__, `security <{repository}/blob/main/SECURITY.md>`__
"""
"""The text of the page where the site begins."""
STYLE = """
/* Long names and addresses break instead of running out of the screen; in tables, columns grow to hold them. */
.rst-content, .rst-content h1, .rst-content h2, .rst-content h3 { overflow-wrap: anywhere; }
.rst-content code, .rst-content .literal { white-space: normal; overflow-wrap: anywhere; }
.rst-content pre, .rst-content div[class^="highlight"] pre { white-space: pre; overflow-x: auto; }
.rst-content .code-block-caption { text-align: left; margin: 0 0 .3em; padding: 0; font-size: .9em; }
.wy-table-responsive { overflow-x: auto; }
.wy-table-responsive table td, .wy-table-responsive table th { white-space: normal !important;
  overflow-wrap: break-word; }
.wy-table-responsive table td :is(a, code, p, span) { overflow-wrap: break-word; }
@media (max-width: 768px) {
  .wy-nav-content { padding: 1em; }
  .rst-content table.docutils td, .rst-content table.docutils th { min-width: 7em; padding: 6px; }
}
@media (prefers-color-scheme: dark) {
  .wy-body-for-nav, .wy-nav-content-wrap, .wy-nav-content { background: #16181a; color: #dcdcdc; }
  .rst-content :is(h1, h2, h3, h4, p, li, dt, dd, td, th, caption), .wy-breadcrumbs li { color: #dcdcdc; }
  .rst-content a, .rst-content a code, .wy-breadcrumbs a { color: #79b8ff !important; }
  .rst-content a:visited { color: #b79cf0 !important; }
  .rst-content code.literal, .rst-content code { background: #24282c; border-color: #3c4248; color: #ffab91; }
  .rst-content div[class^="highlight"], .rst-content pre {
    background: #1f2327 !important; border-color: #3c4248; color: #dcdcdc; }
  .rst-content .highlight :is(.nt, .k, .kn, .nb, .nv) { color: #7ee0a1; }
  .rst-content .highlight :is(.s, .s1, .s2, .l, .l-Scalar, .l-Scalar-Plain, .m, .mi) { color: #9ecbff; }
  .rst-content .highlight :is(.c, .c1, .gp, .go) { color: #a8b0b8; }
  .rst-content .highlight :is(.p, .o, .w, .n, .err) { color: #dcdcdc; }
  .rst-content table.docutils, .rst-content table.docutils :is(td, th, tr) {
    background: #16181a !important; border-color: #3c4248 !important; color: #dcdcdc; }
  .rst-content table.docutils:not(.field-list) tr:nth-child(2n-1) td { background: #1f2327 !important; }
  .rst-content .admonition, .rst-content .note, .rst-content .seealso {
    background: #1d2a35 !important; color: #dcdcdc; }
  .rst-content :is(span, em, strong, div)[class*="ansible-option"] { color: inherit; }
  .rst-content hr, footer, footer p { border-color: #3c4248; color: #a8b0b8; }
  .rst-content .btn { background: #24282c !important; color: #dcdcdc !important; }
}
"""


def inline(text: str, role: str) -> str:
    """Return Markdown within a line as reStructuredText: code and links."""

    def link(match: re.Match[str]) -> str:
        label, target = match[1], match[2]
        other = re.fullmatch(r"\.\./(\w+)/README\.md", target)
        guide = re.fullmatch(r"\.\./\.\./docs/docsite/rst/(\w+)\.rst", target)
        if other:
            return f":doc:`{label} <role_{other[1]}>`"
        if guide:
            return f":doc:`{label} <{guide[1]}>`"
        if not target.startswith("https://"):
            path = (ROOT / "roles" / role / target).resolve().relative_to(ROOT)
            target = f"{REPOSITORY}/tree/main/{path}"
        return f"`{label} <{target}>`__"

    parts = re.split(r"(`[^`]+`)", text)
    code = [
        f"`{part}`" if part.startswith("`") else re.sub(r"\[([^\]]+)\]\(([^)]+)\)", link, part.replace("\\", "\\\\"))
        for part in parts
    ]
    return "".join(code)


def table(lines: list[str], role: str) -> list[str]:
    """Return a Markdown table as a list-table."""
    rows = [[inline(cell.strip(), role) for cell in line.strip()[1:-1].split("|")] for line in lines]
    width = max(map(len, rows))
    return ["", *list_table([[*row, *[""] * (width - len(row))] for row in rows[:1] + rows[2:]]), ""]


def list_table(rows: Sequence[Sequence[str]], widths: str = "") -> list[str]:
    """Return a table, whose first row is its heading. ``widths`` are those of the columns, in percent."""
    out = [".. list-table::", "   :header-rows: 1", *([f"   :widths: {widths}"] if widths else []), ""]
    for row in rows:
        out += [f"   {'  -' if number else '* -'} {cell}".rstrip() for number, cell in enumerate(row)]
    return out


def module_table(modules: dict[str, str]) -> list[str]:
    """Return a table of modules with links to their pages. ``modules`` maps their names to what they do."""
    links = [(f":ansplugin:`{name} <rollcall.identity.{name}#module>`", text) for name, text in modules.items()]
    return list_table([("Module", "What it does"), *links], "35 65")


def readme(role: str) -> str:
    """Return the README of a role as a page of the site."""
    text = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    lines = re.sub(r"^<!--.*?-->\n", "", text, flags=re.DOTALL).split("\n")
    out = [f".. _ansible_collections.rollcall.identity.docsite.role_{role}:", ""]
    number, listed = 0, False
    while number < len(lines):
        line = lines[number]
        if line.startswith("```"):
            end = lines.index("```", number + 1)
            out += [
                "",
                f".. code-block:: {line[3:] or 'text'}",
                "",
                *(f"    {code}" for code in lines[number + 1 : end]),
                "",
            ]
            number = end
        elif line.startswith("|"):
            end = next(
                place
                for place in range(number, len(lines) + 1)
                if place == len(lines) or not lines[place].startswith("|")
            )
            out += table(lines[number:end], role)
            number = end - 1
        elif heading := re.match(r"(#+) (.*)", line):
            title = f"The role {role}" if heading[1] == "#" else inline(heading[2], role)
            out += ["", title, "=-~"[len(heading[1]) - 1] * len(title), ""]
            if heading[1] == "#":
                out += [
                    f"All variables: :ansplugin:`rollcall.identity.{role}#role`.", "", ".. contents::", "   :local:",
                    "   :depth: 1", "",
                ]
        else:
            item = bool(re.match(r"(- |\d+\. )", line))
            if item and not listed and out[-1]:
                out.append("")
            listed = item or (listed and line.startswith("  "))
            out.append(inline(line, role))
        number += 1
    return "\n".join(out).rstrip() + "\n"


def toctree(title: str, entries: list[str]) -> list[str]:
    """Return one part of the navigation."""
    return [
        "",
        ".. toctree::",
        "   :maxdepth: 1",
        "   :hidden:",
        f"   :caption: {title}",
        "",
        *(f"   {entry}" for entry in entries),
    ]


def provider_page(provider: str, modules: dict[str, str]) -> str:
    """Return the page of a provider: its guide and its modules."""
    title = PROVIDERS[provider]
    lines = [
        title,
        "=" * len(title),
        "",
        f":doc:`Guide to {title} <docsite/guide_{provider}>`: connect, use, troubleshoot.",
        "",
        *module_table(modules),
        "",
        ".. toctree::",
        "   :hidden:",
        "",
        f"   Guide <docsite/guide_{provider}>",
        *(f"   {name} <{name}_module>" for name in modules),
    ]
    return "\n".join(lines) + "\n"


def first_steps() -> list[str]:
    """Return the first playbook and its commands, from the guide."""
    guide = (ROOT / "docs" / "docsite" / "rst" / "guide_start.rst").read_text(encoding="utf-8")
    playbook = re.search(r"\.\. code-block:: yaml\n    :caption: first\.yml\n\n(?:    .*\n|\n)+", guide)
    return playbook[0].rstrip().split("\n") if playbook else []


def index(modules: dict[str, str], guides: list[str], roles: list[str]) -> str:
    """Return the page where the site begins."""
    jobs = {name: text for name, text in modules.items() if name.startswith("identity_")}
    steps = [(job, f":doc:`{role} <docsite/role_{role}>`", how) for job, role, how in JOBS]
    providers = [
        (
            f":doc:`{title} <provider_{provider}>`",
            f":doc:`Guide <docsite/guide_{provider}>`",
            str(sum(name.startswith(f"{provider}_") for name in modules)),
        )
        for provider, title in PROVIDERS.items()
    ]
    text = INDEX.format(
        jobs="\n".join(list_table([("Job", "Role", "How"), *steps])),
        first_steps="\n".join(first_steps()),
        providers="\n".join(list_table([("Provider", "Guide", "Modules"), *providers])),
        modules="\n".join(module_table(jobs)),
        repository=REPOSITORY,
    )
    elsewhere = {"guide_start", "guide_errors", "guide_environment", "architecture"}
    elsewhere |= {f"guide_{provider}" for provider in PROVIDERS}
    others = [f"docsite/{guide}" for guide in guides if guide not in elsewhere]
    variables = [f"Variables of {role} <{role}_role>" for role in roles]
    navigation = [
        *toctree("Start", ["docsite/guide_start"]),
        *toctree("Jobs", [*others, *(f"{role} <docsite/role_{role}>" for role in roles)]),
        *toctree("Providers", [f"provider_{provider}" for provider in PROVIDERS]),
        *toctree("Help", ["docsite/guide_errors", "docsite/guide_environment", "Release notes <changelog>"]),
        *toctree("Reference", [*variables, *(f"{name} <{name}_module>" for name in jobs), "docsite/architecture"]),
    ]
    return text + "\n".join(navigation) + "\n"


def write(rst: pathlib.Path) -> None:
    """Write the pages beside those of antsibull-docs, and replace its index."""
    listed = (rst / "index.rst").read_text(encoding="utf-8")
    modules = dict(re.findall(r"<rollcall\.identity\.(\w+)#module>` -- (.+)", listed))
    sections = yaml.safe_load((ROOT / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    guides = [guide for section in sections for guide in section["toctree"]]
    roles = sorted(path.parent.name for path in (ROOT / "roles").glob("*/README.md"))
    (rst / "index.rst").write_text(index(modules, guides, roles), encoding="utf-8")
    for role in roles:
        (rst / "docsite" / f"role_{role}.rst").write_text(readme(role), encoding="utf-8")
    for provider in PROVIDERS:
        own = {name: text for name, text in modules.items() if name.startswith(f"{provider}_")}
        (rst / f"provider_{provider}.rst").write_text(provider_page(provider, own), encoding="utf-8")
    (rst / "changelog.rst").write_text((ROOT / "CHANGELOG.rst").read_text(encoding="utf-8"), encoding="utf-8")
    # Of antsibull-docs; it knows those of configuration alone.
    (rst / "environment_variables.rst").unlink(missing_ok=True)


class _Page(html.parser.HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.anchors.update(value for value in (values.get("id"), values.get("name")) if value)
        link = values.get("href" if tag in ("a", "link") else "src")
        if link:
            self.links.append(link)


def broken_links(site: pathlib.Path) -> list[str]:
    """Return the links within a built site that lead nowhere, with their pages."""
    pages: dict[pathlib.Path, _Page] = {}
    for path in sorted(site.rglob("*.html")):
        pages[path] = _Page()
        pages[path].feed(path.read_text(encoding="utf-8"))
    broken = []
    for path, page in pages.items():
        for link in dict.fromkeys(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages.get(target)
            if not target.exists() or (parts.fragment and known and unquote(parts.fragment) not in known.anchors):
                broken.append(f"{path.relative_to(site)}: {link}")
    return broken
