# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A headless Chromium of this machine, and pages of reviews in it. Without one these tests are skipped, and the gate
reads why (``may_lack`` in tests/tools/gate.py)."""

from __future__ import annotations

import collections
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import Error, sync_playwright

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.page import page as render
from ansible_collections.rollcall.identity.tests.browser.examples import DIGEST
from selection import ALL

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update",
)
FOREMOST = {
    "test_what_the_browser_saves_is_what_close_reads", "test_nothing_is_decided_without_a_reviewer",
    "test_nobody_decides_about_themselves", "test_bulk_keep_leaves_flagged_decided_and_own_rows_out",
    "test_decisions_stay_in_the_browser", "test_file_that_is_wrong_is_refused_whole", "test_reason_is_required",
    "test_incomplete_review_says_so_at_the_top_in_the_tools_and_in_the_matrix", "test_dangerous_rows_come_first",
    "test_names_are_shown_as_they_are_and_do_nothing", "test_unknown_is_neither_blank_nor_never",
    "test_list_is_walked_and_decided_by_keys", "test_gravest_flag_of_a_row_is_shown_and_the_others_are_counted",
    "test_accessibility", "test_print_holds_the_filtered_rows_and_the_banner",
    "test_policy_blocks_what_somebody_smuggled_in",
}
"""Tests that every change runs."""
LIMIT = 60_000
"""Milliseconds after which something is not going to happen any more, however slow the machine."""


def pytest_collection_modifyitems(config, items):
    """Run what matters most, and of that the first and the last variant.

    `make browser` runs everything.
    """
    here = pathlib.Path(__file__).parent
    if ALL or any(
        item.name.partition("[")[0] in " ".join(config.args) for item in items
    ):
        return
    variants = collections.defaultdict(list)
    for item in items:
        if item.path.parent == here:
            variants[item.name.partition("[")[0]].append(item)
    left_out = [item for name, group in variants.items() for item in (group[1:-1] if name in FOREMOST else group)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def chromium_path():
    """Return the path of Chromium. Skips the test without one. Ends the tests if ROLLCALL_CHROMIUM is wrong."""
    chosen = os.environ.get("ROLLCALL_CHROMIUM")
    if chosen:
        return shutil.which(chosen) or pytest.exit(f"ROLLCALL_CHROMIUM: there is no program {chosen}", 1)
    path = next(filter(None, map(shutil.which, NAMES)), None)
    return path or pytest.skip(
        "Chromium is not installed: install it (Debian: apt-get install chromium libatomic1), "
        "or set ROLLCALL_CHROMIUM to the path of another one"
    )


@contextlib.contextmanager
def driver():
    """Yield Playwright. Ends the tests with what its driver prints if that does not start."""
    try:
        playwright = sync_playwright().start()
    except Exception as error:
        command = [sys.executable, "-m", "playwright", "--version"]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
        pytest.exit(f"The driver of Playwright does not start ({error}): {done.stdout}{done.stderr}".rstrip(), 1)
    yield playwright
    playwright.stop()


@pytest.fixture(scope="session")
def chromium():
    """Return a running Chromium."""
    path = chromium_path()
    with driver() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        except Error as error:
            pytest.exit(f"{path} does not start. Set ROLLCALL_CHROMIUM to another Chromium. {error.message}", 1)
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
        page.on(
            "request",
            lambda request: request.url == address or request.url.startswith("blob:") or self.noise.append(request.url),
        )
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
