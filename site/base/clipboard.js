// Copying text.

import { h } from "./dom.js";

/**
 * Puts *text* on the clipboard; whether that worked.
 * @param {string} text
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByHand(text); // frames and old browsers
  }
}

/** @param {string} text */
function copiedByHand(text) {
  const area = h("textarea", { class: "voice", "aria-hidden": "true", tabindex: "-1" });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

/**
 * A button that copies what *text* returns, and says so.
 * @param {import("../page/page.js").Page} page
 * @param {string} label
 * @param {() => string} text
 */
export function copyButton(page, label, text) {
  const button = h(
    "button",
    {
      type: "button",
      async onclick() {
        const copied = await copyText(text());
        page.say(copied ? `${label}: copied` : "nothing was copied: this browser does not allow it");
        button.textContent = copied ? "Copied" : "Not allowed";
        setTimeout(() => (button.textContent = label), 1200);
      },
    },
    label,
  );
  return button;
}
