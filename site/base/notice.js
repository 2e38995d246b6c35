// One sentence at the foot of the page: what has just been done, how to undo it, or why it could not be done.

import { fill, h, show } from "./dom.js";

const READ_IN = 8_000; // ms after which a notice goes away by itself; one of an error stays

/** @type {{element: any, timer: ReturnType<typeof setTimeout> | undefined} | null} */
let place = null;

/**
 * Shows *text* in the place of what was said before.
 * @param {string} text
 * @param {{bad?: boolean, action?: {text: string, does: () => void}}} [how] bad: it says why something was not done
 */
export function notify(text, { bad = false, action } = {}) {
  place ??= { element: noticeElement(), timer: undefined };
  const { element } = place;
  const close = () => show(element, false);
  const act = () => {
    close();
    action?.does();
  };
  clearTimeout(place.timer);
  show(element, true);
  element.classList.toggle("bad-notice", bad);
  element.setAttribute("role", bad ? "alert" : "status");
  fill(
    element,
    h("span", { class: "notice-text" }, text),
    action && h("button", { type: "button", onclick: act }, action.text),
    h("button", { type: "button", class: "icon", "aria-label": "Close", onclick: close }, "×"),
  );
  const later = () => {
    if (element.matches(":hover, :focus-within")) rest();
    else close();
  };
  const rest = () => {
    if (place) place.timer = setTimeout(later, READ_IN);
  };
  if (!bad) rest();
}

function noticeElement() {
  const element = h("div", { class: "notice", role: "status", hidden: true });
  document.getElementById("app")?.append(element);
  return element;
}
