# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Documentation that the modules of the jobs share."""

    DOCUMENTATION = r"""
options:
  connections:
    description:
      - Maps a name to a connection. C(provider) is the provider, C(credentials) contains the secret options of its
        modules. All other entries are options of the provider's module for many users, such as C(api_url), C(tenant),
        C(protect) or C(loss_limit), except C(users).
      - A connection with its own credentials ignores those of the environment and of C(module_defaults).
      - Two connections that lead to the same directory, such as two tenants of one Kestra, or two pairs of credentials
        of one account of OneLogin or Contabo, are planned as one.
    type: dict
    required: true
  entitlements:
    description:
      - Maps a name to an entitlement. C(grants) maps a connection to its grants; an empty mapping only gives an
        account. C(retired=true) revokes its grants from all accounts.
      - The jobs only grant and revoke what an entitlement names.
    type: dict
    default: {}
  people:
    description:
      - All people, including those who have left. See R(the
        guide,ansible_collections.rollcall.identity.docsite.guide_people).
      - A list, or its JSON text. On ansible-core before 2.19, pass a list with unquoted days as C(people | to_json).
    type: raw
    default: []
  people_file:
    description: A file with the people, instead of O(people). CSV, TSV, XLSX, JSON or YAML.
    type: path
  only:
    description: Names of the connections to process. A list, or a text with commas. Empty means all.
    type: raw
    default: []
  as_of:
    description: The day that dates are compared with, such as V(2026-12-31). By default today in O(timezone).
    type: raw
  timezone:
    description: The time zone that decides which day is today, such as V(Europe/Berlin).
    type: str
    default: UTC
  links:
    description:
      - The file that records the owner of each account, by its immutable ID, and who was offboarded. YAML, or JSON if
        its name ends in C(.json).
      - The task reads it at the start and replaces it as a whole at the end. It refuses a damaged file and never
        overwrites it.
      - Changes that other runs, or people, have made in the meantime are kept. If two runs link one account to
        different people, the task fails, and writes its own links to a file beside it, such as C(links.unmerged.yml).
    type: path
  deliver:
    description:
      - The task file that stores the result elsewhere. The role runs it after this task. The module only checks that
        the file exists, and that AWX would not discard the result with its container.
    type: str
    default: ""
attributes:
  action:
    description: Is an action plugin.
    support: full
  check_mode:
    description: Can run in check mode and report what it would do.
    support: full
  diff_mode:
    description: Returns details of the changes.
    support: partial
    details: The export shows how its files change. The other jobs list every change in their report.
"""

    FEED = r"""
options:
  columns:
    description:
      - Maps a field of a person to a heading of O(people_file), or to a list of headings. The first heading with a
        value counts; for C(status), the strictest value counts.
      - See R(the guide,ansible_collections.rollcall.identity.docsite.guide_people).
    type: dict
    default: {}
  values:
    description: Maps a field to a mapping from the words in the file to the words of this collection, such as
      C(Terminated) to C(left) for C(status).
    type: dict
    default: {}
  preset:
    description: The name of a preset for the export of an HR system or directory, or the path of your own preset file.
    type: str
    default: ""
  sheet:
    description: The sheet of an XLSX file. Empty uses the first one that is not hidden.
    type: str
    default: ""
  date_format:
    description: Formats of the dates in the file, as Python's C(strptime) accepts them, such as V(%d.%m.%Y).
    type: list
    elements: str
    default: []
  rules:
    description:
      - Gives entitlements by attribute. Each rule has C(when), a mapping of fields or other columns to a value, a list
        of values or a pattern with V(*), and C(entitlements), a list of names.
    type: list
    elements: dict
    default: []
"""
