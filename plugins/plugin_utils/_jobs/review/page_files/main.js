// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The page: the actions of its controls.

const FILTER_NAMES = ["reviewer", "connection", "entitlement", "flag", "decision"];

class App {
  constructor() {
    const rows = decodeRows();
    this.orders = new Orders(rows);
    this.decisions = new Decisions(rows, () => this.refresh());
    this.filter = { ...EVERYTHING };
    this.order = "danger";
    this.view = "list";
    this.shown = [];
    this.lines = [];
    this.panel = new Panel(byId("panel"), this);
    this.list = new VirtualList(byId("rows"), (index) => rowElement(this.shown[index], index, this));
    this.matrix = new VirtualList(
      byId("people"), (index) => matrixLine(this.lines[index], index, this.connections, this),
    );
  }

  start() {
    const problems = this.decisions.restore();
    fillFilters(this.orders.rows);
    if (matchMedia("(max-width: 44rem)").matches) byId("filters").open = false;
    this.fillReviewer();
    this.listen();
    this.select();
    const restored = this.decisions.made.size;
    if (problems.length) {
      const first = problems.slice(0, 3).join("; ");
      this.say(`Some decisions in the browser's storage could not be used. ${first}`, true);
    } else if (restored) this.say(`${counted(restored, "decision")} restored from the browser's storage.`);
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
  }

  fillReviewer() {
    byId("reviewer-id").value = this.decisions.reviewer.id;
    byId("reviewer-name").value = this.decisions.reviewer.name;
  }

  listen() {
    for (const id of FILTER_NAMES) byId(id).addEventListener("change", () => this.setFilter({ [id]: byId(id).value }));
    byId("search").addEventListener("input", afterTyping(() => this.setFilter({ search: byId("search").value })));
    byId("only-new").addEventListener("change", () => this.setFilter({ onlyNew: byId("only-new").checked }));
    byId("order").addEventListener("change", () => this.setOrder(byId("order").value));
    byId("clear").addEventListener("click", () => this.clearFilter());
    byId("person-chip").addEventListener("click", () => this.setFilter({ person: null }));
    for (const view of ["list", "matrix"]) byId(`view-${view}`).addEventListener("click", () => this.setView(view));
    for (const id of ["reviewer-id", "reviewer-name"]) byId(id).addEventListener("change", () => this.setReviewer());
    byId("keep-all").addEventListener("click", () => this.keepAll());
    byId("undo").addEventListener("click", () => this.undo());
    byId("save").addEventListener("click", () => this.save());
    byId("load").addEventListener("change", () => this.load(byId("load")));
    byId("forget").addEventListener("click", () => this.forget());
    new ResizeObserver(() => this.measureTools()).observe(byId("tools"));
    byId("list").addEventListener("keydown", (event) => this.key(event));
    byId("list").addEventListener("click", (event) => this.clickRow(event));
    byId("list").addEventListener("focusin", (event) => this.follow(event));
    byId("matrix").addEventListener("keydown", (event) => this.moveByKey(event, this.matrix));
    byId("panel").addEventListener("keydown", (event) => event.key === "Escape" && this.closePanel());
    addEventListener("beforeprint", () => buildPaper(byId("paper"), this.shown, this.filterTexts(), this.decisions));
    addEventListener("afterprint", () => byId("paper").replaceChildren());
    addEventListener("pagehide", () => this.decisions.isSaved || this.decisions.store());
    addEventListener("beforeunload", (event) => this.mayLose() && event.preventDefault());
  }

  /** Return whether closing the page loses decisions, because the browser's storage does not work. */
  mayLose() {
    return !this.decisions.isKept && !this.decisions.isSaved && this.decisions.made.size > 0;
  }

  /** Let the headings of the lists and the panel stick below the tools, whatever the height of the tools. */
  measureTools() {
    document.documentElement.style.setProperty("--tools", `${byId("tools").offsetHeight}px`);
  }

  // What is shown

  setFilter(change) {
    Object.assign(this.filter, change);
    this.select();
    this.say(`${counted(this.shown.length, "row")} shown.`);
  }

  clearFilter() {
    for (const id of FILTER_NAMES) byId(id).value = "";
    byId("search").value = "";
    byId("only-new").checked = false;
    this.setFilter(EVERYTHING);
  }

  setOrder(order) {
    this.order = order;
    this.select();
  }

  setView(view) {
    this.view = view;
    this.select();
  }

  /** Show the rows of one person on one connection. */
  openCell(person, connection) {
    byId("connection").value = connection;
    this.view = "list";
    this.setFilter({ person: person.id, connection });
    this.list.focus();
  }

  /** Return the active filters as texts. */
  filterTexts() {
    const chosen = FILTER_NAMES.map(byId).filter((field) => field.value);
    const label = (field) => field.labels[0].textContent.toLowerCase();
    const texts = chosen.map((field) => `${label(field)} ${field.selectedOptions[0].textContent}`);
    if (this.filter.search) texts.push(`the words \u201c${visible(this.filter.search)}\u201d`);
    if (this.filter.person !== null) texts.push(`person ${visible(this.filter.person) || "none"}`);
    return this.filter.onlyNew ? [...texts, "new rows only"] : texts;
  }

