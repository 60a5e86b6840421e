# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rotation requires of its play: one host, and no tags that may leave out the delivery."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem


@dataclass(frozen=True)
class Play:
    """The play of a rotation: the names of its hosts, and the tags of ``--skip-tags``."""

    hosts: tuple[str, ...]
    skipped: tuple[str, ...]

    @classmethod
    def of(cls, variables: t.Mapping[str, t.Any]) -> Play:
        """Return the play of a task from its variables."""
        names = ("ansible_play_hosts_all", "ansible_skip_tags")
        return cls(*(tuple(map(str, variables.get(name) or ())) for name in names))

    def problems(self, delivers: bool) -> list[Problem]:
        """Return why a rotation cannot run in this play. ``delivers`` is whether an entry has a task file."""
        problems = []
        if len(self.hosts) > 1:
            shown = ", ".join(self.hosts[:3]) + (", …" if len(self.hosts) > 3 else "")
            text = (
                f"The play has {len(self.hosts)} hosts ({shown}), and each of them would create its own tokens. "
                "Rotate tokens in a play with one host, such as hosts: localhost."
            )
            problems.append(Problem(text, "several_hosts"))
        if self.skipped and delivers:
            text = (
                f"--skip-tags {','.join(self.skipped)} may leave out tasks that deliver a token, which would be lost. "
                "Rotate tokens without --skip-tags."
            )
            problems.append(Problem(text, "skipped_tags"))
        return problems
