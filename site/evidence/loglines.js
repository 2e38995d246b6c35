// The lines of a log: drawn in blocks, marked where they hold what is searched for, added to while they are read.

import { colouredLines } from "./ansi.js";
import { fill, h } from "../base/dom.js";

const BLOCK = 100; // lines that the browser lays out together, once they are near
export const MOST_LINES = 20_000; // that stay while a log is followed
const ABOVE = 60; // px that are seen above a line that was scrolled to
const END_IS = 30; // px from the end that still count as being there

/** @typedef {import("../live/fetchedlogs.js").LogLine} LogLine */
/** @typedef {{offset: number, plain: string, row: HTMLElement}} Drawn */

export class LogLines {
  constructor() {
    /** What stands in the page. */
    this.element = h("div", {
      class: "log-lines",
      tabindex: "0",
      role: "log",
      "aria-live": "off",
      "aria-label": "Log",
    });
    /** @type {Drawn[]} */
    this.drawn = [];
    /** @type {Drawn[]} those that hold what is searched for */
    this.hits = [];
    /** @type {Drawn | null} the hit that was gone to */
    this.current = null;
    /** @type {Drawn | null} the last line, when it has no newline yet */
    this.unfinished = null;
    this.unfinishedText = "";
    this.wanted = "";
    this.first = 1; // number of the first line
    this.longest = 0; // letters of a line
    /** @type {{offset: number, count: number}} lines of a traceback */
    this.marked = { offset: Infinity, count: 0 };
  }

