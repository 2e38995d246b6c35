// The view Curves: a chart for each metric, grouped by the first part of its name, the primary metric first.

import { createCard } from "./card.js";
import { fill, h, show, write } from "../base/dom.js";
import { plural } from "../base/format.js";
import { pageInk } from "../base/ink.js";
import { createLegend } from "./legend.js";
import { clockMetric, clockScale, epochScale } from "./positions.js";
import { curvesToolbar } from "./toolbar.js";

/** @typedef {import("../page/page.js").Page} Page */
/** @typedef {import("../page/state.js").State} State */
/** @typedef {import("./card.js").Card} Card */

const DRAWN_AHEAD = "150px"; // charts so far outside of the window are drawn already
const MOST_DRAWN = 200; // runs of a server: it is asked for them by name, and an address has an end
const REST = 60; // ms without a move of the mouse, until when painting all charts anew would hold it up
const NEW_CARDS = ["selected", "metric", "goal", "metricFilter", "combine", "facts"]; // changes of these may bring other charts

/**
 * @param {Page} page
 * @returns {import("../page/page.js").View}
 */
export function curvesView(page) {
  const { report } = page;
  const epochs = page.live || report.epochs.some((/** @type {number[]} */ pairs) => pairs.length); // a server is asked
  const axes = () => ["step", ...(epochs ? ["epoch"] : []), ...(clockMetric(report) < 0 ? [] : ["time"])];
  const toolbar = curvesToolbar(page);
  const legend = createLegend({ onfocus: (run) => pin(run), name: page.name });
  const message = h("p", { class: "curves-message", role: "status", hidden: true });
  const groups = h("div", { class: "curve-groups" });
  const element = h("section", { class: "curves", "aria-label": "Curves" }, toolbar.element, message, legend.element, groups);
  /** @type {Map<string, Card>} by the names of their metrics */
  const cards = new Map();
  /** @type {Map<Element, Card>} */
  const byElement = new Map();
  /** @type {Map<string, boolean>} groups that a person closed or opened */
  const opened = new Map();
  /** @type {import("./card.js").Shared} */
  let shared;
  let arranged = "";

  const seen = new IntersectionObserver(
    (entries) => entries.forEach(({ target, isIntersecting }) => byElement.get(target)?.setVisible(isIntersecting)),
    /** @type {any} */ ({ rootMargin: DRAWN_AHEAD, scrollMargin: DRAWN_AHEAD }),
  );

  let [pinned, pointed] = [/** @type {number | null} */ (null), /** @type {number | null} */ (null)];
  let resting = 0;
  const settle = () => {
    for (const card of cards.values()) card.focus(pointed ?? pinned);
  };
  /** The run under the mouse comes to the front of all charts when the mouse rests. @param {number | null} run */
  const point = (run) => {
    pointed = run;
    clearTimeout(resting);
    resting = setTimeout(settle, REST);
  };
  /** It stays in front until it is chosen again. @param {number} run */
  const pin = (run) => {
    pinned = pinned === run ? null : run;
    legend.mark(pinned);
    settle();
  };

  /** @param {number[]} metrics */
  const cardOf = (metrics) => {
    const key = metrics.join("+");
    let card = cards.get(key);
    if (!card) {
      card = createCard(page, metrics, { shared: () => shared, onfocus: point });
      cards.set(key, card);
      byElement.set(card.element, card);
      seen.observe(card.element);
    }
    return card;
  };

  /** @param {State} state */
  const arrange = (state) => {
    const { sections, message: text } = sectionsOf(page, state, shared.runs);
    write(message, text);
    show(message, text !== "");
    const next = JSON.stringify(sections);
    if (next === arranged) return; // what is pointed at, or has the focus, is left alone
    arranged = next;
    const kept = new Set(sections.flatMap(({ metrics }) => metrics.map((one) => one.join("+"))));
    for (const [key, card] of cards) {
      if (kept.has(key)) continue;
      card.setVisible(false);
      seen.unobserve(card.element);
      byElement.delete(card.element);
      cards.delete(key);
    }
    fill(groups, ...sections.map(({ title, metrics }) => group(title, metrics.map(cardOf), opened)));
    for (const { metrics } of sections) {
      metrics.forEach((one, place) => cardOf(one).element.classList.toggle("primary", place === 0 && metrics.length % 2 === 1 && (metrics === sections[0].metrics)));
    }
  };

  return {
    element,
    update(state, changed) {
      shared = sharedOf(page, state, axes());
      if (changed && ![...changed].some((key) => !IDLE.has(key))) return;
      toolbar.update(state, shared);
      legend.update(page.selected(), page.slot);
      if (!changed || NEW_CARDS.some((key) => changed.has(key))) arrange(state);
      const ours = !changed || [...changed].some((key) => !NOT_OURS.has(key));
      const touched = changed?.has("points") && shared.runs.some((run) => page.touched().points.has(run));
      if (ours || touched) for (const card of cards.values()) card.update(state);
      legend.mark(pinned);
      settle();
    },
  };
}

/** Changes of these alone are nothing to this view. */
const IDLE = new Set(["status"]);

/** Changes of these concern the table or other views. */
const NOT_OURS = new Set(["runs", "points", "status", "view", "filter", "sort", "columns", "group", "theme", "run", "scatter", "media", "log", "hparamFilter"]);

