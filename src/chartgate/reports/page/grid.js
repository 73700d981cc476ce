// The grid: policies in rows, scenarios in columns, drawn as far as it can be seen; a pixel of several cells has the worst.

const ROW = 19, BAND = 12, LABEL = () => Math.max(120, Math.min(290, Math.floor(width() * 0.26)));
const grid = { rows: [], columns: [], cell: 0, open: new Set(), every: false, at: [0, 0], over: null, chosen: null };
const scroller = find("grid"), canvas = find("canvas"), space = find("space"), tip = find("tip");
const width = () => scroller.clientWidth || 1000;

// What is not judged follows from what does not render, which has its own row.
function isRed(cells) { return /[FEW]/.test(cells); }

// Rows: what helm does, each policy with something red, then the others by their family, folded.
function layRows(isTaken) {
  const rows = [];
  const helm = run.columns.map((column) => (column.all ? "." : column.state === "error" ? "E" : column.state === "green" ? "G" : "N")).join("");
  if (/[EG]/.test(helm)) rows.push({ name: "renders", policy: -1, cells: helm });
  const taken = run.policies.map((policy, number) => ({ name: policy.name, policy: number, cells: run.cells[number], family: policy.family || "" })).filter(isTaken);
  const weight = (row) => [...grid.columns].reduce((sum, column) => sum + ({ F: 1e6, E: 1e4, W: 1 }[row.cells[column]] || 0), 0);
  const red = taken.filter((row) => isRed(row.cells)).map((row) => [weight(row), row]).sort((one, other) => other[0] - one[0]).map(([, row]) => row);
  rows.push(...red);
  const families = new Map();
  for (const row of taken) if (!isRed(row.cells)) families.set(row.family, [...(families.get(row.family) || []), row]);
  for (const [family, inside] of [...families].sort((one, other) => (one[0] < other[0] ? -1 : 1))) {
    const isOpen = inside.length === 1 || grid.every || grid.open.has(family);
    if (inside.length > 1) {
      const cells = run.columns.map((_, column) => inside.reduce((worst, row) => worse(worst, row.cells[column]), ".")).join("");
      rows.push({ name: `${family.replaceAll("_", " ")}`, count: inside.length, family, cells, isFamily: true, isOpen });
    }
    if (isOpen) rows.push(...inside.map((row) => ({ ...row, isInside: inside.length > 1 })));
  }
  grid.rows = rows;
}

// What the scenarios are, above them: the first toggles and axes, and how many more there are to choose by.
const BANDS = 8;
function bands() {
  const shown = toggles.slice(0, BANDS).map(([name, number]) => ({ name, of: (column) => (column.has.has(number) ? 1 : 0) }));
  for (const [axis, values] of axes) {
    if (shown.length >= BANDS) break;
    shown.push({ name: axis, of: (column) => { const i = values.findIndex(([, number]) => column.has.has(number)); return i < 0 ? 0 : 0.25 + (0.75 * i) / Math.max(1, values.length - 1); } });
  }
  const more = toggles.length + axes.size - shown.length;
  return more ? [...shown, { name: `and ${more} more`, of: () => 0 }] : shown;
}

function layOut() {
  const room = width() - LABEL() - 2;
  const fit = room / Math.max(1, grid.columns.length);
  grid.size = grid.cell || Math.min(fit, 22);
  grid.top = bands().length * BAND + 6;
  const height = grid.top + grid.rows.length * ROW + 4;
  space.style.height = `${height}px`;
  space.style.width = `${Math.max(width(), Math.ceil(LABEL() + grid.columns.length * grid.size) + 2)}px`;
  const isOpen = entries.some((entry) => entry.state === "open");
  // A few columns say little that the findings do not: their red rows, and half of one that tells that there are more.
  const isBrief = isOpen && !grid.every && !grid.open.size && grid.columns.length * grid.size < room / 3;
  const most = isBrief ? grid.top + (Math.min(7, Math.max(2, grid.rows.findLastIndex((row) => isRed(row.cells)) + 1)) + 0.5) * ROW : Infinity;
  scroller.style.height = `${Math.min(height + 2, most, Math.max(220, window.innerHeight * (isOpen ? 0.36 : 0.5)))}px`;
  scroller.setAttribute("aria-rowcount", grid.rows.length);
  scroller.setAttribute("aria-colcount", grid.columns.length);
  draw();
}

let inks = null;
function ink(name) {
  if (!inks) { inks = {}; }
  if (!(name in inks)) inks[name] = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return inks[name];
}

