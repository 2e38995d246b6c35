// Which run and which of its logs are shown first, and which logs belong together.

import { URGENCY } from "../page/states.js";

/** @typedef {{name: string, kind: string, rank: number | null, stream_id: string, size: number, before?: number, text?: string, traceback?: number | null}} Stream without a text it is to be fetched */

/**
 * *places* of runs, those of the most urgent states first, else as they are.
 * @param {{state: string}[]} runs
 * @param {Iterable<number>} places
 */
export function logOrder(runs, places) {
  const urgency = (/** @type {number} */ run) =>
    URGENCY.includes(runs[run].state) ? URGENCY.indexOf(runs[run].state) : URGENCY.length;
  return [...places].sort((a, b) => urgency(a) - urgency(b));
}

/**
 * The log that is meant when none is named, as `spt logs` has it: out, or of a run that failed err; of rank 0, else of
 * no rank, else of the lowest. An empty one only where all are.
 * @param {Stream[]} streams out before err, by rank
 * @param {boolean} failed
 */
export function obviousStream(streams, failed) {
  const held = streams.some(({ size }) => size > 0) ? streams.filter(({ size }) => size > 0) : streams;
  const kind = failed && held.some((stream) => stream.kind === "err") ? "err" : "out";
  const found = held.some((stream) => stream.kind === kind) ? held.filter((stream) => stream.kind === kind) : held;
  return found.find(({ rank }) => rank === 0) ?? found.find(({ rank }) => rank === null) ?? found[0] ?? null;
}

/** The ranks that *streams* are of, null for those of none. @param {Stream[]} streams */
export function ranksOf(streams) {
  return [...new Set(streams.map(({ rank }) => rank))];
}

/**
 * The log of *rank* that is like *stream*, which is of another one.
 * @param {Stream[]} streams
 * @param {number | null} rank
 * @param {Stream | null} stream
 */
export function ofRank(streams, rank, stream) {
  const own = streams.filter((one) => one.rank === rank);
  return own.find(({ kind }) => kind === stream?.kind) ?? own[0] ?? null;
}
