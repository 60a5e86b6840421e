// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Lists that contain only the elements on the screen, however long they are, and the rows of the review in them.

const SPARE = 6;

/** A list of elements with the same height. `makeItem(index)` creates one. The page scrolls, not the list. */
class VirtualList {
  constructor(body, makeItem) {
    this.body = body;
    this.makeItem = makeItem;
    this.count = 0;
    this.current = 0;
    this.items = new Map();
    this.isWaiting = false;
    addEventListener("scroll", () => this.soon(), { passive: true });
    addEventListener("resize", () => this.resize());
  }

  soon() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.draw();
    });
  }

  /** Show `count` items, all newly created. The first one is the current one. */
  show(count) {
    this.count = count;
    this.current = 0;
    this.resize();
    this.refresh();
  }

  /** Measure an item. Its height depends on the font size and the width of the screen. */
  resize() {
    const probe = make("div", { class: "probe" });
    this.body.append(probe);
    this.height = probe.getBoundingClientRect().height || this.height || 64;
    probe.remove();
    this.body.style.height = `${this.height * this.count}px`;
    for (const [index, item] of this.items) this.place(item, index);
    this.soon();
  }

  place(item, index) {
    item.style.transform = `translateY(${index * this.height}px)`;
  }

  /** Return the first and the last item on the screen. */
  range() {
    const top = this.body.getBoundingClientRect().top;
    const first = Math.floor(-top / this.height) - SPARE;
    const last = Math.ceil((innerHeight - top) / this.height) + SPARE;
    return [Math.max(0, first), Math.min(this.count - 1, last)];
  }

  /** Create the items on the screen and remove the others. The current item stays, so that it keeps the focus. */
  draw() {
    if (this.body.offsetParent === null) return;
    const [first, last] = this.range();
    for (const [index, item] of this.items) {
      if ((index < first || index > last) && index !== this.current) {
        item.remove();
        this.items.delete(index);
      }
    }
    const wanted = new Set([this.current]);
    for (let index = first; index <= last; index += 1) wanted.add(index);
    if (!this.count) wanted.clear();
    let next = null;
    for (const index of [...wanted].sort((one, other) => other - one)) {
      if (!this.items.has(index)) this.insert(index, next);
      next = this.items.get(index);
    }
  }

  insert(index, next) {
    const item = this.makeItem(index);
    this.place(item, index);
    this.mark(item, index === this.current);
    this.items.set(index, item);
    this.body.insertBefore(item, next);
  }

  /** Create all items again. The focus stays on the same control of the same item. */
  refresh() {
    const hadFocus = this.body.contains(document.activeElement);
    const key = hadFocus ? document.activeElement.dataset.key : undefined;
    this.body.replaceChildren();
    this.items.clear();
    this.draw();
    if (hadFocus) this.focus(key);
  }

  /** Set the focus to the current item, or to one of its controls. */
  focus(key) {
    const item = this.items.get(this.current);
    (item?.querySelector(`[data-key="${key}"]`) ?? item)?.focus({ preventScroll: true });
  }

  /** Make an item the current one. Scroll to it if `isBrought`, which is false if the item may be under the pointer: an
   * item that moves away cannot be clicked.
   */
  moveTo(index, isBrought = true) {
    if (!this.count) return;
    const old = this.items.get(this.current);
    this.current = Math.max(0, Math.min(index, this.count - 1));
    if (old) this.mark(old, false);
    this.draw();
    const item = this.items.get(this.current);
    this.mark(item, true);
    if (!isBrought) return;
    item.scrollIntoView({ block: "nearest" });
    this.draw();
  }

  /** Let the tab key stop only at the current item and its controls. The arrow keys move to the other items. */
  mark(item, isCurrent) {
    item.setAttribute("aria-selected", String(isCurrent));
    for (const element of [item, ...item.querySelectorAll("button")]) element.tabIndex = isCurrent ? 0 : -1;
  }

  /** Create some items again and leave the others, one of which may be about to get the focus or a click. */
  renew(isStale) {
    for (const [index, item] of [...this.items]) {
      if (!isStale(index)) continue;
      this.items.delete(index);
      this.insert(index, item);
      item.remove();
    }
  }

  /** Return how many items fit on a page. */
  perPage() {
    return Math.max(1, Math.floor(innerHeight / this.height) - 4);
  }
}

const cell = (className, ...children) => make("div", { role: "gridcell", class: className }, ...children);
const line = (text) => make("span", { class: "line" }, name(text));

/** Return the buttons of a row, or the reason why there are none. */
function verdictButtons(row, app) {
  const closed = whyClosed(row, app.decisions.reviewer);
  if (closed) return make("span", { class: "closed" }, "Your own access: another reviewer decides");
  const decision = app.decisions.get(row);
  const what = `${rowName(row)} on ${visible(row.account.connection)}`;
  const button = (verdict) =>
    make(
      "button",
      {
        type: "button",
        class: `verdict ${verdict}`,
        "aria-pressed": String(decision?.verdict === verdict),
        "aria-label": `${VERDICT_LABELS[verdict]} ${what}`,
        "data-key": verdict,
        click: () => app.quickDecide(row, verdict),
      },
      VERDICT_LABELS[verdict],
    );
  return make("span", { class: "verdicts" }, verdictsOf(row).map(button));
}

/** Return the kind of a grant, its entitlement, and how the account gets it if that is not directly. */
function grantLine(grant) {
  const facet = grant.facet === DATA.login ? "" : visible(grant.facet);
  const via = grant.via === "direct" ? "" : viaText(grant);
  return [facet, entitlementText(grant), via].filter(Boolean).join(" · ");
}

/** Return the line below the buttons: the reason, or why a decision is not possible, or the previous decision. */
function noteOf(row, decisions) {
  const decision = decisions.get(row);
  if (decision) return decision.reason ? visible(decision.reason) : "decided, no reason given";
  if (!row.grant.revocable) {
    const { via, viaName } = row.grant;
    return viaName ? `only removed with ${visible(via)} ${visible(viaName)}` : whyNotRevocable(row);
  }
  return row.state.previous ? `previously: ${previousText(row.state)}` : "";
}

/** Return one row of the list. */
function rowElement(row, index, app) {
  const { person, account, grant, state } = row;
  return make(
    "div",
    {
      role: "row",
      class: `item row ${severity(state.worst)} ${app.decisions.get(row)?.verdict ?? ""}`,
      "aria-rowindex": index + 2,
      "data-index": index,
    },
    cell("who", name(personName(person), "strong"), line(personLine(person))),
    cell("where", name(visible(account.name), "strong"), line(visible(account.connection))),
    cell("what", name(grantName(grant), "strong"), line(grantLine(grant))),
    cell("flags", tagsOf(state)),
    cell("decision", verdictButtons(row, app), line(noteOf(row, app.decisions))),
  );
}
