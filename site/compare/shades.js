// Colours for a third property of runs: a scale from dark to bright for numbers, a palette for words.

import { slotStyle } from "../base/colors.js";
import { fieldRange, spreadWide } from "./fields.js";

// Viridis without the end that would vanish on the page: it rises in brightness alone, for every kind of eye.
const ON_LIGHT = ["#440154", "#414487", "#2a788e", "#22a884", "#5cb83b"];
const ON_DARK = ["#4f68b8", "#3d8fc2", "#2db3a0", "#86d549", "#fde725"];

/**
 * The shade of *share*, 0 to 1.
 * @param {number} share
 * @param {boolean} dark
 * @returns {string}
 */
export function shade(share, dark) {
  const stops = dark ? ON_DARK : ON_LIGHT;
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const left = Math.min(Math.floor(at), stops.length - 2);
  const [from, to] = [channels(stops[left]), channels(stops[left + 1])];
  return `rgb(${from.map((channel, place) => Math.round(channel + (to[place] - channel) * (at - left))).join(" ")})`;
}

/** @param {string} color `#rrggbb` */
function channels(color) {
  return [1, 3, 5].map((place) => Number.parseInt(color.slice(place, place + 2), 16));
}

const WORDS_WITH_COLOURS = 9; // the slots but grey, which is for all others

/**
 * The colour of each run by *field*, and what explains them.
 * @param {import("./fields.js").Field} field
 * @param {number[]} runs
 * @param {boolean} dark
 * @param {string} none the colour of runs without it
 * @returns {{color: (run: number) => string, key: {color: string, text: string}[], range: [number, number] | null}} the key is empty for numbers
 */
export function colouring(field, runs, dark, none) {
  const [range, log] = [fieldRange(field, runs), spreadWide(field, runs)];
  if (field.words) {
    const palette = [...Array(10).keys()].filter((slot) => slot !== 8).map((slot) => slotStyle(slot, dark).color);
    const of = (/** @type {number} */ place) => (place < WORDS_WITH_COLOURS ? palette[place] : none);
    const key = field.words.slice(0, WORDS_WITH_COLOURS).map((text, place) => ({ color: of(place), text }));
    const others = field.words.length - key.length;
    if (others > 0) key.push({ color: none, text: `${others} others` });
    return { color: (run) => (field.place(run) === null ? none : of(Number(field.place(run)))), key, range };
  }
  const scaled = (/** @type {number} */ value) => (log ? Math.log10(value) : value);
  const [low, high] = range ? range.map(scaled) : [0, 1];
  const share = (/** @type {number} */ value) => (high > low ? (scaled(value) - low) / (high - low) : 0.5);
  return { color: (run) => (field.place(run) === null ? none : shade(share(Number(field.place(run))), dark)), key: [], range };
}