// Draws some columns of one row, neighbours of one state together where cells have no gaps.
function drawCells(pen, stateOf, y, height, paint) {
  const label = LABEL(), size = grid.size, left = scroller.scrollLeft, right = width();
  if (size < 3) {
    let begin = label, last = null;
    const from = Math.max(0, Math.floor(left / size));
    for (let x = label; x <= right; x++) {
      const first = Math.floor((x - label + left) / size), end = Math.max(first + 1, Math.floor((x + 1 - label + left) / size));
      let worst = null;
      if (x < right) for (let c = Math.max(first, from); c < end && c < grid.columns.length; c++) { const state = stateOf(grid.columns[c]); worst = worst === null ? state : paint.join(worst, state); }
      if (worst !== last) { if (last !== null && paint.ink(last)) { pen.fillStyle = paint.ink(last); pen.fillRect(begin, y, x - begin, height); } begin = x; last = worst; }
    }
    return;
  }
  const gap = size >= 6 ? 1 : 0;
  for (let c = Math.max(0, Math.floor(left / size)); c < grid.columns.length; c++) {
    const x = label + c * size - left;
    if (x > right) break;
    const state = stateOf(grid.columns[c]), colour = paint.ink(state);
    if (colour) { pen.fillStyle = colour; const x0 = Math.round(x), x1 = Math.round(x + size) - gap; pen.fillRect(x0, y, x1 - x0, height); }
    if (paint.glyph && size >= 11 && GLYPHS[state]) { pen.fillStyle = ink(state === "F" || state === "E" ? "--red-ink" : "--ink"); pen.textAlign = "center"; pen.fillText(GLYPHS[state], x + size / 2 - 0.5, y + height / 2 + 0.5); pen.textAlign = "left"; }
  }
}

