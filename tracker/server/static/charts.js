// Draws every figure of class "chart" from the API's histories, with plotly, in the page's own colours.
"use strict";

const POINTS = 1200;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

async function history(run, metric) {
  const query = new URLSearchParams({ metric, points: POINTS });
  const answer = await fetch(`/api/v1/runs/${encodeURIComponent(run)}/history?${query}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error((await answer.json()).message);
  return answer.json();
}

function layout() {
  const soft = colour("--soft"), line = colour("--line");
  const axis = { gridcolor: line, linecolor: line, zeroline: false, tickfont: { size: 11, color: soft }, fixedrange: false };
  return {
    height: 250, margin: { l: 48, r: 12, t: 8, b: 34 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, color: soft, size: 12 }, showlegend: false,
    xaxis: { ...axis, showgrid: false, nticks: 6 }, yaxis: { ...axis, nticks: 6 },
    hovermode: "x unified", hoverlabel: { bgcolor: colour("--paper"), bordercolor: line, font: { color: colour("--ink"), size: 12 } },
  };
}

function traces(figure) {
  return figure.histories.map(({ run, data }, place) => ({
    visible: data.steps.length > 0,
    x: data.steps, y: data.values, name: figure.histories.length > 1 ? run : figure.dataset.metric, type: "scatter",
    mode: data.steps.length < 2 ? "markers" : "lines", line: { color: colour(`--k${place % 8}`), width: data.steps.length > 300 ? 1.4 : 2 },
    marker: { color: colour(`--k${place % 8}`), size: 7 }, hovertemplate: "%{y:.5g}", connectgaps: false,
  }));
}

async function draw(figure) {
  const plot = figure.querySelector(".plot");
  try {
    const runs = figure.dataset.runs.split(",");
    // Colours follow the run's place in the table: the place of a run without this metric is empty.
    figure.histories = await Promise.all(runs.map(async (run) => (
      { run, data: run ? await history(run, figure.dataset.metric) : { steps: [], values: [] } }
    )));
    plot.querySelector(".waiting")?.remove();
    await Plotly.react(plot, traces(figure), layout(), { displayModeBar: false, responsive: true });
    figure.dataset.drawn = "yes";
  } catch (error) {
    plot.textContent = "";
    const note = document.createElement("p");
    note.className = "waiting";
    note.textContent = error.message;
    plot.append(note);
    figure.dataset.drawn = "failed";
  }
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
  for (const figure of drawn()) {
    if (figure.histories) Plotly.react(figure.querySelector(".plot"), traces(figure), layout(), { displayModeBar: false, responsive: true });
  }
});
