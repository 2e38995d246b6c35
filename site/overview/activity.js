// When runs began: a column for each hour, day, week or month, of the states that they are in now.

import { spanAt, spanName, spansUntil, UNITS } from "./days.js";
import { h, show, write } from "../base/dom.js";
import { plural } from "../base/format.js";
import { arrange } from "../base/keyed.js";
import { stateCounts } from "../page/states.js";
import { spokenCounts, stateParts } from "./statebar.js";

const HEIGHT = 96; // px of the highest column
const SPAN_CONDITIONS = /^"\d{4}-\d\d-\d\d[\d: ]*" <= created < "\d{4}-\d\d-\d\d[\d: ]*"$/;

/** @typedef {{name: string, condition: string, rows: any[]}} Column */

/**
 * @param {import("../page/page.js").Page} page
 * @param {import("../filter/facets.js").Facets} facets
 */
export function activityPart(page, facets) {
  const { store } = page;
  const unit = h(
    "select",
    { "aria-label": "One column for each", onchange: () => store.set({ per: unit.value }) },
    ...UNITS.map((name) => h("option", { value: name }, `by ${name}`)),
  );
  const said = h("p", { class: "quiet activity-said" });
  const columns = h("div", { class: "activity", role: "group", "aria-label": "Runs by when they began" });
  const [most, first, last] = [h("span", { class: "activity-most" }), h("span"), h("span")];
  const frame = h("div", { class: "activity-frame", "aria-hidden": "true" }, most);
  const ends = h("div", { class: "activity-ends quiet", "aria-hidden": "true" }, first, last);
  const element = h(
    "section",
    { class: "part activity-part" },
    h("div", { class: "part-head" }, h("h2", null, "Activity"), unit),
    h("div", { class: "activity-plot" }, frame, columns),
    ends,
    said,
  );
  let summary = "";
  const tell = (/** @type {Event} */ event) => {
    const column = /** @type {Element} */ (event.target).closest?.("button");
    write(said, column?.getAttribute("aria-label") ?? summary);
  };
  for (const kind of ["pointerover", "focusin"]) columns.addEventListener(kind, tell);
  for (const kind of ["pointerleave", "focusout"]) columns.addEventListener(kind, () => write(said, summary));
  columns.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => moveFocus(columns, event));

  return {
    element,
    update(/** @type {import("../page/state.js").State} */ state) {
      const per = UNITS.find((name) => name === state.per) ?? "day";
      unit.value = per;
      const rows = facets.without(SPAN_CONDITIONS).map((run) => page.report.runs[run]);
      const { shown, earlier, undated } = columnsOf(rows, per, newest(page, rows));
      show(element, shown.length > 0);
      const highest = Math.max(1, ...shown.map((column) => column.rows.length));
      arrange(columns, shown, {
        key: ({ condition }) => condition,
        make: ({ condition }) =>
          h("button", { type: "button", onclick: () => facets.toggle(condition, SPAN_CONDITIONS) }),
        update: (button, column) => {
          const counts = stateCounts(column.rows);
          button.disabled = column.rows.length === 0;
          button.setAttribute("aria-label", `${column.name}: ${spokenCounts(column.rows.length, counts)}`);
          button.setAttribute("aria-pressed", String(facets.has(column.condition)));
          arrange(button, stateParts(counts, (count) => `${(count / highest) * HEIGHT}px`), STACKED);
        },
      });
      keepOneStop(columns);
      write(most, highest.toLocaleString("en"));
      write(first, shown[0]?.name.split(" to ")[0] ?? "");
      write(last, shown[shown.length - 1]?.name.split(" to ")[0] ?? "");
      const left = [
        earlier && `${plural(earlier, "run")} began before`,
        undated && `${plural(undated, "run")} at no known time`,
      ];
      summary = left.filter(Boolean).join(", ");
      if (!columns.matches(":hover, :focus-within")) write(said, summary);
    },
  };
}

const STACKED = {
  key: (/** @type {import("./statebar.js").StatePart} */ part) => part.state,
  make: (/** @type {import("./statebar.js").StatePart} */ part) => h("span", { class: part.classes }),
  update: (/** @type {any} */ element, /** @type {import("./statebar.js").StatePart} */ part) =>
    element.style.setProperty("height", part.length),
};

/**
 * The moment that the last column holds: now while the page is live, else when the newest run began.
 * @param {import("../page/page.js").Page} page
 * @param {any[]} rows
 */
function newest(page, rows) {
  const { now, asOf } = page.clock();
  const end = Math.max(now, asOf) + 86400; // what began later than that has a wrong clock
  const known = rows.map(({ created_at }) => created_at).filter((moment) => moment !== null && moment < end);
  if (known.length === 0) return null;
  return page.data.live ? now : known.reduce((a, b) => Math.max(a, b));
}

/**
 * @param {any[]} rows
 * @param {import("./days.js").Unit} unit
 * @param {number | null} last
 */
function columnsOf(rows, unit, last) {
  const dated = rows.filter(({ created_at }) => created_at !== null);
  const undated = rows.length - dated.length;
  if (last === null) return { shown: [], earlier: 0, undated };
  const spans = spansUntil(unit, last);
  /** @type {Column[]} */
  const shown = spans.map((span) => {
    return { name: spanName(unit, span), condition: `"${span.first}" <= created < "${span.after}"`, rows: [] };
  });
  let earlier = 0;
  for (const row of dated) {
    const at = spanAt(spans, row.created_at);
    if (at < 0) earlier += 1;
    else if (at < shown.length) shown[at].rows.push(row);
  }
  return { shown, earlier, undated };
}

/** Tab leads to one of the columns, the arrows to the others. @param {HTMLElement} columns */
function keepOneStop(columns) {
  const buttons = /** @type {HTMLButtonElement[]} */ ([...columns.children]);
  const open = buttons.filter((button) => !button.disabled);
  const stop =
    open.find((button) => button === document.activeElement) ??
    open.find((button) => button.getAttribute("aria-pressed") === "true") ??
    open[open.length - 1];
  for (const button of buttons) button.tabIndex = button === stop ? 0 : -1;
}

/** @param {HTMLElement} columns @param {KeyboardEvent} event */
function moveFocus(columns, event) {
  const open = /** @type {HTMLButtonElement[]} */ ([...columns.querySelectorAll("button:not(:disabled)")]);
  const now = open.findIndex((button) => button === document.activeElement);
  const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: open.length - 1 }[event.key];
  if (to === undefined || now < 0) return;
  event.preventDefault();
  open[Math.max(0, Math.min(to, open.length - 1))].focus();
  keepOneStop(columns);
}
