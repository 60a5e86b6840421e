// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Printing: all filtered rows as a plain table that exists only while the page prints.

const PAPER_LIMIT = 5000;
const PAPER_HEADINGS = ["Person", "Connection, account", "Grant", "Facts", "Flags", "Previous review", "Decision"];
const PAPER_WIDTHS = ["", "", "", "wide", "narrow", "narrow", "wide"];

function paperCells(row, decisions) {
  const { person, account, grant, state } = row;
  const decision = decisions.get(row);
  const reason = decision?.reason ? `: ${visible(decision.reason)}` : "";
  const decided = decision ? `${VERDICT_LABELS[decision.verdict]}${reason}` : "undecided";
  return [
    [personName(person), personLine(person)],
    [visible(account.connection), visible(account.name)],
    [grantName(grant), `${viaText(grant)}; ${entitlementText(grant)}`],
    paperFacts(row),
    [...(state.isNew ? ["New"] : []), ...state.flags.map((flag) => FLAGS.get(flag).label)],
    [previousText(state)],
    [decided],
  ];
}

/** Return the known facts as one line, and the names of the facts that the API does not report as another. */
function paperFacts({ person, account, state }) {
  const facts = [
    ["enabled", account.enabled], ["last login", account.lastLogin], ["MFA", account.mfa],
    ["privileged", state.privileged],
  ];
  const known = facts.filter(([, value]) => value !== null).map(([label, value]) => `${label}: ${fact(value)}`);
  const unknown = facts.filter(([, value]) => value === null).map(([label]) => label);
  if (account.tokens === null) unknown.push("tokens");
  else known.push(`tokens: ${tokenTexts(account.tokens).join(", ")}`);
  const dates = [["end", person.end], ["until", state.until], ["ticket", state.ticket]].filter(([, value]) => value);
  known.push(...dates.map(([label, value]) => `${label}: ${visible(value)}`));
  return [known.join("; "), unknown.length ? `${DATA.notProvided}: ${unknown.join(", ")}` : ""].filter(Boolean);
}

/** Return the text that describes the rows on paper. */
function paperNote(rows, filters, decisions) {
  const cut = rows.length > PAPER_LIMIT
    ? ` Only the first ${number(PAPER_LIMIT)} are printed; review.csv contains all of them.`
    : "";
  const { reviewer } = decisions;
  const who = reviewer.id ? ` Reviewer: ${visible(reviewer.name)} (${visible(reviewer.id)}).` : "";
  const filtered = filters.length ? `, filtered by ${filters.join(", ")}` : ", no filter";
  return `${counted(rows.length, "row")}${filtered}.${cut}${who} Printed ${now()}.`;
}

/** Build the table. `filters` are the active filters as texts. The banner of an incomplete review is in the table's
 * head, which each sheet repeats.
 */
function buildPaper(box, rows, filters, decisions) {
  const warning = DATA.incomplete.length
    ? make("tr", {}, make("th", { class: "warning", colspan: PAPER_HEADINGS.length },
      `INCOMPLETE: ${DATA.incomplete.map(visible).join(", ")} could not be read`))
    : null;
  const cell = (lines) => make("td", {}, lines.map((text) => make("div", {}, name(text))));
  const body = rows.slice(0, PAPER_LIMIT).map((row) =>
    make("tr", { class: severity(row.state.worst) }, paperCells(row, decisions).map(cell)));
  box.replaceChildren(
    make("p", { class: rows.length > PAPER_LIMIT ? "cut" : null }, paperNote(rows, filters, decisions)),
    make("table", {},
      make("colgroup", {}, PAPER_WIDTHS.map((width) => make("col", { class: width }))),
      make("thead", {}, warning,
        make("tr", {}, PAPER_HEADINGS.map((heading) => make("th", { scope: "col" }, heading)))),
      make("tbody", {}, body)),
  );
}