function draw() {
  const scale = window.devicePixelRatio || 1, w = width(), h = scroller.clientHeight;
  if (canvas.width !== Math.round(w * scale) || canvas.height !== Math.round(h * scale)) {
    canvas.width = Math.round(w * scale); canvas.height = Math.round(h * scale);
    canvas.style.width = `${w}px`; canvas.style.height = `${h}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.fillStyle = ink("--card"); pen.fillRect(0, 0, w, h);
  pen.textBaseline = "middle";
  const label = LABEL(), top = grid.top, scrolled = scroller.scrollTop;
  pen.save();
  pen.beginPath(); pen.rect(0, top, w, h - top); pen.clip();
  for (let r = Math.max(0, Math.floor(scrolled / ROW)); r < grid.rows.length; r++) {
    const row = grid.rows[r], y = top + r * ROW - scrolled;
    if (y > h) break;
    const isHere = grid.over && grid.over[0] === r;
    if (isHere) { pen.fillStyle = ink("--hover"); pen.fillRect(0, y - 1, w, ROW); }
    pen.font = row.isFamily ? "12px system-ui, 'DejaVu Sans', sans-serif" : "12px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
    pen.fillStyle = ink(row.isFamily ? "--soft" : "--ink");
    if (isRed(row.cells) && !row.isFamily) { pen.fillStyle = ink(/[FE]/.test(row.cells) ? "--red" : "--amber"); pen.font = `600 ${pen.font}`; }
    const words = row.isFamily ? `${row.isOpen ? "▾" : "▸"} ${row.name}` : row.name;
    const number = row.isFamily ? String(row.count) : "";
    pen.fillText(fitted(pen, words, label - 14 - (number ? 26 : 0) - (row.isInside ? 12 : 0)), row.isInside ? 14 : 2, y + ROW / 2);
    if (number) { pen.textAlign = "right"; pen.fillText(number, label - 10, y + ROW / 2); pen.textAlign = "left"; }
    pen.font = "600 11px system-ui, 'DejaVu Sans', sans-serif";
    const inset = row.isFamily ? 4 : 1;
    drawCells(pen, (column) => row.cells[column], y + inset, ROW - 2 * inset, { join: worse, ink: (state) => STATES[state][1] && ink(STATES[state][1]), glyph: !row.isFamily });
  }
  pen.restore();
  pen.fillStyle = ink("--card"); pen.fillRect(0, 0, w, top - 3);
  pen.font = "10px system-ui, 'DejaVu Sans', sans-serif";
  bands().forEach((band, number) => {
    const y = number * BAND;
    pen.fillStyle = ink("--soft"); pen.textAlign = "right"; pen.fillText(fitted(pen, band.name, label - 14), label - 10, y + BAND / 2 + 0.5); pen.textAlign = "left";
    drawCells(pen, (column) => band.of(run.columns[column]), y + 1, BAND - 3, { join: Math.max, ink: (value) => { if (!value) return ""; pen.globalAlpha = value; return ink("--band"); } });
    pen.globalAlpha = 1;
  });
  pen.fillStyle = ink("--line"); pen.fillRect(0, top - 3, w, 1);
  outline(pen, grid.over, ink("--soft"), 1);
  outline(pen, grid.chosen || (document.activeElement === scroller ? grid.at : null), ink("--focus"), 2);
}

function outline(pen, place, colour, thick) {
  if (!place || !grid.rows[place[0]]) return;
  const x = LABEL() + place[1] * grid.size - scroller.scrollLeft, y = grid.top + place[0] * ROW - scroller.scrollTop;
  if (x < LABEL() - 1 || y < grid.top - ROW) return;
  pen.strokeStyle = colour; pen.lineWidth = thick;
  pen.strokeRect(x - 0.5, y + 0.5, Math.max(grid.size, 4), ROW - 2);
  pen.globalAlpha = 0.25; pen.fillStyle = colour;
  pen.fillRect(x + grid.size / 2 - 0.5, 0, 1, Math.max(0, y)); pen.globalAlpha = 1;
}

const cuts = new Map();
function fitted(pen, text, room) {
  const key = `${pen.font} ${text} ${room}`;
  if (!cuts.has(key)) {
    let cut = text;
    while (cut && pen.measureText(cut === text ? cut : `${cut}…`).width > room) cut = cut.slice(0, -1);
    cuts.set(key, cut === text ? text : `${cut}…`);
  }
  return cuts.get(key);
}

// The cell at a point of the window; of several at one pixel, the worst.
function cellAt(event) {
  const box = scroller.getBoundingClientRect();
  const x = event.clientX - box.left, y = event.clientY - box.top;
  const r = Math.floor((y - grid.top + scroller.scrollTop) / ROW);
  if (y < grid.top || r >= grid.rows.length) return null;
  if (x < LABEL()) return [r, -1];
  const first = Math.floor((x - LABEL() + scroller.scrollLeft) / grid.size);
  if (first >= grid.columns.length) return null;
  const end = Math.min(grid.columns.length, Math.max(first + 1, Math.floor((x + 1 - LABEL() + scroller.scrollLeft) / grid.size)));
  let best = first;
  for (let c = first; c < end; c++) if (WORST_FIRST.indexOf(grid.rows[r].cells[grid.columns[c]]) < WORST_FIRST.indexOf(grid.rows[r].cells[grid.columns[best]])) best = c;
  return [r, best];
}

function cellWords([r, c]) {
  const row = grid.rows[r], column = grid.columns[c], state = row.cells[column];
  const parts = [STATES[state][0]];
  if (row.policy === -1) return [row.name, run.columns[column].name, state === "E" ? "helm does not render it" : "rendered"];
  if (!row.isFamily) {
    const checks = run.checks[row.policy][column], cases = run.cases[row.policy][column];
    if (checks) parts.push(count(checks, "check"));
    if (cases > 1) parts.push(`${cases} cases`);
  } else parts[0] = `${count(row.count, "policy", "policies")}, at worst: ${parts[0]}`;
  return [row.name, run.columns[column].name, parts.join(", ")];
}

function showTip(place, event) {
  tip.hidden = !place || place[1] < 0 && !grid.rows[place[0]];
  if (tip.hidden) return;
  const row = grid.rows[place[0]];
  if (place[1] < 0) {
    const policy = row.policy >= 0 ? run.policies[row.policy] : null;
    tip.replaceChildren(make("b", {}, row.name), policy ? policy.title || "" : row.isFamily ? `${count(row.count, "policy", "policies")} without a finding: click to ${row.isOpen ? "fold" : "unfold"}` : "what helm makes of each scenario");
  } else {
    const [name, scenario, words] = cellWords(place);
    tip.replaceChildren(make("b", {}, name), make("span", {}, scenario), make("br"), words);
  }
  tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 12)}px`;
  tip.style.top = `${Math.min(event.clientY + 16, window.innerHeight - tip.offsetHeight - 12)}px`;
}

function moveTo(r, c) {
  r = Math.max(0, Math.min(grid.rows.length - 1, r)); c = Math.max(0, Math.min(grid.columns.length - 1, c));
  if (!grid.rows.length || !grid.columns.length) return;
  grid.at = [r, c]; grid.chosen = null;
  const y = r * ROW, x = c * grid.size, roomY = scroller.clientHeight - grid.top - ROW, roomX = width() - LABEL() - grid.size - 2;
  if (y < scroller.scrollTop) scroller.scrollTop = y; else if (y > scroller.scrollTop + roomY) scroller.scrollTop = y - roomY;
  if (x < scroller.scrollLeft) scroller.scrollLeft = x; else if (x > scroller.scrollLeft + roomX) scroller.scrollLeft = x - roomX;
  const words = cellWords([r, c]).join(", ");
  find("cell").textContent = words; find("spoken").textContent = words;
  draw();
}

// The next cell with something red, row by row; round at the end.
function nextRed(step) {
  const wide = grid.columns.length, all = grid.rows.length * wide;
  let place = grid.at[0] * wide + grid.at[1];
  for (let i = 0; i < all; i++) {
    place = (place + step + all) % all;
    const row = grid.rows[Math.floor(place / wide)];
    if (!row.isFamily && /[FEWU]/.test(row.cells[grid.columns[place % wide]])) return [Math.floor(place / wide), place % wide];
  }
  return null;
}
