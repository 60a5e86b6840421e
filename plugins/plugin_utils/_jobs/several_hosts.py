# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds a second host of a play that runs a job with the same files: each would replace the files of the other."""

from __future__ import annotations

import hashlib
import json
import os
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem

_SHARED = "rollcall-identity-"
"""The beginning of the names of markers."""


def second_host(
    folder: str, variables: t.Mapping[str, t.Any], dest: str, role: str, key: t.Sequence[str]
) -> list[Problem]:
    """Return a problem if another host of the play runs the same job with the same files.

    ``folder`` is a folder that all workers of an ansible-playbook share and that is deleted at its end. The first host
    leaves a marker there. ``variables`` are those of the task. ``key`` identifies the files in ``dest``. If the folder
    cannot be written, nothing is checked.
    """
    hosts = list(map(str, variables.get("ansible_play_hosts_all") or ()))
    host = str(variables.get("inventory_hostname") or "")
    if not dest or len(hosts) < 2:
        return []
    parts = [role, os.path.realpath(dest), *key, str(variables.get("ansible_play_name") or ""), *hosts]
    digest = hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()
    marker = os.path.join(folder, f"{_SHARED}{digest}")
    try:
        os.symlink(host, marker)  # unlike a file, a link has its content from the beginning
        return []
    except FileExistsError:
        other = os.readlink(marker)
    except OSError:
        return []
    if other == host:
        return []
    text = (
        f"{role}_dest: the host {other} of this play runs the role with the same {role}_dest, and each host would "
        f"replace the files of the other, so the role does not run for the host {host}. Set run_once: true, use a play "
        f"with one host, such as hosts: localhost, or specify another {role}_dest for each host."
    )
    return [Problem(text, "several_hosts", option=f"{role}_dest")]
