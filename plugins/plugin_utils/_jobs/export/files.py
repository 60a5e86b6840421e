# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an export, as text: YAML in a fixed order, with a header that describes the file and its use."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
import re
import typing as t
from dataclasses import replace

import yaml
from ansible.module_utils.common.yaml import SafeDumper

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted

from ..files import read_bytes
from ..links import Memory, read_links
from .export import Export, in_order

_SHOWN = 10
_TEMPLATE = ("{{", "{%", "{#", "#jinja2:")
_PEOPLE = """\
# People, with the accounts and grants that they have in {connections}.
#
# Without an HR file, every id is derived from the e-mail address or the name of an account. Before you use this file,
# replace these ids with those of your HR system, here and in links.yml: an id must never change. Correct kind for
# everybody who is not an employee, status for those who left, and end for those who leave. The key accounts lists names
# and fields of an account that differ from those that the role access would write. A null there leaves the field alone.
# If you remove an entry, the role writes its own value.
#
# This command shows what would change: nothing, until these files or the directories change.
#
#   ansible-playbook rollcall.identity.access -e @people.yml -e @entitlements.yml -e identity_links=links.yml \\
#     -e @my_connections.yml
#
# my_connections.yml is the file with identity_connections.
"""
_ENTITLEMENTS = """\
# Entitlements, created from the grants of the users of {connections}: one for each grant. If accounts of a connection
# have no grants, one more, named like the connection, gives only an account. Rename, combine and describe them, here
# and in people.yml. The role access grants and revokes what is in this file, and leaves grants alone that no
# entitlement names.
"""
_BUNDLES = """\
# A bundle is a set of grants that several people have, proposed as one entitlement. Rename the bundles that are
# intended, and split the others.
"""
_LIST = """\
# The users of {name}, as rollcall.identity.{provider}_users accepts them. Nothing changes until this file or the
# directory changes:
#
#   - rollcall.identity.{provider}_users:
#       users: "{{{{ users }}}}"
"""
_MISSING = """\
#
# NOT INCLUDED, because it could not be read: {names}.
"""


_MARK = "# The role export replaces this file unless it was changed. SHA-256 of the following lines: "
_TABLE_MARK = "# SHA-256 of people.csv, which contains the same people: "
"""A line of people.yml, because a CSV file cannot contain a comment."""


class _Untrusted(str):
    """A text from a directory that Ansible would treat as a template when it loads the file."""


class _Dumper(SafeDumper):  # type: ignore[misc]  # ansible-core has no type information
    def ignore_aliases(self, data: t.Any) -> bool:
        return True

    def untrusted(self, data: str) -> yaml.Node:
        node: yaml.Node = self.represent_scalar("!unsafe", str(data), style='"')
        return node


_Dumper.add_representer(_Untrusted, _Dumper.untrusted)


