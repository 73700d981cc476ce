// Filters, keys, parts: what the reader does, and what is shown then.

const filters = { text: "", severity: "", policy: "", traits: new Map(), accepted: false, cell: null };
let found = [], chosen = null;
const filled = new Set();

function hasFilters() { return Boolean(filters.text || filters.severity || filters.policy || filters.traits.size || filters.cell); }
function isShown(entry) {
  if (!filters.accepted && (entry.state === "accepted" || entry.state === "waived")) return false;
  if (filters.severity && entry.severity !== filters.severity) return false;
  if (filters.policy && String(entry.policy) !== filters.policy) return false;
  if (filters.text && !entry.words.includes(filters.text)) return false;
  if (filters.cell) return (byCell.get(filters.cell) || []).includes(entry);
  return !filters.traits.size || entry.in.length === 0 || entry.in.some((column) => grid.taken.has(column));
}
function isTaken(row) {
  if (filters.policy && String(row.policy) !== filters.policy) return false;
  if (filters.severity && run.policies[row.policy].severity !== filters.severity && !entries.some((entry) => entry.policy === row.policy && entry.severity === filters.severity)) return false;
  if (!filters.text) return true;
  const policy = run.policies[row.policy];
  return `${policy.name} ${policy.title || ""} ${policy.family || ""}`.toLowerCase().includes(filters.text) || entries.some((entry) => entry.policy === row.policy && isShown(entry));
}
function update() {
  grid.columns = run.columns.map((_, number) => number).filter((number) => {
    const column = run.columns[number];
    for (const [trait, wanted] of filters.traits) if (column.all || column.has.has(trait) !== wanted) return false;
    return true;
  });
  grid.taken = new Set(grid.columns);
  layRows(isTaken);
  grid.at = [Math.min(grid.at[0], Math.max(0, grid.rows.length - 1)), Math.min(grid.at[1], Math.max(0, grid.columns.length - 1))];
  found = entries.filter(isShown);
  find("axes-count").textContent = grid.columns.length === run.columns.length ? `all ${run.columns.length}` : `${grid.columns.length} of ${run.columns.length}`;
  const follow = found.filter((entry) => entry.follows).length;
  find("told").textContent = `${count(found.length - follow, "finding")}${follow ? `, ${follow.toLocaleString("en")} that follow` : ""}${filters.cell ? " in this cell" : ""}`;
  find("reset").hidden = !hasFilters();
  if (chosen && !found.includes(chosen)) chosen = null;
  listFindings(found, chosen);
  layOut();
}
function choose(entry) {
  chosen = entry;
  markChosen(entry);
  if (entry) showEntry(entry); else showNothing();
}
function choosePlace(place) {
  const row = grid.rows[place[0]];
  if (place[1] < 0 || row.isFamily) {
    if (row.isFamily) { if (!grid.open.delete(row.family)) grid.open.add(row.family); update(); }
    else if (row.policy >= 0) go(`policy-${run.policies[row.policy].name}`);
    return;
  }
  const column = grid.columns[place[1]], words = cellWords(place)[2];
  grid.at = place; grid.chosen = place;
  filters.cell = `${row.policy} ${column}`;
  const inside = byCell.get(filters.cell) || [];
  if (inside.some((entry) => entry.state === "accepted" || entry.state === "waived")) { filters.accepted = true; find("accepted-too").checked = true; }
  if (!inside.length) filters.cell = null;
  update();
  if (inside.length) choose(found.find((entry) => inside.includes(entry)) || null);
  else { chosen = null; markChosen(null); showCell(row, column, words); }
}
function back() {
  if (find("axes").open) { find("axes").open = false; return; }
  if (grid.chosen || filters.cell) { grid.chosen = null; filters.cell = null; update(); }
  else if (find("search").value) { find("search").value = ""; filters.text = ""; update(); }
  else { chosen = null; markChosen(null); showNothing(); }
}
function reset() {
  Object.assign(filters, { text: "", severity: "", policy: "", cell: null });
  filters.traits.clear(); grid.chosen = null;
  find("search").value = ""; find("severity").value = ""; find("policy").value = "";
  for (const choice of find("axes-choices").querySelectorAll("select")) choice.value = "";
  update();
}

// The parts of the page, by the address: #policies, #policy-NAME, #examined.
const tabs = [...document.querySelectorAll("[role=tab]")];
function go(hash) {
  if (location.hash.slice(1) === hash) show(); else location.hash = hash;
}
function show() {
  let hash = "";
  try { hash = decodeURIComponent(location.hash.slice(1)); } catch { hash = ""; }
  const isRule = hash.startsWith("policy-");
  const part = isRule ? "policies" : tabs.some((tab) => tab.getAttribute("aria-controls") === hash) ? hash : "result";
  for (const tab of tabs) {
    const isIt = tab.getAttribute("aria-controls") === part;
    tab.setAttribute("aria-selected", String(isIt)); tab.tabIndex = isIt ? 0 : -1;
    find(tab.getAttribute("aria-controls")).hidden = !isIt;
  }
  const fill = { policies: fillPolicies, examined: fillExamined, accepted: fillAccepted }[part];
  if (fill && !filled.has(part)) { filled.add(part); fill(find(part)); }
  if (isRule) { const rule = find(hash); if (rule) { rule.open = true; rule.scrollIntoView({ block: "center" }); rule.firstChild.focus(); } }
  if (part === "result") layOut();
}
tabs.forEach((tab, number) => {
  tab.addEventListener("click", () => go(tab.getAttribute("aria-controls")));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) { const next = tabs[(number + step + tabs.length) % tabs.length]; next.focus(); next.click(); }
  });
});
window.addEventListener("hashchange", show);

