// Whether the page shows what is true now, and if not, since when.

import { h, write } from "../base/dom.js";
import { ago } from "../base/format.js";

const STATUS_WORDS = /** @type {Record<import("./follow.js").LiveStatus, string>} */ ({
  loading: "looking for runs",
  live: "live",
  reconnecting: "reconnecting",
  paused: "paused",
  refused: "refused",
});
const REFUSED = "this server wants a token: open the address that spt serve printed";
const FRESH = 20; // s: the server gives a sign of life every 15

/** @param {import("./follow.js").Live} live */
export function livenessOf(live) {
  const [dot, word, rest] = [h("span", { "aria-hidden": "true" }, "●"), h("span", null), h("span", null)];
  const element = h("span", { class: "liveness", role: "status" }, dot, " ", word, rest);
  const update = () => {
    const status = live.status();
    const { phase, total, done } = live.scan();
    element.dataset.status = status;
    element.title = status === "refused" ? REFUSED : `the server was heard ${ago(live.age())} ago`;
    write(word, STATUS_WORDS[status]);
    const old = status === "reconnecting" || live.age() > FRESH ? `, as of ${ago(live.age())} ago` : "";
    write(rest, status === "loading" ? `: ${scanned(phase, total, done)}` : old);
  };
  setInterval(update, 1_000);
  return { element, update };
}

/** How far the first scan is, in words. @param {string} phase @param {number} total @param {number} done */
function scanned(phase, total, done) {
  if (phase === "starting") return "starting";
  return phase === "discovering" ? `${total.toLocaleString("en")} found` : `${done.toLocaleString("en")} of ${total.toLocaleString("en")} read`;
}