  /** Whether its end can be seen. */
  get atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < END_IS;
  }

  /** All of it without colours. */
  get text() {
    return this.drawn.map(({ plain }) => plain).join("\n");
  }

  /**
   * Other lines than before; of a great many the last.
   * @param {LogLine[]} lines
   * @param {LogLine | null} [unfinished]
   * @param {number} [first] number of the first
   */
  begin(lines, unfinished = null, first = 1) {
    fill(this.element);
    [this.drawn, this.hits, this.current, this.unfinished] = [[], [], null, null];
    [this.first, this.longest, this.unfinishedText] = [first, 0, ""];
    this.marked = { offset: Infinity, count: 0 };
    this.append(lines.slice(-MOST_LINES), unfinished);
  }

  /**
   * More lines at the end; who is there stays there. Of a great many the first go.
   * @param {LogLine[]} lines
   * @param {LogLine | null} [unfinished]
   */
  append(lines, unfinished = null) {
    const text = unfinished?.text ?? "";
    if (!lines.length && text === this.unfinishedText) return;
    const follows = this.atEnd;
    if (follows && lines.length > MOST_LINES) return this.#jumped(lines, unfinished);
    const dropped = this.unfinished ? this.#dropLast() : null;
    const made = (unfinished ? [...lines, unfinished] : lines).map((line) => this.#line(line));
    this.unfinished = unfinished && made[made.length - 1];
    this.unfinishedText = text;
    this.#place(made);
    if (dropped && dropped === this.current && made[0]) this.current = this.hits.includes(made[0]) ? made[0] : null;
    this.current?.row.classList.add("current");
    if (!follows) return;
    while (this.drawn.length - BLOCK >= MOST_LINES) this.#dropFirst();
    this.toEnd();
  }

  /**
   * The last of *lines* in the place of all before them.
   * @param {LogLine[]} lines
   * @param {LogLine | null} unfinished
   */
  #jumped(lines, unfinished) {
    const { offset, count } = this.marked;
    const ended = this.drawn.length - (this.unfinished ? 1 : 0);
    this.begin(lines, unfinished, this.first + ended + lines.length - MOST_LINES);
    this.mark(offset, count);
    this.toEnd();
  }

  /** Lines before the first one; what is looked at stays where it is. @param {LogLine[]} lines */
  prepend(lines) {
    const { scrollHeight, scrollTop } = this.element;
    const made = lines.map((line) => this.#line(line));
    const blocks = made.flatMap((line, place) => (place % BLOCK ? [] : [h("div", { class: "log-block" })]));
    made.forEach(({ row }, place) => blocks[Math.floor(place / BLOCK)].append(row));
    this.element.prepend(...blocks);
    this.drawn = [...made, ...this.drawn];
    this.hits = [...this.#found(made), ...this.hits];
    this.first = 1;
    this.drawn.forEach(({ row }, place) => (/** @type {Element} */ (row.firstChild).textContent = String(place + 1)));
    this.#widen(made);
    this.element.scrollTop = scrollTop + this.element.scrollHeight - scrollHeight;
  }

  /** Marks *count* lines from that one on which begins at byte *offset*; Infinity for all. */
  mark(/** @type {number} */ offset, /** @type {number} */ count) {
    this.marked = { offset, count };
    const first = this.placeOf(offset);
    this.drawn.forEach(({ row }, place) => row.classList.toggle("in-traceback", place >= first && place < first + count));
  }

  /** Place of the line that begins at byte *offset* or after it. @param {number} offset */
  placeOf(offset) {
    const found = this.drawn.findIndex((line) => line.offset >= offset);
    return found < 0 ? Infinity : found;
  }

  /** Marks the lines that hold *words*, letters large or small. @param {string} words */
  look(words) {
    this.wanted = words.toLowerCase();
    for (const { row } of this.hits) row.classList.remove("hit", "current");
    this.hits = this.#found(this.drawn);
    this.current = null;
  }

  /** To the next of the marked lines, or with -1 to the one before; its number, from 1. @param {number} by */
  step(by) {
    if (!this.hits.length) return 0;
    const at = this.current ? this.hits.indexOf(this.current) : by > 0 ? -1 : 0;
    const next = (at + by + this.hits.length) % this.hits.length;
    this.current?.row.classList.remove("current");
    this.current = this.hits[next];
    this.current.row.classList.add("current");
    this.jump(this.current.row);
    return next + 1;
  }

  /** Scrolls to a line. @param {HTMLElement | undefined} row */
  jump(row) {
    const to = () => {
      if (!row?.isConnected) return;
      this.element.scrollTop += row.getBoundingClientRect().top - this.element.getBoundingClientRect().top - ABOVE;
    };
    to();
    requestAnimationFrame(to); // lines that came into view are as high as they are only now
  }

  /** Scrolls to the end. */
  toEnd() {
    const to = () => (this.element.scrollTop = this.element.scrollHeight);
    to();
    requestAnimationFrame(to);
  }

  /** @param {LogLine} line @returns {Drawn} */
  #line({ offset, text }) {
    const [pieces] = colouredLines(text);
    const plain = pieces.map((piece) => piece.text).join("");
    const content = pieces.map((piece) => (piece.classes ? h("span", { class: piece.classes }, piece.text) : piece.text));
    const row = h("div", { class: "log-line" }, h("span", { "aria-hidden": "true" }), h("span", null, ...content));
    return { offset, plain, row };
  }

  /** Puts lines below the others. @param {Drawn[]} lines */
  #place(lines) {
    let block = this.element.lastElementChild;
    for (const line of lines) {
      if (!block || block.childElementCount >= BLOCK) this.element.append((block = h("div", { class: "log-block" })));
      /** @type {Element} */ (line.row.firstChild).textContent = String(this.first + this.drawn.length);
      block?.append(line.row);
      this.drawn.push(line);
    }
    this.hits.push(...this.#found(lines));
    this.#widen(lines);
  }

  /** Those of *lines* that hold what is searched for, which are marked. @param {Drawn[]} lines */
  #found(lines) {
    const found = this.wanted === "" ? [] : lines.filter((line) => line.plain.toLowerCase().includes(this.wanted));
    for (const { row } of found) row.classList.add("hit");
    return found;
  }

  /** Blocks that are not laid out are as wide as the longest line. @param {Drawn[]} lines */
  #widen(lines) {
    const longest = lines.reduce((most, { plain }) => Math.max(most, plain.length), this.longest);
    if (longest === this.longest) return;
    this.longest = longest;
    this.element.style.setProperty("--longest", String(longest));
  }

  #dropLast() {
    const last = /** @type {Drawn} */ (this.drawn.pop());
    const block = last.row.parentElement;
    last.row.remove();
    if (!block?.childElementCount) block?.remove();
    if (this.hits[this.hits.length - 1] === last) this.hits.pop();
    return last;
  }

  #dropFirst() {
    const block = /** @type {Element} */ (this.element.firstElementChild);
    const count = block.childElementCount;
    block.remove();
    this.drawn.splice(0, count);
    this.first += count;
    this.hits = this.hits.filter(({ row }) => row.isConnected);
    if (!this.current?.row.isConnected) this.current = null;
  }
}
