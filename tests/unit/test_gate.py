# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the gate judges its stages: each runs pytest on a small file, or on the tests of the review page."""

from __future__ import annotations

import pathlib
import shutil
import sys

import pytest

TOOLS = pathlib.Path(__file__).resolve().parents[1] / "tools"
LACKS = "Chromium is not installed"
PASS = "def test_pass(): pass\n"
SKIP = """
import pytest

@pytest.mark.skip("{}")
@pytest.mark.parametrize("number", range(3))
def test_{}(number): pass
"""
LACK = SKIP.format(f"{LACKS}: install it", "lack")
OTHER = SKIP.format("not today", "other")
NAMED = "import pytest\ndef test_fail(): pytest.fail('Chromium is not installed: but this test fails')\n"


@pytest.fixture
def gate(monkeypatch):
    """Return the module of the gate."""
    monkeypatch.syspath_prepend(str(TOOLS))
    monkeypatch.delenv("ROLLCALL_CHROMIUM", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # pytest starts in half the time
    import gate

    return gate


@pytest.fixture
def judge(gate, tmp_path, capsys):
    """Return a function that runs a stage; it returns what the gate counts, and the line of the stage."""

    def run(text, **options):
        (tmp_path / "test_it.py").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "--quiet", str(tmp_path / "test_it.py")]
        return run_stage(gate, gate.Stage("it", command, is_pytest=True, **options), tmp_path, capsys)

    return run


def run_stage(gate, stage, folder, capsys):
    """Run a stage; return what the gate counts, and the line of the stage."""
    total = gate.Gate([stage], 1, False, folder).run()
    return (total.passed, total.failed, total.skipped), capsys.readouterr().out.splitlines()[0]


CASES = {
    "passes": (PASS, {}, (1, 0, 0), "ok", "1 passed, 0 failed"),
    "lacks a program for some tests": (
        PASS + LACK, {"may_lack": LACKS}, (1, 0, 3), "SKIPPED", f"1 passed, 0 failed, 3 skipped; {LACKS}: install it",
    ),
    "passes, and skips some": (PASS + OTHER, {"may_lack": LACKS}, (1, 0, 3), "ok", "1 passed, 0 failed, 3 skipped"),
    "lacks a program": (
        LACK, {"may_lack": LACKS}, (0, 0, 3), "SKIPPED", f"0 passed, 0 failed, 3 skipped; {LACKS}: install it",
    ),
    "lacks a program that it must not lack": (LACK, {}, (0, 1, 3), "FAILED", "1 failed, 3 skipped; no test ran"),
    "skips for another reason": (OTHER, {"may_lack": LACKS}, (0, 1, 3), "FAILED", "1 failed, 3 skipped; no test ran"),
    "skips for two reasons": (
        LACK + OTHER, {"may_lack": LACKS}, (0, 1, 6), "FAILED", "1 failed, 6 skipped; no test ran",
    ),
    "fails": (NAMED + LACK, {"may_lack": LACKS}, (0, 1, 3), "FAILED", "0 passed, 1 failed, 3 skipped"),
    "has no tests": ("", {"may_lack": LACKS}, (0, 1, 0), "FAILED", "0 passed, 1 failed; no test ran"),
    "is not Python": ("no python\n", {"may_lack": LACKS}, (0, 1, 0), "FAILED", "0 passed, 1 failed"),
    "ends early": (
        "import os\ndef test_end(): os._exit(3)\n", {"may_lack": LACKS}, (0, 1, 0), "FAILED",
        "0 passed, 1 failed; pytest ended with 3",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_stage_that(judge, case):
    text, options, counts, word, end = CASES[case]
    total, line = judge(text, **options)
    assert (total, line.split()[0]) == (counts, word)
    assert line.endswith(end)


def browser_stage(gate, monkeypatch, folder):
    """Return the stage of the review page, with a PATH without any program."""
    monkeypatch.setenv("PATH", str(folder))
    (stage,) = (stage for stage in gate.STAGES if stage.name == "browser")
    return stage


def test_review_page_without_chromium(gate, monkeypatch, tmp_path, capsys):
    (_passed, failed, skipped), line = run_stage(gate, browser_stage(gate, monkeypatch, tmp_path), tmp_path, capsys)
    assert failed == 0 and skipped > 10
    assert line.startswith("SKIPPED browser ")
    assert "apt-get install chromium" in line and "ROLLCALL_CHROMIUM" in line


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ("absent", "ROLLCALL_CHROMIUM: there is no program"),
        ("true", " does not start"),  # nor does the driver of Playwright, if the machine lacks a library
    ],
)
def test_review_page_with_a_chromium_that_does_not_start(gate, monkeypatch, tmp_path, capsys, program, text):
    path = shutil.which(program) or str(tmp_path / program)
    stage = browser_stage(gate, monkeypatch, tmp_path)
    monkeypatch.setenv("ROLLCALL_CHROMIUM", path)
    total = gate.Gate([stage], 1, False, tmp_path).run()
    shown = capsys.readouterr().out
    assert total.failed == 1
    assert shown.startswith("FAILED  browser ")
    assert text in shown


@pytest.fixture
def run_main(gate, monkeypatch, tmp_path, capsys):
    """Return a function that runs the gate with one stage. It returns the exit code, and the printed lines."""
    command = [sys.executable, "-m", "pytest", "--quiet", str(tmp_path / "test_it.py")]
    monkeypatch.setattr(gate, "STAGES", [gate.Stage("it", command, is_pytest=True, may_lack=LACKS)])
    monkeypatch.setattr(gate.signal, "signal", lambda *_given: None)

    def run(text):
        (tmp_path / "test_it.py").write_text(text, encoding="utf-8")
        code = gate.main(["it"])
        return code, capsys.readouterr()

    return run


def test_nothing_but_skipped_stages_is_no_success(run_main):
    code, shown = run_main(LACK)
    assert (code, shown.out.splitlines()[-1]) == (1, "0 passed, 0 failed, 3 skipped")
    assert shown.out.count(LACKS) == 1


def test_reasons_of_skipped_tests_are_at_the_end(run_main):
    code, shown = run_main(PASS + OTHER + SKIP.format("nor tomorrow", "more"))
    *_, heading, skips, time, empty, result = shown.out.splitlines()
    assert (code, result, empty) == (0, "1 passed, 0 failed, 6 skipped", "")
    assert heading == "Skipped tests, and why:"
    assert skips.split(maxsplit=2) == ["it", "6", "not today (other reasons: 1)"]
    assert time.startswith("1 stage in ")


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", " "])
def test_number_of_stages_at_a_time(run_main, monkeypatch, number):
    monkeypatch.setenv("ROLLCALL_JOBS", number)
    code, shown = run_main(PASS)
    assert (code, shown.out) == (2, "")
    assert shown.err.startswith(f"ROLLCALL_JOBS is {number!r}: set it to ")
