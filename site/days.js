// Days, weeks and months of the reader's calendar, and which of them runs began in.

/** @typedef {{from: number, to: number, first: string, after: string}} Span s since 1970; its first day, and the day behind its last */
/** @typedef {"day" | "week" | "month"} Unit */

const SHOWN_SPANS = { day: 30, week: 26, month: 24 };

/** @type {Unit[]} */
export const UNITS = ["day", "week", "month"];

/**
 * The days, weeks or months up to that of *last*, in their order.
 * @param {Unit} unit
 * @param {number} last s since 1970
 * @returns {Span[]}
 */
export function spansUntil(unit, last) {
  const end = beginning(unit, new Date(last * 1000));
  const many = SHOWN_SPANS[unit];
  const edges = Array.from({ length: many + 1 }, (_, place) => dayAfter(unit, end, place - many + 1));
  return edges.slice(0, -1).map((from, place) => {
    const to = edges[place + 1];
    return { from: from.getTime() / 1000, to: to.getTime() / 1000, first: dayName(from), after: dayName(to) };
  });
}

/**
 * The place of *moment* among *spans*; -1 before them, their number after them.
 * @param {Span[]} spans
 * @param {number} moment
 */
export function spanAt(spans, moment) {
  if (moment < spans[0].from) return -1;
  const found = spans.findIndex(({ to }) => moment < to);
  return found < 0 ? spans.length : found;
}

/**
 * What a span is called: `2026-11-23`, `2026-11-23 to 2026-11-29`, `2026-11`.
 * @param {Unit} unit
 * @param {Span} span
 */
export function spanName(unit, { first, to }) {
  if (unit === "month") return first.slice(0, 7);
  return unit === "day" ? first : `${first} to ${dayName(dayAfter("day", new Date(to * 1000), -1))}`;
}

/** @param {Unit} unit @param {Date} moment */
function beginning(unit, moment) {
  const day = new Date(moment.getFullYear(), moment.getMonth(), unit === "month" ? 1 : moment.getDate());
  return unit === "week" ? dayAfter("day", day, -((day.getDay() + 6) % 7)) : day; // weeks begin on Monday
}

/** The day *count* units after *day*: through Date, since a day can have 23 hours. @param {Unit} unit @param {Date} day @param {number} count */
function dayAfter(unit, day, count) {
  const [months, days] = unit === "month" ? [count, 0] : [0, unit === "week" ? count * 7 : count];
  return new Date(day.getFullYear(), day.getMonth() + months, day.getDate() + days);
}

/** @param {Date} day */
function dayName(day) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${String(day.getFullYear()).padStart(4, "0")}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
