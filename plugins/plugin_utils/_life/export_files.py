# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an export, as text: YAML in a fixed order, with a head that says what it is and how it is used."""

from __future__ import annotations

import hashlib
import os
import re
import typing as t

import yaml
from ansible.module_utils.common.yaml import SafeDumper

from .export import Connections, Directories, Export

_TEMPLATE = ("{{", "{%", "{#", "#jinja2:")
_PEOPLE = """\
# People, made from the users of {connections}.
#
# Every id is made from an e-mail address or the name of an account. Replace it by the id of the HR system before you begin to work with
# this file: it is what a person is known by for good. Say what is no employee (kind), and who left (status) or leaves (end).
# accounts says where an account is called otherwise, or holds something else than the role access would write. A null there leaves that
# field alone; take an entry out to have it made as in all other places.
#
# What would change, which is nothing as long as nobody changes these files or the directories:
#
#   ansible-playbook rollcall.identity.access -e @people.yml -e @entitlements.yml -e @my_connections.yml
#
# my_connections.yml is where identity_connections stands.
"""
_ENTITLEMENTS = """\
# Entitlements, made from what the users of {connections} hold: one for each grant, and one for an account without any.
# Rename, join and describe them as you like, here and in people.yml. What stands here is what the role access gives and takes;
# grants that no entitlement names are left alone.
"""
_BUNDLES = """\
# A bundle is what some people hold together, proposed as one entitlement. Give those that mean something a name, and take the others apart.
"""
_LIST = """\
# The users of {name}, as rollcall.identity.{provider}_users takes them. Nothing changes as long as nobody changes this file or the directory:
#
#   - rollcall.identity.{provider}_users:
#       users: "{{{{ users }}}}"
"""
_MISSING = """\
#
# NOT IN HERE, because it could not be read: {names}.
"""


_MARK = "# The role export replaces this file as long as nobody has changed it. SHA-256 of what follows: "


class _Untrusted(str):
    """A text of a directory that Ansible would take for a template when it loads the file."""


class _Dumper(SafeDumper):  # type: ignore[misc]  # ansible-core has no type information
    def ignore_aliases(self, data: t.Any) -> bool:
        return True

    def untrusted(self, data: str) -> yaml.Node:
        node: yaml.Node = self.represent_scalar("!unsafe", str(data), style='"')
        return node


_Dumper.add_representer(_Untrusted, _Dumper.untrusted)


