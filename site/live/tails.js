// Curves as a server answers them, and what they become when a run has gone on: a little is fetched and put behind.

/** @typedef {import("../page/data.js").Curves} Curves */
/** @typedef {import("../page/data.js").RunCurve} RunCurve */

const LARGEST_FLOAT = 3.4028234e38; // of a float32

/** @typedef {{run_id: string, mean: (number | null)[], min?: (number | null)[], max?: (number | null)[], count?: number[], nonfinite?: number[]}} ServedRow */
/** @typedef {{metric: string, axis: string, exact: boolean, x: number[], start?: number[], width?: number, runs: ServedRow[]}} ServedCurves */
/** @typedef {{metric: string, exact: boolean, width: number, after?: number, runs: (ServedRow & {at: number[], before: number})[]}} ServedTail */

/**
 * @param {ServedCurves} served
 * @param {(id: string) => number | undefined} indexOf
 * @returns {Curves}
 */
export function curvesOf({ exact, x, start, width = 0, runs }, indexOf) {
  const made = runs.flatMap((row) => {
    const run = indexOf(row.run_id);
    return run === undefined ? [] : [{ run, ...planes(row) }];
  });
  return { x: Float64Array.from(x), start: exact || !start ? null : Float64Array.from(start), exact, width, runs: made };
}

/** @param {ServedRow} row @returns {Planes} */
function planes({ mean, min, max, count, nonfinite }) {
  return {
    mean: floats(mean),
    min: min && max ? floats(min) : null,
    max: min && max ? floats(max) : null,
    count: count ? Uint32Array.from(count) : null,
    nonfinite: nonfinite ? Uint32Array.from(nonfinite) : null,
  };
}

/** @param {(number | null)[]} values */
function floats(values) {
  return Float32Array.from(values, (value) => (value === null ? NaN : Math.max(-LARGEST_FLOAT, Math.min(LARGEST_FLOAT, value))));
}

/**
 * From which x on *runs* are to be fetched again: where the last bucket begins that each of those has something in that
 * are in *curves*; where the last of all begins when none is. null when there are no buckets at all.
 * @param {Curves} curves
 * @param {number[]} runs
 */
export function tailStart(curves, runs) {
  const begins = curves.start ?? curves.x;
  let least = begins.at(-1) ?? null;
  for (const run of runs) {
    const curve = curves.runs.find((one) => one.run === run);
    if (curve) least = Math.min(least ?? Infinity, begins[Math.max(0, lastHeld(curve))]);
  }
  return least;
}

/**
 * *curves* with what a server answered about some of their runs from `after` on. null when that does not fit: buckets
 * got wider, more than *most* are needed, or points before that are not those that were known.
 * @param {Curves} curves
 * @param {ServedTail} tail
 * @param {(id: string) => number | undefined} indexOf
 * @param {number} most buckets
 * @returns {Curves | null}
 */
export function withTail(curves, { exact, width, after, runs }, indexOf, most) {
  if (after === undefined || exact !== curves.exact || width !== curves.width) return null;
  const cut = firstFrom(curves.start ?? curves.x, after);
  const known = new Map(curves.runs.map((curve) => [curve.run, curve]));
  for (const { run_id, before } of runs) {
    const curve = known.get(indexOf(run_id) ?? -1);
    if (!curve || pointsBefore(curve, cut) !== before) return null;
  }
  const begins = joinedPlaces(curves, runs.map(({ at }) => at), cut); // prettier-ignore
  if (begins.length > most) return null;
  const place = new Map([...begins].map((one, number) => [one, number]));
  const grown = new Map(runs.map((row) => [indexOf(row.run_id), row]));
  const from = Array.from((curves.start ?? curves.x).subarray(cut), (one) => place.get(one) ?? 0);
  const joined = curves.runs.map((curve) => {
    const row = grown.get(curve.run);
    const end = row ? { ...planes(row), at: row.at.map((one) => place.get(one) ?? 0) } : { ...cutFrom(curve, cut), at: from };
    return joinedCurve(curve, end, begins.length, cut);
  });
  const x = curves.exact ? begins : Float64Array.from(begins, (one) => one + width / 2);
  return { ...curves, x, start: curves.exact ? null : begins, runs: joined };
}

