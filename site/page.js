// What every view shares: the report, its data, the state, the colours of selected runs, and a voice.
//
// A view is made once by `<name>View(page)` and is `{element, update(state, changed)}`: *element* stands in the page
// while the view is looked at, `update` is called when it comes into view (*changed* is null then) and when the state
// changes while it is. A view changes the state with `page.store.set(patch)` and nothing else of the page.

import { assignSlots, slotStyle } from "./colors.js";
import { printable } from "./format.js";
import { runLabels } from "./labels.js";
import { Names } from "./names.js";
import { goalByName, ranked, scorer } from "./ranking.js";
import { DEFAULTS, createStore, decodeHash, encodeHash } from "./state.js";
import { Mistake } from "./tokens.js";
import { where } from "./where.js";

/** @typedef {{element: HTMLElement, update(state: import("./state.js").State, changed: Set<string> | null): void}} View */
/** @typedef {ReturnType<typeof createPage>} Page */

const BEST = 8; // runs selected at first: as many as a legend holds and an eye follows

/**
 * The page of *data* (see data.js: `report`, `curves(m)`, `logs(r)`, `media(r)`).
 * @param {any} data
 * @param {(text: string) => void} say tells a person who cannot see what has changed
 */
export function createPage(data, say) {
  const report = data.report;
  const places = new Map(report.runs.map((/** @type {any} */ run, /** @type {number} */ place) => [run.run_id, place]));
  const metrics = new Map(
    report.metrics.map((/** @type {any} */ metric, /** @type {number} */ place) => [metric.name, place]),
  );
  const score = scorer(report);
  const stored = storage(report);
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  const labels = runLabels(report.runs).map(printable);
  const clock = () => ({ now: Date.now() / 1000, asOf: report.as_of ?? Date.now() / 1000 });
  const filtered = filtering(report, () => names(), clock);
  /** @type {Names | null} */
  let known = null;
  const names = () => (known ??= new Names(report.runs));
  /** @type {Map<string, number>} */
  let slots = new Map();

  /** What is shown when neither the hash nor a person says anything. */
  const base = { ...DEFAULTS, metric: report.primary?.metric ?? "", dark: false };

  const goal = (/** @type {any} */ state) => state.goal || goalOf(state.metric);
  const goalOf = (/** @type {string} */ metric) =>
    report.metrics[metrics.get(metric) ?? -1]?.goal ?? goalByName(metric);
  const best = (/** @type {any} */ state) => {
    const known = (/** @type {number} */ run) => score(run, state.metric, goal(state));
    const shown = ranked(report, known, goal(state)).filter((run) => report.runs[run].shown);
    const judged = shown.filter((run) => (known(run).best ?? known(run).last) !== null);
    return (judged.length ? judged : shown).slice(0, BEST).map((run) => report.runs[run].run_id);
  };

  /** The whole state that *patch* over the base means: runs that are no more are dropped, no selection is the best. */
  const completed = (/** @type {any} */ patch) => {
    const state = { ...base, ...patch };
    if (!metrics.has(state.metric)) state.metric = base.metric;
    const wanted =
      patch.selected?.join() === ALL ? report.runs.map((/** @type {any} */ run) => run.run_id) : patch.selected;
    slots = new Map();
    if (!wanted) state.selected = best(state);
    else {
      state.selected = wanted.filter((/** @type {string} */ id) => places.has(id));
      wanted.forEach((/** @type {string} */ id, /** @type {number} */ slot) => places.has(id) && slots.set(id, slot));
    }
    slots = assignSlots(slots, state.selected);
    state.dark = isDark(state.theme);
    return state;
  };
  const isDark = (/** @type {string} */ theme) => (theme === "auto" ? darkness.matches : theme === "dark");

  const write = (/** @type {any} */ state, /** @type {boolean} */ remembered) => {
    const chosen = state.selected;
    const written = {
      ...state,
      selected: chosen.length === report.runs.length && chosen.length > BEST ? [ALL] : bySlot(slots),
    };
    const hash = encodeHash(written, { ...base, selected: bySlot(assignSlots(new Map(), best(state))) });
    entry(remembered ? "pushState" : "replaceState", hash || location.hash ? `#${hash}` : location.href);
    stored.write({ theme: state.theme, metric: state.metric });
  };
  const store = createStore(completed({ ...stored.read(), ...decodeHash(location.hash) }), write);

  /** As the store's, with what follows: slots, and a selection of the best that stays one for another metric. */
  const set = (
    /** @type {Partial<import("./state.js").State>} */ patch,
    /** @type {{silent?: boolean}} */ options = {},
  ) => {
    const state = store.get();
    /** @type {Partial<import("./state.js").State>} */
    const next = { ...patch };
    if (("metric" in patch || "goal" in patch) && !("selected" in patch)) {
      if (state.selected.join("\n") === best(state).join("\n")) next.selected = best({ ...state, ...patch });
    }
    if (next.selected) slots = assignSlots(slots, next.selected);
    if (patch.theme !== undefined) next.dark = isDark(patch.theme);
    store.set(next, options);
  };
  entry("replaceState", location.href);
  addEventListener("popstate", ({ state }) => {
    if (state !== OURS) return;
    const { view = base.view, run = base.run } = decodeHash(location.hash);
    store.set({ view, run }, { silent: true }); // and nothing else: filter and selection stay as they are now
    write(store.get(), false);
  });
  addEventListener("hashchange", () => {
    if (history.state === OURS) return;
    store.set(completed({ ...stored.read(), ...decodeHash(location.hash) }), { silent: true }); // somebody typed it
    entry("replaceState", location.href);
  });
  darkness.addEventListener("change", () => store.set({ dark: isDark(store.get().theme) }, { silent: true }));

  return {
    report,
    data,
    store: { ...store, set },
    base,
    say,
    /** How a selected run is drawn; null when it is not selected. @param {number} run its index */
    slot(run) {
      const number = slots.get(report.runs[run].run_id);
      return number === undefined ? null : slotStyle(number, store.get().dark);
    },
    /** Indices of the selected runs, in the order of their slots. */
    selected: () => [...slots].sort((a, b) => a[1] - b[1]).map(([id]) => /** @type {number} */ (places.get(id))),
    /** What a run is called: as short as tells it from the others, harmless to show. @param {number} run */
    name: (run) => labels[run],
    /** The names that a selection may use. */
    names,
    /** Now, and when the report was true: s since 1970. */
    clock,
    /** The runs that the filter chooses, newest first, and what is wrong with it: then they are those of the last good one. */
    filtered: () => filtered(store.get().filter),
    /** Index of a run in the report, or undefined. @param {string} id */
    runIndex: (id) => places.get(id),
    /** Index of a metric in the report, or undefined. @param {string} name */
    metricIndex: (name) => metrics.get(name),
    /** "min" or "max": what is better of the primary metric. */
    goal: () => goal(store.get()),
    /** The same of any metric. @param {string} metric */
    goalOf: (metric) => (metric === store.get().metric ? goal(store.get()) : goalOf(metric)),
    /** Last and best of a metric, the primary one when none is named. @param {number} run @param {string} [metric] */
    score: (run, metric = store.get().metric) =>
      score(run, metric, metric === store.get().metric ? goal(store.get()) : goalOf(metric)),
    /** Indices of all runs, the best first by the primary metric. */
    ranking: () => ranked(report, (run) => score(run, store.get().metric, goal(store.get())), goal(store.get())),
    /** Run ids that "best 8" selects. */
    best: () => best(store.get()),
  };
}

