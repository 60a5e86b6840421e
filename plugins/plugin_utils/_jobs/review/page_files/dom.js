// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Elements. Texts are only inserted as text nodes: no data is parsed as HTML.

const byId = (id) => document.getElementById(id);

/** Return a new element. Attributes that are false or null are left out; children are elements or texts. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "click") element.addEventListener("click", value);
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== ""));
  return element;
}

/** Return a text from the data that cannot change the direction of the text around it. */
const name = (text, className = null) => make("bdi", { class: className, dir: "auto" }, text);

function tag(flag) {
  const { label, meaning } = FLAGS.get(flag);
  return make("span", { class: `tag ${severity(FLAGS.get(flag).rank)}`, title: meaning }, label);
}

const newTag = () => make("span", { class: "tag new", title: "The last review did not have it." }, "New");

/** Return the tags of a row, which has room for two: the most severe flag is always shown, and the others are counted.
 */
function tagsOf({ flags, isNew }) {
  const rest = flags.slice(isNew ? 1 : 2);
  const labels = rest.map((flag) => FLAGS.get(flag).label).join(", ");
  const more = rest.length
    ? make("span", { class: "tag", title: labels, "aria-label": `and ${labels}` }, `+${rest.length}`)
    : null;
  return [...flags.slice(0, 1).map(tag), more, isNew ? newTag() : flags.slice(1, 2).map(tag)];
}

/** Return the severity of a flag, as the class of its colour. The colour is never the only sign. */
function severity(rank) {
  if (rank === NO_FLAG) return "calm";
  const flag = DATA.flags[rank][0];
  return GRAVE.has(flag) ? "grave" : flag === "privileged" ? "high" : "low";
}

function option(value, text) {
  return make("option", { value }, text);
}

/** Return a function that runs `action` after it has not been called again for a moment. */
function afterTyping(action) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, 120);
  };
}

/** Fill the selections with the existing values, each with its number of rows. */
function fillFilters(rows) {
  const fill = (filter, values, text) => {
    byId(filter).append(...values.map(([value, count]) => option(value, `${text(value)} (${number(count)})`)));
    byId(filter).closest(".field").hidden = values.length < 2;
  };
  const orText = (text, otherwise) => (value) => (value === NOBODY ? otherwise : text(value));
  fill("reviewer", valuesOf(rows, ({ state }) => orNobody(state.reviewer)), orText(reviewerName, "No reviewer"));
  fill("connection", valuesOf(rows, ({ account }) => account.connection), visible);
  fill("entitlement", valuesOf(rows, ({ grant }) => orNobody(grant.entitlement)), orText(visible, "No entitlement"));
  const flags = valuesOf(rows, ({ state }) => (state.flags.length ? [ANY_FLAG, ...state.flags] : WITHOUT_FLAG));
  const rank = ([flag]) => (flag === ANY_FLAG ? -2 : flag === WITHOUT_FLAG ? -1 : FLAGS.get(flag).rank);
  flags.sort((one, other) => rank(one) - rank(other));
  const label = (flag) => (flag === WITHOUT_FLAG ? "Without a flag" : FLAGS.get(flag).label);
  fill("flag", flags, (flag) => (flag === ANY_FLAG ? "Any flag" : label(flag)));
  byId("flag").closest(".field").hidden = flags.length === 0;
  byId("only-new").closest(".field").hidden = !rows.some(({ state }) => state.isNew);
}
