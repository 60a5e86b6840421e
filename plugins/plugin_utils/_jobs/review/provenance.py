# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts about a review: the version of the collection, and the digest of the people data."""

from __future__ import annotations

import dataclasses
import json
import os

import yaml

from ..data import Data
from ..files import read_bytes
from .documents import sha256


def collection_version() -> str:
    """Return the version of this collection: from MANIFEST.json if it is installed, from galaxy.yml in a checkout."""
    root = os.path.abspath(__file__)
    for _level in range(5):  # <root>/plugins/plugin_utils/_jobs/review/provenance.py
        root = os.path.dirname(root)
    for name, of in (
        ("MANIFEST.json", lambda text: json.loads(text)["collection_info"]),
        ("galaxy.yml", yaml.safe_load),
    ):
        try:
            with open(os.path.join(root, name), encoding="utf-8") as file:
                return str(of(file.read())["version"])
        except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
            continue
    return ""


def digest_of_people(path: str, data: Data) -> str:
    """Return the SHA-256 of the people data: that of the file, or of the people as JSON."""
    content = read_bytes(path, "access_review_people_file") if path else None
    if content is None:
        people = [dataclasses.asdict(person) for person in data.people]
        return sha256(json.dumps(people, sort_keys=True, ensure_ascii=False, default=str))
    return sha256(content)
