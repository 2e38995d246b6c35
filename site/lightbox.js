// A picture or a video, and one of them large above the page.

import { fill, h, write } from "./dom.js";
import { printable } from "./format.js";

/** @typedef {import("./media.js").Picture} Picture */

const TINY = 200; // px: an image below is enlarged without smoothing

/**
 * @param {Picture} picture
 * @param {string} text what it is, for those who cannot see it
 */
export function mediaElement(picture, text) {
  if (picture.type === "video")
    return h("video", {
      src: picture.src,
      controls: true,
      loop: true,
      muted: true,
      playsinline: true,
      "aria-label": text,
    });
  const tiny = picture.width !== null && picture.width < TINY;
  return h("img", {
    src: picture.src,
    alt: text,
    width: picture.width,
    height: picture.height,
    class: tiny ? "tiny" : null,
    decoding: "async",
  });
}

/** One picture large, above the page; arrow keys lead through those of its run and step. */
export function lightbox() {
  const title = h("h2", null);
  const place = h("div", null);
  const dialog = h(
    "dialog",
    { class: "lightbox", "aria-label": "Image" },
    h(
      "div",
      { class: "sheet" },
      h("div", { class: "sheet-head" }, title, h("button", { type: "button", onclick: () => dialog.close() }, "Close")),
      place,
    ),
  );
  /** @type {Picture[]} */
  let shown = [];
  let [at, name] = [0, ""];
  const draw = () => {
    const picture = shown[at];
    const count = shown.length > 1 ? `, ${at + 1} of ${shown.length}` : "";
    write(title, `${name}, step ${picture.step}${count}`);
    fill(
      place,
      mediaElement(picture, `${printable(picture.tag)}, step ${picture.step}`),
      picture.caption && h("p", { class: "note" }, printable(picture.caption)),
    );
  };
  dialog.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by || shown.length < 2) return;
    at = (at + by + shown.length) % shown.length;
    draw();
  });
  dialog.addEventListener("click", (/** @type {MouseEvent} */ event) => event.target === dialog && dialog.close());
  return {
    element: dialog,
    open(/** @type {Picture[]} */ pictures, /** @type {number} */ first, /** @type {string} */ run) {
      shown = pictures.filter(({ src }) => src);
      [at, name] = [Math.max(0, shown.indexOf(pictures[first])), run];
      draw();
      dialog.showModal();
    },
  };
}
