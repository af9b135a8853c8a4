// Draws charts with uPlot from the table that stands beside each: a line of numbers under the pointer, and on the
// timeline of a search a brush that narrows it. Without scripts the SVG of the page stays, and the table's links narrow.
"use strict";

const DAY_S = 86400;
const HEIGHT = 150;

function moment(day) {
  return Date.parse(`${day}T00:00:00Z`) / 1000;
}

function dayName(stamp) {
  return new Date(stamp * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "2-digit", timeZone: "UTC" });
}

function rowsOf(figure) {
  return [...figure.querySelectorAll("tbody tr")].map((row) => row.dataset);
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function narrow(figure, rows, plot) {
  const { left, width } = plot.select;
  if (width < 4) return;
  const from = plot.posToIdx(left);
  const to = plot.posToIdx(left + width);
  const base = new URL(figure.dataset.brush, location.href);
  base.searchParams.set("since", rows[from].first);
  base.searchParams.set("until", rows[to].last);
  location.assign(base);
}

function gaps(rows) {
  return (plot) => {
    const { ctx } = plot;
    ctx.save();
    ctx.fillStyle = colour("--gap");
    for (const row of rows) {
      if (!row.gap) continue;
      const x = plot.valToPos(moment(row.first), "x", true);
      const end = plot.valToPos(moment(row.last) + DAY_S, "x", true);
      ctx.fillRect(x, plot.bbox.top, end - x, plot.bbox.height);
    }
    ctx.restore();
  };
}

function options(figure, rows, width) {
  const isShare = figure.dataset.chart === "share";
  const said = (value) => (value == null ? "–" : isShare ? `${value.toFixed(1)} %` : value.toLocaleString("en"));
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { show: false } };
  const hooks = { drawClear: [gaps(rows)] };
  if (figure.dataset.brush) hooks.setSelect = [(plot) => narrow(figure, rows, plot)];
  return {
    width,
    height: HEIGHT,
    padding: [null, 34, null, null], // the last day under the axis is whole
    legend: { live: true },
    tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), "Etc/UTC"),
    cursor: { drag: { x: Boolean(figure.dataset.brush), y: false, setScale: false } },
    scales: { x: { range: () => [moment(rows[0].first), moment(rows.at(-1).last) + DAY_S] }, y: { range: (_, low, high) => [0, Math.max(high * 1.05, isShare ? 1 : 4)] } },
    axes: [{ ...axis, space: 70, size: 26, values: (_, values) => values.map(dayName) }, { ...axis, size: 46, values: (_, values) => values.map((value) => (isShare ? `${value} %` : Number.isInteger(value) ? value : "")) }],
    series: [
      { label: "Day", value: (_, __, ___, index) => (index == null ? "–" : rows[index].first === rows[index].last ? rows[index].first : `${rows[index].first} to ${rows[index].last}`) },
      {
        label: isShare ? "Share" : "Stories",
        stroke: colour("--bar"),
        fill: colour("--bar"),
        paths: uPlot.paths.bars({ size: [0.82, 60], align: 1 }),
        points: { show: false },
        value: (_, value) => said(value),
      },
    ],
    hooks,
  };
}

function draw(figure) {
  const plot = figure.querySelector(".plot");
  const rows = rowsOf(figure);
  if (rows.length < 2 || plot.classList.contains("drawn") || typeof uPlot === "undefined") return;
  const value = (row) => (figure.dataset.chart === "share" ? (Number(row.whole) ? (100 * row.count) / row.whole : null) : Number(row.count));
  const data = [rows.map((row) => moment(row.first)), rows.map(value)];
  plot.classList.add("drawn");
  const drawn = new uPlot(options(figure, rows, plot.clientWidth), data, plot);
  new ResizeObserver(() => drawn.setSize({ width: plot.clientWidth, height: HEIGHT })).observe(plot);
}

function drawAll() {
  for (const figure of document.querySelectorAll("figure[data-chart]")) draw(figure);
}

document.addEventListener("DOMContentLoaded", drawAll);
document.addEventListener("htmx:afterSettle", drawAll);
document.addEventListener("htmx:historyRestore", drawAll);