const ALL = "*"; // all runs, in the hash
const OURS = "spt"; // the state of entries of the history that the page made

/**
 * Makes or changes the entry of the history that is shown.
 * @param {"pushState" | "replaceState"} how
 * @param {string} url
 */
function entry(how, url) {
  try {
    history[how](OURS, "", url);
  } catch {
    // some viewers of artifacts show pages in frames that have no history
  }
}

/**
 * A function filter text -> {runs, mistake}; it remembers the last.
 * @param {any} report
 * @param {() => Names} names
 * @param {() => {now: number, asOf: number}} clock
 */
function filtering(report, names, clock) {
  const all = [...report.runs.keys()];
  let found = { text: "", runs: all, mistake: /** @type {Mistake | null} */ (null) };
  return (/** @type {string} */ text) => {
    if (text === found.text) return found;
    try {
      const holds = text.trim() === "" ? () => true : where(text, names(), clock());
      found = { text, runs: all.filter((run) => holds(report.runs[run])), mistake: null };
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      found = { text, runs: found.runs, mistake: error };
    }
    return found;
  };
}

/** Run ids by slot, with holes: colours are the same in whoever opens the link. */
function bySlot(/** @type {Map<string, number>} */ slots) {
  /** @type {string[]} */
  const ids = [];
  for (const [id, slot] of slots) ids[slot] = id;
  return Array.from(ids, (id) => id ?? "");
}

/** What a browser remembers of a person's wishes; nothing where it may not (private windows, frames). */
function storage(/** @type {any} */ report) {
  const key = `spt:${report.title}:${report.roots.join()}`;
  const names = /** @type {Record<string, string>} */ ({ theme: "spt:theme", metric: `${key}:metric` });
  return {
    read() {
      /** @type {Record<string, string>} */
      const found = {};
      for (const [name, place] of Object.entries(names)) {
        try {
          const value = localStorage.getItem(place);
          if (value !== null) found[name] = value;
        } catch {
          return {};
        }
      }
      return found;
    },
    write(/** @type {Record<string, string>} */ values) {
      for (const [name, place] of Object.entries(names)) {
        try {
          localStorage.setItem(place, values[name]);
        } catch {
          return;
        }
      }
    },
  };
}
