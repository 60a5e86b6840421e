// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// People x connections: the number of each person's rows in each connection, and their severity.

/** Return the label of a cell, for users who do not see its colours. */
function cellLabel(person, connection, { count, worst, done }) {
  const flag = worst === NO_FLAG ? "no flag" : `most critical flag: ${DATA.flags[worst][1]}`;
  const counts = `${counted(count, "row")}, ${flag}, ${number(done)} decided`;
  return `${personName(person)} on ${visible(connection)}: ${counts}. Show them`;
}

function matrixCell(line, connection, app) {
  const cell = line.cells.get(connection);
  const place = { role: "gridcell", class: "number" };
  if (!cell && DATA.incomplete.includes(connection)) {
    return make("div", { ...place, class: "number empty failed" }, "not read");
  }
  if (!cell) {
    const none = make("span", { class: "hidden" }, "none");
    return make("div", { ...place, class: "number empty" }, make("span", { "aria-hidden": "true" }, "·"), none);
  }
  cell.done = cell.rows.filter((row) => app.decisions.get(row)).length;
  const marks = [make("b", {}, number(cell.count))];
  if (cell.worst !== NO_FLAG) marks.push(make("span", { class: "mark" }, DATA.flags[cell.worst][1]));
  if (cell.done) {
    marks.push(make("span", { class: "done" }, cell.done === cell.count ? "✓" : `${number(cell.done)} ✓`));
  }
  const attributes = {
    type: "button",
    class: `cell ${severity(cell.worst)}`,
    "aria-label": cellLabel(line.person, connection, cell),
    "data-key": connection,
    click: () => app.openCell(line.person, connection),
  };
  return make("div", place, make("button", attributes, marks));
}

/** Return the line of a person. */
function matrixLine(line, index, connections, app) {
  return make(
    "div",
    { role: "row", class: "item", "aria-rowindex": index + 2, "data-index": index },
    make(
      "div", { role: "rowheader", class: "who" },
      name(personName(line.person), "strong"), make("span", { class: "line" }, name(personLine(line.person))),
    ),
    connections.map((connection) => matrixCell(line, connection, app)),
  );
}

function matrixHead(connections) {
  const heads = connections.map((connection) => {
    const failed = DATA.incomplete.includes(connection);
    const mark = failed ? make("span", { class: "mark failed" }, "not read") : null;
    return make("div", { role: "columnheader", class: "number" }, name(visible(connection)), mark);
  });
  return [make("div", { role: "columnheader", class: "who" }, "Person"), ...heads];
}

/** Return the people of rows: sorted by name if that is the selected order, otherwise the most severe first. */
function sortedMatrix(rows, order) {
  const lines = matrixOf(rows);
  if (order === "person") return lines.sort((one, other) => one.person.place - other.person.place);
  return lines.sort(
    (one, other) =>
      one.danger - other.danger || other.total - one.total || one.person.place - other.person.place,
  );
}
