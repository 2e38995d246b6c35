// Durations and moments as people type them: `500ms`, `10m`, `2d`, `2026-11-20 10:00`. As spt_cli/words/durations.py.

const SECONDS = /** @type {Record<string, number>} */ ({ ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 });
const DURATION = /^([0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})\s*(ms|s|m|h|d)?$/;
const MOMENT =
  /^(\d{4})-?(\d\d)-?(\d\d)(?:[\s\S](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?(?:(Z)|([+-])(\d\d):?(\d\d)(?::?(\d\d))?)?)?$/u;

/**
 * Seconds of a duration, a bare number being seconds; null if *text* is none.
 * @param {string} text
 */
export function durationIn(text) {
  const found = DURATION.exec(text.trim());
  return found ? Number(found[1]) * SECONDS[found[2] ?? "s"] : null;
}

/**
 * A point in time, s since 1970: a duration before *now*, or a date or time, local without an offset. Null if neither.
 * @param {string} text
 * @param {number} now
 */
export function momentIn(text, now) {
  const before = durationIn(text);
  if (before !== null) return now - before;
  const found = MOMENT.exec(text.trim());
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0));
  const fraction = found[7] ? Number(`0.${found[7].slice(0, 6)}`) : 0;
  const [zulu, sign] = [found[8], found[9]];
  const days = year > 0 && month >= 1 && month <= 12 ? new Date(Date.UTC(2000, month, 0)).getUTCDate() : 0; // 29 in February
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (day < 1 || day > days || (month === 2 && day === 29 && !leap) || hour > 23 || minute > 59 || second > 59)
    return null;
  const utc = new Date(0);
  if (!zulu && !sign) {
    utc.setFullYear(year, month - 1, day);
    utc.setHours(hour, minute, second);
    return utc.getTime() / 1000 + fraction;
  }
  utc.setUTCFullYear(year, month - 1, day);
  utc.setUTCHours(hour, minute, second);
  const [hours, minutes, seconds] = found.slice(10, 13).map((part) => Number(part ?? 0));
  if (sign && (hours > 23 || minutes > 59 || seconds > 59)) return null;
  const offset = sign ? (sign === "-" ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds) : 0;
  return utc.getTime() / 1000 + fraction - offset;
}
