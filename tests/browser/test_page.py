# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a review in a browser: what it shows, and how one moves about in it."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import importlib.resources
import pathlib
import re
import threading

import pytest
from playwright.sync_api import expect

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.page import FOLDER
from ansible_collections.rollcall.identity.tests.browser import examples
from ansible_collections.rollcall.identity.tests.browser.conftest import LIMIT
from ansible_collections.rollcall.identity.tests.browser.examples import company

VISIBLE_ROWS = "#rows .row"
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
"""Waits until the page is drawn as it is now and the tasks before are over."""


def grants(page):
    """Return the persons and grants of the rows that the list holds, from top to bottom."""
    rows = page.locator(VISIBLE_ROWS)
    return [
        (rows.nth(index).locator(".who .strong").inner_text(), rows.nth(index).locator(".what .strong").inner_text())
        for index in range(rows.count())
    ]


def facts(page):
    """Return the facts in the panel: label -> texts."""
    script = "all => all.map(e => [e.children[0].innerText, [...e.children].slice(1).map(c => c.innerText).join('|')])"
    return dict(page.eval_on_selector_all("#panel dl div", script))


def open_row(page, person, grant):
    """Open the details of a row."""
    page.fill("#search", person)
    expect(page.locator("#shown")).not_to_have_text("14 rows", timeout=LIMIT)
    page.locator(VISIBLE_ROWS).filter(has_text=grant).first.locator(".what").click()


def test_parts_of_the_script_are_short_enough_to_read():
    """No browser is needed for this one."""
    lengths = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in pathlib.Path(FOLDER).glob("*.js")
    }
    assert lengths and max(lengths.values()) <= 400, lengths


def test_cover_says_what_was_read(show):
    page = show(company())
    text = page.inner_text("header")
    for part in (
        "2026-Q4",
        "2026-11-28T08:00:00Z",
        "acme (id 77)",
        "only: ol, ke",
        "1.0.0",
        "AWX job 4711",
        "a" * 64,
        "d" * 64,
        "Only 4 of 6",
        "last_login, mfa",
    ):
        assert part in text, part
    assert not page.locator("text=INCOMPLETE").count()


def test_incomplete_review_says_so_at_the_top_in_the_tools_and_in_the_matrix(show):
    page = show(company(incomplete=True))
    assert page.locator(".incomplete strong").inner_text() == "INCOMPLETE"
    assert "https://contabo.example/<b>: connection refused" in page.inner_text(".incomplete")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert page.locator(".strip").is_visible()
    page.click("#view-matrix")
    assert page.locator("#people .item").first.locator(".number").nth(2).inner_text() == "not read"


def test_dangerous_rows_come_first(show):
    page = show(company())
    assert grants(page)[:6] == [
        ("Cleo Santos", "payroll"), ("No person", "viewer"), ("svc-backup", "backup"), ("Ada Lovelace", "admin"),
        ("Grace Hopper", "owner"),
        ("Bob Miller", "viewer"),
    ]  # fmt: skip


def test_gravest_flag_of_a_row_is_shown_and_the_others_are_counted(show):
    review = company()
    flags = ("orphan_account", "privileged", "unmanaged_grant", "no_mfa")
    rows = [dataclasses.replace(item, flags=flags, new=number % 2 == 0) for number, item in enumerate(review.rows)]
    page = show(dataclasses.replace(review, rows=rows))
    texts = [" ".join(text.split()) for text in page.locator("#rows .flags").all_inner_texts()]
    assert set(texts) == {"Orphan account +3 New", "Orphan account +2 Privileged"}
    cut = (
        "all => all.filter(e => [...e.children].some(c => c.getBoundingClientRect().top < "
        "e.closest('.item').getBoundingClientRect().top)).length"
    )
    assert page.eval_on_selector_all("#rows .flags", cut) == 0


def test_names_are_shown_as_they_are_and_do_nothing(show):
    page = show(company())
    shown = grants(page)
    assert (examples.SCRIPT_NAME, examples.ENDING) in shown
    assert ("ana[U+202E]gnp.exe", "crm[U+200B]") in shown
    assert page.locator("body script:not([type])").count() == 1
    assert page.locator("header b:has-text('Gone'), #rows b, #panel b").count() == 0


