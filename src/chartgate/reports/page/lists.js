// Lists beside the grid: findings, the catalogue of policies, what was examined, what is accepted.

const CHUNK = 150;
const list = find("list");

const unfolded = new Set();

// Findings of one cause are under the first of them, in short; what follows is folded, unless somebody looks for it.
function inList(found) {
  const isNarrow = Boolean(filters.text || filters.policy || filters.cell);
  const there = new Set(found.filter((entry) => !entry.follows).map((entry) => entry.group));
  const isFolded = (entry) => entry.follows && !isNarrow && there.has(entry.group) && !unfolded.has(entry.group);
  const groups = new Map();
  for (const entry of found) if (!isFolded(entry)) { const key = entry.isProblem || entry.group < 0 ? `${entry.number}` : `g${entry.group}`; groups.set(key, [...(groups.get(key) || []), entry]); }
  return [...groups.values()].flat();
}
// A long name is cut behind an underscore, not in a word.
const inParts = (name) => name.split(/(?<=_)/).flatMap((part, i) => (i ? [make("wbr"), part] : [part]));
const isNarrow = () => getComputedStyle(find("back")).display !== "none";
function row(entry, before, chosen) {
  const policy = run.policies[entry.policy], isMore = before && !entry.isProblem && entry.group >= 0 && entry.group === before.group;
  const isThere = isMore && entry.subject === before.subject && entry.path === before.path;
  const chip = make("span", { class: `chip ${entry.isProblem ? "problem" : entry.severity}` }, entry.isProblem ? "problem" : entry.severity);
  const state = STATE_WORDS[entry.state] && make("span", { class: "chip" }, STATE_WORDS[entry.state]);
  const [first, second] = entry.isProblem ? [`${entry.subject ? `${entry.subject}: ` : ""}${entry.head}`, entry.message.split("\n").slice(-1)[0].slice(0, 220)] : [policy.name, isThere ? "" : entry.subject];
  return make("div", { class: isMore ? "entry more" : "entry", role: "option", id: `entry-${entry.number}`, "aria-selected": entry === chosen ? "true" : "false", onclick: () => { choose(entry); if (isNarrow()) detail.scrollIntoView(); } },
    make("div", { class: "name" }, chip, state, make("b", {}, inParts(first))), entry.at && !isMore && make("small", { class: "at" }, make("code", {}, entry.at)), second && make("small", {}, second),
    entry.path && !isThere && make("small", {}, make("code", {}, entry.path)), entry.where && !isMore && make("small", { class: "where" }, entry.where));
}
function fold(group) {
  const all = followers.get(group), isOpen = unfolded.has(group);
  const turn = () => { if (isOpen) unfolded.delete(group); else unfolded.add(group); update(); };
  return make("button", { class: "follows", "aria-expanded": String(isOpen), onclick: turn }, `${isOpen ? "hide" : "and"} what follows from it: ${count(all.length, "finding")}`);
}
function listFindings(found, chosen, shown = CHUNK) {
  const every = inList(found), some = every.slice(0, shown);
  list.replaceChildren(...some.flatMap((entry, i) => {
    const isLast = !entry.isProblem && !entry.follows && (!every[i + 1] || every[i + 1].group !== entry.group || every[i + 1].follows);
    const hasMore = isLast && followers.has(entry.group) && !(filters.text || filters.policy || filters.cell);
    return [row(entry, some[i - 1], chosen), ...(hasMore ? [fold(entry.group)] : [])];
  }));
  if (every.length > some.length) list.append(make("button", { onclick: () => listFindings(found, chosen, shown + 4 * CHUNK) }, `show ${Math.min(4 * CHUNK, every.length - shown)} more of ${every.length}`));
  if (!found.length) list.append(make("p", { class: "empty" }, hasFilters() ? "No finding fits these filters." : entries.length ? `Nothing is wrong; ${count(entries.length, "finding")} waived or accepted.` : "Nothing is wrong."));
}
function markChosen(entry) {
  for (const element of list.querySelectorAll("[aria-selected=true]")) element.setAttribute("aria-selected", "false");
  const element = entry && find(`entry-${entry.number}`);
  list.removeAttribute("aria-activedescendant");
  if (!element) return;
  element.setAttribute("aria-selected", "true");
  list.setAttribute("aria-activedescendant", element.id);
  if (element.offsetTop < list.scrollTop || element.offsetTop + element.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = element.offsetTop - 40;
}

function tiles() {
  return make("ul", { class: "tiles" }, run.counts.map(([number, words]) => make("li", {}, make("b", {}, number.toLocaleString("en")), words)));
}
const sum = (all) => all.reduce((total, number) => total + number, 0);
function table(heads, rows) {
  return make("div", { class: "wide" }, make("table", {}, make("thead", {}, make("tr", {}, heads.map((head) => make("th", { class: head.endsWith("#") ? "number" : null, scope: "col" }, head.replace(/#$/, ""))))),
    make("tbody", {}, rows.map((row) => make("tr", {}, row.map((cell, i) => make("td", { class: heads[i].endsWith("#") ? "number" : /^(owner|last day|since|severity|at worst|)$/.test(heads[i]) ? "short" : heads[i] === "rendered as" ? "roomy" : null }, cell)))))));
}

function fillPolicies(section) {
  const families = new Map();
  run.policies.forEach((policy, number) => families.set(policy.family || "", [...(families.get(policy.family || "") || []), number]));
  const found = new Map();
  for (const entry of entries) if (!entry.isProblem) found.set(entry.policy, (found.get(entry.policy) || 0) + 1);
  section.append(make("p", {}, "What was judged by, and why. A policy that is not of this project ships with chartgate."));
  for (const [family, inside] of [...families].sort((one, other) => (one[0] < other[0] ? -1 : 1))) {
    section.append(make("h2", { class: "family" }, family.replaceAll("_", " ")));
    for (const number of inside) {
      const policy = run.policies[number];
      const examined = `${count(sum(run.checks[number]), "check")} in ${count(sum(run.cases[number]), "case")}${found.has(number) ? `, ${count(found.get(number), "finding")}` : ""}`;
      section.append(make("details", { class: "rule", id: `policy-${policy.name}` },
        make("summary", {}, make("code", {}, make("b", {}, policy.name)), policy.severity && make("span", { class: `chip ${found.has(number) ? policy.severity : ""}` }, policy.severity), make("span", {}, policy.title || ""), make("span", {}, examined)),
        make("div", {}, policy.why && make("p", {}, policy.why), policy.fix && make("p", {}, make("b", {}, "What to do: "), policy.fix), policy.spec && make("p", {}, make("b", {}, "Spec: "), policy.spec), make("p", {}, policy.own ? "A policy of this project." : "A policy for any chart."))));
    }
  }
}

function fillExamined(section) {
  section.append(tiles());
  if (run.notes.length) section.append(make("h3", {}, "Notes"), make("ul", {}, run.notes.map((note) => make("li", {}, note))));
  const left = Object.entries(run.left_out);
  if (left.length) section.append(make("h3", {}, "Policies left out"), table(["policy", "why"], left.map(([name, why]) => [make("code", {}, name), why])));
  const idle = run.policies.filter((policy, number) => /^[N.]*$/.test(run.cells[number])).map((policy) => policy.name);
  if (idle.length) section.append(make("h3", {}, `${count(idle.length, "policy", "policies")} had nothing to examine`), make("div", { class: "names" }, idle.map((name) => make("code", {}, name))));
  const rows = run.columns.map((column, c) => [make("code", {}, column.name), column.reason || (column.all ? "policies that compare all of them" : ""), (column.given || []).join(", "), sum(run.checks.map((row) => row[c])).toLocaleString("en"), STATES[run.cells.reduce((worst, row) => worse(worst, row[c]), column.state === "error" ? "E" : ".")][0]]);
  section.append(make("h3", {}, "Scenarios"), table(["scenario", "why it is there", "rendered as", "checks#", "at worst"], rows));
  if (run.refused.length) section.append(make("h3", {}, "Refused by helm, as the matrix demands"), table(["scenario", "why it is there", "verdict"], run.refused.map(([name, reason, state]) => [make("code", {}, name), reason, state === "error" ? "not in these words" : state === "green" ? "refused" : "not asked"])));
}

function fillAccepted(section) {
  const days = (waiver) => (waiver.days === null ? "" : waiver.days < 0 ? make("span", { class: "over" }, `${-waiver.days} days over`) : make("span", { class: waiver.days <= 30 ? "soon" : null }, `${waiver.days} days left`));
  section.append(make("h3", {}, "Waivers: findings that are right as they are"), run.waivers.length
    ? table(["policy", "on", "reason", "owner", "last day", "", "findings#"], [...run.waivers].sort((one, other) => (one.expires < other.expires ? -1 : 1)).map((waiver) => [make("code", {}, waiver.policy), waiver.on.join(", "), waiver.reason, waiver.owner, waiver.expires, days(waiver), waiver.findings]))
    : make("p", {}, "There are none."));
  section.append(make("h3", {}, "Baseline: findings that were there before"));
  const entriesOf = (all) => table(["finding", "severity", "since", "who", "why"], all.map((entry) => entry.map((text, i) => (i ? text : make("code", {}, text)))));
  if (!run.baseline) section.append(make("p", {}, "There is no baseline."));
  else {
    section.append(run.entries.length ? entriesOf(run.entries) : make("p", {}, `Nothing of ${run.baseline.file} was found.`));
    for (const [name, words] of [["mended", "No longer there: chartgate check --prune takes these out"], ["added", "Added by this run"], ["removed", "Taken out by this run"]]) {
      if (run.baseline[name].length) section.append(make("h3", {}, words), entriesOf(run.baseline[name]));
    }
  }
}
