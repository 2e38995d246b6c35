// Colours and dashes of selected runs, by slot: a run keeps its slot while it is selected.

/** @typedef {{number: number, color: string, dash: number[]}} Slot */

// Ten colours as far from each other as could be found for people with any colour blindness, each with a contrast of at
// least 3 to the background (tests/site/table.test.js measures both); four dashes make forty lines.
const LIGHT = [
  "#004ede",
  "#a62c00",
  "#59a600",
  "#e9009b",
  "#0090ff",
  "#0b6443",
  "#bc8559",
  "#9021a6",
  "#d3647a",
  "#a685c8",
];
const DARK = [
  "#9bb1ff",
  "#e97a00",
  "#0ba664",
  "#f42cb1",
  "#16f4ff",
  "#f4d30b",
  "#c8de85",
  "#a66fff",
  "#f49bb1",
  "#ff374e",
];
const DASHES = [[], [8, 4], [2, 3], [9, 3, 2, 3]];

export const SLOTS = LIGHT.length * DASHES.length; // that look different

/**
 * How slot *number* is drawn; beyond SLOTS they come round again.
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
