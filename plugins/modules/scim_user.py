#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scim_user
short_description: Manage one user of a SCIM service
version_added: 0.1.0
description:
  - Manage one user of a SCIM service.
author:
  - The rollcall.identity authors (@rollcall-identity)
"""

EXAMPLES = r"""
"""

RETURN = r"""
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim import tasks

TASK = tasks.USER


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