  /** Select the rows again, and show the list from its start. */
  select() {
    this.shown = filterRows(this.orders.get(this.order), this.filter, this.decisions);
    const isList = this.view === "list";
    byId("list-view").hidden = !isList;
    byId("matrix-view").hidden = isList;
    byId("view-list").setAttribute("aria-pressed", String(isList));
    byId("view-matrix").setAttribute("aria-pressed", String(!isList));
    if (isList) this.showList();
    else this.showMatrix();
    this.showState();
    this.toTop();
  }

  showList() {
    byId("list").setAttribute("aria-rowcount", String(this.shown.length + 1));
    byId("no-rows").hidden = this.shown.length > 0;
    this.list.show(this.shown.length);
    this.panel.show(this.shown[0] ?? null);
  }

  showMatrix() {
    this.lines = sortedMatrix(this.shown, this.order);
    const { connection } = this.filter;
    this.connections = DATA.connections.filter((each) => connection === "" || each === connection);
    const grid = byId("matrix");
    grid.setAttribute("aria-rowcount", String(this.lines.length + 1));
    grid.style.setProperty("--columns", String(this.connections.length));
    byId("matrix-head").replaceChildren(...matrixHead(this.connections));
    byId("no-people").hidden = this.lines.length > 0;
    this.matrix.show(this.lines.length);
  }

  /** Scroll to the first row if the list is scrolled past it. */
  toTop() {
    const view = byId(`${this.view}-view`);
    if (view.getBoundingClientRect().top < 0) view.scrollIntoView();
  }

  /** Show the effect of changed decisions. The rows stay, even those that a filter would now leave out. */
  refresh() {
    if (this.view === "list") this.list.refresh();
    else this.matrix.refresh();
    this.panel.show(this.panel.row);
    this.showState();
  }

  showState() {
    const { done, total, own, keep, revoke, change } = this.decisions.progress();
    byId("progress").max = Math.max(total, 1);
    byId("progress").value = done;
    byId("progress-text").textContent = `${number(done)} of ${number(total)} decided`;
    const counts = `${number(keep)} keep, ${number(revoke)} revoke, ${number(change)} change`;
    byId("progress-more").textContent = own ? `${counts}; ${number(own)} about you` : counts;
    byId("shown").textContent = counted(this.shown.length, "row");
    byId("undo").disabled = this.decisions.steps.length === 0;
    byId("forget").disabled = done === 0;
    byId("person-chip").hidden = this.filter.person === null;
    byId("person-chip").replaceChildren("Person: ", name(visible(this.filter.person ?? "") || "none"), " ✕");
    byId("not-kept").hidden = this.decisions.isKept;
    this.showKeepAll();
  }

  showKeepAll() {
    const { keep } = this.decisions.sortForKeep(this.shown);
    byId("keep-all").disabled = keep.length === 0;
    const what = keep.length ? counted(keep.length, "row") : "rows";
    byId("keep-all").textContent = `Keep ${what} without a flag`;
  }

  say(text, isProblem = false) {
    byId("message").classList.toggle("problem", isProblem);
    byId("message").textContent = text;
  }

  // Decisions

  setReviewer() {
    const before = this.decisions.reviewer;
    const withdrawn = this.decisions.setReviewer(byId("reviewer-id").value, byId("reviewer-name").value);
    const isOther = (row) => isSubject(row, before) !== isSubject(row, this.decisions.reviewer);
    this.list.renew((index) => isOther(this.shown[index]));
    if (this.panel.row && isOther(this.panel.row)) this.panel.show(this.panel.row);
    this.showState();
    if (withdrawn) {
      const what = `${counted(withdrawn, "decision")} about your own access`;
      this.say(`${what} withdrawn. Another reviewer has to decide about it.`, true);
    } else this.say("");
  }

  /** Return whether the id or the name of the reviewer is missing. If so, its field gets the focus. */
  needsReviewer() {
    const problem = whyNoReviewer(this.decisions.reviewer);
    if (!problem) return false;
    this.say(problem, true);
    byId(isBlank(this.decisions.reviewer.id) ? "reviewer-id" : "reviewer-name").focus();
    return true;
  }

  /** Decide a row from the list. If a reason is required, open the panel. */
  quickDecide(row, verdict) {
    this.makeCurrent(this.shown.indexOf(row));
    if (this.needsReviewer()) return;
    const reason = this.decisions.get(row)?.reason ?? "";
    const problem = this.decide(row, verdict, reason, false);
    if (!problem) return;
    this.openPanel(verdict);
    this.panel.complain(problem, byId("reason") ?? byId("panel-title"));
  }

  /** Decide a row. Returns why that is refused. If the decision comes from the panel, the focus returns to the list. */
  decide(row, verdict, reason, fromPanel = true) {
    const problem = this.decisions.decide(row, verdict, reason);
    if (problem) return problem;
    const { done, total } = this.decisions.progress();
    this.say(`${VERDICT_LABELS[verdict]}: ${rowName(row)}. ${number(done)} of ${number(total)} decided.`);
    if (fromPanel) this.closePanel();
    return "";
  }

