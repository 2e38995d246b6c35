// The run table itself: columns, rows, and what clicks and keys do to them.

import { groupCells, headCells, runCells } from "./cells.js";
import { chosenColumns } from "./chooser.js";
import { fill, h } from "../base/dom.js";
import { rowKey, steadyRows } from "./rows.js";
import { virtualRows } from "../base/virtual.js";
import { PICK_WIDTH, forgetWidths, layoutColumns } from "./widths.js";

const ROW = 28; // px, as --row in page.css
const LAID_OUT = 10_000; // ms after which ages and the decimals of numbers are looked at again, while rows change
const RESTING = 400; // ms without scrolling
const IN_USE = 10_000; // ms after a click or a key for which rows keep their order

/** @typedef {import("./rows.js").Row} Row */

/**
 * @param {import("../page/page.js").Page} page
 */
export function createTable(page) {
  const { report, store } = page;
  const [columnGroup, head, body] = [h("colgroup"), h("thead"), h("tbody")];
  const named = { "aria-label": "Runs", "aria-multiselectable": "true", tabindex: "0" };
  const table = h("table", { class: "grid", role: "grid", ...named }, columnGroup, head, body);
  const element = h("div", { class: "rows" }, table);

  /** @type {import("./columns.js").Shown[]} */
  let columns = [];
  /** @type {Row[]} */
  let rows = [];
  let active = 0;
  let width = 0;
  let laid = 0;
  let used = -Infinity;
  /** @type {Row[] | null} as they are to stand when nobody points at them any more */
  let ordered = null;
  let resting = 0;

  const rowElement = (/** @type {number} */ place) => {
    const row = rows[place];
    const cells = row.run === null ? groupCells(page, columns, row.group) : runCells(page, columns, row.run);
    const detailed = row.run !== null && report.runs[row.run].run_id === store.get().run;
    const classes = [row.run === null ? "group" : row.group ? "member" : "", detailed ? "shown-run" : ""];
    const props = {
      id: `row-${place}`,
      class: classes.join(" ").trim() || null,
      "aria-rowindex": place + 2,
      "aria-selected": String(members(row).every((run) => page.slot(run) !== null)),
      "aria-expanded": row.run === null ? String(row.group.open) : null,
    };
    return h("tr", props, ...cells);
  };
  /** The active row is told to screen readers, which stay in the table. */
  const mark = () => {
    const now = shown.at(active);
    now?.classList.add("active");
    if (!now) table.removeAttribute("aria-activedescendant");
    else if (table.getAttribute("aria-activedescendant") !== now.id) {
      table.setAttribute("aria-activedescendant", now.id);
    }
  };
  const drawn = () => {
    mark();
    if (page.live) needFacts();
  };
  const shown = virtualRows({ scroller: element, body, height: ROW, made: rowElement, ondraw: drawn });
  /** What is seen for a while is asked for: the best value of each run. */
  const needFacts = () => {
    clearTimeout(resting);
    resting = setTimeout(() => {
      const seen = rows.filter((row, place) => row.run !== null && shown.at(place)).map(({ run }) => /** @type {number} */ (run));
      page.data.glance(seen);
    }, RESTING);
  };
  const activate = (/** @type {number} */ place) => {
    shown.at(active)?.classList.remove("active");
    active = place;
    mark();
  };

  /** Which columns there are, and how wide. */
  const layout = () => {
    width = element.clientWidth;
    laid = performance.now();
    const groups = rows.flatMap((row) => (row.run === null ? [row.group] : []));
    const found = layoutColumns(page, width, groups, (fits) => chosenColumns(page, fits));
    columns = found.columns;
    const widths = [PICK_WIDTH, ...found.widths];
    const whole = widths.reduce((sum, px) => sum + px, 0);
    table.style.width = `${whole}px`;
    element.classList.toggle("wide", whole > width);
    fill(columnGroup, ...widths.map((px) => h("col", { style: { width: `${px}px` } })));
    const titles = h("tr", { "aria-rowindex": "1" }, ...headCells(page, columns));
    if (!head.firstChild?.isEqualNode(titles)) fill(head, titles); // one of them may have the focus
    table.setAttribute("role", store.get().group ? "treegrid" : "grid");
    table.setAttribute("aria-rowcount", String(rows.length + 1));
    table.setAttribute("aria-colcount", String(columns.length + 1));
  };
  const draw = (/** @type {"reset" | "patch"} */ how) => {
    const none = page.live?.status() === "loading" ? "Looking for runs …" : "There are no runs yet.";
    const nothing = page.order().length ? "No run is like that. Escape empties the filter." : none;
    shown[how](rows.length, columns.length + 1, nothing);
  };
  const redraw = () => draw("reset");
  new ResizeObserver(() => {
    if (element.clientWidth !== width) layout();
    redraw();
  }).observe(element);

  /**
   * Shows *next*, rows of which some have changed, came or went. While somebody points at rows, has scrolled to them or
   * moves among them those that stay do so in their order; under the mouse others come last.
   */
  const patch = (/** @type {Row[]} */ next) => {
    const pointed = element.matches(":hover");
    const held = pointed || element.scrollTop > 0 || performance.now() - used < IN_USE;
    const [top, mine] = [Math.floor(element.scrollTop / ROW), rows[active] && rowKey(rows[active])];
    const anchor = element.scrollTop > 0 && rows[top] ? rowKey(rows[top]) : null;
    rows = held && !store.get().group ? steadyRows(rows, next, pointed) : next;
    ordered = pointed ? next : null;
    const place = (/** @type {string | number | null} */ key) => rows.findIndex((row) => rowKey(row) === key);
    active = Math.max(0, place(mine));
    if (page.touched().named) forgetWidths(report.runs);
    if (page.touched().named || performance.now() - laid > LAID_OUT) layout();
    table.setAttribute("aria-rowcount", String(rows.length + 1));
    draw("patch");
    if (anchor !== null && place(anchor) >= 0 && place(anchor) !== top) {
      element.scrollTop += (place(anchor) - top) * ROW;
      draw("patch");
    }
  };

  const move = (/** @type {number} */ step) => {
    if (rows.length === 0) return;
    if (document.activeElement !== table) table.focus({ preventScroll: true });
    else activate(Math.max(0, Math.min(rows.length - 1, active + step)));
    shown.reveal(active);
  };
  const ids = (/** @type {Row[]} */ some) => some.flatMap(members).map((run) => report.runs[run].run_id);
  const toggle = (/** @type {number} */ place) => {
    const [mine, { selected }] = [new Set(ids([rows[place]])), store.get()];
    const others = selected.filter((id) => !mine.has(id));
    store.set({ selected: others.length + mine.size === selected.length ? others : [...selected, ...mine] });
  };
  const open = (/** @type {number} */ place) => {
    const row = rows[place];
    if (row.run !== null) return store.set({ view: "run", run: report.runs[row.run].run_id });
    const [{ toggled }, key] = [store.get(), row.group.key];
    return store.set({ toggled: toggled.includes(key) ? toggled.filter((one) => one !== key) : [...toggled, key] });
  };

  body.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const target = /** @type {Element} */ (event.target);
    const [place, from] = [Number(target.closest("tr")?.id.slice(4) || NaN), active];
    if (!rows[place] || getSelection()?.isCollapsed === false) return; // somebody marks text
    activate(place);
    used = performance.now();
    if (target.closest("button")) open(place);
    else if (event.shiftKey && from !== place) {
      const range = ids(rows.slice(Math.min(from, place), Math.max(from, place) + 1).filter((row) => row.run !== null));
      store.set({ selected: [...store.get().selected, ...range] });
    } else toggle(place);
    table.focus({ preventScroll: true });
  });
  element.addEventListener("mouseleave", () => {
    if (ordered) patch(ordered);
  });
  body.addEventListener("mousedown", (/** @type {MouseEvent} */ event) => {
    if (event.shiftKey) event.preventDefault(); // else it marks text
  });
  table.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.target !== table || event.ctrlKey || event.metaKey || event.altKey) return;
    used = performance.now();
    const [row, step] = [rows[active], stepOf(event.key, shown.seen(), rows.length)];
    if (step !== null) {
      if (event.shiftKey && row && row.run !== null && !page.slot(row.run)) toggle(active);
      move(step);
    } else if (!row) return;
    else if (event.key === " ") toggle(active);
    else if (event.key === "Enter") open(active);
    else if (row.run === null && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      if (row.group.open !== (event.key === "ArrowRight")) open(active);
    } else return;
    event.preventDefault();
  });

  return {
    element,
    move,
    redraw,
    /** The run of the active row, null for a group; undefined while the focus is elsewhere. */
    current: () => (document.activeElement === table ? rows[active]?.run : undefined),
    /** Names of the columns that are shown. */
    columns: () => columns.map(({ name }) => name),
    /** Run ids of all rows, those of closed groups too. */
    ids: () => [...new Set(ids(rows))],
    patch,
    /** Shows *next*; the active run stays that. @param {Row[]} next @param {boolean} top whether to scroll up */
    set(next, top) {
      const run = rows[active]?.run ?? null;
      rows = next;
      active = Math.max(0, run === null ? Math.min(active, rows.length - 1) : rows.findIndex((row) => row.run === run));
      layout();
      if (top) element.scrollTop = 0;
    },
  };
}

/** The runs that a row stands for. @param {Row} row */
function members(row) {
  return row.run === null ? row.group.runs : [row.run];
}

/**
 * How far a key moves; null for others.
 * @param {string} key
 * @param {number} seen rows at once
 * @param {number} count of all
 */
function stepOf(key, seen, count) {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: seen, PageUp: -seen, Home: -count, End: count };
  return Object.hasOwn(steps, key) ? steps[/** @type {keyof typeof steps} */ (key)] : null;
}
