// Colours and dashes of selected runs, by slot: a run keeps its slot while it is selected.

/** @typedef {{number: number, color: string, dash: number[]}} Slot */

// Ten colours as far from each other as could be found for people with any colour blindness, each with a contrast of at
// least 3 to the background (tests/site/table.test.js measures both); four dashes make forty lines.
const LIGHT = ["#0b64f4", "#d37a00", "#2c9b64", "#c843c8", "#e90b43", "#37006f", "#4e4300", "#004e6f", "#b17a9b", "#590021"];
const DARK = ["#3785ff", "#dea621", "#16b159", "#bc4ebc", "#c85921", "#00f4de", "#f4dea6", "#9bd3ff", "#a67a9b", "#598564"];
const DASHES = [[], [8, 4], [2, 3], [9, 3, 2, 3]];

/**
 * How slot *number* is drawn; beyond forty they come round again.
 * @param {number} number
 * @param {boolean} dark
 * @returns {Slot}
 */
export function slotStyle(number, dark) {
  const palette = dark ? DARK : LIGHT;
  return {
    number,
    color: palette[number % palette.length],
    dash: DASHES[Math.floor(number / palette.length) % DASHES.length],
  };
}

/**
 * The slot of each of *selected*: those that had one keep it, the others take the lowest that are free, in order.
 * @param {Map<string, number>} before
 * @param {string[]} selected run ids
 * @returns {Map<string, number>}
 */
export function assignSlots(before, selected) {
  const slots = new Map();
  for (const id of selected) if (before.has(id)) slots.set(id, before.get(id));
  const taken = new Set(slots.values());
  let free = 0;
  for (const id of selected) {
    if (slots.has(id)) continue;
    while (taken.has(free)) free += 1;
    taken.add(free);
    slots.set(id, free);
  }
  return slots;
}