def test_unknown_is_neither_blank_nor_never(show):
    page = show(company())
    open_row(page, "bob", "crm")
    unknown = facts(page)
    assert {unknown[name] for name in ("MFA", "Last login", "Tokens", "Privileged")} == {"not provided by the API"}
    open_row(page, "bob", "viewer")
    known = facts(page)
    assert (known["MFA"], known["Last login"], known["Enabled"]) == ("no", "never", "yes")
    assert not [label for label, text in {**unknown, **known}.items() if not text.strip()]


def test_tokens_name_their_end(show):
    page = show(company())
    open_row(page, "ghost", "viewer")
    assert (
        facts(page)["Tokens"]
        == "ci: never expires|old: expiry not provided by the API|new: expires 2026-12-31T08:00:00Z"
    )


def test_last_review_new_rows_and_gone_rows(show):
    page = show(company())
    open_row(page, "cleo", "payroll")
    assert facts(page)["Previous review"] == "revoke in 2026-Q3: she has left"
    page.click("#clear")
    page.check("#only-new")
    assert grants(page) == [("Ada Lovelace", "admin")]
    page.click("#gone summary")
    assert "Dan <b>Gone</b>" in page.inner_text("#gone")


@pytest.mark.parametrize(
    ("choice", "rows"),
    [
        ({"connection": "ke"}, 4),
        ({"entitlement": "crm"}, 3),
        ({"reviewer": "E7"}, 4),
        ({"flag": "privileged"}, 2),
        ({"flag": "\0none"}, 8),
        ({"flag": "\0any", "connection": "ol"}, 2),
        ({"reviewer": "\0nobody"}, 1),
        ({"decision": "undecided"}, 14),
        ({"decision": "keep"}, 0),
    ],
)
def test_filters(show, choice, rows):
    page = show(company())
    for name, value in choice.items():
        page.select_option(f"#{name}", value=value)
    assert page.locator(VISIBLE_ROWS).count() == rows
    assert page.inner_text("#shown") == f"{rows} row{'' if rows == 1 else 's'}"
    assert page.locator("#no-rows").is_visible() is (rows == 0)
    page.click("#clear")
    assert page.inner_text("#shown") == "14 rows"


@pytest.mark.parametrize(
    ("words", "rows"), [("ADA ke", 1), ("ops-12", 1), ("lovelace", 3), ("<script>", 1), ("no such thing", 0)]
)
def test_search_looks_for_all_words_in_all_facts(show, words, rows):
    page = show(company())
    page.fill("#search", words)
    expect(page.locator("#shown")).to_have_text(f"{rows} row{'' if rows == 1 else 's'}", timeout=LIMIT)


def test_orders(show):
    page = show(company())
    page.select_option("#order", "person")
    people = [person for person, _grant in grants(page)]
    assert people[0] == "<script>alert(1)</script>" and people[-1] == "No person"
    page.select_option("#order", "grant")
    names = [grant for _person, grant in grants(page)]
    assert names.index("admin") < names.index("backup") < names.index("crm") < names.index("viewer")
    page.select_option("#order", "login")
    assert grants(page)[0] == ("Bob Miller", "viewer")


def test_cell_of_the_matrix_opens_its_rows(show):
    page = show(company())
    page.click("#view-matrix")
    cell = page.locator("#people .item").filter(has_text="Ada Lovelace").locator("button").first
    assert cell.get_attribute("aria-label") == "Ada Lovelace on ol: 2 rows, no flag, 0 decided. Show them"
    cell.click()
    assert sorted(grants(page)) == [("Ada Lovelace", "crm"), ("Ada Lovelace", "wiki")]
    page.click("#person-chip")
    assert page.inner_text("#shown") == "10 rows"


def test_matrix_shows_the_worst_flag_and_follows_the_filters(show):
    page = show(company())
    page.click("#view-matrix")
    lines = page.locator("#people .item").all_inner_texts()
    assert re.sub(r"\s+", " ", lines[0]).startswith("Cleo Santos E3 · employee · left 1 Active leaver")
    page.select_option("#flag", "privileged")
    assert page.locator("#people .who .strong").all_inner_texts() == ["Ada Lovelace", "Grace Hopper"]


