// Draws a project's runs at once: parallel coordinates on a canvas, and a scatter of one hyperparameter by plotly.
"use strict";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const panel = document.querySelector(".sweep");
const box = document.querySelector(".parallel");
const canvas = box?.querySelector("canvas");
const AXES = 9, FEW = 8, TOP = 26, BOTTOM = 22, SIDE = 46;
let sweep, axes = [], order = [];
const brushes = new Map();

const part = (tag, text, name) => Object.assign(document.createElement(tag), { textContent: text, className: name ?? "" });
const better = (a, b) => (sweep.direction === "max" ? b - a : a - b);
const short = (value) => (value === null ? "–" : Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5 || value === 0 ? String(Number(value.toPrecision(4))) : value.toExponential(1));

// How much of the metric's variance the mean over ten stretches of an axis explains: what stands first, before the
// importance proper has been worked out.
function tells(axis) {
  const pairs = axis.values.map((value, at) => [value, sweep.metric[at]]).filter(([value]) => value !== null).sort((a, b) => a[0] - b[0]);
  const mean = (list) => list.reduce((sum, each) => sum + each[1], 0) / list.length;
  const all = mean(pairs), size = Math.max(1, Math.ceil(pairs.length / 10));
  let between = 0;
  for (let at = 0; at < pairs.length; at += size) {
    const some = pairs.slice(at, at + size);
    between += some.length * (mean(some) - all) ** 2;
  }
  return between / (pairs.reduce((sum, each) => sum + (each[1] - all) ** 2, 0) || 1);
}

function scaled(axis) {
  const turn = axis.log ? Math.log10 : (value) => value;
  const known = axis.values.filter((value) => value !== null);
  let low = turn(Math.min(...known)), high = turn(Math.max(...known));
  if (axis.levels?.length) { low = -0.5; high = axis.levels.length - 0.5; }
  if (high === low) { low = turn(axis.low); high = turn(axis.high); }
  // Where few values are shared by many runs, lines get some room, always the same for the same run.
  const few = new Set(known).size <= 12 ? 0.5 / Math.max(2, new Set(known).size) : 0;
  const room = (run) => ((run * 0.618034) % 1 - 0.5) * few;
  const inside = (share) => Math.max(0, Math.min(1, share));
  return { ...axis, low, high, at: axis.values.map((value, run) => (value === null ? null : inside((turn(value) - low) / (high - low) + room(run)))) };
}

function choose() {
  const varying = [...sweep.axes];
  const rank = new Map(order.map((key, at) => [key, at]));
  varying.sort(order.length ? (a, b) => (rank.get(a.key) ?? 999) - (rank.get(b.key) ?? 999) : (a, b) => tells(b) - tells(a));
  const most = Math.max(2, Math.min(AXES, Math.floor(box.clientWidth / 96)));
  axes = [...varying.slice(0, most - 1), { key: sweep.name, values: sweep.metric, levels: [], log: false, low: sweep.low, high: sweep.high }].map(scaled);
}

function passing() {
  return sweep.runs.map((_, run) => run).filter((run) => [...brushes].every(([key, [low, high]]) => {
    const axis = axes.find((each) => each.key === key);
    return !axis || (axis.at[run] !== null && axis.at[run] >= low && axis.at[run] <= high);
  }));
}

