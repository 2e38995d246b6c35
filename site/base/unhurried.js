// Drawing anew what is drawn as a whole while rows change: not at every change, and not under somebody's hand.

const UNHURRIED = 1_000; // ms

/**
 * A function that has *draw* called soon, at most once a second: not while *element* is out of the page, nor while a
 * button of the mouse is held down in it.
 * @param {HTMLElement} element
 * @param {() => void} draw
 * @returns {() => void}
 */
export function unhurried(element, draw) {
  let waiting = false;
  let held = false;
  element.addEventListener("pointerdown", () => (held = true));
  addEventListener("pointerup", () => (held = false));
  const turn = () => {
    if (held) return void setTimeout(turn, UNHURRIED);
    waiting = false;
    if (element.isConnected) draw();
    return undefined;
  };
  return () => {
    if (!waiting) setTimeout(turn, UNHURRIED);
    waiting = true;
  };
}