def test_list_is_walked_and_decided_by_keys(show):
    page = show(company())
    page.fill("#reviewer-id", "E8")
    page.fill("#reviewer-name", "Hedy Lamarr")
    page.locator(VISIBLE_ROWS).first.focus()
    page.keyboard.press("r")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-rowindex')") == "4"
    page.keyboard.press("k")
    assert page.inner_text("#progress-text") == "2 of 14 decided"
    page.keyboard.press("Home")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.getAttribute('aria-rowindex')") == "3"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.getAttribute('aria-rowindex')") == "15"
    page.keyboard.press("Home")
    page.keyboard.press("u")
    assert page.inner_text("#progress-text") == "1 of 14 decided"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "panel-title"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.index") == "0"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"


def test_one_row_is_a_stop_of_the_tab_key(show):
    page = show(company())
    page.locator(VISIBLE_ROWS).nth(2).focus()
    for expected in ("keep", "revoke", "change"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.dataset.key") == expected
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#panel') !== null")


def test_long_list_holds_only_what_is_on_the_screen(show):
    page = show(examples.large(people=300))
    assert page.get_attribute("#list", "aria-rowcount") == "6001"
    assert page.locator(VISIBLE_ROWS).count() < 80
    page.locator(VISIBLE_ROWS).first.focus()
    page.keyboard.press("End")
    page.wait_for_selector("#rows [aria-rowindex='6001']:focus")
    assert page.locator(VISIBLE_ROWS).count() < 80
    box = page.locator("#rows [aria-rowindex='6001']").bounding_box()
    assert box["y"] + box["height"] <= 1600


def test_focus_is_never_below_the_tools(show):
    page = show(examples.large(people=20))
    page.locator(VISIBLE_ROWS).first.focus()
    for key in ("End", "Home", "PageDown", "PageUp"):
        page.keyboard.press(key)
        focused, tools = page.locator("#rows :focus").bounding_box(), page.locator("#tools").bounding_box()
        assert focused["y"] >= tools["y"] + tools["height"]


def test_button_of_a_row_at_the_edge_of_the_screen_is_pressed(show):
    page = show(examples.large(people=20))
    page.fill("#reviewer-id", "X1")
    page.fill("#reviewer-name", "Auditor")
    page.evaluate("scrollTo(0, document.getElementById('rows').getBoundingClientRect().top + scrollY)")
    page.evaluate(SETTLED)
    # The last row of which the bottom is below the screen and the button is not: to make it the current one would
    # scroll.
    place = page.evaluate("""async () => {
        const rows = [...document.querySelectorAll('#rows .row')].filter((row) => !row.matches('.high, .grave'));
        const row = rows.find((row) => row.getBoundingClientRect().bottom > innerHeight - 40);
        scrollBy(0, row.getBoundingClientRect().bottom - innerHeight - 12);
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const box = row.querySelector('.keep').getBoundingClientRect();
        return [box.x + 10, box.y + box.height / 2];
    }""")
    page.mouse.move(*place)
    page.mouse.down()
    page.mouse.up()
    assert page.inner_text("#progress-text") == "1 of 400 decided"


def axe():
    """Return the source of axe-core."""
    return (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1360, 360])
@pytest.mark.parametrize("view", ["list", "matrix", "panel"])
def test_accessibility(show, scheme, width, view):
    page = show(company(incomplete=True), color_scheme=scheme, viewport={"width": width, "height": 800})
    page.fill("#reviewer-id", "E7")
    page.fill("#reviewer-name", "Grace Hopper")
    for summary in page.locator("header summary").all()[1:]:
        summary.click()
    if view == "matrix":
        page.click("#view-matrix")
    else:
        page.locator(f"{VISIBLE_ROWS} .keep").first.click()
        page.locator(f"{VISIBLE_ROWS} .change" if view == "panel" else f"{VISIBLE_ROWS} .revoke").nth(1).click()
    page.evaluate(axe())
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    found = [
        (item["id"], item["impact"], [node["html"][:150] for node in item["nodes"]][:3])
        for item in result["violations"]
    ]
    assert [item for item in found if item[1] in ("serious", "critical")] == []