/**
 * Where the buckets of *curves* begin, and those in *others*, which all stand from *cut* on; those between them, too.
 * @param {Curves} curves
 * @param {number[][]} others
 * @param {number} cut
 */
function joinedPlaces({ x, start, exact, width }, others, cut) {
  const begins = start ?? x;
  const later = [...new Set([...begins.subarray(cut), ...others.flat()])].sort((a, b) => a - b);
  const whole = exact || later.length === 0 ? later : Array.from({ length: Math.round(((later.at(-1) ?? 0) - later[0]) / width) + 1 }, (_, place) => later[0] + place * width);
  return Float64Array.from([...begins.subarray(0, cut), ...whole]);
}

/** @typedef {Pick<RunCurve, "mean" | "min" | "max" | "count" | "nonfinite">} Planes */

/** The planes of a curve from a place on. @param {RunCurve} curve @param {number} cut @returns {Planes} */
function cutFrom({ mean, min, max, count, nonfinite }, cut) {
  const end = (/** @type {any} */ plane) => plane && plane.subarray(cut);
  return { mean: end(mean), min: end(min), max: end(max), count: end(count), nonfinite: end(nonfinite) };
}

/**
 * @param {RunCurve} curve
 * @param {Planes & {at: number[]}} end what takes the place of all from *cut* on, and where it stands
 * @param {number} length
 * @param {number} cut
 * @returns {RunCurve}
 */
function joinedCurve(curve, end, length, cut) {
  const joined = (/** @type {any} */ before, /** @type {any} */ later, /** @type {any} */ made) => {
    made.set(before.subarray(0, cut));
    end.at.forEach((place, number) => (made[place] = later[number]));
    return made;
  };
  const counted = (/** @type {Planes} */ one) => one.count ?? Uint32Array.from(one.mean, (mean) => Number(!Number.isNaN(mean)));
  const none = (/** @type {Planes} */ one) => one.nonfinite ?? new Uint32Array(one.mean.length);
  const gaps = () => new Float32Array(length).fill(NaN);
  return {
    run: curve.run,
    mean: joined(curve.mean, end.mean, gaps()),
    min: curve.min || end.min ? joined(curve.min ?? curve.mean, end.min ?? end.mean, gaps()) : null,
    max: curve.max || end.max ? joined(curve.max ?? curve.mean, end.max ?? end.mean, gaps()) : null,
    count: curve.count || end.count ? joined(counted(curve), counted(end), new Uint32Array(length)) : null,
    nonfinite: curve.nonfinite || end.nonfinite ? joined(none(curve), none(end), new Uint32Array(length)) : null,
  };
}

/** The last place at which a run has anything; -1. @param {RunCurve} curve */
function lastHeld({ mean, nonfinite }) {
  for (let place = mean.length - 1; place >= 0; place -= 1) {
    if (!Number.isNaN(mean[place]) || nonfinite?.[place]) return place;
  }
  return -1;
}

/** Points of a run before a place. @param {RunCurve} curve @param {number} cut */
function pointsBefore({ mean, count, nonfinite }, cut) {
  let points = 0;
  for (let place = 0; place < cut; place += 1) {
    points += (count ? count[place] : Number(!Number.isNaN(mean[place]))) + (nonfinite?.[place] ?? 0);
  }
  return points;
}

/** The first place in *x* that is not below *value*. @param {Float64Array} x @param {number} value */
function firstFrom(x, value) {
  let place = x.length;
  while (place > 0 && x[place - 1] >= value) place -= 1;
  return place;
}
