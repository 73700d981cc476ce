"use strict";
// What was judged, as the page holds it in #data, read into tables; nothing here shows anything.

const run = JSON.parse(document.getElementById("data").textContent);
const STATES = {
  F: ["the policy itself fails", "--red"], E: ["finding: error", "--red"], W: ["finding: warning", "--amber-cell"],
  U: ["not judged: it does not render", "--unjudged-cell"], B: ["in the baseline", "--accepted-cell"],
  V: ["waived", "--waived-cell"], G: ["green", "--green-cell"], N: ["nothing to examine", "--idle-cell"],
  ".": ["not judged by this policy", ""],
};
const WORST_FIRST = "FEWUBVGN.";
const GLYPHS = { F: "×", E: "×", W: "!", U: "?", B: "=", V: "~" };
const STATE_WORDS = { open: "", tolerated: "told only", accepted: "in the baseline", waived: "waived" };
const worse = (one, other) => (WORST_FIRST.indexOf(one) <= WORST_FIRST.indexOf(other) ? one : other);
const count = (number, word, words) => `${number.toLocaleString("en")} ${number === 1 ? word : words || word + "s"}`;

function letters(text) {
  let all = "";
  for (const [, number, letter] of text.matchAll(/(\d+)(\D)/g)) all += letter.repeat(Number(number));
  return all;
}
function numbers(runs) {
  const all = [];
  for (let i = 0; i < runs.length; i += 2) for (let n = 0; n < runs[i + 1]; n++) all.push(runs[i]);
  return all;
}

run.cells = run.cells.map(letters);
run.checks = run.checks.map(numbers);
run.cases = run.cases.map(numbers);
run.columns.forEach((column) => { column.has = new Set(column.traits || []); });

// What is red, in the order of a terminal: problems first, but those of what is written beside the chart, which a
// finding often is the cause of. Each knows its columns, and each cell what is red in it.
const problems = run.problems.filter((problem) => !problem.consequence).map((problem) => ({ ...problem, isProblem: true, severity: "error", state: "open" }));
const entries = [
  ...problems.filter((problem) => !problem.ofGate),
  ...run.findings.filter((finding) => finding.state === "open"),
  ...problems.filter((problem) => problem.ofGate),
  ...run.findings.filter((finding) => finding.state !== "open"),
];
// What one cause has made is one group, with what only says it once more; of the latter a list shows how many they are.
const followers = new Map();
for (const entry of entries) if (entry.follows) followers.set(entry.group, [...(followers.get(entry.group) || []), entry]);
const byCell = new Map();
entries.forEach((entry, number) => {
  entry.number = number;
  entry.in = [];
  for (let i = 0; i < entry.columns.length; i += 2) for (let n = 0; n < entry.columns[i + 1]; n++) entry.in.push(entry.columns[i] + n);
  const rows = entry.isProblem ? [entry.policy ?? -1] : [entry.policy];
  for (const row of rows) for (const column of entry.in) {
    const key = `${row} ${column}`;
    if (!byCell.has(key)) byCell.set(key, []);
    byCell.get(key).push(entry);
  }
  const policy = run.policies[entry.policy];
  entry.words = [policy && policy.name, policy && policy.title, entry.subject, entry.path, entry.template, entry.source, entry.expected, entry.actual, entry.head, entry.message, entry.where, ...(entry.cases || [])].filter(Boolean).join("\n").toLowerCase();
});

// Toggles are on or off; an axis has one of several values: `source=literal`.
const toggles = [], axes = new Map();
run.traits.forEach((trait, number) => {
  const at = trait.indexOf("=");
  if (at < 0) return toggles.push([trait, number]);
  const axis = trait.slice(0, at);
  if (!axes.has(axis)) axes.set(axis, []);
  return axes.get(axis).push([trait.slice(at + 1), number]);
});

toggles.sort((one, other) => one[0].localeCompare(other[0], "en", { numeric: true }));

// Makes an element; its content is text, or elements, and never markup.
function make(tag, attributes, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...content.flat(Infinity).filter((part) => part !== null && part !== undefined && part !== false));
  return element;
}
const find = (id) => document.getElementById(id);
