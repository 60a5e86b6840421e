# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A headless Chromium of this machine, and pages of reviews in it. Without one these tests are skipped."""

from __future__ import annotations

import collections
import os
import pathlib
import shutil

import pytest
from playwright.sync_api import sync_playwright

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.page import page as render
from ansible_collections.rollcall.identity.tests.browser.examples import DIGEST

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update")
LIMIT = 60_000
"""Milliseconds after which something is not going to happen any more, however slow the machine."""


def pytest_collection_modifyitems(config, items):
    """Run the first and the last variant of each test, and all with ROLLCALL_VARIANTS=all, as `make browser` does."""
    if os.environ.get("ROLLCALL_VARIANTS") == "all":
        return
    variants = collections.defaultdict(list)
    for item in items:
        if item.path.parent == pathlib.Path(__file__).parent:
            variants[item.nodeid.partition("[")[0]].append(item)
    left_out = {item.nodeid for group in variants.values() for item in group[1:-1]}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
    items[:] = [item for item in items if item.nodeid not in left_out]


@pytest.fixture(scope="session")
def chromium():
    """Return a running Chromium."""
    path = os.environ.get("ROLLCALL_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not path:
        pytest.skip("there is no Chromium here: install one (Debian: apt-get install chromium), or name it in ROLLCALL_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        yield browser
        browser.close()


class Opener:
    """Opens reviews as files; every message of the console, error and request is noted."""

    def __init__(self, chromium, folder):
        self.chromium = chromium
        self.folder = folder
        self.noise = []
        self.contexts = []

    def write(self, review, rows=None, reviewer=None, digest=DIGEST):
        """Write the page of a review; return its address."""
        path = self.folder / f"review-{len(list(self.folder.iterdir()))}.html"
        path.write_text(render(review, review.rows if rows is None else rows, reviewer, digest), encoding="utf-8")
        return path.as_uri()

    def context(self, **options):
        """Return a browser that nobody has used before."""
        context = self.chromium.new_context(**{"viewport": {"width": 1360, "height": 1600}, **options})
        context.set_default_timeout(LIMIT)
        self.contexts.append(context)
        return context

    def open(self, address, context):
        """Open an address; return the page when it can be used."""
        page = context.new_page()
        page.on("console", lambda message: self.noise.append(message.text))
        page.on("pageerror", lambda error: self.noise.append(str(error)))
        page.on("request", lambda request: request.url == address or request.url.startswith("blob:") or self.noise.append(request.url))
        page.on("dialog", lambda dialog: (self.noise.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        return page

    def __call__(self, review, rows=None, reviewer=None, init="", digest=DIGEST, **options):
        """Open a review; ``init`` is a script that runs before those of the page."""
        context = self.context(**options)
        if init:
            context.add_init_script(init)
        return self.open(self.write(review, rows, reviewer, digest), context)


@pytest.fixture
def show(chromium, tmp_path):
    """Return a function that opens a review. Nothing may be on the console, and nothing may be fetched."""
    opener = Opener(chromium, tmp_path)
    yield opener
    for context in opener.contexts:
        context.close()
    assert opener.noise == []
