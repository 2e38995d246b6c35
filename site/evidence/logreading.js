// One log that is looked at: what stands in the page of it at once, what a server has of it as it grows.

import { plural, size } from "../base/format.js";
import { followLog } from "./logfollow.js";
import { MOST_LINES } from "./loglines.js";

const HEAD = "(most recent call last)"; // without it there is no traceback
const LATER = 5; // readings after one in which a traceback began, until which its lines may come

/** @typedef {import("./logchoice.js").Stream} Stream */
/** @typedef {{offset: number, count: number}} Trace */

export class LogReading {
  /**
   * @param {import("./loglines.js").LogLines} lines where it is shown
   * @param {any} data the page's
   * @param {object} told
   * @param {() => void} told.onchange note, traceback or lines are others
   * @param {(run: number) => boolean} told.alive whether a run writes
   */
  constructor(lines, data, { onchange, alive }) {
    this.lines = lines;
    this.data = data;
    this.onchange = onchange;
    this.alive = alive;
    this.#clear();
  }

  #clear() {
    /** @type {Stream | null} */
    this.stream = null;
    this.run = -1;
    /** @type {Trace | null} */
    this.trace = null;
    /** @type {import("../live/fetchedlogs.js").LogTail | null} of a log from a server */
    this.tail = null;
    /** @type {ReturnType<typeof followLog> | null} */
    this.following = null;
    this.begun = false; // something of it was read
    this.passed = false; // lines came that are not shown: there are too many below what is looked at
    this.trouble = "";
    this.missed = 0; // lines that came below what is looked at
    this.due = 0; // readings until which a traceback is looked for
  }

  /** Shows *stream* of *run* from its end on; null for none. @param {number} run @param {Stream | null} stream */
  open(run, stream) {
    this.following?.end();
    this.#clear();
    [this.run, this.stream] = [run, stream];
    this.lines.begin([]);
    if (!stream) return;
    if (stream.text !== undefined) {
      this.lines.begin(stream.text.split("\n").map((text, offset) => ({ offset, text })));
      const { traceback = null } = stream;
      if (traceback !== null) this.#mark({ offset: traceback, count: Infinity });
      return;
    }
    const tail = (this.tail = this.data.tail(run, stream));
    this.due = 1;
    this.following = followLog(tail, {
      skip: () => this.lines.atEnd,
      looked: () => this.#looked(),
      alive: () => this.alive(run),
      ongrowth: (growth) => this.#grown(growth),
      ontrouble: (error) => this.#failed(error),
    });
    this.look();
  }

  /** Reads no more, and says *why*. @param {string} why */
  stop(why) {
    this.following?.end();
    this.following = null;
    this.trouble = why;
  }

  /** Reads on at once, where it is a log that grows. */
  look() {
    if (this.passed && this.lines.atEnd) this.tail?.restart();
    this.following?.look();
  }

  /** What is said below the lines. */
  get note() {
    if (!this.stream) return "";
    if (this.tail && !this.begun && !this.trouble) return "Reading …";
    const before = this.tail ? this.tail.before : (this.stream.before ?? 0);
    const count = plural(this.lines.drawn.length, "line");
    const place = this.tail ? "above" : "not in the page";
    const all = before > 0 ? `The last ${count}; ${size(before)} before them are ${place}.` : `All ${count}.`;
    const live = this.alive(this.run) ? " New ones are shown as they come." : "";
    return this.trouble ? `${all} Not read on: ${this.trouble}.` : all + (this.tail ? live : "");
  }

  /** Whether there are lines before the first that can be had. */
  get hasEarlier() {
    return (this.tail?.before ?? 0) > 0;
  }

  /** Shows lines before the first one. */
  async earlier() {
    await this.following?.alone(async () => {
      const lines = await this.tail?.earlier().catch((error) => this.#failed(error));
      if (lines) this.lines.prepend(lines);
      if (this.trace) this.lines.mark(this.trace.offset, this.trace.count);
    });
    this.onchange();
  }

  /** Scrolls to where the last traceback begins. */
  async toTraceback() {
    if (!this.trace) return;
    for (let turn = 0; turn < 4 && this.tail && this.trace.offset < this.tail.before; turn += 1) await this.earlier();
    this.lines.jump(this.lines.drawn[this.lines.placeOf(this.trace.offset)]?.row);
  }

  #looked() {
    const seen = this.lines.element.isConnected && document.visibilityState !== "hidden";
    return seen && (this.lines.atEnd || this.lines.drawn.length < 2 * MOST_LINES);
  }

  /** @param {import("../live/fetchedlogs.js").Growth} growth */
  #grown({ anew, lines }) {
    const tail = /** @type {import("../live/fetchedlogs.js").LogTail} */ (this.tail);
    const away = this.begun && !anew && !this.lines.atEnd;
    this.trouble = "";
    const room = away ? Math.max(0, 2 * MOST_LINES - this.lines.drawn.length) : lines.length;
    this.passed = lines.length > room;
    if (anew) this.lines.begin(lines, tail.pending);
    else this.lines.append(lines.slice(0, room), this.passed ? null : tail.pending);
    if (anew) this.lines.toEnd();
    if (anew) [this.trace, this.due] = [null, Math.max(this.due, 1)];
    this.begun = true;
    this.missed = away ? this.missed + lines.length : 0;
    if (this.lines.drawn.length) tail.before = this.lines.drawn[0].offset; // of many the first went
    if (lines.some(({ text }) => text.includes(HEAD))) this.due = LATER;
    if (this.due > 0) void this.#findTraceback(tail);
    this.onchange();
  }

  /** @param {unknown} error */
  #failed(error) {
    this.trouble = error instanceof Error ? error.message : String(error);
    this.onchange();
  }

  /** @param {import("../live/fetchedlogs.js").LogTail} tail */
  async #findTraceback(tail) {
    this.due -= 1;
    const found = await this.data.trace(this.run, this.stream?.stream_id).catch(() => null);
    if (tail !== this.tail || !found) return;
    this.#mark({ offset: found.offset, count: found.lines.length });
    this.onchange();
  }

  /** @param {Trace} trace */
  #mark(trace) {
    this.trace = trace;
    this.lines.mark(trace.offset, trace.count);
  }
}
