// Copyright (c) 2026, The rollcall.identity authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// All facts about the current row, and the controls of its decision.

/** Return the facts of a row by heading: [[heading, [[label, text or texts]]]]. Every fact has a text. */
function factsByHeading({ person, account, grant, state }) {
  const none = (text, otherwise) => (text ? visible(text) : otherwise);
  return [
    ["Person", [
      ["Name", none(person.name, "no name in the people data")],
      ["ID", none(person.id, "not in the people data")],
      ["Kind", none(person.kind, "none in the people data")],
      ["HR status", none(person.status, "none in the people data")],
      ["Manager", none(person.manager, "none in the people data")],
      ["End", none(person.end, "no end date")],
    ]],
    ["Account", [
      ["Connection", `${visible(account.connection)} (${visible(account.provider)})`],
      ["Account", visible(account.name)],
      ["Account ID", visible(account.id)],
      ["Enabled", fact(account.enabled)],
      ["Last login", fact(account.lastLogin)],
      ["MFA", fact(account.mfa)],
      ["Tokens", tokenTexts(account.tokens)],
    ]],
    ["Grant", [
      [grant.facet === DATA.login ? "Facet" : visible(grant.facet), grantName(grant)],
      ["Origin", viaText(grant)],
      ["Entitlement", none(grant.entitlement, "no entitlement gives it")],
      ["Privileged", fact(state.privileged)],
      ["Until", none(state.until, "no end date")],
      ["Ticket", none(state.ticket, "no ticket")],
      ["Reviewer", state.reviewer ? reviewerName(state.reviewer) : "no reviewer"],
      ["Previous review", previousText(state)],
    ]],
  ];
}

/** The panel of the current row. */
class Panel {
  constructor(box, app) {
    this.box = box;
    this.app = app;
    this.drafts = new Map();
    this.row = null;
  }

  /** Show a row. `draft` is a verdict that still requires a reason. */
  show(row, draft = "") {
    this.row = row;
    this.problem = "";
    this.draft = draft;
    this.draw();
  }

  draw() {
    const { row } = this;
    if (!row) {
      this.box.replaceChildren(make("p", { class: "dim" }, "No row is selected."));
      return;
    }
    const flags = row.state.flags.map((flag) => make("li", {}, tag(flag), " ", FLAGS.get(flag).meaning));
    this.box.replaceChildren(
      make("div", { class: "panel-head" },
        make("h2", { id: "panel-title", tabindex: "-1" },
          name(grantName(row.grant)), make("small", {}, " of ", name(personName(row.person)))),
        make("button",
          { type: "button", class: "close", "aria-label": "Close the details", click: () => this.app.closePanel() },
          "✕")),
      flags.length ? make("ul", { class: "meanings" }, flags) : make("p", { class: "dim" }, "No flag."),
      this.form(),
      ...factsByHeading(row).map(([heading, facts]) => this.section(heading, facts)),
    );
  }

  section(heading, facts) {
    const values = (value) => [value].flat().map((text) => make("dd", {}, name(text)));
    const items = facts.map(([label, value]) => make("div", {}, make("dt", {}, label), values(value)));
    return make("section", {}, make("h3", {}, heading), make("dl", {}, items));
  }

  /** Return the controls of the decision, or why no decision is possible. */
  form() {
    const { row, app } = this;
    const closed = whyClosed(row, app.decisions.reviewer);
    if (closed) return make("p", { class: "notice" }, closed);
    const decision = app.decisions.get(row);
    const chosen = this.draft || decision?.verdict || "";
    const verdicts = verdictsOf(row).map((verdict) => this.choice(verdict, chosen));
    return make("div", { class: "form" },
      row.grant.revocable ? null : make("p", { class: "notice" }, `Cannot be revoked. ${whyNotRevocable(row)}`),
      make("fieldset", {}, make("legend", {}, "Decision"), verdicts),
      make("label", { for: "reason" }, "Reason"),
      this.reasonField(decision),
      make("p", { id: "reason-hint", class: "dim" }, this.hint(chosen)),
      make("p", { id: "reason-problem", class: "problem", role: "alert" }, this.problem),
      make("div", { class: "buttons" },
        make("button", { type: "button", class: "main", id: "decide", click: () => this.save() },
          decision ? "Change the decision" : "Decide"),
        decision
          ? make("button", { type: "button", id: "withdraw", click: () => app.withdraw(row) }, "Withdraw")
          : null),
      decision ? make("p", { class: "dim" }, `Decided ${decision.time}`) : null);
  }

  choice(verdict, chosen) {
    const radio = make("input", { type: "radio", name: "verdict", value: verdict, checked: verdict === chosen });
    radio.addEventListener("change", () => {
      this.draft = verdict;
      byId("reason-hint").textContent = this.hint(verdict);
    });
    return make("label", { class: `choice ${verdict}` }, radio, " ", VERDICT_LABELS[verdict]);
  }

  reasonField(decision) {
    const field = make("textarea", { id: "reason", rows: "2", "aria-describedby": "reason-hint reason-problem" });
    field.value = this.drafts.get(this.row.id) ?? decision?.reason ?? "";
    field.addEventListener("input", () => this.drafts.set(this.row.id, field.value));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.save();
    });
    return field;
  }

  hint(verdict) {
    const why = whyReason(this.row, verdict);
    return why ? `Required. ${why}` : "Optional.";
  }

  /** Save the decision, or show why it is refused. */
  save() {
    const verdict = this.box.querySelector("input:checked")?.value;
    if (!verdict) {
      this.complain("Choose keep, revoke or change.", this.box.querySelector("input"));
      return;
    }
    const { row } = this;
    const problem = this.app.decide(row, verdict, byId("reason").value);
    if (problem) this.complain(problem, byId("reason"));
    else this.drafts.delete(row.id);
  }

  complain(problem, field) {
    this.problem = problem;
    byId("reason-problem").textContent = problem;
    byId("reason-hint").textContent = "";
    if (!this.app.needsReviewer()) field.focus();
  }
}
