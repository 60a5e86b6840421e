# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Feeds of people, and what reading them reports."""

from __future__ import annotations

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.model import Feed, FeedOptions
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.feed.read import read

HEAD = "id,name,email,status,end,entitlements\n"
ADA = "E1,Ada Bee,ada@acme.com,,,staff\n"
BOB = "E2,Bob Cee,bob@acme.com,,,staff\n"


def csv(text: str, **options: object) -> Feed:
    """Return the people of a CSV file."""
    return read(text.encode(), "people.csv", FeedOptions(**options))  # type: ignore[arg-type]


def reasons(feed: Feed) -> list[str]:
    """Return why rows were rejected."""
    return [str(problem) for row in feed.rejected for problem in row.problems]


def texts(feed: Feed) -> list[str]:
    """Return the texts of the notices."""
    return [notice.text for notice in feed.notices]
