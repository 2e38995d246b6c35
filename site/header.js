// The head of the page: is anything dead or stuck, which run is best, how old is all this.

import { h, show, write } from "./dom.js";
import { ago, measure, plural, printable, when } from "./format.js";
import { stateCounts, stateMark } from "./states.js";

const OLD = 2 * 86400; // s: data of this age is marked

/**
 * @param {import("./page.js").Page} page
 * @param {() => void} help
 * @returns {import("./page.js").View}
 */
export function headerView(page, help) {
  const { report, store } = page;
  const counts = h("div", { class: "counts", role: "group", "aria-label": "Runs by state" });
  const buttons = stateCounts(report.runs).map(([state, count]) => {
    const only = `state == ${JSON.stringify(state)}`;
    const toggle = () => store.set({ filter: store.get().filter === only ? "" : only });
    return {
      only,
      element: h(
        "button",
        { type: "button", onclick: toggle, title: `show only runs that are ${state || "without a state"}` },
        stateMark(state, count.toLocaleString("en")),
      ),
    };
  });
  counts.append(...buttons.map(({ element }) => element));
  const best = bestRun(page);
  const theme = h("button", { type: "button", onclick: () => store.set({ theme: nextTheme(store.get().theme) }) });
  const age = ageOf(page);
  const element = h(
    "header",
    { class: "head" },
    h("h1", null, printable(report.title)),
    counts,
    best.element,
    h(
      "div",
      { class: "aside" },
      age,
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
    update(state, changed) {
      for (const { only, element: button } of buttons)
        button.setAttribute("aria-pressed", String(state.filter === only));
      if (!changed || changed.has("theme")) {
        write(theme, `${{ auto: "◐", light: "○", dark: "●" }[state.theme] ?? "◐"} ${state.theme}`);
        theme.title = `theme: ${state.theme === "auto" ? "as the system has it" : state.theme} (t)`;
      }
      if (!changed || changed.has("metric") || changed.has("goal")) best.update(state);
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
    ...report.metrics.map(option),
  );
  const goal = h("button", {
    type: "button",
    onclick: () => store.set({ goal: page.goal() === "min" ? "max" : "min" }),
  });
  const value = h("b");
  const run = h("button", {
    type: "button",
    class: "plain",
    title: "details of this run",
    onclick: () => run.value && store.set({ view: "run", run: run.value }),
  });
  const element = h("div", { class: "best" }, h("span", { class: "quiet" }, "best"), metric, goal, value, run);
  show(element, report.metrics.length > 0);
  return {
    element,
    update(/** @type {any} */ state) {
      const [first] = page.ranking();
      const found = first === undefined ? null : page.score(first);
      const score = found && (found.best ?? found.last) !== null ? found : null;
      const place = score ? first : undefined;
      if (![...metric.options].some(({ value: name }) => name === state.metric))
        metric.append(option({ name: state.metric }));
      metric.value = state.metric;
      write(goal, page.goal() === "min" ? "↓ lowest" : "↑ highest");
      goal.title = `better is ${page.goal() === "min" ? "lower" : "higher"}: change`;
      write(value, score ? `${score.exact ? "" : "≈"}${measure(score.best ?? score.last)}` : "");
      run.value = place === undefined ? "" : report.runs[place].run_id;
      write(run, place === undefined ? "no run has it" : page.name(place));
    },
  };
}

/** When the data was true, and how long ago that is while the page is looked at. @param {import("./page.js").Page} page */
function ageOf({ report, clock }) {
  if (report.as_of === null) return h("span", { class: "quiet" }, plural(report.runs.length, "run"));
  const past = h("span", null);
  const tick = () => {
    const seconds = clock().now - report.as_of;
    write(past, `${ago(seconds)} ago`);
    past.className = seconds > OLD ? "stale-data" : "quiet";
  };
  tick();
  setInterval(tick, 30_000);
  const moment = h("time", { datetime: new Date(report.as_of * 1000).toISOString() }, when(report.as_of).slice(0, 16));
  return h("span", { class: "quiet", title: "the newest sign of life of any run" }, "as of ", moment, ", ", past);
}
