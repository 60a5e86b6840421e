// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The rows of the page, and the texts of their facts.

const DATA = JSON.parse(document.getElementById("data").textContent);
const FLAGS = new Map(DATA.flags.map(([name, label, meaning], rank) => [name, { label, meaning, rank }]));
const GRAVE = new Set(["active_leaver", "orphan_account", "expired_grant", "no_active_owner"]);
const NO_FLAG = DATA.flags.length;

/** Return the distinct values of one part of the rows (person, account, grant, state) as objects. */
function decodeValues({ keys, values }) {
  return values.map((list) => Object.fromEntries(keys.map((key, position) => [key, list[position]])));
}

/** Return all rows. Each is {id, person, account, grant, state}; rows share these parts. */
function decodeRows() {
  const parts = Object.entries(DATA.parts).map(([name, table]) => [name, decodeValues(table), table.rows]);
  for (const state of parts.find(([name]) => name === "state")[1]) addDanger(state);
  return DATA.ids.map((id, index) => {
    const row = { id };
    for (const [name, values, positions] of parts) row[name] = values[positions[index]];
    return row;
  });
}

/** Add the severity of a row: a lower number is more severe. The worst flag counts first, then the number of flags. */
function addDanger(state) {
  state.flags.sort((one, other) => FLAGS.get(one).rank - FLAGS.get(other).rank);
  state.worst = state.flags.length ? FLAGS.get(state.flags[0]).rank : NO_FLAG;
  state.danger = state.worst * 100 - Math.min(state.flags.length, 99);
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u034F\u115F\u1160\u17B4\u17B5\u2800\u3164\uFFA0]/gu;

/** Return a text with its invisible characters written out: they could make it look like another text. */
function visible(text) {
  return String(text).replace(INVISIBLE, (letter) => {
    const code = letter.codePointAt(0).toString(16).toUpperCase();
    return `[U+${code.padStart(4, "0")}]`;
  });
}

/** Return a text for comparison: ids of people are equal whatever their case. */
function fold(text) {
  return text.trim().normalize("NFC").toLowerCase();
}

const foldedIds = new Map();

/** Return the id of a person for comparison. It is cached, because every row needs it. */
function foldId(id) {
  if (!foldedIds.has(id)) foldedIds.set(id, fold(id));
  return foldedIds.get(id);
}

/** Return whether a text has no visible characters. */
function isBlank(text) {
  return text.replace(INVISIBLE, "").trim() === "";
}

function number(count) {
  return count.toLocaleString("en-GB");
}

/** Return "1 row" or "2 rows". */
function counted(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Return the current time in UTC, such as 2026-12-31T08:00:00Z. */
function now() {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

/** Return a fact as text. Unknown (null) is never the same as "no", "none" or "never". */
function fact(value, whenTrue = "yes", whenFalse = "no") {
  if (value === null) return DATA.notProvided;
  if (typeof value === "boolean") return value ? whenTrue : whenFalse;
  return visible(value);
}

function tokenTexts(tokens) {
  if (tokens === null) return [DATA.notProvided];
  if (!tokens.length) return ["none"];
  return tokens.map(([name, expires]) => `${visible(name)}: ${tokenEnd(expires)}`);
}

function tokenEnd(expires) {
  if (expires === null) return `expiry ${DATA.notProvided}`;
  return expires === "never" ? "never expires" : `expires ${visible(expires)}`;
}

function personName({ name, id }) {
  return visible(name || id) || "No person";
}

/** Return the person of a row as text, for a line below the name. */
function personLine({ id, kind, status }) {
  return [id, kind, status].filter(Boolean).map(visible).join(" · ") || "not in the people data";
}

function grantName({ facet, name }) {
  if (facet === DATA.login) return "Login without grants";
  return visible(name);
}

/** Return the grant and the person of a row as text. */
function rowName({ grant, person }) {
  return `${grantName(grant)} of ${personName(person)}`;
}

function entitlementText({ entitlement }) {
  return entitlement ? `entitlement ${visible(entitlement)}` : "no entitlement";
}

/** Return how an account gets a grant. */
function viaText({ via, viaName }) {
  if (via === "direct") return "granted directly";
  const name = viaName ? ` ${visible(viaName)}` : "";
  return via === "unknown" ? `origin ${DATA.notProvided}` : `via ${visible(via)}${name}`;
}

/** Return what happened to this grant in the previous review. */
function previousText({ previous, previousReason, previousReview, isNew }) {
  const review = visible(previousReview || DATA.previous);
  if (previous) {
    const where = review ? ` in ${review}` : "";
    return `${visible(previous)}${where}${previousReason ? `: ${visible(previousReason)}` : ""}`;
  }
  if (isNew) return `new since ${review || "the previous review"}`;
  return DATA.previous ? `not decided in ${review}` : "no previous review";
}

function reviewerName(id) {
  const name = DATA.reviewers[id];
  return name && name !== id ? `${visible(name)} (${visible(id)})` : visible(id);
}
