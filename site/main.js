// The page comes to life: header, run table and views, made once and told of every change of the state.

import { compareView } from "./compare.js";
import { curvesView } from "./curves.js";
import { openData } from "./data.js";
import { detailView } from "./detail.js";
import { fill, h } from "./dom.js";
import { openFetched } from "./fetched.js";
import { footerElement } from "./footer.js";
import { headerView, nextTheme } from "./header.js";
import { hparamsView } from "./hparams.js";
import { keysView } from "./keys.js";
import { logsView } from "./logs.js";
import { mediaView } from "./media.js";
import { overviewView } from "./overview.js";
import { createPage } from "./page.js";
import { runsView } from "./runs.js";
import { tabsView } from "./tabs.js";

const VIEWS = [
  { name: "overview", title: "Overview", create: overviewView },
  { name: "curves", title: "Curves", create: curvesView },
  { name: "compare", title: "Compare", create: compareView },
  { name: "hparams", title: "Hparams", create: hparamsView },
  { name: "media", title: "Media", create: mediaView },
  { name: "logs", title: "Logs", create: logsView },
  { name: "run", title: "Run", create: detailView },
];

/**
 * Fills *root* with the page. What stands in the markup for those without scripts stays there when this fails.
 * @param {HTMLElement} root
 */
export async function main(root) {
  document.documentElement.classList.add("scripted"); // before anything is drawn, so that nothing flickers
  try {
    start(root, await opened());
  } catch (error) {
    document.documentElement.classList.remove("scripted");
    fill(
      root,
      h(
        "p",
        { class: "empty bad" },
        `This browser cannot show the whole page (${error}). What follows needs no scripts.`,
      ),
    );
    throw error;
  }
}

/** What the page shows: what stands in it, or what the server has that its settings are of. */
async function opened() {
  const settings = document.getElementById("served")?.textContent;
  return settings ? openFetched(JSON.parse(settings)) : openData();
}

/** Paper is white: what is printed is light, whatever the screen shows. @param {import("./page.js").Page["store"]} store */
function onPaper(store) {
  let { theme } = store.get();
  addEventListener("beforeprint", () => {
    ({ theme } = store.get());
    store.set({ theme: "light" }, { silent: true });
  });
  addEventListener("afterprint", () => store.set({ theme }, { silent: true }));
}

/**
 * @param {HTMLElement} root
 * @param {any} data
 */
function start(root, data) {
  const voice = h("p", { class: "voice", role: "status", "aria-live": "polite" });
  const page = createPage(data, (text) => (voice.textContent = text));
  const { store } = page;
  const runs = runsView(page);
  const keys = keysView(bindings(page, runs));
  const views = [headerView(page, keys.open), runs, tabsView(page, VIEWS, footerElement(page))];
  const paint = (/** @type {import("./state.js").State} */ { theme }) => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  store.subscribe((state, changed) => {
    if (changed.has("theme")) paint(state); // first: charts read colours
    for (const view of views) view.update(state, changed);
  });
  paint(store.get());
  onPaper(store);
  fill(root, h("div", { class: "app" }, ...views.map(({ element }) => element)), keys.element, voice);
  for (const view of views) view.update(store.get(), null);
}

/**
 * @param {import("./page.js").Page} page
 * @param {ReturnType<typeof runsView>} runs
 */
function bindings({ store, report, filtered, runIndex }, runs) {
  const run = (/** @type {number} */ by) => {
    const found = filtered().runs;
    const next = found[found.indexOf(runIndex(store.get().run) ?? -1) + by];
    if (next !== undefined) store.set({ view: "run", run: report.runs[next].run_id });
  };
  return [
    {
      title: "Anywhere",
      bindings: [
        { keys: ["/"], says: "filter runs", does: runs.focusFilter },
        {
          keys: VIEWS.map((_, place) => String(place + 1)),
          says: VIEWS.map(({ title }) => title).join(", "),
          does: (/** @type {string} */ key) => store.set({ view: VIEWS[Number(key) - 1].name }),
        },
        { keys: ["b"], says: "select the best eight", does: runs.best },
        { keys: ["a"], says: "select all that the filter shows", does: runs.all },
        { keys: ["n"], says: "select none", does: runs.none },
        {
          keys: ["[", "]"],
          says: "details of the run before, of the next",
          does: (/** @type {string} */ key) => run(key === "]" ? 1 : -1),
        },
        {
          keys: ["t"],
          says: "theme: auto, light, dark",
          does: () => store.set({ theme: nextTheme(store.get().theme) }),
        },
        { keys: ["?"], says: "this list" },
        { keys: ["Esc"], says: "close, or leave a box" },
      ],
    },
    {
      title: "In the run table",
      bindings: [
        {
          keys: ["j", "k"],
          says: "to the table, then down and up",
          does: (/** @type {string} */ key) => runs.move(key === "j" ? 1 : -1),
        },
        { keys: ["↑", "↓", "PgUp", "PgDn", "Home", "End"], says: "move" },
        { keys: ["Space"], says: "select or unselect" },
        { keys: ["Shift", "↓"], says: "select while moving" },
        { keys: ["Enter"], says: "details of the run; open or close a group" },
        { keys: ["←", "→"], says: "close or open a group" },
      ],
    },
    {
      title: "What a filter can say, as -w does",
      bindings: [
        { keys: ["val/acc > 0.7 and width >= 64"], says: "last values of metrics, and hparams, by name" },
        { keys: ['state in ("failed", "stale")'], says: "state, name, tags, notes, alive, archived, …" },
        { keys: ['"baseline" in tags or not seed == 0'], says: "and, or, not, in, is None, is nan" },
        { keys: ['age < "2d"'], says: "age, duration; created, ended, heartbeat" },
        { keys: ['name.matches("^vit")'], says: "a regular expression" },
        { keys: ['hparams["layers.0"] == 3'], says: "any key, written out" },
      ],
    },
  ];
}
