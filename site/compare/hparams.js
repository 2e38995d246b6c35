// Hparams of the selected runs side by side: what differs first, what is the same counted.

import { fill, h, show } from "../base/dom.js";
import { plural, printable, scalar } from "../base/format.js";
import { lineSwatch } from "../base/swatch.js";
import { unhurried } from "../base/unhurried.js";

const MOST_RUNS = 40; // columns

/** @typedef {{key: string, values: any[], differs: boolean}} Line */

/**
 * The hparams of *runs*, those that differ first, in the order of *telling*, then by name.
 * @param {any[]} runs rows of the report
 * @param {string[]} telling keys that differ over all runs, the most telling first
 * @returns {Line[]}
 */
export function hparamLines(runs, telling) {
  const keys = new Set(runs.flatMap((run) => Object.keys(run.hparams)));
  const lines = [...keys].map((key) => {
    const values = runs.map((run) => (Object.hasOwn(run.hparams, key) ? run.hparams[key] : undefined));
    return { key, values, differs: values.some((value) => !sameHparam(value, values[0])) };
  });
  const rank = new Map(telling.map((key, place) => [key, place]));
  const order = (/** @type {Line} */ { key }) => rank.get(key) ?? Infinity;
  return lines.sort(
    (a, b) => Number(b.differs) - Number(a.differs) || compareNumbers(order(a), order(b)) || (a.key < b.key ? -1 : 1),
  );
}

/**
 * @param {number} a
 * @param {number} b
 */
function compareNumbers(a, b) {
  return a === b ? 0 : a - b;
}

/**
 * @param {any} a
 * @param {any} b
 */
function sameHparam(a, b) {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/**
 * @param {import("../page/page.js").Page} page
 * @returns {import("../page/page.js").View}
 */
export function hparamsView(page) {
  const { report, store } = page;
  const search = h("input", {
    type: "search",
    "aria-label": "Search hparams",
    placeholder: "search keys and values",
    oninput: () => store.set({ hparamFilter: search.value }),
  });
  const note = h("span", { class: "quiet", role: "status" });
  const place = h("div", { class: "part" });
  const element = h("div", null, h("div", { class: "bar" }, h("div", { class: "wide" }, search), note), place);

  const draw = (/** @type {any} */ state) => {
    const chosen = page.selected();
    const shown = chosen.slice(0, MOST_RUNS);
    if (shown.length === 0) {
      note.textContent = "";
      return fill(place, h("p", { class: "empty" }, "Select runs in the table to see their hparams side by side."));
    }
    const lines = hparamLines(
      shown.map((run) => report.runs[run]),
      report.differing,
    );
    const wanted = state.hparamFilter.trim().toLowerCase();
    const found = lines.filter(
      ({ key, values }) =>
        !wanted ||
        key.toLowerCase().includes(wanted) ||
        values.some((value) => String(scalar(value)).toLowerCase().includes(wanted)),
    );
    const [differing, identical] = [found.filter(({ differs }) => differs), found.filter(({ differs }) => !differs)];
    const beyond = chosen.length > shown.length ? `, the first ${shown.length} of ${chosen.length} runs` : "";
    note.textContent = lines.length ? `${differing.length} differ, ${identical.length} identical${beyond}` : "";
    const parts = [];
    if (lines.length === 0) parts.push(h("p", { class: "empty" }, "These runs have no hparams."));
    else if (found.length === 0) parts.push(h("p", { class: "empty" }, "No hparam is like that."));
    if (differing.length) parts.push(hparamTable(page, shown, differing));
    if (identical.length) parts.push(sameTable(identical, shown.length, Boolean(wanted) || differing.length === 0));
    return fill(place, ...parts);
  };
  const soon = unhurried(element, () => draw(store.get()));
  return {
    element,
    update(state, changed) {
      if (document.activeElement !== search) search.value = state.hparamFilter;
      if (!changed || ["selected", "hparamFilter", "dark"].some((key) => changed.has(key))) draw(state);
      else if (changed.has("runs") && page.selected().some((run) => page.touched().runs.has(run))) soon();
    },
  };
}

/**
 * @param {import("../page/page.js").Page} page
 * @param {number[]} runs
 * @param {Line[]} lines
 */
function hparamTable(page, runs, lines) {
  const head = runs.map((run) => {
    const slot = page.slot(run);
    const open = () => page.store.set({ view: "run", run: page.report.runs[run].run_id });
    const name = h(
      "button",
      { type: "button", class: "plain", title: printable(page.report.runs[run].run_id), onclick: open },
      page.name(run),
    );
    return h("th", { scope: "col" }, h("div", { class: "run-title" }, slot && lineSwatch(slot), name));
  });
  const cell = (/** @type {any} */ value, /** @type {any} */ first) => {
    const text = value === undefined ? "—" : value === null ? "null" : printable(scalar(value));
    const classes = [value === undefined ? "quiet" : "", sameHparam(value, first) ? "" : "differs"].join(" ").trim();
    return h("td", { class: classes || null, title: text.length > 30 ? text : null }, text);
  };
  const rows = lines.map(({ key, values }) =>
    h(
      "tr",
      null,
      h("th", { scope: "row", title: key.length > 30 ? printable(key) : null }, printable(key)),
      ...values.map((value) => cell(value, values[0])),
    ),
  );
  return h(
    "div",
    {
      class: "scroll",
      tabindex: "0",
      role: "region",
      "aria-label": "Hparams that differ; marked where they differ from the first run",
    },
    h(
      "table",
      { class: "wide-table" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "hparam"), ...head)),
      h("tbody", null, ...rows),
    ),
  );
}

/**
 * @param {Line[]} lines
 * @param {number} runs
 * @param {boolean} open
 */
function sameTable(lines, runs, open) {
  const rows = lines.map(({ key, values }) =>
    h(
      "tr",
      null,
      h("th", { scope: "row" }, printable(key)),
      h("td", null, values[0] === null ? "null" : printable(scalar(values[0]))),
    ),
  );
  const title =
    runs === 1
      ? plural(lines.length, "hparam")
      : `${plural(lines.length, "hparam")} identical in ${runs === 2 ? "both" : `all ${runs}`} runs`;
  const details = h(
    "details",
    null,
    h("summary", null, title),
    h("table", { class: "facts-table" }, h("tbody", null, ...rows)),
  );
  details.open = open;
  show(details, true);
  return details;
}