/**
 * @param {Page} page
 * @param {State} state
 * @param {string[]} axes
 * @returns {import("./card.js").Shared}
 */
function sharedOf(page, state, axes) {
  const runs = page.selected().filter((run) => page.report.runs[run].shown).slice(0, page.live ? MOST_DRAWN : Infinity);
  const axis = axes.includes(state.x) ? state.x : "step";
  const ink = pageInk();
  const style = (/** @type {number} */ run) => page.slot(run) ?? { color: ink.text, dash: [] };
  /** @type {ReturnType<typeof scalesOf> | undefined} */
  let scales;
  return { state, runs, axis, axes, style, name: page.name, ink, scales: () => (scales ??= scalesOf(page, axis, runs)) };
}

/**
 * Where along x the steps of each run stand.
 * @param {Page} page
 * @param {string} axis
 * @param {number[]} runs
 * @returns {Promise<Map<number, import("./positions.js").Scale | null> | undefined>}
 */
async function scalesOf({ report, data }, axis, runs) {
  if (axis === "step") return undefined;
  if (axis === "epoch") {
    const epochs = await data.epochs(runs);
    return new Map(runs.map((run) => [run, epochScale(epochs.get(run) ?? [])]));
  }
  const clock = await data.curves(clockMetric(report), runs);
  const known = new Map(clock.runs.map((/** @type {any} */ { run, mean }) => [run, clockScale(clock.x, mean)]));
  return new Map(runs.map((run) => [run, known.get(run) ?? null]));
}

/**
 * The charts to show, in their order, and what to say about those that are not there.
 * @param {Page} page
 * @param {State} state
 * @param {number[]} runs
 * @returns {{sections: {title: string, metrics: number[][]}[], message: string}}
 */
function sectionsOf(page, state, runs) {
  const { report } = page;
  const absent = page.selected().length - runs.length;
  const beyond = page.live ? `beyond the first ${MOST_DRAWN} not drawn` : "without curves in this page";
  const left = absent ? `${plural(absent, "selected run")} ${beyond}. ` : "";
  if (!report.metrics.length) return { sections: [], message: "No metrics were logged." };
  if (!runs.length) return { sections: [], message: `${left}Select runs in the table to see their curves.` };
  const wanted = matcher(state.metricFilter);
  const chosen = new Set(runs);
  const all = report.metrics.map((/** @type {any} */ metric, /** @type {number} */ place) => ({ ...metric, place }));
  const told = (/** @type {string} */ name) => page.live && runs.some((run) => Object.hasOwn(report.runs[run].summary, name));
  all.sort((/** @type {any} */ a, /** @type {any} */ b) => (a.group === b.group ? (a.name < b.name ? -1 : 1) : a.group < b.group ? -1 : 1));
  const had = all.filter((/** @type {any} */ { of, name }) => told(name) || of.some((/** @type {any} */ { run }) => chosen.has(run)));
  const shown = had.filter((/** @type {any} */ metric) => wanted(metric.name));
  const primary = shown.find((/** @type {any} */ metric) => metric.name === state.metric);
  /** @type {Map<string, number[][]>} */
  const groups = new Map(primary ? [[primary.group, [[primary.place]]]] : []);
  for (const { group: key, place } of shown) {
    if (place !== primary?.place) groups.set(key, [...(groups.get(key) ?? []), [place]]);
  }
  const combined = state.combine.map((metric) => page.metricIndex(metric)).filter((place) => place !== undefined);
  const sections = gathered([...groups].map(([title, metrics]) => ({ title, metrics })));
  if (combined.length > 1) sections.unshift({ title: "combined", metrics: [combined] });
  const others = all.length - had.length;
  const message = [
    left,
    shown.length ? "" : "No metric matches. ",
    others ? `${plural(others, "metric")} ${others === 1 ? "is" : "are"} in other runs only.` : "",
  ].join("");
  return { sections, message };
}

/**
 * *sections* with those of one chart in one, but for the first: they would fill the screen with what is beside them.
 * Metrics without a prefix come last.
 * @param {{title: string, metrics: number[][]}[]} sections
 */
function gathered([first, ...others]) {
  if (!first) return [];
  const single = others.filter(({ title, metrics }) => title && metrics.length === 1);
  const several = others.filter(({ title, metrics }) => title && (metrics.length > 1 || single.length === 1));
  const gathering = single.length > 1 ? [{ title: "others", metrics: single.flatMap(({ metrics }) => metrics) }] : [];
  return [first, ...several, ...gathering, ...others.filter(({ title }) => !title)];
}

/** @param {string} filter a regular expression; a wrong one lets everything through, the toolbar says what is wrong */
function matcher(filter) {
  try {
    const wanted = new RegExp(filter, "i");
    return (/** @type {string} */ metric) => wanted.test(metric);
  } catch {
    return () => true;
  }
}

/** @param {string} title @param {Card[]} cards @param {Map<string, boolean>} opened */
function group(title, cards, opened) {
  const shown = title || "without a prefix";
  return h(
    "details",
    {
      class: "curve-group",
      open: opened.get(title) ?? true,
      ontoggle: (/** @type {any} */ event) => opened.set(title, event.target.open),
    },
    h("summary", null, h("h3", null, shown, " ", h("small", null, String(cards.length)))),
    h("div", { class: "curve-cards" }, ...cards.map(({ element }) => element)),
  );
}