function mixed(from, to, share) {
  const parts = (text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
  const [a, b] = [parts(from), parts(to)];
  return a.map((value, at) => Math.round(value + (b[at] - value) * share)).join(",");
}

function drawParallel() {
  const width = box.clientWidth, height = box.clientHeight, sharp = devicePixelRatio || 1;
  canvas.width = width * sharp; canvas.height = height * sharp;
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
  const across = (at) => SIDE + (width - 2 * SIDE) * at / (axes.length - 1);
  const up = (share) => height - BOTTOM - (height - TOP - BOTTOM) * share;
  const kept = passing(), inside = new Set(kept);
  const sorted = sweep.runs.map((_, run) => run).sort((a, b) => better(sweep.metric[b], sweep.metric[a]) || a - b);
  const stroke = (run) => {
    pen.beginPath();
    let down = false;
    axes.forEach((axis, at) => {
      const share = axis.at[run];
      if (share === null) return; // a setting that only some runs have: the line goes on to the next one
      if (down) pen.lineTo(across(at), up(share)); else pen.moveTo(across(at), up(share));
      down = true;
    });
    pen.stroke();
  };
  pen.lineWidth = 1;
  const crowd = colour("--line"), best = colour("--k0"), thin = Math.min(0.8, 60 / Math.max(1, kept.length));
  for (const run of sorted) if (!inside.has(run)) { pen.strokeStyle = `rgba(${mixed(crowd, crowd, 0)},.35)`; stroke(run); }
  const ranked = sorted.filter((run) => inside.has(run));
  ranked.forEach((run, at) => {
    const share = ranked.length > 1 ? at / (ranked.length - 1) : 1;
    pen.lineWidth = share > 0.99 ? 2 : 1;
    pen.strokeStyle = `rgba(${mixed(crowd, best, share ** 2)},${Math.min(1, 0.1 + thin + 0.3 * share ** 6 + 0.6 * share ** 60)})`;
    stroke(run);
  });
  const font = getComputedStyle(document.body).fontFamily;
  axes.forEach((axis, at) => {
    const x = across(at), last = at === axes.length - 1;
    pen.strokeStyle = colour("--soft"); pen.lineWidth = 1;
    pen.beginPath(); pen.moveTo(x, up(0)); pen.lineTo(x, up(1)); pen.stroke();
    const brush = brushes.get(axis.key);
    if (brush) { pen.fillStyle = colour("--accent"); pen.globalAlpha = 0.28; pen.fillRect(x - 6, up(brush[1]), 12, up(brush[0]) - up(brush[1])); pen.globalAlpha = 1; }
    pen.textAlign = at === 0 ? "left" : last ? "right" : "center";
    const edge = at === 0 ? 2 : last ? width - 2 : x;
    pen.fillStyle = colour("--ink"); pen.font = `600 12px ${font}`;
    pen.fillText(axis.key.length > 14 ? `${axis.key.slice(0, 13)}…` : axis.key, edge, 14);
    pen.fillStyle = colour("--soft"); pen.font = `11px ${font}`;
    pen.strokeStyle = colour("--paper"); pen.lineWidth = 3;
    const tried = [...new Set(axis.values.filter((value) => value !== null))];
    const turn = axis.log ? Math.log10 : (value) => value;
    const marks = !axis.levels?.length && !last && tried.length <= FEW ? tried.map((value) => [(turn(value) - axis.low) / (axis.high - axis.low), short(value)]) : axis.levels?.length ? axis.levels.map((level, place) => [(place - axis.low) / (axis.high - axis.low), level])
      : [0, 0.5, 1].map((share) => { const value = axis.low + (axis.high - axis.low) * share; return [share, short(axis.log ? 10 ** value : value)]; });
    pen.textAlign = last ? "right" : "left";
    for (const [share, text] of marks) {
      const y = Math.min(up(share) + 4, height - BOTTOM + 14), left = last ? x - 6 : x + 6;
      pen.strokeText(text.slice(0, 10), left, y); pen.fillText(text.slice(0, 10), left, y);
    }
  });
  const note = panel.querySelector("[data-count]");
  note.textContent = note.dataset.count.replace("{n}", kept.length.toLocaleString("en")).replace("{all}", sweep.of.toLocaleString("en"));
  panel.querySelector(".best").replaceChildren(...ranked.slice(-8).reverse().map((run) => {
    const line = part("li", ""), link = part("a", sweep.runs[run], "id");
    link.href = `/runs/${sweep.runs[run]}`;
    line.append(part("b", sweep.metric[run].toPrecision(4)), link, part("span", axes.slice(0, -1).map((axis) => `${axis.key} ${axis.levels?.length ? axis.levels[axis.values[run]] ?? "–" : short(axis.values[run])}`).join(" · "), "quiet"));
    return line;
  }));
}

function listen() {
  let held = null;
  const place = (event) => {
    const edge = canvas.getBoundingClientRect(), width = box.clientWidth, height = box.clientHeight;
    const at = Math.round((event.clientX - edge.left - SIDE) / (width - 2 * SIDE) * (axes.length - 1));
    const share = (height - BOTTOM - (event.clientY - edge.top)) / (height - TOP - BOTTOM);
    return { axis: axes[Math.max(0, Math.min(axes.length - 1, at))], share: Math.max(0, Math.min(1, share)) };
  };
  canvas.addEventListener("pointerdown", (event) => { held = place(event); canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    const { share } = place(event);
    if (Math.abs(share - held.share) < 0.01) return;
    brushes.set(held.axis.key, [Math.min(share, held.share), Math.max(share, held.share)]);
    drawParallel();
  });
  canvas.addEventListener("pointerup", (event) => {
    if (held && Math.abs(place(event).share - held.share) < 0.01) { brushes.delete(held.axis.key); drawParallel(); }
    held = null;
  });
  canvas.addEventListener("pointercancel", () => { held = null; });
}

// A number of which few values were tried is shown like names: a place for each.
function few(axis) {
  const tried = [...new Set(axis.values.filter((value) => value !== null))].sort((a, b) => a - b);
  if (axis.levels?.length || tried.length > FEW) return axis;
  const place = new Map(tried.map((value, at) => [value, at]));
  return { ...axis, log: false, levels: tried.map(short), values: axis.values.map((value) => (value === null ? null : place.get(value))) };
}

function drawScatter() {
  const figure = document.querySelector(".scatter"), plot = figure.querySelector(".plot");
  const chosen = sweep.axes[Number(figure.querySelector("select").value)], axis = few(chosen);
  const soft = colour("--soft"), line = colour("--line"), levels = axis.levels ?? [];
  const known = sweep.runs.map((_, run) => run).filter((run) => axis.values[run] !== null);
  // Levels get some room, always the same for the same run, so that points do not hide each other.
  const spread = (run) => (levels.length ? ((run * 0.618034) % 1 - 0.5) * 0.5 : 0);
  const sorted = [...known].sort((a, b) => axis.values[a] - axis.values[b]);
  const size = Math.max(1, Math.ceil(sorted.length / 12));
  const groups = levels.length ? levels.map((_, level) => known.filter((run) => axis.values[run] === level)) : Array.from({ length: Math.ceil(sorted.length / size) }, (_, at) => sorted.slice(at * size, (at + 1) * size));
  const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const full = groups.filter((group) => group.length);
  const grid = { gridcolor: line, linecolor: line, zeroline: false, tickfont: { size: 11, color: soft }, automargin: true, exponentformat: "e" };
  plot.querySelector(".waiting")?.remove();
  return Plotly.react(plot, [
    { x: known.map((run) => axis.values[run] + spread(run)), y: known.map((run) => sweep.metric[run]), text: known.map((run) => sweep.runs[run]), type: "scatter", mode: "markers", marker: { color: colour("--k0"), size: 5, opacity: known.length > 500 ? 0.35 : 0.6 }, hovertemplate: "%{text}<br>%{y:.5g}<extra></extra>" },
    { x: full.map((group) => middle(group.map((run) => axis.values[run]))), y: full.map((group) => middle(group.map((run) => sweep.metric[run]))), type: "scatter", mode: levels.length ? "markers" : "lines", line: { color: colour("--k1"), width: 2.4 }, marker: { color: colour("--k1"), size: 26, symbol: "line-ew-open", line: { width: 3 } }, hoverinfo: "skip" },
  ], {
    height: 320, margin: { l: 52, r: 12, t: 6, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
    font: { family: getComputedStyle(document.body).fontFamily, color: soft, size: 12 }, hovermode: "closest",
    xaxis: { ...grid, type: axis.log ? "log" : "linear", title: { text: axis.key }, ...(levels.length ? { tickvals: levels.map((_, at) => at), ticktext: levels } : {}) },
    yaxis: { ...grid, title: { text: sweep.name } },
    hoverlabel: { bgcolor: colour("--paper"), bordercolor: line, font: { color: colour("--ink"), size: 12 } },
  }, { displayModeBar: false, responsive: true });
}

async function takeIn(section) {
  section.querySelector("p").textContent = section.dataset.wait;
  const answer = await fetch(section.dataset.fetch, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#importance");
  if (!fresh) { section.querySelector("p").textContent = answer.statusText; return; }
  const taken = document.importNode(fresh, true), title = taken.querySelector("h1");
  title.replaceWith(part("h2", title.textContent)); // a page has one h1
  section.replaceWith(taken);
  order = fresh.dataset.order?.split("\n") ?? [];
  if (order.length && sweep && !brushes.size) { choose(); drawParallel(); }
}

async function begin() {
  const answer = await fetch(panel.dataset.source, { headers: { Accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) { panel.querySelector("[data-count]").textContent = told.message; return; }
  sweep = {
    runs: told.run_ids, metric: told.metric.values, name: told.metric.name, low: told.metric.low, high: told.metric.high, direction: panel.dataset.direction, of: told.of,
    axes: told.axes.map((axis) => ({ key: axis.name, values: axis.values, levels: axis.levels, log: axis.kind === "log", low: axis.low, high: axis.high })),
  };
  const strongest = sweep.axes.map((axis, at) => [tells(axis), at]).sort((a, b) => b[0] - a[0])[0];
  const select = document.querySelector(".scatter select");
  select.value = String(strongest[1]);
  select.addEventListener("change", drawScatter);
  document.querySelector(".scatter .plot").addEventListener("dblclick", drawScatter);
  choose(); drawParallel(); listen();
  await drawScatter();
  panel.dataset.drawn = "yes";
  new ResizeObserver(() => { choose(); drawParallel(); }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { drawParallel(); drawScatter(); });
}

if (panel) {
  begin();
  takeIn(document.querySelector("#importance[data-fetch]"));
}