  withdraw(row) {
    this.decisions.withdraw(row);
    this.say("Withdrawn: the row is undecided again.");
    this.closePanel();
  }

  keepAll() {
    if (this.needsReviewer()) return;
    const { keep, flagged, decided, own } = this.decisions.sortForKeep(this.shown);
    if (!keep.length) return;
    this.decisions.keepAll(keep);
    const reasons = [[flagged, "flagged"], [decided, "already decided"], [own, "about you"]];
    const left = reasons.filter(([rows]) => rows.length).map(([rows, why]) => `${number(rows.length)} ${why}`);
    const rest = left.length ? ` Skipped: ${left.join(", ")}.` : " No row was skipped.";
    this.say(`${counted(keep.length, "row")} kept.${rest}`);
  }

  undo() {
    const label = this.decisions.undo();
    this.fillReviewer();
    this.say(label ? `Undone: ${label}.` : "There is nothing to undo.");
  }

  forget() {
    this.decisions.forget();
    this.say(
      "All decisions were discarded, on this page and in the browser's storage. " +
        "Undo restores them until you close the page.",
    );
  }

  // Files

  save() {
    if (this.needsReviewer()) return;
    const file = this.decisions.file();
    if (!file.decisions.length) {
      this.say("There are no decisions to save.", true);
      return;
    }
    const blob = new Blob([`${JSON.stringify(file, null, 1)}\n`], { type: "application/json" });
    const link = make("a", { href: URL.createObjectURL(blob), download: this.decisions.fileName() });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    this.decisions.isSaved = true;
    this.decisions.store();
    const { done, total } = this.decisions.progress();
    const rest = total - done ? `${counted(total - done, "row")} undecided.` : "Every row is decided.";
    this.say(`The browser saves ${counted(done, "decision")} as ${this.decisions.fileName()}. ${rest}`);
  }

  async load(field) {
    const [file] = field.files;
    if (!file) return;
    let problems;
    try {
      problems = this.decisions.load(JSON.parse(await file.text()));
    } catch (error) {
      problems = [error instanceof SyntaxError ? "it is not JSON" : "it cannot be read"];
    }
    field.value = "";
    this.fillReviewer();
    if (problems.length) this.say(`Nothing was loaded from ${visible(file.name)}: ${listed(problems)}.`, true);
    else this.say(`${visible(file.name)} was loaded. ${counted(this.decisions.made.size, "row")} decided.`);
  }

  // Moving about

  makeCurrent(index, isBrought = true) {
    if (index < 0) return;
    this.list.moveTo(index, isBrought);
    this.panel.show(this.shown[this.list.current] ?? null);
  }

  /** Make the row with the focus the current one. */
  follow(event) {
    const item = event.target.closest(".item");
    if (!item || Number(item.dataset.index) === this.list.current) return;
    this.makeCurrent(Number(item.dataset.index), false);
  }

  clickRow(event) {
    const item = event.target.closest(".item");
    if (!item || event.target.closest("button")) return;
    this.makeCurrent(Number(item.dataset.index));
    this.openPanel();
  }

  openPanel(draft = "") {
    this.panel.show(this.shown[this.list.current] ?? null, draft);
    byId("panel").classList.add("is-open");
    byId("panel-title")?.focus({ preventScroll: true });
  }

  closePanel() {
    byId("panel").classList.remove("is-open");
    this.list.focus();
  }

  /** Handle a navigation key, such as an arrow key, in a list. Returns whether the key was handled. */
  moveByKey(event, list) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const { current } = list;
    const page = list.perPage();
    const targets = {
      ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: list.count - 1,
      PageDown: current + page, PageUp: current - page,
    };
    if (!(event.key in targets)) return false;
    event.preventDefault();
    list.moveTo(targets[event.key]);
    list.focus(event.target.dataset.key);
    return true;
  }

  key(event) {
    if (this.moveByKey(event, this.list)) {
      this.panel.show(this.shown[this.list.current] ?? null);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = this.shown[this.list.current];
    const decide = (verdict) => !whyClosed(row, this.decisions.reviewer) && this.quickDecide(row, verdict);
    const actions = {
      k: () => decide("keep"),
      r: () => decide("revoke"),
      c: () => decide("change"),
      u: () => this.undo(),
      n: () => this.nextUndecided(),
      "/": () => byId("search").focus(),
    };
    if (!event.target.closest("button")) actions.Enter = () => this.openPanel();
    if (!row || !actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }

  nextUndecided() {
    const isOpen = (row) => !this.decisions.get(row) && !whyClosed(row, this.decisions.reviewer);
    const { current } = this.list;
    const after = this.shown.findIndex((row, index) => index > current && isOpen(row));
    const index = after >= 0 ? after : this.shown.findIndex(isOpen);
    if (index < 0) {
      this.say("Every row shown is decided.");
      return;
    }
    this.makeCurrent(index);
    this.list.focus();
  }
}

new App().start();
