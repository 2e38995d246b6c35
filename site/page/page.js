// What every view shares: the report, its data, the state, the colours of selected runs, and a voice.
//
// A view is made once by `<name>View(page)` and is `{element, update(state, changed)}`: *element* stands in the page
// while the view is looked at, `update` is called when it comes into view (*changed* is null then) and when the state
// changes while it is. A view changes the state with `page.store.set(patch)` and nothing else of the page.

import { assignSlots, slotStyle } from "../base/colors.js";
import { createFilter } from "../filter/filtering.js";
import { lookups } from "./lookups.js";
import { nothingTouched } from "../live/merging.js";
import { goalByName, ranked, scorer } from "./ranking.js";
import { memoryOf } from "./remembered.js";
import { DEFAULTS, createStore, decodeHash, encodeHash } from "./state.js";

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
  const { live } = data;
  const known = lookups(report);
  const score = scorer(report);
  const stored = memoryOf(report);
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  const clock = () => ({ now: Date.now() / 1000, asOf: report.as_of ?? Date.now() / 1000 });
  const [choose, chooseOthers] = [0, 1].map(() => createFilter(report, known, clock));
  let filtered = { text: "", archived: false, found: /** @type {import("../filter/filtering.js").Found | null} */ (null) };
  /** @type {Map<string, number>} */
  let slots = new Map();
  let touched = nothingTouched();

  /** What is shown when neither the hash nor a person says anything. */
  const base = { ...DEFAULTS, metric: report.primary?.metric ?? "", dark: false, archived: !data.live };

  /** The runs that are there to be chosen. */
  const offered = (/** @type {any} */ { archived }) =>
    archived ? known.order() : known.order().filter((run) => !report.runs[run].archived);
  const goal = (/** @type {any} */ state) => state.goal || goalOf(state.metric);
  const goalOf = (/** @type {string} */ metric) =>
    report.metrics[known.metric(metric) ?? -1]?.goal ?? goalByName(metric);
  const best = (/** @type {any} */ state) => {
    const scored = (/** @type {number} */ run) => score(run, state.metric, goal(state));
    const shown = ranked(offered(state), scored, goal(state)).filter((run) => report.runs[run].shown);
    const judged = shown.filter((run) => (scored(run).best ?? scored(run).last) !== null);
    return (judged.length ? judged : shown).slice(0, BEST).map((run) => report.runs[run].run_id);
  };

  /**
   * The whole state that *patch* over the base means: no selection is the best; what is not there is dropped, but what
   * a server has not found yet may come.
   */
  const completed = (/** @type {any} */ patch) => {
    const state = { ...base, ...patch };
    const loading = live?.status() === "loading";
    const there = (/** @type {string} */ id) => (known.run(id) === undefined ? loading && id !== "" : !isGone(id));
    if (known.metric(state.metric) === undefined && !loading) state.metric = base.metric;
    const all = patch.selected?.join() === ALL;
    const wanted = all ? offered(state).map((run) => report.runs[run].run_id) : patch.selected;
    slots = new Map();
    if (!wanted) state.selected = best(state);
    else {
      state.selected = wanted.filter(there);
      wanted.forEach((/** @type {string} */ id, /** @type {number} */ slot) => there(id) && slots.set(id, slot));
    }
    slots = assignSlots(slots, state.selected);
    state.dark = isDark(state.theme);
    return state;
  };
  const isGone = (/** @type {string} */ id) => Boolean(report.runs[known.run(id) ?? -1]?.gone);
  const isDark = (/** @type {string} */ theme) => (theme === "auto" ? darkness.matches : theme === "dark");

  const write = (/** @type {any} */ state, /** @type {boolean} */ remembered) => {
    const all = offered(state);
    const chosen = all.filter((run) => slots.has(report.runs[run].run_id));
    const isAll = all.length > BEST && chosen.length === all.length && slots.size === all.length;
    const written = { ...state, selected: isAll ? [ALL] : bySlot(slots) };
    const hash = encodeHash(written, { ...base, selected: bySlot(assignSlots(new Map(), best(state))) });
    entry(remembered ? "pushState" : "replaceState", hash || location.hash ? `#${hash}` : location.href);
    stored.keepWishes({ theme: state.theme, metric: state.metric });
    if (live) stored.keepLastView(hash);
  };
  const opened = location.hash || (live ? stored.lastView() : ""); // an exported page is as it was sent
  const store = createStore(completed({ ...stored.wishes(), ...decodeHash(opened) }), write);

  /** As the store's, with what follows: slots, and a selection of the best that stays one for another metric. */
  const set = (
    /** @type {Partial<import("./state.js").State>} */ patch,
    /** @type {{silent?: boolean}} */ options = {},
  ) => {
    const state = store.get();
    /** @type {Partial<import("./state.js").State>} */
    const next = { ...patch };
    if (["metric", "goal", "archived"].some((key) => key in patch) && !("selected" in patch)) {
      if (state.selected.join("\n") === best(state).join("\n")) next.selected = best({ ...state, ...patch });
    }
    if (next.selected) slots = assignSlots(slots, next.selected);
    if (patch.selected) chosenByItself = false;
    if (patch.theme !== undefined) next.dark = isDark(patch.theme);
    store.set(next, options);
  };
  entry("replaceState", location.hash || !opened ? location.href : `#${opened}`);
  addEventListener("popstate", ({ state }) => {
    if (state !== OURS) return;
    const { view = base.view, run = base.run } = decodeHash(location.hash);
    store.set({ view, run }, { silent: true }); // and nothing else: filter and selection stay as they are now
    write(store.get(), false);
  });
  addEventListener("hashchange", () => {
    if (history.state === OURS) return;
    store.set(completed({ ...stored.wishes(), ...decodeHash(location.hash) }), { silent: true }); // somebody typed it
    entry("replaceState", location.href);
    if (live) stored.keepLastView(location.hash.slice(1));
  });
  darkness.addEventListener("change", () => store.set({ dark: isDark(store.get().theme) }, { silent: true }));

  /** After rows came, changed or went: what was looked up is looked up anew, and what was chosen stays. */
  const renew = () => {
    known.renew(touched);
    filtered = { ...filtered, found: null };
    const state = store.get();
    const loading = live?.status() === "loading";
    const automatic = chosenByItself && (loading || state.selected.length < BEST);
    chosenByItself = automatic; // once the best were selected they stay
    base.metric = report.primary?.metric ?? "";
    const lost = known.metric(state.metric) === undefined && !loading;
    const metric = state.metric === "" || lost ? base.metric : state.metric;
    const selected = automatic ? best({ ...state, metric }) : state.selected.filter((id) => !isGone(id));
    slots = assignSlots(slots, selected);
    store.set({ selected, metric }, { silent: true });
  };
  let chosenByItself = decodeHash(opened).selected === undefined;
  live?.start((/** @type {Set<string>} */ changed, /** @type {import("../live/merging.js").Touched} */ what) => {
    touched = what;
    if (changed.has("runs")) renew();
    store.tell(changed);
    touched = nothingTouched();
  });

  return {
    report,
    data,
    /** What happens to the runs while the page is open (follow.js); null in an exported page. @type {import("../live/follow.js").Live | null} */
    live,
    /** Which runs the change is about that is being told: after "runs" and "points". */
    touched: () => touched,
    store: { ...store, set },
    base,
    /** What this browser keeps for the next time. */
    memory: stored,
    say,
    /** How a selected run is drawn; null when it is not selected. @param {number} run its index */
    slot(run) {
      const number = slots.get(report.runs[run].run_id);
      return number === undefined ? null : slotStyle(number, store.get().dark);
    },
    /** Indices of the selected runs, in the order of their slots. */
    selected: () => [...slots].sort((a, b) => a[1] - b[1]).map(([id]) => known.run(id)).filter((run) => run !== undefined),
    /** What a run is called: as short as tells it from the others, harmless to show. @param {number} run */
    name: known.name,
    /** The names that a selection may use. */
    names: known.names,
    /** Indices of all runs that are there, the newest first. */
    order: known.order,
    /** Now, and when the report was true: s since 1970. */
    clock,
    /** The runs that the filter chooses, newest first, and what is wrong with it: then they are those of the last good one. */
    filtered() {
      const { filter: text, archived } = store.get();
      const known = filtered.text === text && filtered.archived === archived ? filtered.found : null;
      const found = known ?? choose(text, archived);
      filtered = { text, archived, found };
      return found;
    },
    /** The runs that another text would choose. @param {string} text */
    chosenBy: (text) => chooseOthers(text, store.get().archived).runs,
    /** Index of a run in the report, or undefined. @param {string} id */
    runIndex: known.run,
    /** Index of a metric in the report, or undefined. @param {string} name */
    metricIndex: known.metric,
    /** "min" or "max": what is better of the primary metric. */
    goal: () => goal(store.get()),
    /** The same of any metric. @param {string} metric */
    goalOf: (metric) => (metric === store.get().metric ? goal(store.get()) : goalOf(metric)),
    /** Last and best of a metric, the primary one when none is named. @param {number} run @param {string} [metric] */
    score: (run, metric = store.get().metric) =>
      score(run, metric, metric === store.get().metric ? goal(store.get()) : goalOf(metric)),
    /** Indices of all runs, the best first by the primary metric. */
    ranking: () => ranked(known.order(), (run) => score(run, store.get().metric, goal(store.get())), goal(store.get())),
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

/** Run ids by slot, with holes: colours are the same in whoever opens the link. */
function bySlot(/** @type {Map<string, number>} */ slots) {
  /** @type {string[]} */
  const ids = [];
  for (const [id, slot] of slots) ids[slot] = id;
  return Array.from(ids, (id) => id ?? "");
}