find("search").addEventListener("input", (event) => { filters.text = event.target.value.trim().toLowerCase(); update(); });
find("severity").addEventListener("change", (event) => { filters.severity = event.target.value; update(); });
find("policy").addEventListener("change", (event) => { filters.policy = event.target.value; update(); });
find("accepted-too").addEventListener("change", (event) => { filters.accepted = event.target.checked; update(); });
find("reset").addEventListener("click", reset);
find("every-policy").addEventListener("change", (event) => { grid.every = event.target.checked; update(); });
const zoom = (size) => { grid.cell = size; layOut(); };
find("wider").addEventListener("click", () => zoom(Math.min(28, Math.max(3, grid.size * 1.6))));
find("back").addEventListener("click", () => (document.querySelector("#list [aria-selected=true]") || list).scrollIntoView({ block: "center" }));
find("narrower").addEventListener("click", () => zoom(grid.size / 1.6 * grid.columns.length < width() - LABEL() ? 0 : grid.size / 1.6));
find("fit").addEventListener("click", () => zoom(0));
scroller.addEventListener("scroll", draw);
scroller.addEventListener("focus", draw);
scroller.addEventListener("blur", draw);
scroller.addEventListener("mousemove", (event) => { const place = cellAt(event); grid.over = place; scroller.style.cursor = place ? "pointer" : ""; showTip(place, event); draw(); });
scroller.addEventListener("mouseleave", () => { grid.over = null; tip.hidden = true; draw(); });
scroller.addEventListener("click", (event) => { const place = cellAt(event); if (place) { tip.hidden = true; choosePlace(place); } });
scroller.addEventListener("keydown", (event) => {
  const page = Math.max(1, Math.floor((scroller.clientHeight - grid.top) / ROW) - 1), [r, c] = grid.at;
  const to = { ArrowDown: [r + 1, c], ArrowUp: [r - 1, c], ArrowRight: [r, c + 1], ArrowLeft: [r, c - 1], PageDown: [r + page, c], PageUp: [r - page, c],
    Home: event.ctrlKey ? [0, 0] : [r, 0], End: event.ctrlKey ? [Infinity, Infinity] : [r, Infinity] }[event.key];
  if (to) { event.preventDefault(); moveTo(...to); }
  else if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choosePlace(grid.at); }
});
list.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !found.length) return;
  event.preventDefault();
  const listed = inList(found);
  choose(listed[Math.max(0, Math.min(listed.length - 1, listed.indexOf(chosen) + step))]);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { back(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || find("result").hidden) return;
  if (event.key === "/") { event.preventDefault(); find("search").focus(); find("search").select(); }
  const step = { n: 1, p: -1 }[event.key], place = step && nextRed(step);
  if (place) { moveTo(...place); choosePlace(place); scroller.focus(); }
});
document.addEventListener("click", (event) => { if (!find("axes").contains(event.target)) find("axes").open = false; });
new ResizeObserver(() => { if (!find("result").hidden) layOut(); }).observe(document.body);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { inks = null; draw(); });

function fillFilters() {
  run.policies.map((policy, number) => [policy.name, number]).sort().forEach(([name, number]) => find("policy").append(make("option", { value: number }, name)));
  const choice = (name, options) => {
    const select = make("select", { onchange: () => {
      for (const [, trait] of options) filters.traits.delete(trait);
      if (select.value) { const [trait, wanted] = select.value.split(" "); filters.traits.set(Number(trait), wanted === "1"); }
      update();
    } }, make("option", { value: "" }, "any"), options.map(([words, trait, wanted]) => make("option", { value: `${trait} ${wanted}` }, words)));
    find("axes-choices").append(make("label", {}, name, select));
  };
  for (const [name, trait] of toggles) choice(name, [["with", trait, 1], ["without", trait, 0]]);
  for (const [axis, values] of axes) choice(axis, values.map(([value, trait]) => [value, trait, 1]));
  find("axes").hidden = !run.traits.length && run.columns.length < 2;
  const used = new Set(run.cells.join(""));
  for (const [letter, [words, colour]] of Object.entries(STATES)) {
    if (!colour || !used.has(letter)) continue;
    const mark = make("i", {}); mark.style.background = `var(${colour})`;
    find("legend").append(make("li", {}, mark, words));
  }
}

fillFilters();
update();
const first = entries.find((entry) => entry.state === "open") || entries.find((entry) => entry.state === "tolerated");
if (first) choose(first); else showNothing();
show();
document.documentElement.dataset.ready = String(Math.round(performance.now()));