@pytest.mark.parametrize("view", ["list", "matrix"])
def test_phone_needs_no_scrolling_to_the_side(show, view):
    page = show(company(incomplete=True), viewport={"width": 360, "height": 740})
    page.click(f"#view-{view}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_print_holds_the_filtered_rows_and_the_banner(show):
    page = show(company(incomplete=True))
    page.select_option("#connection", "ke")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#paper tbody tr").count() == 4
    assert "filtered by connection ke (4)" in page.inner_text("#paper p")
    assert "INCOMPLETE" in page.inner_text("#paper thead") and page.locator(".incomplete").is_visible()
    assert not page.locator("#list-view").is_visible() and not page.locator("#tools").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#paper tbody tr").count() == 0


def test_print_says_where_it_was_cut(show):
    page = show(examples.large(people=300))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#paper tbody tr").count() == 5000
    assert (
        "6,000 rows, no filter. Only the first 5,000 are printed; review.csv contains all of them."
        in page.text_content("#paper p")
    )


def test_paper_has_all_pages_on_pdf(show):
    page = show(company())
    assert page.pdf().startswith(b"%PDF")
    assert page.locator("#paper tbody tr").count() == 0


def test_without_scripts_the_cover_is_there_and_says_where_the_rows_are(chromium, show):
    context = show.context(java_script_enabled=False)
    page = context.new_page()
    page.goto(show.write(company(incomplete=True)))
    assert "review.csv" in page.inner_text("noscript") and "acme (id 77)" in page.inner_text("header")


PROBE = """
async ([address, awaited, limit]) => {
  const violations = [];
  addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
  const outcome = {};
  try { await fetch(address); outcome.fetch = "sent"; } catch { outcome.fetch = "blocked"; }
  try { document.body.innerHTML += "<img src=x>"; outcome.html = "taken"; } catch { outcome.html = "blocked"; }
  const script = document.createElement("script");
  try { script.text = "window.hacked = true"; document.body.append(script); } catch { outcome.script = "blocked"; }
  const image = document.createElement("img");
  image.src = address;
  const frame = document.createElement("iframe");
  frame.src = address;
  const sheet = document.createElement("style");
  sheet.textContent = "body { display: none }";
  document.body.append(image, frame, sheet);
  const until = performance.now() + limit; // a busy browser reports late
  while (!awaited.every((name) => violations.includes(name)) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { outcome, violations, hacked: window.hacked === true, display: getComputedStyle(document.body).display };
}
"""

VIOLATIONS = {"connect-src", "img-src", "frame-src", "style-src-elem", "require-trusted-types-for"}
"""Directives that the probe violates."""


@contextlib.contextmanager
def listening():
    """Listen on this machine; yield the address, and the list of what browsers ask there for."""
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            received.append(self.path)
            self.send_error(404)

        def log_message(self, *_arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", received
        server.shutdown()


def test_policy_blocks_what_somebody_smuggled_in(show):
    page = show(company())
    with listening() as (address, received):
        result = page.evaluate(PROBE, [address, sorted(VIOLATIONS), LIMIT])
    assert received == []
    assert result["outcome"] == {"fetch": "blocked", "html": "blocked", "script": "blocked"}
    assert not result["hacked"] and result["display"] == "block"
    assert set(result["violations"]) >= VIOLATIONS
    show.noise.clear()  # the browser complains about each of them


def test_event_handlers_and_links_to_scripts_do_nothing(show):
    page = show(company())
    link = "Object.assign(document.createElement('a'), {href: 'javascript:window.hacked = true', id: 'bad'})"
    page.evaluate(f"document.body.insertAdjacentElement('afterbegin', {link})")
    page.evaluate("document.getElementById('bad').click()")
    page.evaluate(SETTLED)  # such a script would run in a task of its own, before this one
    assert page.evaluate("window.hacked === undefined")
    show.noise.clear()