def dumped(value: t.Any) -> str:
    """Return plain data as YAML. A text that looks like a template is tagged, so that Ansible does not evaluate it."""
    text: str = yaml.dump(
        _tagged(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=10_000
    )
    return text


def _tagged(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return _Untrusted(value) if any(mark in value for mark in _TEMPLATE) else value
    if isinstance(value, dict):
        return {name: _tagged(item) for name, item in value.items()}
    return [_tagged(item) for item in value] if isinstance(value, list) else value


def documents(export: Export, errors: t.Mapping[str, str]) -> dict[str, t.Any]:
    """Return ``files``, name -> text, and ``result``, what the role reports. ``errors`` are why connections could not
    be read."""
    table = people_csv(export.people, list(export.lists))
    files = {**{name: marked(text) for name, text in _texts(export, errors, table).items()}, "people.csv": table}
    result = {
        "people": len(export.people),
        "accounts": sum(export.accounts.values()),
        "entitlements": len(export.entitlements),
        "bundles": export.bundles,
        "connections": {
            name: {"users": len(export.lists[name]), "accounts": export.accounts[name]} for name in export.lists
        },
        "left_out": export.left_out,
        "strangers": [f"{account.connection}: {account.key}" for account in export.strangers],
        "unreadable": dict(sorted(errors.items())),
        "files": list(files),
    }
    return {"files": files, "result": {**result, "text": _text(result)}}


def _texts(export: Export, errors: t.Mapping[str, str], table: str) -> dict[str, str]:
    """Return the YAML files by name. ``table`` is the content of people.csv."""
    of = ", ".join(export.lists) or "no connection"
    missing = _MISSING.format(names=", ".join(sorted(errors))) if errors else ""
    people = f"{_TABLE_MARK}{_digest(_encoded(table))}\n{_PEOPLE.format(connections=of)}{missing}"
    entitlements = _ENTITLEMENTS.format(connections=of) + (_BUNDLES if export.bundles else "") + missing
    texts = {
        "people.yml": f"{people}---\n{dumped({'identity_people': export.people})}",
        "entitlements.yml": f"{entitlements}---\n{dumped({'identity_entitlements': export.entitlements})}",
        "links.yml": _links(export).text(),
    }
    for name, users in sorted(export.lists.items()):
        header = _LIST.format(name=name, provider=export.connections[name]["provider"])
        texts[f"connections/{name}.yml"] = f"{header}---\n{dumped({'users': users})}"
    return texts


def _links(export: Export) -> Memory:
    """Return the links of an export, merged into the earlier ones: these have the times of links, the links of accounts
    that are not exported, and the people who were offboarded."""
    memory = export.memory
    known = {(link.person, link.connection, link.account): link for link in memory.links}
    exported = {(link.connection, link.account) for link in export.links}
    others = [link for link in memory.links if (link.connection, link.account) not in exported]
    links = [
        replace(link, linked=known[key].linked)
        if (key := (link.person, link.connection, link.account)) in known
        else link
        for link in export.links
    ]
    return Memory([*others, *links], memory.holds)


def marked(text: str) -> str:
    """Return a file with a first line that shows whether the file was edited. The dates of files do not survive a
    checkout."""
    return f"{_MARK}{_digest(_encoded(text))}\n{text}"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()  # a checkout may change line endings


def edited(folder: str, names: t.Iterable[str]) -> list[str]:
    """Return a sentence for each file of a folder that was edited since an export wrote it: the next export would
    overwrite the edits."""
    problems = []
    for name in names:
        path = os.path.join(folder, name)
        if not os.path.lexists(path):
            continue
        content = (_content(path) or b"").removeprefix(codecs.BOM_UTF8)  # an editor may have added it
        mark = re.match(re.escape(_MARK.encode()) + b"([0-9a-f]{64})\r?\n", content)
        digest, body = (mark[1].decode(), content[mark.end() :]) if mark else ("", content)
        if name.endswith(".csv"):
            digest = _digest_of_table(folder)
        if name == "links.yml" and _is_of_roles(path, body):
            continue
        if digest == "" or _digest(body) != digest:
            reason = "was changed after an export wrote it" if digest else "was not written by an export"
            problems.append(f"{path} {reason}, and would be overwritten.")
    return problems


def _is_of_roles(path: str, body: bytes) -> bool:
    """Return whether a links file is exactly as a role writes it. The next export keeps such links."""
    try:
        return _encoded(read_links(path, "export_dest").text()) == body.replace(b"\r\n", b"\n")
    except InputError:
        return False


def _digest_of_table(folder: str) -> str:
    """Return the SHA-256 of people.csv from people.yml of the same export, or an empty text if there is none."""
    line = re.search(
        b"^" + re.escape(_TABLE_MARK.encode()) + b"([0-9a-f]{64})",
        _content(os.path.join(folder, "people.yml")) or b"",
        re.MULTILINE,
    )
    return line[1].decode() if line else ""


def _text(result: dict[str, t.Any]) -> list[str]:
    bundles = f", {result['bundles']} of them bundles" if result["bundles"] else ""
    lines = [
        (
            f"{counted(result['people'], 'person')} with {counted(result['accounts'], 'account')} and "
            f"{counted(result['entitlements'], 'entitlement')}{bundles}"
        )
    ]
    lines += [f"{name}: {counted(counts['users'], 'user')}" for name, counts in result["connections"].items()]
    lines += [f"left out: {sentence}" for sentence in result["left_out"]]
    strangers = result["strangers"]
    if strangers:
        more = f" and {len(strangers) - _SHOWN} more" if len(strangers) > _SHOWN else ""
        lines.append(
            f"{counted(len(strangers), 'account', 'belongs')} to no person in the HR file: "
            f"{', '.join(strangers[:_SHOWN])}{more}"
        )
    return lines + [f"{name} could not be read: {error}" for name, error in result["unreadable"].items()]


def differing(folder: str, files: t.Mapping[str, str]) -> list[str]:
    """Return the names of the files that a folder does not contain, or contains with other content."""
    return [name for name, text in files.items() if _content(os.path.join(folder, name)) != _encoded(text)]


def names_of_files(connections: t.Iterable[str]) -> list[str]:
    """Return the names of the files that an export writes and that users may have edited."""
    return [
        "people.yml",
        "people.csv",
        "entitlements.yml",
        "links.yml",
        *(f"connections/{name}.yml" for name in connections),
    ]


def _content(path: str) -> bytes | None:
    """Return the content of a file, or None if it does not exist or cannot be read."""
    try:
        return read_bytes(path, "export_dest")
    except InputError:
        return None  # writing it reports the error


# -- CSV -----------------------------------------------------------------------------------------------------------

_COLUMNS = (
    "id", "name", "given_name", "family_name", "email", "kind", "status", "start", "end", "manager", "owner",
    "previous_emails", "entitlements",
)
_FORMULA = re.compile("'*[=+\\-@\t\r]")
"""Beginnings of texts that a spreadsheet would treat as a formula, or that the jobs would treat as an escaped
formula."""


def people_csv(people: t.Sequence[t.Mapping[str, t.Any]], connections: t.Sequence[str]) -> str:
    """Return the people as CSV for the jobs: lists with semicolons, attributes and the fields of accounts in separate
    columns."""
    others = {name for person in people for name in person.get("accounts") or {} if name not in connections}
    fields = [
        (name, field_name)
        for name in (*connections, *sorted(others))
        for field_name in sorted(
            {field_key for person in people for field_key in (person.get("accounts") or {}).get(name) or {}}
        )
    ]
    attributes = in_order({name for person in people for name in person.get("attributes") or {}})
    columns = [
        column
        for column in _COLUMNS
        if column in ("id", "name", "email", "entitlements") or any(person.get(column) for person in people)
    ]
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(
        [
            *columns,
            *(f"attributes.{name}" for name in attributes),
            *(f"accounts.{name}.{field_name}" for name, field_name in fields),
        ]
    )
    for person in people:
        cells = [_cell(person.get(column)) for column in columns]
        cells += [_cell((person.get("attributes") or {}).get(name)) for name in attributes]
        accounts = person.get("accounts") or {}
        writer.writerow([*cells, *(_account_cell(accounts.get(name) or {}, field_name) for name, field_name in fields)])
    return output.getvalue()


def _account_cell(account: t.Mapping[str, t.Any], name: str) -> str:
    """Return the cell of a field of an account. ``null`` leaves the field unchanged; for an empty cell, the default
    applies."""
    return "null" if name in account and account[name] is None else _cell(account.get(name))


def _cell(value: t.Any) -> str:
    """Return a cell. If a spreadsheet would treat it as a formula, it begins with an apostrophe, which the jobs
    ignore."""
    if isinstance(value, list):
        text = ";".join(map(str, value))
    else:
        text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if _FORMULA.match(text) else text
