// The head of the page: is anything dead or stuck, which run is best, how old is all this.

import { fill, h, show, write } from "../base/dom.js";
import { STATE_CONDITIONS, facetsOf, stateCondition } from "../filter/facets.js";
import { ago, measure, plural, printable, when } from "../base/format.js";
import { livenessOf } from "../live/liveness.js";
import { savedViews } from "./savedviews.js";
import { stateCounts, stateMark } from "./states.js";

const OLD = 2 * 86400; // s: data of this age is marked

/**
 * @param {import("./page.js").Page} page
 * @param {() => void} help
 * @returns {import("./page.js").View & {openViews(): void}}
 */
export function headerView(page, help) {
  const { report, store } = page;
  const counts = countsOf(page);
  const best = bestRun(page);
  const next = () => store.set({ theme: nextTheme(store.get().theme) });
  const theme = h("button", { type: "button", class: "icon", onclick: next });
  const views = savedViews(page);
  const age = page.live ? livenessOf(page.live) : ageOf(page);
  const element = h(
    "header",
    { class: "head" },
    h("h1", null, printable(report.title)),
    counts.element,
    best.element,
    h(
      "div",
      { class: "aside" },
      age.element,
      views.element,
      theme,
      h(
        "button",
        { type: "button", class: "icon", "aria-label": "Keys and help", title: "keys and help (?)", onclick: help },
        "?",
      ),
    ),
  );
  return {
    element,
    openViews: views.open,
    update(state, changed) {
      counts.update();
      age.update(changed);
      if (!changed || changed.has("theme")) {
        write(theme, { light: "○", dark: "●" }[state.theme] ?? "◐");
        theme.setAttribute("aria-label", `Theme: ${state.theme}`);
        theme.title = `theme: ${state.theme === "auto" ? "as the system has it" : state.theme} (t)`;
      }
      if (!changed || ["metric", "goal", "archived", "runs", "facts"].some((key) => changed.has(key))) best.update(state);
    },
  };
}

/** How many runs are in each state; a click shows only these. @param {import("./page.js").Page} page */
function countsOf(page) {
  const { report, order } = page;
  const facets = facetsOf(page);
  const element = h("div", { class: "counts", role: "group", "aria-label": "Runs by state" });
  /** @type {Map<string, HTMLElement>} by state */
  const buttons = new Map();
  const buttonOf = (/** @type {string} */ state) => {
    const toggle = () => facets.toggle(stateCondition(state), STATE_CONDITIONS);
    const button = h("button", { type: "button", onclick: toggle, title: `show only runs that are ${state || "without a state"}` });
    buttons.set(state, button);
    return button;
  };
  return {
    element,
    update() {
      const { archived } = page.store.get();
      const rows = order().map((run) => report.runs[run]);
      const counts = stateCounts(archived ? rows : rows.filter((row) => !row.archived));
      const shown = counts.map(([state]) => buttons.get(state) ?? buttonOf(state));
      if (shown.length !== element.children.length || shown.some((button, place) => button !== element.children[place])) fill(element, ...shown);
      const told = counts.map(([state, count]) => `${count.toLocaleString("en")} ${state || "without a state"}`);
      if (page.live) document.title = `${printable(report.title)} · ${told.join(", ") || "no runs"}`; // as an exported one's
      counts.forEach(([state, count], place) => {
        const number = count.toLocaleString("en");
        if (!shown[place].textContent?.includes(` ${number} `)) fill(shown[place], stateMark(state, number));
        shown[place].setAttribute("aria-pressed", String(facets.has(stateCondition(state))));
      });
    },
  };
}

const THEMES = ["auto", "light", "dark"];

/** @param {string} theme */
export function nextTheme(theme) {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
}

/** The primary metric, which way is better, and who leads. @param {import("./page.js").Page} page */
function bestRun(page) {
  const { report, store } = page;
  const option = (/** @type {any} */ metric) => h("option", { value: metric.name }, printable(metric.name));
  const metric = h(
    "select",
    {
      "aria-label": "Primary metric",
      title: "what runs are judged by",
      onchange: () => store.set({ metric: metric.value, goal: "" }),
    },
  );
  const goal = h("button", {
    type: "button",
    class: "goal",
    onclick: () => store.set({ goal: page.goal() === "min" ? "max" : "min" }),
  });
  const value = h("b");
  const open = () => run.value && store.set({ view: "run", run: run.value });
  const run = h("button", { type: "button", class: "plain link", title: "details of this run", onclick: open });
  const words = h("span", { class: "quiet" }, "best run");
  const element = h("div", { class: "best" }, h("span", { class: "who" }, words, run), goal, metric, value);
  return {
    element,
    update(/** @type {any} */ state) {
      show(element, report.metrics.length > 0);
      for (let place = metric.options.length; place < report.metrics.length; place += 1) metric.append(option(report.metrics[place]));
      const first = page.ranking().find((run) => state.archived || !report.runs[run].archived);
      const found = first === undefined ? null : page.score(first);
      const score = found && (found.best ?? found.last) !== null ? found : null;
      const place = score ? first : undefined;
      if (![...metric.options].some(({ value: name }) => name === state.metric))
        metric.append(option({ name: state.metric }));
      metric.value = state.metric;
      write(goal, page.goal() === "min" ? "lowest ↓" : "highest ↑");
      goal.title = `better is ${page.goal() === "min" ? "lower" : "higher"}: change`;
      write(value, score ? `${score.exact ? "" : "≈"}${measure(score.best ?? score.last)}` : "no run has it");
      run.value = place === undefined ? "" : report.runs[place].run_id;
      write(run, place === undefined ? "" : page.name(place));
    },
  };
}

/** When the data was true, and how long ago that is while the page is looked at. @param {import("./page.js").Page} page */
function ageOf({ report, clock }) {
  const update = () => {};
  if (report.as_of === null) return { element: h("span", { class: "quiet" }, plural(report.runs.length, "run")), update };
  const past = h("span", null);
  const tick = () => {
    const seconds = clock().now - report.as_of;
    write(past, `${ago(seconds)} ago`);
    past.className = seconds > OLD ? "stale-data" : "quiet";
  };
  tick();
  setInterval(tick, 30_000);
  const moment = h("time", { datetime: new Date(report.as_of * 1000).toISOString() }, when(report.as_of).slice(0, 16));
  const title = "the newest sign of life of any run";
  return { element: h("span", { class: "quiet", title }, "as of ", moment, ", ", past), update };
}
