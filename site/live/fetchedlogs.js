// Logs of runs from a server: which there are, their ends, and what they gain while somebody looks.

import { cleanText, lineBuffer } from "../evidence/logtext.js";
import { addressOf, ask, askJson } from "./server.js";

const TAIL = 512 << 10; // bytes at the end of a log that are fetched at first, and before that when more is asked for
const TOO_FAR = 4 << 20; // bytes that a log may be ahead of what is shown: of one that is written faster the end is shown
const LINE = 4000; // bytes of a line that are shown
const PATH = "api/log-content";

/** @typedef {{name: string, kind: string, rank: number | null, stream_id: string, size: number}} FetchedStream */
/** @typedef {{offset: number, text: string}} LogLine a line with its colours, and the byte of the log at which it begins */
/** @typedef {{anew: boolean, lines: LogLine[]}} Growth *anew*: these lines take the place of all before */
/** @typedef {{stream_id: string, offset: number, lines: string[]}} FetchedTrace the last traceback of a run's logs */

/**
 * The log streams of a run, out before err, by rank. *outside* is a folder that holds others and is not served.
 * @param {string} runId
 * @returns {Promise<{streams: FetchedStream[], outside: string | null}>}
 */
export async function fetchedStreams(runId) {
  const { streams, outside = null } = await askJson(addressOf("api/logs", { run_id: runId }), { cache: "no-store" });
  return { streams, outside };
}

/**
 * The last traceback in the logs of a run, or in one of them; null where there is none.
 * @param {string} runId
 * @param {string} [streamId]
 * @returns {Promise<FetchedTrace | null>}
 */
export async function fetchedTrace(runId, streamId) {
  const query = streamId === undefined ? { run_id: runId } : { run_id: runId, stream_id: streamId };
  return (await askJson(addressOf("api/log-traceback", query), { cache: "no-store" })).traceback;
}

/** A log from its end on: `grow()` reads what it gained, `earlier()` what stands before. One call at a time. */
export class LogTail {
  /**
   * @param {string} runId
   * @param {FetchedStream} stream
   */
  constructor(runId, stream) {
    this.query = { run_id: runId, stream_id: stream.stream_id };
    /** Where its end is given as text. */
    this.address = addressOf(PATH, this.query);
    /** Bytes of the log that stand before those that were read. */
    this.before = 0;
    /** Bytes of the whole log when it was read last. */
    this.size = stream.size;
    this.offset = -1; // to which it was read
    this.file = ""; // which text that was
    this.reader = lineReader(0);
  }

  /** Whether there is more, of which nothing was read yet. */
  get behind() {
    return this.offset < this.size;
  }

  /** The line that has no newline yet; null when there is none. */
  get pending() {
    return this.reader.pending();
  }

  /**
   * The lines that were ended since the last call; those at the end of the log at first, and when it began anew. With
   * *skip* also when it is far ahead.
   * @param {boolean} [skip]
   */
  async grow(skip = true) {
    if (this.offset < 0) return this.#begin(this.size);
    const found = await this.#piece(this.offset, this.file);
    const far = skip && found.size - found.ends > TOO_FAR;
    if (found.begins !== this.offset || far) return this.#begin(found.size);
    [this.offset, this.size] = [found.ends, found.size];
    return { anew: false, lines: this.reader.feed(found.bytes) };
  }

  /** What is read next is the end, as if nothing had been. */
  restart() {
    this.offset = -1;
  }

  /** Lines before those that were read, of as many bytes as are fetched at first; [] when there are none. */
  async earlier() {
    const from = Math.max(this.before - TAIL, 0);
    if (from === this.before) return [];
    const range = `bytes=${from}-${this.before - 1}`;
    const bytes = await bytesOf(await ask(addressOf(PATH, this.query), { headers: { range } }));
    const cut = from > 0 ? lineAfter(bytes) : 0;
    const reader = lineReader(from + cut);
    const lines = reader.feed(bytes.subarray(cut));
    const rest = reader.pending(); // of a line that is longer than all that was read
    this.before = from + cut;
    return rest ? [...lines, rest] : lines;
  }

  /** @param {number} size as far as it is known @returns {Promise<Growth>} */
  async #begin(size) {
    const found = await this.#piece(Math.max(size - TAIL, 0), "");
    const cut = found.begins > 0 ? lineAfter(found.bytes) : 0;
    [this.before, this.offset, this.size] = [found.begins + cut, found.ends, found.size];
    this.reader = lineReader(this.before);
    return { anew: true, lines: this.reader.feed(found.bytes.subarray(cut)) };
  }

  /**
   * What the log holds from byte *from* on, or its end when the text up to there is not that of *file* any more.
   * @param {number} from
   * @param {string} file
   */
  async #piece(from, file) {
    const answer = await ask(addressOf(PATH, { ...this.query, offset: from, file }), { cache: "no-store" });
    const told = (/** @type {string} */ name) => Number(answer.headers.get(`x-spt-${name}`) ?? 0);
    this.file = answer.headers.get("x-spt-file") ?? "";
    return { bytes: await bytesOf(answer), begins: told("start"), ends: told("offset"), size: told("size") };
  }
}

/** Bytes in, lines out; the first byte is byte *at* of the log. @param {number} at */
function lineReader(at) {
  const buffer = lineBuffer(LINE);
  let fed = at;
  const made = (/** @type {Uint8Array} */ bytes) => ({ offset: at, text: cleanText(bytes, true) });
  return {
    feed(/** @type {Uint8Array} */ bytes) {
      const lines = buffer.feed(bytes).map((line) => {
        const one = made(line.bytes);
        at = fed + line.end;
        return one;
      });
      fed += bytes.length;
      return lines;
    },
    /** @returns {LogLine | null} */
    pending() {
      const bytes = buffer.pending();
      return bytes.length ? made(bytes) : null;
    },
  };
}

/** Where the first whole line begins; 0 where none does. @param {Uint8Array} bytes */
function lineAfter(bytes) {
  const after = bytes.indexOf(10) + 1;
  return after < bytes.length ? after : 0;
}

/** @param {Response} answer */
async function bytesOf(answer) {
  return new Uint8Array(await answer.arrayBuffer());
}

/**
 * What the data of a served page say of logs (data.js).
 * @param {(run: number) => string} idOf
 */
export function fetchedLogs(idOf) {
  /** @type {Map<number, string | null>} */
  const folders = new Map();
  return {
    /** Log streams of a run, [] without. @param {number} run */
    async logs(run) {
      const { streams, outside } = await fetchedStreams(idOf(run));
      folders.set(run, outside);
      return streams;
    },
    /** A folder with logs of a run that is not served, as the last `logs` said; null without. @param {number} run */
    outside: (run) => folders.get(run) ?? null,
    /** A log, to be read as it grows. @param {number} run @param {FetchedStream} stream */
    tail: (run, stream) => new LogTail(idOf(run), stream),
    /** The last traceback of a run, or of one of its logs; null without. @param {number} run @param {string} [streamId] */
    trace: (run, streamId) => fetchedTrace(idOf(run), streamId),
  };
}
