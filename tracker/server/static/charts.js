// Draws every figure of class "chart" with plotly, in the page's own colours: a line, and, where a pixel has to stand
// for many points, the exact band between the least and the greatest of them. Smoothing never touches the band.
"use strict";

const BUCKETS = 600;
const QUIET = { displayModeBar: false, responsive: true, doubleClick: "reset" };
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const tools = document.querySelector("form.tools");
const wished = new URLSearchParams(location.search);

function wish() {
  return {
    smooth: tools ? Number(tools.elements.smooth.value) : 0,
    time: tools?.elements.x.value === "time",
    log: Boolean(tools?.elements.log.checked),
  };
}

async function curve(run, metric, range) {
  const query = new URLSearchParams({ metric, buckets: BUCKETS });
  if (range) { query.set("from", Math.floor(range[0])); query.set("to", Math.ceil(range[1])); }
  const answer = await fetch(`/runs/${encodeURIComponent(run)}/curve?${query}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error((await answer.json()).message);
  return answer.json();
}

// An exponential mean that starts without a bias; a gap stays one, and what comes behind it begins anew.
function smoothed(values, weight) {
  let sum = 0, mass = 0;
  return values.map((value) => {
    if (value === null) { sum = mass = 0; return null; }
    sum = sum * weight + value * (1 - weight);
    mass = mass * weight + (1 - weight);
    return sum / mass;
  });
}

function layout(figure) {
  const soft = colour("--soft"), line = colour("--line"), { time, log } = wish();
  const axis = { gridcolor: line, linecolor: line, zeroline: false, tickfont: { size: 11, color: soft }, automargin: true, exponentformat: "e" };
  return {
    height: 240, margin: { l: 46, r: 10, t: 6, b: 30 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, color: soft, size: 12 }, showlegend: false,
    xaxis: { ...axis, showgrid: false, nticks: 6, ...(time ? { ticksuffix: " s" } : {}), ...(figure.range ? { range: figure.range } : {}) },
    yaxis: { ...axis, nticks: 6, type: log ? "log" : "linear" }, uirevision: "kept", hovermode: "x unified",
    hoverlabel: { bgcolor: colour("--paper"), bordercolor: line, font: { color: colour("--ink"), size: 12 } },
  };
}

function traces(figure) {
  const { smooth, time } = wish(), several = figure.curves.length > 1;
  return figure.curves.flatMap(({ run, data }, place) => {
    if (!data) return [];
    const ink = colour(`--k${place % 8}`), x = time ? data.seconds : data.steps, name = several ? run : figure.dataset.metric;
    const mean = smooth ? smoothed(data.mean, smooth) : data.mean;
    const edge = { x, mode: "lines", line: { width: 0, color: ink }, hoverinfo: "skip", type: "scatter" };
    const made = [];
    if (!data.whole) made.push({ ...edge, y: data.low }, { ...edge, y: data.high, fill: "tonexty", fillcolor: `${ink}38` });
    else if (smooth && x.length > 1) made.push({ ...edge, y: data.mean, line: { width: 1, color: `${ink}55` } });
    made.push({
      x, y: mean, name, type: "scatter", mode: x.length < 2 ? "markers" : "lines", marker: { color: ink, size: 7 },
      line: { color: ink, width: 1.8 }, customdata: data.low.map((low, at) => [low, data.high[at]]),
      hovertemplate: data.whole ? "%{y:.5g}" : "%{y:.5g}  (%{customdata[0]:.4g} … %{customdata[1]:.4g})",
    });
    return made;
  });
}

async function load(figure) {
  // Colours follow the run's place in the table: the place of a run without this metric is empty.
  const runs = figure.dataset.runs.split(",");
  figure.curves = await Promise.all(runs.map(async (run) => (
    { run, data: run ? await curve(run, figure.dataset.metric, wish().time ? null : figure.range) : null }
  )));
}

function paint(figure) {
  figure.dataset.shown = figure.curves.reduce((sum, { data }) => sum + (data ? data.steps.length : 0), 0);
  return Plotly.react(figure.querySelector(".plot"), traces(figure), layout(figure), QUIET);
}

function fail(figure, error) {
  const note = document.createElement("p");
  note.className = "waiting";
  note.textContent = error.message;
  figure.querySelector(".plot").replaceChildren(note);
  figure.dataset.drawn = "failed";
}

// What is looked into is asked for again, so that a million points are all there to be found.
function zoom(figure, change) {
  const range = "xaxis.range[0]" in change ? [change["xaxis.range[0]"], change["xaxis.range[1]"]] : null;
  if (!range && !("xaxis.autorange" in change)) return;
  figure.range = range;
  clearTimeout(figure.waiting);
  if (wish().time || figure.curves.every(({ data }) => !data || (data.whole && !figure.cut))) return;
  figure.cut = Boolean(range);
  figure.waiting = setTimeout(() => draw(figure), 150);
}

async function draw(figure) {
  const plot = figure.querySelector(".plot");
  try {
    await load(figure);
    plot.querySelector(".waiting")?.remove();
    await paint(figure);
    if (!figure.dataset.drawn) plot.on("plotly_relayout", (change) => zoom(figure, change));
    figure.dataset.drawn = "yes";
  } catch (error) {
    fail(figure, error);
  }
}

if (tools) {
  const { smooth, x, log } = tools.elements;
  smooth.value = wished.get("smooth") ?? smooth.value;
  x.value = wished.get("x") === "time" ? "time" : "step";
  log.checked = wished.get("log") === "1";
  tools.hidden = false;
  tools.addEventListener("submit", (event) => event.preventDefault());
  let shown = x.value;
  tools.addEventListener("input", () => {
    const kept = new URLSearchParams(location.search);
    for (const [name, value] of [["smooth", Number(smooth.value) ? smooth.value : ""], ["x", x.value === "time" ? "time" : ""], ["log", log.checked ? "1" : ""]]) {
      if (value) kept.set(name, value); else kept.delete(name);
    }
    history.replaceState(null, "", `${location.pathname}${kept.size ? `?${kept}` : ""}`);
    tools.querySelector("output").textContent = Number(smooth.value).toFixed(2);
    for (const figure of drawn()) {
      if (x.value !== shown) figure.range = null;
      if (figure.curves) paint(figure);
    }
    shown = x.value;
  });
  tools.querySelector("output").textContent = Number(smooth.value).toFixed(2);
}

const figures = [...document.querySelectorAll("figure.chart")];
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
  }
}, { rootMargin: "300px" });
for (const figure of figures) seen.observe(figure);

const drawn = () => figures.filter((figure) => figure.dataset.drawn);
document.addEventListener("runcite:grown", () => drawn().forEach(draw));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const figure of drawn()) if (figure.curves) paint(figure);
});
