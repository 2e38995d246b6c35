// One chart of the view Curves with all that belongs to it: title, notes, values of the runs, files to take away.

import { createChart } from "./chart.js";
import { csvText, download, pointRows } from "../base/csv.js";
import { fill, h, show, write } from "../base/dom.js";
import { extent, linesOf, roomy } from "./lines.js";
import { drawnNotes, placeText, pointsNote } from "./notes.js";
import { picture } from "./png.js";
import { pointsTable } from "./points.js";
import { bestSummary, valuesTable } from "./values.js";
import { withZoom, zoomOf } from "./zoom.js";

/** @typedef {import("./lines.js").Line} Line */
/** @typedef {[number, number]} Range */

/**
 * What all cards of the view share at the moment.
 * @typedef {object} Shared
 * @property {import("../page/state.js").State} state
 * @property {number[]} runs selected ones whose curves are in the page, in the order of their slots
 * @property {string} axis step, epoch or time
 * @property {string[]} axes what it can be
 * @property {() => Promise<Map<number, import("./positions.js").Scale | null> | undefined>} scales where steps stand; undefined: at themselves
 * @property {(run: number) => {color: string, dash: number[]}} style
 * @property {(run: number) => string} name
 * @property {import("../base/ink.js").PageInk} ink
 */

const FEW = 3; // lines whose bands can be told apart
const DASHES_BY_METRIC = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

/**
 * @param {import("../page/page.js").Page} page
 * @param {number[]} metrics indices in report.metrics; more than one: they are combined
 * @param {{shared: () => Shared, onfocus: (run: number | null) => void}} view
 */
