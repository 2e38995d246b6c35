// Hours, days, weeks and months of the reader's calendar, and which of them runs began in.

/** @typedef {{from: number, to: number, first: string, after: string}} Span s since 1970, and both as a filter has them */
/** @typedef {"hour" | "day" | "week" | "month"} Unit */

const SHOWN_SPANS = { hour: 48, day: 30, week: 26, month: 24 };
const HOUR_MS = 3_600_000;

/** @type {Unit[]} */
export const UNITS = ["hour", "day", "week", "month"];

/**
 * The hours, days, weeks or months up to that of *last*, in their order.
 * @param {Unit} unit
 * @param {number} last s since 1970
 * @returns {Span[]}
 */
export function spansUntil(unit, last) {
  const end = beginning(unit, new Date(last * 1000));
  const many = SHOWN_SPANS[unit];
  const edges = Array.from({ length: many + 1 }, (_, place) => unitsAfter(unit, end, place - many + 1));
  return edges.slice(0, -1).map((from, place) => {
    const to = edges[place + 1];
    return { from: from.getTime() / 1000, to: to.getTime() / 1000, first: calendarName(unit, from), after: calendarName(unit, to) };
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
 * What a span is called: `2026-11-23 10:00`, `2026-11-23`, `2026-11-23 to 2026-11-29`, `2026-11`.
 * @param {Unit} unit
 * @param {Span} span
 */
export function spanName(unit, { first, to }) {
  if (unit === "month") return first.slice(0, 7);
  return unit === "week" ? `${first} to ${calendarName("day", unitsAfter("day", new Date(to * 1000), -1))}` : first;
}

/** @param {Unit} unit @param {Date} moment */
function beginning(unit, moment) {
  if (unit === "hour") return new Date(moment.getTime() - pastTheHour(moment));
  const day = new Date(moment.getFullYear(), moment.getMonth(), unit === "month" ? 1 : moment.getDate());
  return unit === "week" ? unitsAfter("day", day, -((day.getDay() + 6) % 7)) : day; // weeks begin on Monday
}

/** ms since the hour began, on clocks that may differ from UTC's by minutes. @param {Date} moment */
function pastTheHour(moment) {
  const local = moment.getTime() - moment.getTimezoneOffset() * 60_000;
  return ((local % HOUR_MS) + HOUR_MS) % HOUR_MS;
}

/**
 * The moment *count* units after *moment*: days through Date, since one can have 23 hours.
 * @param {Unit} unit
 * @param {Date} moment
 * @param {number} count
 */
function unitsAfter(unit, moment, count) {
  if (unit === "hour") return new Date(moment.getTime() + count * HOUR_MS);
  const [months, days] = unit === "month" ? [count, 0] : [0, unit === "week" ? count * 7 : count];
  return new Date(moment.getFullYear(), moment.getMonth() + months, moment.getDate() + days);
}

/** @param {Unit} unit @param {Date} moment */
function calendarName(unit, moment) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const year = String(moment.getFullYear()).padStart(4, "0");
  const day = `${year}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return unit === "hour" ? `${day} ${two(moment.getHours())}:${two(moment.getMinutes())}` : day;
}
