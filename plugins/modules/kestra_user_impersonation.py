#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_user_impersonation
short_description: Open a session as another Kestra EE user
version_added: 1.0.0
description:
  - Starts an impersonation of a user and returns the token of the session. The token has the user's rights and acts in
    the user's name.
  - Every run opens a new session and reports a change.
  - The task never displays the token. It is in the registered result, unless O(dest) is specified. The task itself
    does not use it.
  - Kestra returns a cookie named C(JWT), and a body whose format is not documented. The secret is the value of the
    cookie, otherwise a token in the body.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.perform
  - rollcall.identity.attributes.secret
  - rollcall.identity.kestra
  - rollcall.identity.kestra.who
options:
  dest:
    description:
      - A file to write the token to. It is replaced as a whole, with the mode 0600, in a folder that exists. A relative
        path starts at the folder of the playbook.
      - It must be a regular file or not exist yet, in a writable folder. A symbolic link, a folder, a device or a pipe
        is refused before anything is created.
      - The token is then not part of the result. In check mode nothing is written.
    type: path
seealso:
  - module: rollcall.identity.kestra_user_session
"""

EXAMPLES = r"""
- name: Open a session as Ada
  rollcall.identity.kestra_user_impersonation:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
  register: session

- name: Read Ada's data in her session
  ansible.builtin.uri:
    url: https://kestra.acme.com/api/v1/me
    headers:
      Cookie: "JWT={{ session.secret }}"
  no_log: true

- name: End all sessions of Ada, including this one
  rollcall.identity.kestra_user_session:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
"""

RETURN = r"""
user:
  description: The user.
  type: dict
  returned: success
  contains:
    id:
      description: Kestra's ID of the user.
      type: str
      returned: always
      sample: 4by6NvSLcPXFhCj8nwbZOM
    user:
      description: E-mail address.
      type: str
      returned: always
      sample: ada.lovelace@example.com
secret:
  description: The token of the session. The task never displays it.
  type: str
  returned: without O(dest), and not in check mode
dest:
  description: The absolute path of the file with the token.
  type: str
  returned: with O(dest), and not in check mode
  sample: /home/ada/session.token
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
operation:
  description: The API call that Kestra refused.
  type: str
  returned: when Kestra refused a call
  sample: impersonate
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks

TASK = tasks.USER_IMPERSONATION


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
