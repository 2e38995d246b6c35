// How wide the columns of the run table are: as their longest texts, the name taking what is left.

import { spreadOf } from "./rows.js";
import { glyphOf, stateCounts } from "../page/states.js";

export const PICK_WIDTH = 52; // px: a box to tick and a piece of the run's line
const [LEAST, WIDEST, MOST_NAME, LEAST_NAME, SPARK] = [44, 200, 300, 110, 81];
const NARROW = 460; // px: below it states are glyphs
const USUAL_STATE = "✓ completed"; // others may be longer, and are cut
const NAME_SHARE = 0.27; // of all room; what other columns leave comes on top
const PADDING = 17; // of a cell, and its border
const ARROW = 15; // beside a title
const MEASURED = 6; // the longest texts by characters; one of them is the widest

/**
 * The columns that `choose(fits)` yields and their widths, in px, at *room* px.
 * @param {import("../page/page.js").Page} page
 * @param {number} room
 * @param {import("./rows.js").Group[]} groups
 * @param {(fits: (column: import("./columns.js").Shown) => boolean) => import("./columns.js").Shown[]} choose
 */
export function layoutColumns(page, room, groups, choose) {
  const measured = groups.length ? new Map() : known(page.report.runs);
  const widthOf = (/** @type {import("./columns.js").Shown} */ column) => {
    column.short = column.kind === "state" && room < NARROW;
    const key = `${column.name} ${column.help} ${column.short}`;
    if (!measured.has(key)) measured.set(key, wanted(page, column, groups));
    return measured.get(key);
  };
  let left = room - PICK_WIDTH - 1;
  const columns = choose((column) => {
    left -= column.kind === "name" ? Math.min(widthOf(column), Math.max(LEAST_NAME, room * NAME_SHARE)) : widthOf(column);
    return left >= 0;
  });
  const others = columns.reduce((sum, column) => sum + (column.kind === "name" ? 0 : widthOf(column)), 0);
  const widths = columns.map((column) =>
    column.kind === "name"
      ? Math.max(Math.min(widthOf(column), LEAST_NAME), room - PICK_WIDTH - others - 1)
      : widthOf(column),
  );
  return { columns, widths };
}

/** @type {WeakMap<any[], Map<string, number>>} */
const MEASURED_BEFORE = new WeakMap();

/** What was measured of *runs* does not hold any more. @param {any[]} runs */
export function forgetWidths(runs) {
  MEASURED_BEFORE.delete(runs);
}

/** Widths that hold for *runs*, whatever the filter lets through. @param {any[]} runs */
function known(runs) {
  let found = MEASURED_BEFORE.get(runs);
  if (!found) MEASURED_BEFORE.set(runs, (found = new Map()));
  return found;
}

/**
 * @param {import("../page/page.js").Page} page
 * @param {import("./columns.js").Shown} column
 * @param {import("./rows.js").Group[]} groups
 */
function wanted(page, column, groups) {
  if (column.kind === "spark") return SPARK;
  if (column.kind === "state") {
    const counted = groups.map((group) => countedStates(page, group.runs));
    const texts = [column.title, ...(column.short ? [] : [USUAL_STATE]), ...counted];
    return Math.ceil(Math.max(...texts.map((text) => textWidth(text, 600)))) + PADDING;
  }
  const texts = page.report.runs.map((/** @type {any} */ _, /** @type {number} */ run) => column.text(run));
  if (column.kind === "number") for (const group of groups) texts.push(groupText(column, group.runs));
  if (column.kind === "name") for (const group of groups) texts.push(`▸ ${group.label} ${group.runs.length}`);
  texts.sort((/** @type {string} */ a, /** @type {string} */ b) => b.length - a.length);
  const widest = Math.max(
    0,
    ...texts.slice(0, MEASURED).map((/** @type {string} */ text) => textWidth(text, groups.length ? 600 : 400)),
  );
  const title = textWidth(column.title, 600) + ARROW;
  return Math.ceil(
    Math.max(LEAST, Math.min(Math.max(widest, title), column.kind === "name" ? MOST_NAME : WIDEST)) + PADDING,
  );
}

/** As wide as the states of a group are where they are counted: `✗ 1  ✓ 24  `. @param {import("../page/page.js").Page} page @param {number[]} runs */
function countedStates(page, runs) {
  const counts = stateCounts(runs.map((run) => page.report.runs[run]));
  return counts.map(([state, count]) => `${glyphOf(state)} ${count}  `).join("");
}

/**
 * Mean and spread of a column over a group: `0.9124 ± 0.0041`, both as exact as two digits of the spread are.
 * @param {import("./columns.js").Shown} column
 * @param {number[]} runs
 */
export function groupText(column, runs) {
  const found = spreadOf(runs.map((run) => column.value(run)));
  if (!found) return "";
  const { mean, spread } = found;
  const text = column.format(mean);
  if (spread === null) return text;
  const decimals = Math.max(1 - Number(spread.toExponential(1).split("e")[1]), 0);
  if (spread === 0 || decimals > 6 || !/^-?\d+(\.\d+)?$/.test(text)) return `${text} ± ${column.format(spread)}`; // of times too
  return `${mean.toFixed(decimals)} ± ${spread.toFixed(decimals)}`;
}

/** @type {CanvasRenderingContext2D | null} */
let pen = null;

/**
 * @param {string} text
 * @param {number} weight
 */
function textWidth(text, weight) {
  pen ??= document.createElement("canvas").getContext("2d");
  if (!pen) return text.length * 7.5;
  const { fontSize, fontFamily } = getComputedStyle(document.body);
  pen.font = `${weight} ${fontSize} ${fontFamily}`;
  return pen.measureText(text).width;
}
