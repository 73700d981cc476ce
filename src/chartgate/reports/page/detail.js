// What is known of one finding, of one problem, or of a cell in which nothing is red.

const detail = find("detail");

function commands(again) {
  if (!again || !again.length) return [];
  return [make("h3", {}, "See it again"), ...again.map((command) => make("div", { class: "command" }, make("pre", {}, command),
    make("button", { "aria-label": "Copy the command", onclick: (event) => copy(event.currentTarget, command) }, "copy")))];
}
function copy(button, text) {
  const done = () => { button.textContent = "copied"; setTimeout(() => { button.textContent = "copy"; }, 1200); };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => select(button.previousSibling));
  else select(button.previousSibling);
}
function select(element) { window.getSelection().selectAllChildren(element); }

function yamlLine(text) {
  const found = /^(\s*(?:- )*)([^\s:#"'{[-][^:]*:)(\s.*)?$/.exec(text);
  return found ? [found[1], make("span", { class: "key" }, found[2]), found[3] || ""] : [text];
}

function resource(shown) {
  const [from, to] = shown.marked;
  const lines = run.texts[shown.text].split("\n").map((text, i) => {
    const number = shown.first + i;
    return make("div", { class: from && number >= from && number <= to ? "marked" : null }, make("i", {}, String(number)), ...yamlLine(text));
  });
  const code = make("div", { class: "code", tabindex: "0", role: "region", "aria-label": "The resource" }, lines);
  const about = !from ? "" : shown.around ? `; it would be inside of line ${from}` : to > from ? `; lines ${from} to ${to}` : `; line ${from}`;
  return [make("h3", {}, `The resource in ${shown.scenario}${about}`), code];
}
function scrollToMark() {
  const mark = detail.querySelector(".code .marked");
  if (mark) mark.parentElement.scrollTop = Math.max(0, mark.offsetTop - mark.parentElement.offsetTop - 120);
}

function difference(shown) {
  if (!shown.nearest) return [make("h3", {}, "No green scenario"), make("p", {}, "The policy finds this wherever it judged.")];
  const how = shown.traits.map((trait) => (trait[0] === "+" ? "with " : "without ") + trait.slice(1)).slice(0, 8).join(", ");
  const head = make("h3", {}, `What is other in ${shown.nearest}, the nearest scenario without this finding${how ? ` (${how})` : ""}`);
  if (!shown.there) return [head, make("p", {}, "The resource is not rendered there.")];
  if (shown.difference === null) return [head, make("p", {}, "The resource is the same there: look at what it refers to.")];
  const kinds = { "+": "plus", "-": "minus", "@": "hunk" };
  return [head, make("div", { class: "code", tabindex: "0", role: "region", "aria-label": "The difference" },
    run.texts[shown.difference].split("\n").map((line) => make("div", { class: kinds[line[0]] || null }, line || " ")))];
}

function where(entry) {
  const names = entry.isProblem ? entry.in.map((column) => run.columns[column].name) : entry.cases || [];
  const total = entry.case_count || names.length;
  if (!total) return [];
  const shown = names.slice(0, 40), isMany = total > 8;
  const all = make("div", { class: "names" }, shown.map((name) => make("code", {}, name)), total > shown.length && `and ${total - shown.length} more`);
  const head = entry.where || (total === 1 ? `in ${names[0]}` : `in ${count(total, "case")}`);
  if (total === 1) return [make("h3", {}, "Where"), make("p", {}, head)];
  return [make("h3", {}, "Where"), make("details", { open: !isMany }, make("summary", {}, head), all)];
}

function why(policy) {
  if (!policy || !policy.why) return [];
  return [make("details", { open: policy.why.length < 400 }, make("summary", {}, "Why it matters"), make("p", { class: "why" }, policy.why))];
}

function showEntry(entry) {
  const policy = run.policies[entry.policy];
  if (entry.isProblem) {
    detail.replaceChildren(make("h2", {}, make("span", { class: "chip problem" }, "problem"), `${entry.subject ? `${entry.subject}: ` : ""}${entry.head}`),
      make("h3", {}, "What is said"), make("pre", { class: "text" }, entry.message), ...written(entry), ...where(entry), ...commands(entry.again));
    return;
  }
  const line = entry.source && [entry.at && make("strong", {}, entry.at), make("small", {}, entry.source)];
  const facts = [["line", line], ["resource", entry.subject], ["path", entry.path], ["template", entry.template !== entry.subject && entry.template], ["expected", entry.expected], ["actual", entry.actual], ["differs", entry.differs],
    ["likewise", (entry.likewise || []).join("\n")], ["what to do", entry.fix], ["spec", entry.spec], ["accepted", entry.accepted], ["waived", (entry.waivers || []).join("\n")]];
  detail.replaceChildren(
    make("h2", {}, make("span", { class: `chip ${entry.severity}` }, entry.severity), STATE_WORDS[entry.state] && make("span", { class: "chip" }, STATE_WORDS[entry.state]),
      make("a", { href: `#policy-${policy.name}` }, policy.name)),
    make("p", { class: "lead" }, entry.title || policy.title || ""),
    make("dl", {}, facts.filter(([, text]) => text).map(([name, text]) => [make("dt", {}, name), make("dd", { class: name }, /^(expected|actual|likewise)$/.test(name) ? make("pre", {}, text) : /^(resource|path|template)$/.test(name) ? make("code", {}, text) : text)])),
    ...why(policy),
    ...(entry.title ? [] : [make("p", { class: "lead" }, `There are too many findings for one page: chartgate check ${policy.name} tells all of this one.`)]),
    ...where(entry),
    ...(entry.shown ? [...resource(entry.shown), ...difference(entry.shown)] : []),
    ...commands(entry.again),
  );
  scrollToMark();
}
function written(entry) { return entry.source ? [make("p", { class: "lead" }, entry.source)] : []; }

function showCell(row, column, words) {
  const policy = run.policies[row.policy], scenario = run.columns[column];
  detail.replaceChildren(
    make("h2", {}, policy ? make("a", { href: `#policy-${policy.name}` }, policy.name) : row.name),
    make("p", { class: "lead" }, policy ? policy.title || "" : "What helm makes of the scenario."),
    make("dl", {}, make("dt", {}, "scenario"), make("dd", {}, make("code", {}, scenario.name)), make("dt", {}, "verdict"), make("dd", {}, words),
      scenario.reason && [make("dt", {}, "it is there for"), make("dd", {}, scenario.reason)],
      (scenario.given || []).length > 0 && [make("dt", {}, "rendered as"), make("dd", {}, scenario.given.join(", "))],
      (scenario.traits || []).length > 0 && [make("dt", {}, "it has"), make("dd", {}, make("div", { class: "names" }, scenario.traits.map((number) => make("code", {}, run.traits[number]))))]),
    ...why(policy),
  );
}

function showNothing() {
  const isRed = entries.some((entry) => entry.state === "open");
  detail.replaceChildren(make("h2", {}, isRed ? "Choose a finding, or a cell of the grid" : "Nothing is wrong"),
    make("p", { class: "lead" }, isRed ? "" : "This is what was proven; a click on a cell tells what was examined there."), tiles());
}
