// The run table: all runs that the filter chooses, as many rows in the document as can be seen.

import { chooserView, chosenColumns } from "./chooser.js";
import { columnNamed } from "./columns.js";
import { fill, h, show, write } from "./dom.js";
import { filterView } from "./filter.js";
import { plural, printable } from "./format.js";
import { groupCells, headCells, runCells } from "./cells.js";
import { groupedRuns, sortedRuns } from "./rows.js";
import { PICK_WIDTH, layoutColumns } from "./widths.js";

const ROW = 28; // px, as --row in page.css
const AHEAD = 12; // rows drawn above and below what can be seen
const OPEN_GROUPS = 60; // with more runs than this groups are closed at first
const ORDERING = ["filter", "sort", "group", "toggled", "columns", "metric", "goal"];

/** @typedef {import("./rows.js").Row} Row */

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View & {focusFilter(): void, move(step: number): void, best(): void, all(): void, none(): void}}
 */
export function runsView(page) {
  const { report, store } = page;
  const filter = filterView(page);
  const chooser = chooserView(page, () => columns.map(({ name }) => name));
  const group = groupSelect(page);
  const counted = h("span", { role: "status" });
  const chosen = h("span", { class: "quiet" });
  const button = (/** @type {string} */ text, /** @type {string} */ title, /** @type {() => void} */ onclick) => h("button", { type: "button", title, onclick }, text);
  const best = () => store.set({ selected: page.best() });
  const all = () => {
    const found = new Set(rows.flatMap((row) => (row.run === null ? row.group.runs : [row.run])));
    store.set({ selected: [...found].map((run) => report.runs[run].run_id) });
  };
  const none = () => store.set({ selected: [] });

  const [columnGroup, head, body] = [h("colgroup"), h("thead"), h("tbody")];
  const table = h("table", { class: "grid", role: "grid", "aria-label": "Runs", "aria-multiselectable": "true", tabindex: "0" }, columnGroup, head, body);
  const scroller = h("div", { class: "rows" }, table);
  const element = h(
    "section",
    { class: "runs", "aria-label": "Runs" },
    h("h2", { class: "voice" }, "Runs"),
    filter.element,
    h(
      "div",
      { class: "bar" },
      h("span", { class: "fill" }, counted, chosen),
      group.element,
      chooser.element,
      h("span", { class: "joined", role: "group", "aria-label": "Select" }, button("Best 8", "select the best eight (b)", best), button("All", "select all that the filter shows (a)", all), button("None", "select none (n)", none)),
    ),
    scroller,
  );

  /** @type {import("./columns.js").Shown[]} */
  let columns = [];
  /** @type {Row[]} */
  let rows = [];
  let active = 0;
  /** @type {Map<number, HTMLElement>} by place in rows */
  const drawn = new Map();
  const [above, below] = [spaceRow(), spaceRow()];
  let width = 0;

  /** Which rows there are, and in which order. */
  const arrange = (/** @type {any} */ state) => {
    const { runs } = page.filtered();
    const kept = rows[active]?.run ?? null;
    const chosen = new Set(runs);
    const descending = state.sort.startsWith("-");
    const by = columnNamed(page, state.sort.slice(descending ? 1 : 0) || "best");
    const ordered = by && state.sort ? sortedRuns(runs, by.value, descending) : page.ranking().filter((run) => chosen.has(run));
    const spread = runs.length > OPEN_GROUPS;
    rows = [];
    for (const { key, label, runs: members } of state.group ? groupedRuns(report, ordered, state.group) : []) {
      const made = { key, label, runs: members, open: spread === state.toggled.includes(key) };
      rows.push({ run: null, group: made });
      if (made.open) for (const run of members) rows.push({ run, group: made });
    }
    if (!state.group) rows = ordered.map((run) => ({ run, group: null }));
    active = Math.max(0, kept === null ? Math.min(active, rows.length - 1) : rows.findIndex((row) => row.run === kept));
  };

  /** Which columns there are, and how wide. */
  const layout = () => {
    width = scroller.clientWidth;
    const groups = rows.flatMap((row) => (row.run === null ? [row.group] : []));
    const laid = layoutColumns(page, width, groups, (fits) => chosenColumns(page, fits));
    columns = laid.columns;
    table.style.width = `${PICK_WIDTH + laid.widths.reduce((sum, px) => sum + px, 0)}px`;
    fill(columnGroup, h("col", { style: { width: `${PICK_WIDTH}px` } }), ...laid.widths.map((px) => h("col", { style: { width: `${px}px` } })));
    fill(head, h("tr", { "aria-rowindex": "1" }, ...headCells(page, columns)));
    table.setAttribute("role", store.get().group ? "treegrid" : "grid");
    table.setAttribute("aria-rowcount", String(rows.length + 1));
    table.setAttribute("aria-colcount", String(columns.length + 1));
  };

  /** The rows that can be seen, in the document. */
  const draw = () => {
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - AHEAD);
    const last = Math.min(rows.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW) + AHEAD);
    for (const [place, row] of drawn) {
      if (place >= first && place < last) continue;
      row.remove();
      drawn.delete(place);
    }
    let next = above.element.nextSibling; // rows that stay stand in order, and others go between
    for (let place = first; place < last; place += 1) {
      const kept = drawn.get(place);
      if (!kept) drawn.set(place, body.insertBefore(rowElement(place), next));
      else next = kept.nextSibling;
    }
    above.set(first, columns.length + 1);
    below.set(rows.length - last, columns.length + 1);
    activate(active);
  };

  const rowElement = (/** @type {number} */ place) => {
    const row = rows[place];
    const cells = row.run === null ? groupCells(page, columns, row.group) : runCells(page, columns, row.run);
    const members = row.run === null ? row.group.runs : [row.run];
    const selected = members.every((run) => page.slot(run) !== null);
    const classes = [row.run === null ? "group" : row.group ? "member" : "", report.runs[members[0]].run_id === store.get().run && row.run !== null ? "shown-run" : ""];
    return h("tr", { id: `row-${place}`, class: classes.join(" ").trim() || null, "aria-rowindex": place + 2, "aria-selected": String(selected), "aria-expanded": row.run === null ? String(row.group.open) : null }, ...cells);
  };

  const redraw = () => {
    drawn.clear();
    const nothing = report.runs.length ? "No run is like that. Escape empties the filter." : "There are no runs yet.";
    fill(body, above.element, rows.length === 0 && h("tr", { class: "space" }, h("td", { colspan: columns.length + 1 }, h("p", { class: "empty" }, nothing))), below.element);
    draw();
  };

  const activate = (/** @type {number} */ place) => {
    drawn.get(active)?.classList.remove("active");
    active = place;
    const now = drawn.get(active);
    now?.classList.add("active");
    if (!now) table.removeAttribute("aria-activedescendant");
    else if (table.getAttribute("aria-activedescendant") !== now.id) table.setAttribute("aria-activedescendant", now.id);
  };

  const move = (/** @type {number} */ step) => {
    if (rows.length === 0) return;
    if (document.activeElement !== table) table.focus({ preventScroll: true });
    else active = Math.max(0, Math.min(rows.length - 1, active + step));
    const [top, bottom] = [active * ROW, (active + 2) * ROW]; // the head covers a row
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
    draw();
  };

  const toggle = (/** @type {number} */ place) => {
    const row = rows[place];
    const ids = (row.run === null ? row.group.runs : [row.run]).map((run) => report.runs[run].run_id);
    const { selected } = store.get();
    const chosen = new Set(selected);
    const drop = ids.every((id) => chosen.has(id));
    store.set({ selected: drop ? selected.filter((id) => !ids.includes(id)) : [...selected, ...ids.filter((id) => !chosen.has(id))] });
  };
  const open = (/** @type {number} */ place) => {
    const row = rows[place];
    if (row.run !== null) return store.set({ view: "run", run: report.runs[row.run].run_id });
    const { toggled } = store.get();
    return store.set({ toggled: toggled.includes(row.group.key) ? toggled.filter((key) => key !== row.group.key) : [...toggled, row.group.key] });
  };

  scroller.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  new ResizeObserver(() => {
    if (scroller.clientWidth !== width) layout();
    redraw();
  }).observe(scroller);
  body.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const target = /** @type {Element} */ (event.target);
    const place = Number(target.closest("tr")?.id.slice(4) || NaN);
    if (!rows[place] || getSelection()?.isCollapsed === false) return; // somebody marks text
    const from = active;
    activate(place);
    if (target.closest("button")) open(place);
    else if (event.shiftKey && from !== place) {
      const range = rows.slice(Math.min(from, place), Math.max(from, place) + 1).flatMap((row) => (row.run === null ? [] : [report.runs[row.run].run_id]));
      store.set({ selected: [...new Set([...store.get().selected, ...range])] });
    } else toggle(place);
    table.focus({ preventScroll: true });
  });
  body.addEventListener("mousedown", (/** @type {MouseEvent} */ event) => event.shiftKey && event.preventDefault()); // marks no text
  table.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.target !== table || event.ctrlKey || event.metaKey || event.altKey) return;
    const seen = Math.max(1, Math.floor(scroller.clientHeight / ROW) - 2);
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, PageDown: seen, PageUp: -seen, Home: -rows.length, End: rows.length });
    const row = rows[active];
    if (event.key in steps) {
      if (event.shiftKey && row?.run !== null && row && !page.slot(row.run)) toggle(active);
      move(steps[event.key]);
    } else if (!row) return;
    else if (event.key === " ") toggle(active);
    else if (event.key === "Enter") open(active);
    else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && row.run === null) {
      if (row.group.open !== (event.key === "ArrowRight")) open(active);
    } else return;
    event.preventDefault();
  });

  return {
    element,
    focusFilter: filter.focus,
    move,
    best,
    all,
    none,
    update(state, changed) {
      if (!changed || ORDERING.some((key) => changed.has(key))) {
        arrange(state);
        layout();
        if (changed?.has("filter") || changed?.has("sort") || changed?.has("group")) scroller.scrollTop = 0;
      }
      redraw();
      filter.update(state, changed);
      chooser.update();
      group.update(state);
      const found = page.filtered().runs.length;
      write(counted, found === report.runs.length ? plural(found, "run") : `${found.toLocaleString("en")} of ${plural(report.runs.length, "run")}`);
      write(chosen, `, ${state.selected.length.toLocaleString("en")} selected`);
    },
  };
}