export function createCard(page, metrics, view) {
  const entries = metrics.map((metric) => page.report.metrics[metric]);
  const title = entries.map(({ name }) => name).join(" + ");
  const zoomName = metrics.length > 1 ? "" : title;
  const parts = cardParts(title, metrics.length > 1);
  const { element, host, note, values, summary, table, trouble } = parts;
  /** @type {import("./chart.js").Chart | null} */
  let chart = null;
  let version = 0;
  let inView = false;
  let close = ""; // the part along x that is drawn closely
  let size = { width: 0, height: 0 };

  const onzoom = (/** @type {{x?: Range | null, y?: Range | null}} */ change) => {
    const { state } = view.shared();
    const full = chart?.model() && extent(chart.model()?.lines ?? []).x;
    const all = change.x && full && change.x[0] <= full[0] && change.x[1] >= full[1];
    page.store.set({ zoom: withZoom(state.zoom, zoomName, all ? { ...change, x: null } : change) });
  };

  async function draw() {
    const mine = ++version;
    const shared = view.shared();
    try {
      const [scales, ...curves] = await Promise.all([
        shared.scales(),
        ...metrics.map((metric) => page.data.curves(metric, shared.runs)),
      ]);
      if (mine !== version || !inView) return;
      const part = closerPart(shared, curves);
      if (!part || part.join() !== close) drawCurves(shared, curves, scales);
      close = "";
      if (!part) return;
      const closer = await Promise.all(metrics.map((metric) => page.data.finer(metric, shared.runs, part)));
      if (mine !== version || !inView) return;
      drawCurves(shared, closer, scales);
      close = part.join();
    } catch (error) {
      if (mine === version) write(trouble, `These curves cannot be read: ${error instanceof Error ? error.message : error}`);
    }
    show(trouble, trouble.textContent !== "");
  }

  /** @param {Shared} shared @param {import("../page/data.js").Curves[]} curves @param {any} scales */
  function drawCurves(shared, curves, scales) {
    const found = curves.map((one, place) => linesOf(one, settingsOf(shared, metrics[place], scales)));
    chart ??= createChart(host, size, { onfocus: view.onfocus, onzoom, say: page.say });
    const model = modelOf(found.flatMap(({ lines }) => lines), curves[0], shared);
    chart.draw(model);
    describe(shared, model, found, curves);
    write(trouble, "");
  }

  /** The part along x of which a server has more than *curves* tell; null: they tell all. @param {Shared} shared @param {import("../page/data.js").Curves[]} curves */
  function closerPart({ state, axis }, curves) {
    const { x } = zoomOf(state.zoom, zoomName);
    const steps = axis === "step" && entries.every((entry) => entry.axis === "step");
    if (!page.live || !x || !steps || curves.every(({ exact }) => exact)) return null;
    const room = (x[1] - x[0]) / 2; // on both sides: what is smoothed begins before it is seen
    return /** @type {Range} */ ([x[0] - room, x[1] + room]);
  }

  /** @param {Shared} shared @param {number} metric @param {any} scales @returns {import("./lines.js").Settings} */
  function settingsOf({ state, axis }, metric, scales) {
    const { logx, logy, smooth } = state;
    const own = page.report.metrics[metric].axis !== "step"; // its x is an epoch already
    const attempts = (/** @type {number} */ run) => (own ? [] : page.report.runs[run].attempts);
    return { metric, logx, logy, smooth, attempts, ...(own || axis === "step" ? {} : { scales }) };
  }

  /** @param {Line[]} lines @param {import("../page/data.js").Curves} curves @param {Shared} shared @returns {import("./chart.js").Model} */
  function modelOf(lines, curves, shared) {
    const { state, style, name, ink } = shared;
    const { logx, logy, smooth } = state;
    const axis = entries[0].axis === "step" ? shared.axis : entries[0].axis;
    const zoom = zoomOf(state.zoom, zoomName);
    const usable = (/** @type {Range | null} */ range, /** @type {boolean} */ log) => (range && (!log || range[0] > 0) ? range : null);
    const within = usable(zoom.x, logx);
    const bands = lines.length <= FEW;
    const reach = extent(lines, { within, bands, logx, logy });
    const { start, width } = axis === "step" && !curves.exact && metrics.length === 1 ? curves : { start: null, width: 0 };
    return {
      lines, logx, logy, axis, bands, ink,
      ranges: { x: within ?? alongX(reach.x, logx), y: usable(zoom.y, logy) ?? roomy(reach.y, logy, { floor: true }) },
      smooth: smooth > 0,
      goal: page.goalOf(entries[0].name),
      style: ({ run, metric }) => (metrics.length > 1 ? { ...style(run), dash: DASHES_BY_METRIC[metrics.indexOf(metric) % 4] } : style(run)),
      name: ({ run, metric }) => (metrics.length > 1 ? `${name(run)} ${page.report.metrics[metric].name}` : name(run)),
      place: (x) => placeText(x, axis, start && { from: x - width / 2, width }),
    }; // prettier-ignore
  }

  /** @param {Shared} shared @param {import("./chart.js").Model} model @param {ReturnType<typeof linesOf>[]} found @param {import("../page/data.js").Curves[]} curves */
  function describe({ state, runs, name, style }, model, found, curves) {
    const notes = drawnNotes({
      band: model.bands && model.lines.some(({ min }) => min !== null),
      smooth: state.smooth,
      unplaced: new Set(found.flatMap(({ unplaced }) => unplaced)).size,
      hidden: found.reduce((sum, { hidden }) => sum + hidden, 0),
      requeues: model.lines.some((line) => line.requeues.some((at) => at >= model.ranges.x[0] && at <= model.ranges.x[1])),
      nonfinite: new Set(model.lines.filter(({ crosses }) => crosses.length).map(({ run }) => run)).size,
      x: model.axis,
      zoomed: state.zoom.length > 0 && Object.values(zoomOf(state.zoom, zoomName)).some(Boolean),
    });
    const told = entries.map((entry, place) => pointsNote(drawnOf(entry, curves[place], model.ranges.x), runs));
    write(note, [...told, ...notes].join(" · "));
    const { x, y } = model.ranges;
    host.setAttribute(
      "aria-label",
      `${title} of ${runs.length} runs, ${placeText(x[0], model.axis)} to ${placeText(x[1], model.axis)}, ` +
        `values ${y[0].toPrecision(3)} to ${y[1].toPrecision(3)}. Arrow keys read the values.`,
    );
    fill(summary, ...bestSummary(entries, runs, { goal: page.goalOf, name, style }));
    if (values.open) fillValues();
    if (!table.hidden) fill(table, pointsTable(model, title));
  }

  function fillValues() {
    const { runs, name } = view.shared();
    const style = (/** @type {number} */ run, /** @type {number} */ place) => ({ ...view.shared().style(run), ...(metrics.length > 1 && { dash: DASHES_BY_METRIC[place % 4] }) });
    fill(parts.ends, valuesTable(entries, runs, { goal: page.goalOf, name, style }));
  }

  values.addEventListener("toggle", () => values.open && fillValues());
  parts.on("combine", () => {
    const { combine } = page.store.get();
    page.store.set({ combine: combine.includes(title) ? combine.filter((name) => name !== title) : [...combine, title] });
  });
  parts.on("clear", () => page.store.set({ combine: [] }));
  parts.on("larger", () => {
    const large = element.classList.toggle("large");
    parts.button("larger").setAttribute("aria-pressed", String(large));
  });
  parts.on("csv", () => {
    const model = chart?.model();
    if (!model) return;
    const run = (/** @type {Line} */ line) => page.report.runs[line.run].run_id;
    const metric = (/** @type {Line} */ line) => page.report.metrics[line.metric].name;
    const rows = pointRows(model.lines, { axis: model.axis, smooth: model.smooth, run, metric });
    download(new Blob([csvText(rows)], { type: "text/csv" }), `${page.report.title}-${title}.csv`);
  });
  parts.on("png", async () => {
    const [model, canvas] = [chart?.model(), chart?.canvas()];
    if (!model || !canvas) return;
    const seen = model.lines.map((line) => ({ ...model.style(line), name: model.name(line) }));
    const caption = { title, note: note.textContent ?? "", axis: model.axis, entries: seen, ink: model.ink };
    download(await picture(canvas, devicePixelRatio, caption), `${page.report.title}-${title}.png`);
  });
  parts.on("table", () => {
    const model = chart?.model();
    show(table, table.hidden);
    parts.button("table").setAttribute("aria-expanded", String(!table.hidden));
    fill(table, !table.hidden && model ? pointsTable(model, title) : null);
  });

  return {
    element,
    metrics,
    /** Draws what is in view, lets go of what is not. @param {boolean} visible */
    setVisible(visible) {
      if (visible === inView) return;
      inView = visible;
      size = { width: host.clientWidth, height: host.clientHeight }; // all are asked before any is drawn
      if (visible) draw();
      else {
        version += 1;
        chart?.destroy();
        chart = null;
        close = "";
      }
    },
    /** After a change of the state. @param {import("../page/state.js").State} state */
    update({ combine }) {
      parts.button("combine")?.setAttribute("aria-pressed", String(combine.includes(title)));
      if (inView) draw();
    },
    /** @param {number | null} run */
    focus: (run) => chart?.focus(run),
  };
}

