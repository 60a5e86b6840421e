# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user can do about the findings of an access run, as texts."""

CONFIRM = (
    "If it is the person's, confirm it with access_adopt: [{id}], or set accounts.{connection}.id in the people data."
)
SPECIFY_ID = "If it is the person's, set accounts.{connection}.id: {id} in the people data."
SAME_PERSON = "If {other} is the same person, confirm that with access_adopt: [{id}]."
CHANGE_LINK = (
    "Rename or delete that account, or, if it is the person's, change the person in its link (access_links)."
)
OTHER_NAME = (
    "It stays the account of {other}. In the people data, correct the address or accounts.{connection}.user of "
    "{person}."
)
MOVING = "It stays the account of {other}. Run the role again once {other} has the new address."
KEEPS = "{other} keeps this name. In the people data, correct the address or accounts.{connection}.user of {person}."
SWAP = (
    "Run the role again once {other} has the new name. If two people swap addresses, "
    "give one of them another address for one run."
)
RENAME_FIRST = "Rename or delete that account first (role offboard), or change the address of {person}."
OTHER_ID = (
    "If that account is the person's, correct accounts.{connection}.id of {person}. Otherwise, rename or delete it "
    "first (role offboard), or change the address of {person}."
)
OWN_OTHER = (
    "It is the person's second account: rename or delete it, or set accounts.{connection}.user to the name to keep."
)
MAY_BE_OWN = "If so, add its address to previous_emails, or set accounts.{connection}.id: {id} in the people data."
SAME_ID = (
    "If so, confirm that with access_adopt: [{id}]. If {other} has left, add {other} to the feed with status: left."
)
MIXED_UP = (
    "Correct the ids in the feed, or the people in the links (access_links). If both are right, confirm that with "
    "access_adopt: [{id}]."
)
DELETE = "Delete the account, or block it on the server. It is reported until it is deleted."
WRONG_ID = (
    "Correct accounts.{connection}.id of {person} in the people data. If it is right, block the account with the role "
    "offboard."
)
