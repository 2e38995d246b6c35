// Cells of the run table.

import { h, svg } from "../base/dom.js";
import { printable } from "../base/format.js";
import { stateCounts, stateMark } from "../page/states.js";
import { lineSwatch } from "../base/swatch.js";
import { groupText } from "./widths.js";

/** @typedef {import("../page/page.js").Page} Page */
/** @typedef {import("./columns.js").Shown} Shown */

const CLASSES = /** @type {Record<string, string | null>} */ ({
  number: "number",
  name: "who",
  state: null,
  text: null,
  spark: null,
});

/**
 * Titles that sort when they are clicked.
 * @param {Page} page
 * @param {Shown[]} columns
 */
export function headCells(page, columns) {
  const { sort } = page.store.get();
  const cell = (/** @type {Shown} */ column) => {
    const up = sort === column.name || (sort === "" && column.name === "best" && page.goal() === "min");
    const down = sort === `-${column.name}` || (sort === "" && column.name === "best" && page.goal() === "max");
    const title = printable(column.title);
    const help = [printable(column.help || column.title), column.kind === "spark" ? "" : "click to sort"]
      .filter(Boolean)
      .join(": ");
    const next = up
      ? `-${column.name}`
      : down
        ? column.name
        : column.kind === "number" && column.name !== "age" && page.goal() === "max"
          ? `-${column.name}`
          : column.name;
    const text = [h("span", null, title), (up || down) && h("span", { "aria-hidden": "true" }, up ? "↑" : "↓")];
    return h(
      "th",
      {
        scope: "col",
        class: column.short ? "glyph" : CLASSES[column.kind],
        "aria-sort": up ? "ascending" : down ? "descending" : null,
      },
      column.kind === "spark"
        ? h("span", { title: help }, title)
        : h(
            "button",
            { type: "button", class: "plain", title: help, onclick: () => page.store.set({ sort: next }) },
            ...text,
          ),
    );
  };
  return [h("th", { scope: "col", class: "pick" }, h("span", { class: "voice" }, "selected")), ...columns.map(cell)];
}

/**
 * @param {Page} page
 * @param {Shown[]} columns
 * @param {number} run
 */
export function runCells(page, columns, run) {
  const slot = page.slot(run);
  const name = page.name(run);
  const box = h("input", { type: "checkbox", tabindex: "-1", checked: slot !== null, "aria-label": `select ${name}` });
  return [
    h("td", { class: "pick" }, box, slot && lineSwatch(slot)),
    ...columns.map((column) => runCell(page, column, run)),
  ];
}

/**
 * @param {Page} page
 * @param {Shown} column
 * @param {number} run
 */
function runCell(page, column, run) {
  const row = page.report.runs[run];
  if (column.kind === "state")
    return h(
      "td",
      { class: column.short ? "glyph" : null, title: row.state.length > FITTING ? printable(row.state) : null },
      stateMark(row.state, "", column),
    );
  if (column.kind === "spark") return h("td", null, sparkline(row.spark));
  const text = column.text(run);
  if (column.kind !== "name")
    return h("td", { class: CLASSES[column.kind], title: text.length > 20 ? text : null }, text);
  return h("th", { scope: "row", class: "who" }, nameButton(text, `${printable(row.run_id)}: details`));
}

const FITTING = 9; // characters of a state or a name: they always fit
const LONG = 18; // characters of a name that fit nearly always

/** Of a name that is too long the end is seen too: that is what tells runs apart. @param {string} name @param {string} title */
function nameButton(name, title) {
  const folder = name.lastIndexOf("/") + 1;
  const cut = name.endsWith(")") ? name.lastIndexOf(" (") : folder;
  const [start, end] = [name.slice(0, Math.max(cut, 0)), name.slice(Math.max(cut, 0))];
  const split = start !== "" && name.length > LONG;
  return h(
    "button",
    { type: "button", class: `plain${split ? " split" : name.length > FITTING ? " long" : ""}`, tabindex: "-1", title },
    start && h("span", { class: cut === folder ? "folder" : null }, start),
    split ? h("span", { class: "end" }, end) : end,
  );
}

/**
 * @param {Page} page
 * @param {Shown[]} columns
 * @param {import("./rows.js").Group} group
 */
export function groupCells(page, columns, { label, runs, open }) {
  const chosen = runs.filter((run) => page.slot(run) !== null).length;
  const box = h("input", {
    type: "checkbox",
    tabindex: "-1",
    checked: chosen === runs.length,
    indeterminate: chosen > 0 && chosen < runs.length,
    "aria-label": `select all of ${printable(label)}`,
  });
  const cells = columns.map((column) => {
    if (column.kind === "name") {
      const text = printable(label);
      return h(
        "th",
        { scope: "row", class: "who", title: text },
        h(
          "button",
          { type: "button", class: "plain long", tabindex: "-1" },
          `${open ? "▾" : "▸"} ${text} `,
          h("small", null, String(runs.length)),
        ),
      );
    }
    if (column.kind === "number") {
      const [mean, spread] = groupText(column, runs).split(" ± ");
      return h(
        "td",
        { class: "number", title: spread ? "mean ± standard deviation" : null },
        mean,
        spread && h("span", { class: "spread" }, ` ± ${spread}`),
      );
    }
    if (column.kind === "state") {
      const counts = stateCounts(runs.map((run) => page.report.runs[run]));
      return h("td", { class: "states" }, ...counts.map(([state, count]) => stateMark(state, count, { short: true })));
    }
    const texts = new Set(runs.map((run) => column.text(run)));
    return h("td", null, texts.size === 1 && column.kind === "text" ? [...texts][0] : "");
  });
  return [h("td", { class: "pick" }, box), ...cells];
}

const [SPARK_WIDTH, SPARK_HEIGHT] = [64, 20];

/**
 * The primary metric of a run in few pixels; gaps stay gaps.
 * @param {(number | null)[]} values
 */
export function sparkline(values) {
  const finite = /** @type {number[]} */ (values.filter((value) => value !== null));
  if (finite.length === 0) return null;
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  let pen = "M";
  const path = values.map((value, place) => {
    if (value === null) {
      pen = "M";
      return "";
    }
    const x = values.length > 1 ? (place / (values.length - 1)) * (SPARK_WIDTH - 2) + 1 : SPARK_WIDTH / 2;
    const y = high > low ? SPARK_HEIGHT - 2 - ((value - low) / (high - low)) * (SPARK_HEIGHT - 4) : SPARK_HEIGHT / 2;
    const piece = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
    return piece;
  });
  return svg(
    "svg",
    { class: "spark", viewBox: `0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`, "aria-hidden": "true" },
    svg("path", { d: path.join("") }),
  );
}
