# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that imports requests and does nothing: the least that a module for an API can cost."""

from __future__ import annotations

import requests
from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """Take a user and report no change."""
    module = AnsibleModule({"user": {"type": "str"}}, supports_check_mode=True)
    module.exit_json(changed=False, requests_version=requests.__version__)


if __name__ == "__main__":
    main()
