// Colours and dashes of selected runs, by slot: a run keeps its slot while it is selected.

/** @typedef {{number: number, color: string, dash: number[]}} Slot */

// Ten colours told apart by people with any common colour blindness, each with a contrast of at least 3 to the
// background (tests/site/colors.test.js measures both); four dashes make forty lines.
const LIGHT = ["#0072b2", "#c04800", "#00795c", "#a3306f", "#6f4ec4", "#8a6a00", "#0e7c86", "#c2132f", "#4d4d4d", "#3a7d00"];
const DARK = ["#5ab4f0", "#f0883e", "#2fc498", "#e07bb0", "#a68cf2", "#d6b13b", "#43c5cf", "#ff6b70", "#b8b8b8", "#8fc74a"];
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
