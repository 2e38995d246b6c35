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
 * @property {Uint16Array | Uint32Array | null} count finite values; null: one where there is a mean
 * @property {Uint8Array | Uint32Array | null} nonfinite NaN and infinities; null: none anywhere
 */

/**
 * A metric of several runs on the buckets that they share. `start` is null when exact: each bucket holds one x only.
 * @typedef {{x: Float64Array, start: Float64Array | null, exact: boolean, width: number, runs: RunCurve[]}} Curves
 */

/** @typedef {Awaited<ReturnType<typeof openData>>} Data */

const KEPT = 16; // metrics that stay inflated: those on a screen and a few around; 200 runs x 200 buckets are 0.6 MB each

/** What the page holds: the report at once, the rest as promises. A chunk that cannot be read rejects, every time. */
export async function openData() {
  const report = JSON.parse(await new Response(unpacking(embedded("report") ?? "")).text());
  const shown = [...report.runs.keys()].filter((run) => report.runs[run].shown); // epochs are told of these
  /** @type {Map<number, Promise<Uint8Array>>} the one asked for last stands last */
  const inflated = new Map();

  /** @param {number} metric */
  const bytes = (metric) => {
    const found = inflated.get(metric) ?? inflateChunk(embedded(`curves-${metric}`) ?? "", chunkSize(report.metrics[metric]));
    inflated.delete(metric);
    inflated.set(metric, found);
    for (const oldest of inflated.keys()) {
      if (inflated.size <= KEPT) break;
      inflated.delete(oldest);
    }
    return found;
  };

  return {
    report,
    live: null,
    /** Where the epochs of *runs* begin, flat pairs (step, epoch) each. @param {number[]} runs @returns {Promise<Map<number, number[]>>} */
    epochs: async (runs) => new Map(runs.map((run) => [run, report.epochs[shown.indexOf(run)] ?? []])),
    /** What is known of runs is in the report. */
    facts: async () => {},
    /**
     * The curves of a metric, those of *runs* only (indices in report.runs), or of all that have it.
     * @param {number} metric index in report.metrics
     * @param {Iterable<number>} [runs]
     * @returns {Promise<Curves>}
     */
    curves: async (metric, runs) => readChunk(await bytes(metric), report.metrics[metric], runs && new Set(runs)),
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

/** @typedef {{name: string, type: any, rows: number}} Plane of a chunk: what it holds, in which arrays, for how many runs */

/**
 * The planes of a chunk, in their order. What all runs share is one row.
 * @param {any} metric its entry in report.metrics, which says which are there
 * @returns {Plane[]}
 */
function planesOf({ exact, band, counts, nonfinites, of }) {
  const rows = of.length;
  return [
    { name: "x", type: Float64Array, rows: 1 },
    !exact && { name: "start", type: Float64Array, rows: 1 },
    { name: "mean", type: Float32Array, rows },
    band && { name: "min", type: Uint16Array, rows },
    band && { name: "max", type: Uint16Array, rows },
    counts && { name: "count", type: Uint16Array, rows },
    nonfinites && { name: "nonfinite", type: Uint8Array, rows },
  ].filter((plane) => plane !== false);
}

/** Bytes of a plane. @param {Plane} plane @param {number} buckets */
function planeSize({ type, rows }, buckets) {
  return type.BYTES_PER_ELEMENT * buckets * rows;
}

/** Bytes of a chunk. @param {any} metric */
export function chunkSize(metric) {
  return planesOf(metric).reduce((sum, plane) => sum + planeSize(plane, metric.buckets), 0);
}

/**
 * A chunk as it stands in the page, inflated to its *size*. It is filled piece by piece: joined by the browser, the
 * pieces would take twice the memory.
 * @param {string} text base64 of gzip
 * @param {number} size bytes
 * @returns {Promise<Uint8Array>}
 */
export async function inflateChunk(text, size) {
  const reader = unpacking(text).getReader();
  const bytes = new Uint8Array(size);
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (at + value.length > size) throw new Error("they are longer than the report says");
    bytes.set(value, at);
    at += value.length;
  }
  if (at < size) throw new Error("they are cut short");
  return bytes;
}

/**
 * The curves in an inflated chunk, of *wanted* runs only or of all.
 * @param {Uint8Array} bytes
 * @param {any} metric
 * @param {Set<number>} [wanted]
 * @returns {Curves}
 */
export function readChunk(bytes, metric, wanted) {
  const { buckets, exact, width, of } = metric;
  const runs = of
    .map((/** @type {any} */ { run }, /** @type {number} */ row) => ({ run, row }))
    .filter((/** @type {{run: number}} */ { run }) => !wanted || wanted.has(run));
  /** @type {any} */
  const curves = { x: null, start: null, exact, width, runs: runs.map((/** @type {{run: number}} */ { run }) => ({ run, mean: null, min: null, max: null, count: null, nonfinite: null })) };
  let at = 0;
  for (const plane of planesOf(metric)) {
    const size = planeSize(plane, buckets);
    const own = bytes.subarray(at, at + size);
    at += size;
    const cut = (/** @type {number} */ row) => new plane.type(unshuffled(own, plane.type.BYTES_PER_ELEMENT, row * buckets, buckets));
    if (plane.name === "x" || plane.name === "start") curves[plane.name] = cut(0);
    else runs.forEach((/** @type {{row: number}} */ { row }, /** @type {number} */ place) => (curves.runs[place][plane.name] = cut(row)));
  }
  if (!metric.band) return curves;
  for (const curve of curves.runs) {
    curve.min = bandEnd(curve.mean, -1, curve.min);
    curve.max = bandEnd(curve.mean, 1, curve.max);
  }
  return curves;
}

const DROPPED = 19; // bits of a float32 that say how far a band reaches, of which only the upper ones stand in a chunk
const LARGEST = 3.4028234663852886e38; // float32

/**
 * One end of a band: so far from *mean* as *bits* say.
 * @param {Float32Array} mean
 * @param {number} sign
 * @param {Uint16Array} bits
 */
function bandEnd(mean, sign, bits) {
  const [away, found] = [new Uint32Array(bits.length), mean.slice()];
  const reach = new Float32Array(away.buffer);
  for (let place = 0; place < bits.length; place += 1) {
    if (bits[place] === 0) continue;
    away[place] = bits[place] << DROPPED;
    found[place] = Math.min(Math.max(mean[place] + sign * reach[place], -LARGEST), LARGEST);
  }
  return found;
}

/**
 * *count* elements of *width* bytes, from *first* on, of a plane that holds all their lowest bytes, then all second
 * bytes, and so on.
 * @param {Uint8Array} plane
 * @param {number} width
 * @param {number} first
 * @param {number} count
 * @returns {ArrayBuffer}
 */
function unshuffled(plane, width, first, count) {
  const elements = plane.length / width;
  const found = new Uint8Array(count * width);
  for (let byte = 0; byte < width; byte += 1) {
    let from = byte * elements + first;
    for (let to = byte; to < found.length; to += width, from += 1) found[to] = plane[from];
  }
  return found.buffer;
}

/** What is large in a page, as it comes out of gzip. @param {string} text base64 @returns {ReadableStream<any>} */
function unpacking(text) {
  const packed = /** @type {any} */ (fromBase64(text.trim()));
  const stream = /** @type {ReadableStream<any>} */ (new Response(packed).body);
  return stream.pipeThrough(new DecompressionStream("gzip"));
}

/** @param {string} text */
function fromBase64(text) {
  const native = /** @type {any} */ (Uint8Array).fromBase64;
  return native ? native.call(Uint8Array, text) : Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
