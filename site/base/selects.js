// Lists to choose from that change while the page is open.

import { fill, h, write } from "./dom.js";

/**
 * The options of a select become *options*, value and text of each. Where they are the same, or somebody is choosing
 * and could choose *value*, nothing closes or moves.
 * @param {any} select
 * @param {string[][]} options
 * @param {string} value
 */
export function fillSelect(select, options, value) {
  const had = select.options;
  const same = options.length === had.length && options.every(([one], place) => had[place].value === one);
  const choosing = document.activeElement === select && [...had].some((one) => one.value === value);
  if (same) options.forEach(([, text], place) => write(had[place], text));
  else if (!choosing) fill(select, ...options.map(([one, text]) => h("option", { value: one }, text)));
  if (select.value !== value) select.value = value;
}
