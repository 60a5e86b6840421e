# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry: a name here is a module or package of this folder that has a class ``PROVIDER``."""

from __future__ import annotations

from importlib import import_module

from ..provider import Provider

NAMES = ["onelogin", "kestra", "sendauth", "contabo", "nextauth"]


def provider_classes() -> list[type[Provider]]:
    return [import_module(f"{__name__}.{name}").PROVIDER for name in NAMES]
