// Rows of a long table: in the document are those that can be seen, and a few around them.

import { become, fill, h, show } from "./dom.js";

const AHEAD = 12; // rows drawn above and below what can be seen

/**
 * @param {object} options
 * @param {HTMLElement} options.scroller what scrolls; its head is as high as a row and stays
 * @param {HTMLElement} options.body the tbody
 * @param {number} options.height of every row, px
 * @param {(place: number) => HTMLElement} options.made a row
 * @param {() => void} options.ondraw after rows came or went
 */
export function virtualRows({ scroller, body, height, made, ondraw }) {
  /** @type {Map<number, HTMLElement>} by place */
  const drawn = new Map();
  const [above, below] = [spaceRow(height), spaceRow(height)];
  let [count, columns] = [0, 1];

  const draw = () => {
    const first = Math.max(0, Math.floor(scroller.scrollTop / height) - AHEAD);
    const last = Math.min(count, Math.ceil((scroller.scrollTop + scroller.clientHeight) / height) + AHEAD);
    for (const [place, row] of drawn) {
      if (place >= first && place < last) continue;
      row.remove();
      drawn.delete(place);
    }
    let next = above.element.nextSibling; // rows that stay stand in order, and others go between
    for (let place = first; place < last; place += 1) {
      const kept = drawn.get(place);
      if (!kept) drawn.set(place, body.insertBefore(made(place), next));
      else next = kept.nextSibling;
    }
    above.set(first, columns);
    below.set(count - last, columns);
    ondraw();
  };
  scroller.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });

  /**
   * All rows anew: *rows* of them with *cells* each, or what is said instead of none.
   * @param {number} rows
   * @param {number} cells
   * @param {string} nothing
   */
  const reset = (rows, cells, nothing) => {
    [count, columns] = [rows, cells];
    drawn.clear();
    const said = () => h("tr", { class: "space" }, h("td", { colspan: columns }, h("p", { class: "empty" }, nothing)));
    fill(body, above.element, count === 0 && said(), below.element);
    draw();
  };

  return {
    reset,
    /** The same, and rows that are there already become what they are to be. @type {typeof reset} */
    patch(rows, cells, nothing) {
      if (rows === 0 || count === 0) return reset(rows, cells, nothing);
      [count, columns] = [rows, cells];
      for (const [place, row] of drawn) if (place < count) become(row, made(place));
      return draw();
    },
    /** The row at *place*, undefined where it is not in the document. @param {number} place */
    at: (place) => drawn.get(place),
    /** Scrolls until the row at *place* can be seen. @param {number} place */
    reveal(place) {
      const [top, bottom] = [place * height, (place + 2) * height]; // the head covers a row
      if (top < scroller.scrollTop) scroller.scrollTop = top;
      else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
      draw();
    },
    /** How many rows can be seen at once. */
    seen: () => Math.max(1, Math.floor(scroller.clientHeight / height) - 2),
  };
}

/** As high as the rows that are not in the document. @param {number} height */
function spaceRow(height) {
  const cell = h("td", { role: "presentation" });
  const element = h("tr", { class: "space", role: "presentation", hidden: true }, cell);
  return {
    element,
    /** @param {number} count of rows @param {number} columns */
    set(count, columns) {
      show(element, count > 0);
      cell.colSpan = columns;
      cell.style.height = `${count * height}px`;
    },
  };
}
