// What a page holds besides its markup: the report, and curves, logs and media that are decoded when they are shown.
//
// This module alone knows that they stand in the page itself (docs/page-data.md); all others only ask and wait.

/**
 * A metric of one run. Arrays as long as the Curves' x; NaN in `mean` where nothing finite was logged.
 * @typedef {object} RunCurve
 * @property {number} run index in report.runs
 * @property {Float32Array} mean
 * @property {Float32Array | null} min null: each bucket holds one value, its mean
 * @property {Float32Array | null} max
 * @property {Uint16Array | null} count finite values; null: one where there is a mean
 * @property {Uint8Array | null} nonfinite NaN and infinities; null: none anywhere
 */

/**
 * A metric of several runs on the buckets that they share. `start` is null when exact: each bucket holds one x only.
 * @typedef {{x: Float64Array, start: Float64Array | null, exact: boolean, runs: RunCurve[]}} Curves
 */

/** @typedef {Awaited<ReturnType<typeof openData>>} Data */

const KEPT = 16; // metrics that stay decoded: those on a screen and a few around; 200 runs x 200 buckets are 0.6 MB each

/** What the page holds: the report at once, the rest as promises. A chunk that cannot be read rejects, every time. */
export async function openData() {
  const report = JSON.parse(embedded("report") ?? "null");
  /** @type {Map<number, Promise<Curves>>} the one asked for last stands last */
  const decoded = new Map();

  /** @param {number} metric */
  const all = (metric) => {
    const found = decoded.get(metric) ?? decodeCurves(embedded(`curves-${metric}`) ?? "", report.metrics[metric]);
    decoded.delete(metric);
    decoded.set(metric, found);
    for (const oldest of decoded.keys()) {
      if (decoded.size <= KEPT) break;
      decoded.delete(oldest);
    }
    return found;
  };

  return {
    report,
    /**
     * The curves of a metric, those of *runs* only (indices in report.runs), or of all that have it.
     * @param {number} metric index in report.metrics
     * @param {Iterable<number>} [runs]
     * @returns {Promise<Curves>}
     */
    async curves(metric, runs) {
      const curves = await all(metric);
      if (!runs) return curves;
      const wanted = new Set(runs);
      return { ...curves, runs: curves.runs.filter((curve) => wanted.has(curve.run)) };
    },
    /** Log streams of a run, [] without. @param {number} run @returns {Promise<any[]>} */
    logs: async (run) => JSON.parse(embedded(`logs-${run}`) ?? "[]"),
    /** Media of a run in step order, [] without. @param {number} run @returns {Promise<any[]>} */
    media: async (run) => JSON.parse(embedded(`media-${run}`) ?? "[]"),
  };
}

/** @param {string} id */
function embedded(id) {
  return document.getElementById(id)?.textContent ?? null;
}

/**
 * A chunk as it stands in the page, decoded.
 * @param {string} text base64 of gzip
 * @param {any} metric its entry in report.metrics
 * @returns {Promise<Curves>}
 */
export async function decodeCurves(text, metric) {
  const packed = fromBase64(text.trim());
  const stream = new Blob([/** @type {any} */ (packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return splitPlanes(new Uint8Array(await new Response(stream).arrayBuffer()), metric);
}

/**
 * The planes of a chunk: x, start, mean, min, max, count, nonfinite, of which the metric's entry says what is there.
 * @param {Uint8Array} bytes
 * @param {any} metric
 * @returns {Curves}
 */
export function splitPlanes(bytes, metric) {
  const { buckets, exact } = metric;
  const cells = metric.of.length * buckets;
  let at = 0;
  /** @template T @param {{new (buffer: ArrayBuffer): T, BYTES_PER_ELEMENT: number}} type @param {number} length */
  const plane = (type, length) => {
    const size = length * type.BYTES_PER_ELEMENT;
    if (at + size > bytes.length) throw new Error(`the curves of ${metric.name} are cut short`);
    const found = new type(unshuffled(bytes.subarray(at, at + size), type.BYTES_PER_ELEMENT));
    at += size;
    return found;
  };
  const x = plane(Float64Array, buckets);
  const start = exact ? null : plane(Float64Array, buckets);
  const mean = plane(Float32Array, cells);
  const min = metric.band ? plane(Float32Array, cells) : null;
  const max = metric.band ? plane(Float32Array, cells) : null;
  const count = metric.counts ? plane(Uint16Array, cells) : null;
  const nonfinite = metric.nonfinites ? plane(Uint8Array, cells) : null;
  if (at !== bytes.length) throw new Error(`the curves of ${metric.name} are longer than they should be`);

  /** @template {{subarray(from: number, to: number): any}} T @param {T | null} plane @param {number} row @returns {any} */
  const row = (plane, row) => plane && plane.subarray(row * buckets, (row + 1) * buckets);
  const runs = metric.of.map((/** @type {any} */ entry, /** @type {number} */ place) => ({
    run: entry.run,
    mean: row(mean, place),
    min: row(min, place),
    max: row(max, place),
    count: row(count, place),
    nonfinite: row(nonfinite, place),
  }));
  return { x, start, exact, runs };
}

/**
 * Elements of *width* bytes from all their lowest bytes, then all second bytes, and so on.
 * @param {Uint8Array} bytes
 * @param {number} width
 * @returns {ArrayBuffer}
 */
function unshuffled(bytes, width) {
  const elements = bytes.length / width;
  const found = new Uint8Array(bytes.length);
  for (let byte = 0, from = 0; byte < width; byte += 1) {
    for (let to = byte, end = from + elements; from < end; from += 1, to += width) found[to] = bytes[from];
  }
  return found.buffer;
}

/** @param {string} text */
function fromBase64(text) {
  const native = /** @type {any} */ (Uint8Array).fromBase64;
  return native ? native.call(Uint8Array, text) : Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
