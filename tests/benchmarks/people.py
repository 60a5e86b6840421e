# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The people of the simulator, in the form that each provider's tasks accept."""

from __future__ import annotations

from kinds import User

from simulator.people import numbered
from simulator.providers.sendauth.seed import LABELS


def profile(number: int) -> User:
    """Return the OneLogin profile of a person."""
    person = numbered(number)
    return {
        "user": person.pop("key"),
        **{name: person[name] for name in ("email", "firstname", "lastname", "department", "title")},
    }


def with_role(number: int) -> User:
    """Return a profile with a role that all people have."""
    return {**profile(number), "roles": ["Default"]}


def with_title(number: int) -> User:
    """Return a user with a title that no person has."""
    return {"user": profile(number)["user"], "title": "Changed"}


def mail(number: int) -> User:
    """Return a person identified by address."""
    person = numbered(number)
    return {"user": person["email"], "first_name": person["firstname"], "last_name": person["lastname"]}


def kestra_user(number: int) -> User:
    """Return a person with the fields of Kestra's list, which has neither names nor groups."""
    return {"user": mail(number)["user"], "instance_owner": False, "tenants": ["main"]}


def sendauth_user(number: int) -> User:
    """Return a person with phone number and permission."""
    return {**mail(number), "phone": f"+4520{number:06d}", "permissions": [LABELS[number % len(LABELS)]]}


def contabo_user(number: int) -> User:
    """Return a person with a role. The role is specified by id because two have the same name."""
    return {**mail(number), "enabled": True, "roles": [{"id": 5004 + number % 16}]}


def nextauth_user(number: int) -> User:
    """Return a person with the fields of nextAuth's list, which has only the name."""
    return {"user": mail(number)["user"]}


def scim_user(number: int) -> User:
    """Return all fields that the SCIM server has of its numbered users."""
    name = f"user{number:05d}@example.com"
    return {
        "user": name, "enabled": True, "display_name": f"User {number}", "formatted_name": f"User N{number}",
        "given_name": "User",
        "family_name": f"N{number}", "email": name,
    }  # fmt: skip
