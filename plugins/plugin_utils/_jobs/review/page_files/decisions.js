// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The decisions, their undo steps, and their copy in the browser's storage until they are discarded.

const STORE_KEY = ["rollcall-review", DATA.review, DATA.digest, DATA.reviewer?.id ?? DATA.page].join(":");
const UNDO_STEPS = 100;

/** Return the checksum of a text (FNV-1a) as eight hexadecimal digits. */
function checksum(text) {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 0x01000193);
  return (sum >>> 0).toString(16).padStart(8, "0");
}

/** The decisions of this page. `changed` is called after each change. */
class Decisions {
  constructor(rows, changed) {
    this.rows = rows;
    this.rowById = new Map(rows.map((row) => [row.id, row]));
    this.changed = changed;
    this.made = new Map();
    this.reviewer = { id: "", name: "", ...DATA.reviewer };
    this.steps = [];
    this.isSaved = true;
    this.isKept = true;
  }

  get(row) {
    return this.made.get(row.id);
  }

  /** Set or withdraw (undefined) decisions. `label` names the step for undo. */
  apply(changes, label) {
    const before = new Map();
    for (const [id, decision] of changes) {
      before.set(id, this.made.get(id));
      this.put(id, decision);
    }
    this.steps.push({ label, before });
    if (this.steps.length > UNDO_STEPS) this.steps.shift();
    this.touch();
  }

  put(id, decision) {
    if (decision) this.made.set(id, decision);
    else this.made.delete(id);
  }

  /** Decide a row. Returns why that is refused, or an empty text. */
  decide(row, verdict, reason) {
    const decision = { verdict, reason: reason.trim(), time: now() };
    const problem = whyNoReviewer(this.reviewer) || whyRefused(row, decision, this.reviewer);
    if (!problem) this.apply([[row.id, decision]], `${verdict} ${rowName(row)}`);
    return problem;
  }

  withdraw(row) {
    this.apply([[row.id, undefined]], `withdrawing the decision about ${personName(row.person)}`);
  }

  /** Group rows by what a bulk keep does with them: {keep, flagged, decided, own}. */
  sortForKeep(rows) {
    const sorted = { keep: [], flagged: [], decided: [], own: [] };
    for (const row of rows) sorted[this.bulkPlace(row)].push(row);
    return sorted;
  }

  bulkPlace(row) {
    if (this.made.has(row.id)) return "decided";
    if (isSubject(row, this.reviewer)) return "own";
    return row.state.flags.length || isPrivileged(row) ? "flagged" : "keep";
  }

  keepAll(rows) {
    const decision = { verdict: "keep", reason: "", time: now() };
    this.apply(rows.map((row) => [row.id, decision]), `keeping ${counted(rows.length, "row")}`);
  }

  /** Undo the last step. Returns its name, or undefined if there is none. */
  undo() {
    const step = this.steps.pop();
    if (!step) return undefined;
    for (const [id, decision] of step.before) {
      const row = this.rowById.get(id);
      this.put(id, decision && !whyClosed(row, this.reviewer) ? decision : undefined);
    }
    this.touch();
    return step.label;
  }

  /** Set the reviewer, and withdraw decisions about this person's own access. Returns how many. Calls `changed` only if
   * there are any.
   */
  setReviewer(id, name) {
    this.reviewer = { id: id.trim(), name: name.trim() };
    const own = [...this.made.keys()].filter((row) => isSubject(this.rowById.get(row), this.reviewer));
    if (own.length) this.apply(own.map((row) => [row, undefined]), "withdrawing decisions about your own access");
    else this.keepSoon();
    return own.length;
  }

  /** Return {done, total, own, keep, revoke, change} of the rows that this reviewer can decide. */
  progress() {
    const count = { done: this.made.size, total: 0, own: 0, keep: 0, revoke: 0, change: 0 };
    for (const row of this.rows) count[isSubject(row, this.reviewer) ? "own" : "total"] += 1;
    for (const { verdict } of this.made.values()) count[verdict] += 1;
    return count;
  }