/** @typedef {ReturnType<typeof createCard>} Card */

/** What *metric* is as it is drawn: of a part that is looked at closely other buckets. @param {any} metric @param {import("../page/data.js").Curves} curves @param {Range} range */
function drawnOf(metric, { exact, width, x }, range) {
  if (exact === metric.exact && width === metric.width) return metric;
  const buckets = x.filter((one) => one >= range[0] && one <= range[1]).length;
  return { ...metric, exact, width, buckets };
}

/** From where to where a chart reaches: a little more than its lines. @param {Range | null} range @param {boolean} log @returns {Range} */
function alongX(range, log) {
  if (!range) return log ? [1, 10] : [0, 1];
  const [low, high] = range;
  if (low === high) return log ? [low / 2, high * 2] : [low - 1, high + 1];
  const share = 0.012;
  return log ? [low / (high / low) ** share, high * (high / low) ** share] : [low - (high - low) * share, high + (high - low) * share];
}

/** @param {string} title @param {boolean} combined */
function cardParts(title, combined) {
  const button = (/** @type {string} */ act, /** @type {string} */ text, /** @type {any} */ props) => h("button", { type: "button", class: "slight", "data-act": act, ...props }, text);
  const host = h("div", { class: "curve-plot", role: "application", "aria-roledescription": "chart", tabindex: 0, "aria-label": title });
  const note = h("p", { class: "curve-note" });
  const trouble = h("p", { class: "problem", hidden: true });
  const summary = h("summary", null, "best and last"); // until it is drawn
  const ends = h("div", { class: "curve-ends", tabindex: 0, role: "region", "aria-label": `last and best of ${title}` });
  const values = h("details", { class: "curve-values" }, summary, ends);
  const table = h("div", { class: "curve-points", tabindex: 0, role: "region", "aria-label": `points of ${title}`, hidden: true });
  const element = h(
    "article",
    { class: "curve-card", "aria-label": title },
    h("header", null,
      h("h4", { title }, title),
      combined
        ? button("clear", "separate", { title: "Draw each metric in its own chart again" })
        : button("combine", "combine", { "aria-pressed": "false", title: `Draw ${title} into one chart with other metrics` }),
      button("larger", "⤢", { "aria-pressed": "false", "aria-label": `larger chart of ${title}`, title: "Larger" }),
    ),
    note, trouble, host,
    h("footer", null, values,
      h("span", { class: "curve-files" },
        button("csv", "CSV", { "aria-label": `CSV of ${title}`, title: "The points of this chart as a file" }),
        button("png", "PNG", { "aria-label": `PNG of ${title}`, title: "This chart with its legend as a picture" }),
        button("table", "table", { "aria-label": `table of ${title}`, "aria-expanded": "false", title: "The points of this chart as a table" }),
      ),
    ),
    table,
  ); // prettier-ignore
  const found = (/** @type {string} */ act) => element.querySelector(`[data-act="${act}"]`);
  return {
    element, host, note, trouble, summary, values, ends, table,
    button: found,
    on: (/** @type {string} */ act, /** @type {() => void} */ does) => found(act)?.addEventListener("click", does),
  }; // prettier-ignore
}