def dumped(value: t.Any) -> str:
    """Return plain data as YAML. A text that looks like a template is marked, so that loading the file runs nothing."""
    text: str = yaml.dump(_marked(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=10_000)
    return text


def _marked(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return _Untrusted(value) if any(mark in value for mark in _TEMPLATE) else value
    if isinstance(value, dict):
        return {name: _marked(item) for name, item in value.items()}
    return [_marked(item) for item in value] if isinstance(value, list) else value


def documents(connections: Connections, directories: Directories, errors: t.Mapping[str, str], least: int) -> dict[str, t.Any]:
    """Return ``files``, name -> text, and ``result``, what the role tells.

    ``errors`` says why connections could not be read; ``least`` how many people must hold a bundle, 0 for no bundles.
    """
    export = Export(connections, directories, least)
    of = ", ".join(export.lists) or "no connection"
    missing = _MISSING.format(names=", ".join(sorted(errors))) if errors else ""
    files = {
        "people.yml": _PEOPLE.format(connections=of) + missing + "---\n" + dumped({"identity_people": export.people}),
        "entitlements.yml": _ENTITLEMENTS.format(connections=of) + (_BUNDLES if least else "") + missing + "---\n"
        + dumped({"identity_entitlements": export.entitlements}),
        **{
            f"connections/{name}.yml": _LIST.format(name=name, provider=connections[name]["provider"]) + "---\n" + dumped({"users": users})
            for name, users in sorted(export.lists.items())
        },
    }
    result = {
        "people": len(export.people),
        "accounts": sum(export.accounts.values()),
        "entitlements": len(export.entitlements),
        "bundles": export.bundles,
        "connections": {name: {"users": len(export.lists[name]), "accounts": export.accounts[name]} for name in export.lists},
        "left_out": export.left_out,
        "unreadable": dict(sorted(errors.items())),
        "files": list(files),
    }
    return {"files": {name: marked(text) for name, text in files.items()}, "result": {**result, "text": _text(result)}}


def marked(text: str) -> str:
    """Return a file with a first line that tells whether it is as it was written: dates of files do not outlive a checkout."""
    return f"{_MARK}{_digest(text.encode('utf-8'))}\n{text}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()  # a checkout may change the ends of lines


def edited(folder: str, names: t.Iterable[str]) -> list[str]:
    """Return a sentence for each file of a folder that is not as an export wrote it, so that it would be lost with the next one."""
    found = []
    for name in names:
        path = os.path.join(folder, name)
        content = _there(path)
        mark = re.match(re.escape(_MARK.encode()) + b"([0-9a-f]{64})\r?\n", content or b"")
        if not os.path.lexists(path) or (mark and content and _digest(content[mark.end() :]) == mark[1].decode()):
            continue
        what = "was changed after an export wrote it" if mark else "was not written by an export"
        found.append(f"{path} {what}, and would be overwritten.")
    return found


def _text(result: dict[str, t.Any]) -> list[str]:
    bundles = f", {result['bundles']} of them bundles" if result["bundles"] else ""
    lines = [f"{result['people']} people with {result['accounts']} accounts and {result['entitlements']} entitlements{bundles}"]
    lines += [f"{name}: {counts['users']} users" for name, counts in result["connections"].items()]
    lines += [f"left out: {sentence}" for sentence in result["left_out"]]
    return lines + [f"{name} could not be read: {error}" for name, error in result["unreadable"].items()]


def new(files: t.Mapping[str, str], folder: str) -> list[str]:
    """Return the names of those files that are not in a folder just like that."""
    return [name for name, text in files.items() if _there(os.path.join(folder, name)) != text.encode("utf-8")]


def _files(connections: t.Iterable[str]) -> list[str]:
    return ["people.yml", "entitlements.yml", *(f"connections/{name}.yml" for name in connections)]


def _there(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None  # what is wrong with it is told by the task that writes it


def problems(given: t.Mapping[str, t.Any]) -> list[str]:
    """Return a sentence for everything that is wrong with how the role is called, beside the connections themselves."""
    connections, chosen = given["connections"], given["chosen"]
    found = [] if connections else ["There are no connections. Set identity_connections."]
    found += [f"export_connections: there is no connection {name} in identity_connections." for name in chosen if name not in connections]
    found += [f"export_connections names {name} more than once." for name in sorted({name for name in chosen if chosen.count(name) > 1})]
    found += [
        f"identity_connections.{name}: the name cannot be that of a file. Rename the connection."
        for name in chosen or connections if "/" in name or "\0" in name or name in (".", "..")
    ]
    if not given["dest"] and not given["deliver"]:
        found.append("Give export_dest, a folder for the files, or export_deliver, a task file of yours that takes them.")
    if given["deliver"] and not given["deliver_file"]:
        places = "neither where it is started nor in the playbook's folder"
        found.append(f"export_deliver: there is no file {given['deliver']}, {places}. Give the path of a task file.")
    if given["awx"] and not given["deliver_file"]:
        found.append("export_dest is gone with the container on AWX. Give export_deliver, a task file of yours that takes the files somewhere.")
    lost = edited(given["folder"], _files(chosen or connections)) if given["dest"] and not given["overwrite"] else []
    if lost:
        found += [*lost, "Give another export_dest and compare, or move what you need away, or set export_overwrite to true. Nothing was written."]
    if given["least"] < 2:
        found.append(f"export_bundle_min is {given['least']}; at least 2 people make a bundle.")
    return found
