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
      - Name -> connection. C(provider) names the provider, C(credentials) holds options of its modules that are secret.
        All other entries are options of the provider's modules, such as C(api_url), C(tenant), C(protect) or
        C(loss_limit).
      - If a connection has credentials of its own, those of the environment are ignored for it.
      - Two connections that lead to the same directory, such as two tenants of one Kestra, or two pairs of credentials
        of one account of OneLogin or Contabo, are planned as one.
    type: dict
    required: true
  entitlements:
    description:
      - Name -> entitlement. C(grants) maps a connection to what is granted there; an empty mapping is an account and no
        more. C(retired=true) takes its grants from everybody.
      - Only grants that some entitlement names are given or taken.
    type: dict
    default: {}
  people:
    description:
      - Everybody, those who have left included. See R(the
        guide,ansible_collections.rollcall.identity.docsite.guide_people).
      - A list, or its JSON text. Write C(people | to_json) for a list with unquoted days on ansible-core before 2.19.
    type: raw
    default: []
  people_file:
    description: A file with the people, in place of O(people). CSV, TSV, XLSX, JSON or YAML.
    type: path
  only:
    description: Names of the connections to work on. A list, or a text with commas. Empty for all.
    type: raw
    default: []
  as_of:
    description: The day that dates are compared with, such as V(2026-12-31). Empty for today in O(timezone).
    type: raw
  timezone:
    description: The time zone of today, such as V(Europe/Berlin).
    type: str
    default: UTC
  links:
    description:
      - The file that remembers whose each account is, by its immutable ID, and who was offboarded. YAML, or JSON by the
        end of its name.
      - It is read at the start and replaced as a whole at the end. A file that is damaged is refused and never
        overwritten.
      - What other runs, or people, changed in it meanwhile is kept. Where two runs link one account to different
        people, the task fails, and what it remembers is in a file beside it, such as C(links.unmerged.yml).
    type: path
  deliver:
    description:
      - The task file that stores the result elsewhere after this task, as the role runs it. The module checks that it
        exists, and that nothing would be lost with the container of AWX.
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
    description: Returns details on what changes.
    support: partial
    details: The export shows the difference of its files. The other jobs have every change in their report.
"""

    FEED = r"""
options:
  columns:
    description:
      - Field -> heading of O(people_file), or a list of headings of which the first that has a value counts.
      - See R(the guide,ansible_collections.rollcall.identity.docsite.guide_people).
    type: dict
    default: {}
  values:
    description: Field -> mapping of the words of the file to those of this collection, such as C(Terminated) to C(left)
      for C(status).
    type: dict
    default: {}
  preset:
    description: The name of a preset for the export of an HR system or directory, or the path of a file of your own in
      that form.
    type: str
    default: ""
  sheet:
    description: The sheet of an XLSX file. Empty for the first.
    type: str
    default: ""
  date_format:
    description: Formats of days in the file, as C(strptime) of Python takes them, such as V(%d.%m.%Y).
    type: list
    elements: str
    default: []
  rules:
    description:
      - Entitlements by attribute. Each rule has C(when), a mapping of fields or further columns to a value, a list of
        values or a pattern with V(*), and C(entitlements), a list of names.
    type: list
    elements: dict
    default: []
"""
