// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// What a reviewer may decide, and what a file of decisions must contain.

const VERDICT_LABELS = { keep: "Keep", revoke: "Revoke", change: "Change" };

function isPrivileged({ state }) {
  return state.privileged === true || state.flags.includes("privileged");
}

/** Return why a verdict requires a reason, or an empty text. */
function whyReason(row, verdict) {
  if (isPrivileged(row)) return "A privileged grant needs a reason.";
  if (verdict === "change") return "A change needs a reason that says what has to change.";
  return "";
}

function isSubject(row, reviewer) {
  return row.person.id !== "" && foldId(row.person.id) === foldId(reviewer.id);
}

/** Return why no decision about a row is possible, whatever the verdict, or an empty text. */
function whyClosed(row, reviewer) {
  if (isSubject(row, reviewer)) return "This is your own access. Another reviewer has to decide about it.";
  return "";
}

/** Return what to revoke instead of a grant that cannot be revoked alone, or an empty text. */
function whyNotRevocable({ grant }) {
  if (grant.revocable) return "";
  if (!grant.viaName) {
    return "It can only be removed with the grant that gives it, which the API does not report.";
  }
  const via = grant.via === "unknown" ? "" : `${visible(grant.via)} `;
  const other = `${via}\u201c${visible(grant.viaName)}\u201d`;
  return `It comes with the ${other} and can only be removed with it: revoke that instead.`;
}

/** Return the verdicts that are possible for a row. */
function verdictsOf({ grant }) {
  return DATA.verdicts.filter((verdict) => verdict !== DATA.revoke || grant.revocable);
}

/** Return why a decision is refused, or an empty text. */
function whyRefused(row, { verdict, reason }, reviewer) {
  if (!DATA.verdicts.includes(verdict)) return `there is no verdict \u201c${visible(verdict)}\u201d`;
  const closed = whyClosed(row, reviewer);
  if (closed) return closed;
  if (verdict === DATA.revoke && !row.grant.revocable) return whyNotRevocable(row);
  return isBlank(reason) ? whyReason(row, verdict) : "";
}

function whyNoReviewer({ id, name }) {
  if (isBlank(id)) return "Enter your ID first. It is saved with each decision.";
  if (isBlank(name)) return "Enter your name first. It is saved with each decision.";
  return "";
}

const isText = (value) => typeof value === "string";
const isMoment = (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value);

/** Return the problem of a file of decisions as a whole, or an empty text. */
function headProblem(file) {
  if (file === null || typeof file !== "object" || file.kind !== "access_review_decisions") {
    return "it is not a decision file";
  }
  if (file.schema !== DATA.schema) return `its schema is ${visible(file.schema)}, but this page reads ${DATA.schema}`;
  if (file.review !== DATA.review) {
    return `it belongs to the review ${visible(file.review)}, but this page belongs to ${visible(DATA.review)}`;
  }
  if (file.rows_digest !== DATA.digest) return "the rows of the review have changed since it was saved";
  if (!isText(file.reviewer?.id) || !isText(file.reviewer?.name)) return "it does not name its reviewer";
  return Array.isArray(file.decisions) ? "" : "it has no list of decisions";
}

/** Return the problem of one decision in a file, or an empty text. */
function decisionProblem(entry, row, reviewer) {
  if (!row) return "the page has no such row";
  if (!isText(entry.verdict) || !isText(entry.reason) || !isMoment(entry.time)) {
    return "verdict, reason or time is missing or is not a text";
  }
  const facts = factsOf(row);
  for (const [name, value] of Object.entries(facts)) {
    if (entry[name] !== value) {
      const [theirs, ours] = [visible(entry[name]), visible(value)];
      return `${name} is \u201c${theirs}\u201d, but in the review it is \u201c${ours}\u201d`;
    }
  }
  return whyRefused(row, entry, reviewer);
}

/** Return the facts of a row that its decision contains, so that a wrong row is noticed. */
function factsOf({ account, grant }) {
  return { connection: account.connection, account_id: account.id, grant_name: grant.name };
}

/** Return {decisions, problems} of a file: the valid decisions, and the problems of all others. */
function readFile(file, rowById) {
  const head = headProblem(file);
  if (head) return { decisions: new Map(), problems: [head] };
  const decisions = new Map();
  const problems = [];
  file.decisions.forEach((entry, position) => {
    const row = rowById.get(entry?.row);
    const isTwice = decisions.has(entry?.row);
    const problem = isTwice ? "the file has this row twice" : decisionProblem(entry, row, file.reviewer);
    if (problem) problems.push(`decisions[${position}] (row ${visible(entry?.row)}): ${problem}`);
    else decisions.set(row.id, { verdict: entry.verdict, reason: entry.reason, time: entry.time });
  });
  return { decisions, problems };
}

/** Return the first of many problems as a sentence. */
function listed(problems) {
  const most = 5;
  const rest = problems.length > most ? `; and ${number(problems.length - most)} more` : "";
  return problems.slice(0, most).join("; ") + rest;
}
