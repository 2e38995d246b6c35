// The page comes to life: header, run table and views, made once and told of every change of the state.

import { compareView } from "./compare/compare.js";
import { curvesView } from "./charts/curves.js";
import { openData } from "./page/data.js";
import { detailView } from "./run/detail.js";
import { fill, h } from "./base/dom.js";
import { openFetched } from "./live/fetched.js";
import { footerElement } from "./page/footer.js";
import { headerView } from "./page/header.js";
import { hparamsView } from "./compare/hparams.js";
import { keysView } from "./base/keys.js";
import { logsView } from "./evidence/logs.js";
import { mediaView } from "./evidence/media.js";
import { overviewView } from "./overview/overview.js";
import { createPage } from "./page/page.js";
import { runsView } from "./table/runs.js";
import { shortcuts } from "./page/shortcuts.js";
import { tabsView } from "./page/tabs.js";

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

/** Paper is white: what is printed is light, whatever the screen shows. @param {import("./page/page.js").Page["store"]} store */
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
  const keys = keysView(shortcuts(page, runs, VIEWS, () => header.openViews()));
  const header = headerView(page, keys.open);
  const views = [header, runs, tabsView(page, VIEWS, footerElement(page))];
  const paint = (/** @type {import("./page/state.js").State} */ { theme }) => {
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