  /** Return the content of the file of decisions. */
  file() {
    const decisions = [];
    for (const row of this.rows) {
      const decision = this.made.get(row.id);
      if (decision) decisions.push({ row: row.id, ...decision, ...factsOf(row) });
    }
    return {
      schema: DATA.schema, kind: "access_review_decisions", review: DATA.review, rows_digest: DATA.digest,
      reviewer: this.reviewer, saved: now(), decisions,
    };
  }

  /** Return the name of the file. Two reviewers have different names: if an id is changed to fit into a file name, its
   * checksum follows.
   */
  fileName() {
    const slug = (text) => text.replace(/[^A-Za-z0-9._-]+/g, "-");
    const { id } = this.reviewer;
    const mark = slug(id) === id ? "" : `-${checksum(id)}`;
    const page = DATA.page && `${slug(DATA.page)}-`;
    return `decisions-${slug(DATA.review)}-${page}${slug(id)}${mark}.json`;
  }

  /** Add the decisions of a file. Returns the problems: if there are any, no decision is added. */
  load(file) {
    const { decisions, problems } = readFile(file, this.rowById);
    if (!problems.length && this.made.size && fold(file.reviewer.id) !== fold(this.reviewer.id)) {
      const [theirs, ours] = [visible(file.reviewer.id), visible(this.reviewer.id)];
      problems.push(
        `it has decisions of ${theirs}, but this page has decisions of ${ours}. Save and discard those first`,
      );
    }
    if (problems.length) return problems;
    this.reviewer = { id: file.reviewer.id, name: file.reviewer.name };
    this.apply(decisions, `loading ${counted(decisions.size, "decision")}`);
    return [];
  }

  touch() {
    this.keepSoon();
    this.changed();
  }

  keepSoon() {
    this.isSaved = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.store(), 300);
  }

  /** Save everything to the browser's storage, in a short form. The storage may be full or blocked. */
  store() {
    clearTimeout(this.timer);
    const made = [...this.made].map(([row, { verdict, reason, time }]) => [row, verdict, reason, time]);
    const wasKept = this.isKept;
    try {
      const { reviewer, isSaved } = this;
      localStorage.setItem(STORE_KEY, JSON.stringify({ schema: DATA.schema, reviewer, isSaved, made }));
      this.isKept = true;
    } catch {
      this.isKept = false;
    }
    if (wasKept !== this.isKept) this.changed();
  }

  /** Load the content of the browser's storage. Returns its problems; only valid decisions are loaded. */
  restore() {
    const stored = readStorage();
    if (!stored) return [];
    const { decisions, problems } = readFile(this.asFile(stored), this.rowById);
    if (isText(stored.reviewer?.id) && isText(stored.reviewer?.name) && (stored.reviewer.id || decisions.size)) {
      this.reviewer = { id: stored.reviewer.id, name: stored.reviewer.name };
    }
    this.made = decisions;
    this.isSaved = stored.isSaved === true;
    return problems;
  }

  /** Return the content of the storage in the form of a file of decisions, which is then checked like a file. */
  asFile({ schema, reviewer, made }) {
    const asArray = (entry) => (Array.isArray(entry) ? entry : []);
    const decisions = Array.isArray(made) ? made.map((entry) => this.asEntry(asArray(entry))) : undefined;
    return {
      schema, kind: "access_review_decisions", review: DATA.review, rows_digest: DATA.digest, reviewer, decisions,
    };
  }

  asEntry([id, verdict, reason, time]) {
    const row = this.rowById.get(id);
    return { row: id, verdict, reason, time, ...(row ? factsOf(row) : {}) };
  }

  /** Delete all decisions, here and in the storage. */
  forget() {
    clearTimeout(this.timer);
    this.apply([...this.made.keys()].map((id) => [id, undefined]), "discarding all decisions");
    this.isSaved = true;
    clearTimeout(this.timer);
    try {
      localStorage.removeItem(STORE_KEY);
    } catch {
      this.isKept = false;
    }
  }
}

/** Return the content of the browser's storage for this page, or null if there is none that can be read. */
function readStorage() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORE_KEY));
    return stored !== null && typeof stored === "object" ? stored : null;
  } catch {
    return null;
  }
}