/** A row as high as those that are not in the document. */
function spaceRow() {
  const cell = h("td", { role: "presentation" });
  const element = h("tr", { class: "space", role: "presentation", hidden: true }, cell);
  return {
    element,
    /** @param {number} count of rows @param {number} columns */
    set(count, columns) {
      show(element, count > 0);
      cell.colSpan = columns;
      cell.style.height = `${count * ROW}px`;
    },
  };
}

/** By which hparam rows are grouped. @param {import("./page.js").Page} page */
function groupSelect({ report, store }) {
  const seeds = report.differing.filter((/** @type {string} */ key) => /(^|[._])seed$/i.test(key));
  const options = [["", "ungrouped"], ...seeds.map((/** @type {string} */ key) => [`-${key}`, `by all but ${key}`]), ...report.differing.map((/** @type {string} */ key) => [key, `by ${key}`])];
  const element = h("select", { class: "short", "aria-label": "Group", title: "group runs by an hparam", onchange: () => store.set({ group: element.value, toggled: [] }) }, ...options.map(([value, text]) => h("option", { value }, printable(text))));
  return {
    element,
    update(/** @type {any} */ state) {
      if (!options.some(([value]) => value === state.group)) {
        options.push([state.group, state.group]);
        element.append(h("option", { value: state.group }, printable(state.group)));
      }
      element.value = state.group;
    },
  };
}
