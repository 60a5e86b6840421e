// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Selects and sorts the rows to show.

const EVERYTHING = {
  search: "", reviewer: "", connection: "", entitlement: "", flag: "", decision: "", onlyNew: false, person: null,
};
const NOBODY = "\u0000nobody";
const ANY_FLAG = "\u0000any";
const WITHOUT_FLAG = "\u0000none";

/** Return the texts of a row that the search covers. They are computed once for each part that rows share. */
function searchTexts({ person, account, grant, state }) {
  person.text ??= fold([person.id, person.name, person.manager, person.kind, person.status].join("\n"));
  account.text ??= fold([account.connection, account.name, account.id].join("\n"));
  grant.text ??= fold([grant.name, grant.facet, grant.entitlement, grant.viaName].join("\n"));
  state.text ??= fold([state.ticket, state.reviewer, state.previousReason].join("\n"));
  return [person.text, account.text, grant.text, state.text];
}

function hasWords(row, words) {
  const texts = searchTexts(row);
  return words.every((word) => texts.some((text) => text.includes(word)));
}

function hasFlag({ state }, flag) {
  if (flag === ANY_FLAG) return state.flags.length > 0;
  if (flag === WITHOUT_FLAG) return state.flags.length === 0;
  return state.flags.includes(flag);
}

function hasDecision(decision, state) {
  if (state === "undecided") return !decision;
  return state === "decided" ? Boolean(decision) : decision?.verdict === state;
}

const orNobody = (value) => value || NOBODY;

/** Return the tests of a filter, the fastest ones first. */
function testsOf(filter, decisions) {
  const words = fold(filter.search).split(/\s+/).filter(Boolean);
  const tests = [];
  if (filter.connection) tests.push((row) => row.account.connection === filter.connection);
  if (filter.person !== null) tests.push((row) => row.person.id === filter.person);
  if (filter.reviewer) tests.push((row) => orNobody(row.state.reviewer) === filter.reviewer);
  if (filter.entitlement) tests.push((row) => orNobody(row.grant.entitlement) === filter.entitlement);
  if (filter.flag) tests.push((row) => hasFlag(row, filter.flag));
  if (filter.onlyNew) tests.push((row) => row.state.isNew);
  if (filter.decision) tests.push((row) => hasDecision(decisions.get(row), filter.decision));
  if (words.length) tests.push((row) => hasWords(row, words));
  return tests;
}

function filterRows(rows, filter, decisions) {
  const tests = testsOf(filter, decisions);
  return tests.length ? rows.filter((row) => tests.every((test) => test(row))) : rows.slice();
}

/** Store the alphabetical position in each part of the rows, so that sorting compares numbers. */
function addPlaces(rows) {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const place = (part, text) => {
    const parts = [...new Set(rows.map((row) => row[part]))];
    const texts = new Map(parts.map((value) => [value, text(value)]));
    parts.sort((one, other) => collator.compare(texts.get(one), texts.get(other)));
    parts.forEach((value, position) => (value.place = position));
  };
  place("person", ({ name, id }) => (name || id ? `0 ${name || id} ${id}` : "1"));
  place("account", ({ connection, name }) => `${connection} ${name}`);
  place("grant", ({ name }) => name);
}

const loginPlaces = new Map();

/** Return the sort key of an account's last login: never is first, unknown is last. */
function loginPlace({ lastLogin }) {
  if (lastLogin === null) return Infinity;
  if (lastLogin === "never") return -Infinity;
  if (!loginPlaces.has(lastLogin)) loginPlaces.set(lastLogin, Date.parse(lastLogin) || 0);
  return loginPlaces.get(lastLogin);
}

const byPlaces = (one, other) =>
  one.person.place - other.person.place ||
  one.account.place - other.account.place ||
  one.grant.place - other.grant.place;
const byLogin = (one, other) => {
  const [first, second] = [loginPlace(one.account), loginPlace(other.account)];
  return first === second ? 0 : first < second ? -1 : 1;
};
const ORDERS = {
  danger: (one, other) => one.state.danger - other.state.danger || byPlaces(one, other),
  person: byPlaces,
  connection: (one, other) => one.account.place - other.account.place || byPlaces(one, other),
  grant: (one, other) => one.grant.place - other.grant.place || byPlaces(one, other),
  login: (one, other) => byLogin(one, other) || byPlaces(one, other),
};

/** The rows in each order. Each order is sorted when it is first needed. */
class Orders {
  constructor(rows) {
    addPlaces(rows);
    this.rows = rows;
    this.sorted = {};
  }

  get(name) {
    this.sorted[name] ??= this.rows.slice().sort(ORDERS[name]);
    return this.sorted[name];
  }
}

/** Return the values of a filter with their counts: [[value, count]], by name. */
function valuesOf(rows, value) {
  const counts = new Map();
  for (const row of rows) {
    for (const entry of [value(row)].flat()) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  }
  return [...counts].sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true }));
}

/** Return the people of rows, each with what they have in each connection: {person, total, danger, cells}. */
function matrixOf(rows) {
  const lines = new Map();
  for (const row of rows) {
    if (!lines.has(row.person.id)) {
      lines.set(row.person.id, { person: row.person, total: 0, danger: Infinity, cells: new Map() });
    }
    const line = lines.get(row.person.id);
    const { connection } = row.account;
    if (!line.cells.has(connection)) line.cells.set(connection, { count: 0, worst: NO_FLAG, rows: [] });
    const cell = line.cells.get(connection);
    cell.count += 1;
    cell.rows.push(row);
    cell.worst = Math.min(cell.worst, row.state.worst);
    line.total += 1;
    line.danger = Math.min(line.danger, row.state.danger);
  }
  return [...lines.values()];
}
