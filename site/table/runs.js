// The left of the page: the filter, what is done to all runs at once, and the run table.

import { chooserView } from "./chooser.js";
import { fill, h, show, write } from "../base/dom.js";
import { filterView } from "../filter/filter.js";
import { plural, printable } from "../base/format.js";
import { notify } from "../base/notice.js";
import { arrangedRows } from "./rows.js";
import { createTable } from "./table.js";

const ORDERING = ["filter", "archived", "sort", "group", "toggled", "columns", "metric", "goal"]; // what makes other rows
const SCROLLING = ["filter", "archived", "sort", "group"]; // and other first ones

/**
 * @param {import("../page/page.js").Page} page
 * @returns {import("../page/page.js").View & {focusFilter(): void, move(step: number): void, best(): void, all(): void,
 *   none(): void, current(): number | null | undefined, toggleArchived(): void}}
 */
export function runsView(page) {
  const { store } = page;
  const filter = filterView(page, () => table.move(1));
  const table = createTable(page);
  const chooser = chooserView(page, table.columns);
  const group = groupSelect(page);
  const [counted, chosen] = [h("span", { role: "status" }), h("span", { class: "quiet" })];
  const best = () => store.set({ selected: page.best() });
  const all = () => store.set({ selected: table.ids() });
  const none = () => store.set({ selected: [] });
  const button = (/** @type {string} */ text, /** @type {string} */ title, /** @type {() => void} */ onclick) =>
    h("button", { type: "button", title, onclick }, text);
  const select = h(
    "span",
    { class: "joined", role: "group", "aria-label": "Select" },
    button("Best 8", "select the best eight (b)", best),
    button("All", "select all that the filter shows (a)", all),
    button("None", "select none (n)", none),
  );
  const archived = archivedToggle(page);
  const numbers = h("span", { class: "fill" }, counted, chosen);
  const element = h(
    "section",
    { class: "runs", "aria-label": "Runs" },
    h("h2", { class: "voice" }, "Runs"),
    filter.element,
    h("div", { class: "bar" }, numbers, archived.element, group.element, chooser.element, select),
    table.element,
  );
  return {
    element,
    focusFilter: filter.focus,
    move: table.move,
    current: table.current,
    toggleArchived: archived.toggle,
    best,
    all,
    none,
    update(state, changed) {
      if (onlyOf(changed, ["points", "status"]) && page.order().length) return;
      if (changed?.has("runs")) sayGone(page);
      const patching = onlyOf(changed, ["runs", "points", "facts", "status"]);
      if (patching) table.patch(arrangedRows(page, state));
      else if (!changed || ORDERING.some((key) => changed.has(key))) {
        table.set(
          arrangedRows(page, state),
          SCROLLING.some((key) => changed?.has(key)),
        );
      }
      if (!patching) table.redraw();
      filter.update(state, changed);
      chooser.update();
      group.update(state);
      archived.update(state);
      const [found, every] = [page.filtered().runs.length, page.order().length];
      write(counted, `${found === every ? "" : `${found.toLocaleString("en")} of `}${plural(every, "run")}`);
      write(chosen, `, ${page.selected().length.toLocaleString("en")} selected`);
    },
  };
}

/** Shows archived runs, or leaves them out; not there without any. @param {import("../page/page.js").Page} page */
function archivedToggle({ report, store }) {
  const toggle = () => store.set({ archived: !store.get().archived });
  const element = h("button", { type: "button", title: "show archived runs, too (v)", onclick: toggle });
  return {
    element,
    toggle,
    update(/** @type {import("../page/state.js").State} */ state) {
      const count = report.runs.filter((/** @type {any} */ run) => run.archived && !run.gone).length;
      show(element, count > 0);
      write(element, `${count.toLocaleString("en")} archived`);
      element.setAttribute("aria-pressed", String(state.archived));
    },
  };
}

const NAMED_GONE = 3; // runs; of more only the number is said

/** Says once which runs are no more. @param {import("../page/page.js").Page} page */
function sayGone({ report, touched }) {
  const ids = touched().gone.map((run) => printable(report.runs[run].run_id));
  if (ids.length === 0) return;
  const which = ids.length <= NAMED_GONE ? ids.join(", ") : plural(ids.length, "run");
  notify(`${which} ${ids.length === 1 ? "is" : "are"} gone: removed, renamed or not chosen any more.`);
}

/** Whether *changed* holds nothing but some of *keys*. @param {Set<string> | null} changed @param {string[]} keys */
function onlyOf(changed, keys) {
  return changed !== null && [...changed].every((key) => keys.includes(key));
}

/** By which hparam rows are grouped. @param {import("../page/page.js").Page} page */
function groupSelect({ report, store }) {
  const option = (/** @type {string[]} */ [value, text]) => h("option", { value }, printable(text));
  const choose = () => store.set({ group: element.value, toggled: [] });
  const props = { class: "short", "aria-label": "Group", title: "group runs by an hparam", onchange: choose };
  const element = h("select", props);
  let offered = /** @type {string | null} */ (null);
  return {
    element,
    update(/** @type {any} */ { group }) {
      const known = groupings(report.differing);
      if (!known.has(group)) known.set(group, group); // of a link: an hparam that does not differ
      const keys = [...known.keys()].join("\n");
      if (keys !== offered) fill(element, ...[...known].map(option));
      offered = keys;
      element.value = group;
    },
  };
}

/** What rows can be grouped by, and how it is said. @param {string[]} differing hparams */
function groupings(differing) {
  const seeds = differing.filter((key) => /(^|[._])seed$/i.test(key));
  const without = seeds.map((key) => /** @type {[string, string]} */ ([`-${key}`, `by all but ${key}`]));
  const by = differing.map((key) => /** @type {[string, string]} */ ([key, `by ${key}`]));
  return new Map([/** @type {[string, string]} */ (["", "ungrouped"]), ...without, ...by]);
}
