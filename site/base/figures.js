// Pictures and videos in the page. An element is kept for another picture in its place: the old one stays to be seen
// until the new one has come, and nothing jumps.

import { fill, h, show, write } from "./dom.js";
import { printable } from "./format.js";

/** @typedef {{step: number, tag: string, type: string, caption: string | null, width: number | null, height: number | null, src: string | null, why?: string | null}} Picture */

const TINY = 200; // px: an image below is enlarged without smoothing

/** Begins to load a video when it is near enough to be seen soon; this ends that. @param {HTMLVideoElement} video */
function loadWhenNear(video) {
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      video.preload = "metadata";
      near.disconnect();
    },
    { rootMargin: "300px" },
  );
  near.observe(video);
  return () => near.disconnect();
}

/** What a picture is, for those who cannot see it. @param {Picture} picture @param {string} name of the run */
function pictureText({ tag, step, caption }, name) {
  return `${printable(tag)}, step ${step}, ${name}${caption ? `: ${printable(caption)}` : ""}`;
}

/**
 * A picture with its caption. `set` shows another one in its place, and loads one again that could not be shown.
 * @param {() => void} [onopen] makes images buttons
 */
export function createFigure(onopen) {
  const image = h("img", { decoding: "async", loading: "lazy" });
  const button = onopen ? h("button", { type: "button", onclick: onopen }, image) : image;
  const caption = h("figcaption", null);
  const gone = h("div", { class: "gone" });
  /** @type {any} */
  let video = null;
  let forget = () => {};
  const element = h("figure", { class: "picture" }, button, gone, caption);
  let [src, failed] = [/** @type {string | null} */ (null), false];

  const shown = (/** @type {Element | null} */ what) => {
    for (const part of [button, video, gone]) if (part) show(part, part === what);
  };
  image.addEventListener("load", () => {
    image.classList.remove("coming");
    image.classList.toggle("tiny", image.naturalWidth < TINY);
  });
  image.addEventListener("error", () => {
    failed = true;
    say("This file is not there, or no image that this browser shows.");
  });
  const say = (/** @type {string} */ text, /** @type {Element | null} */ way = null) => {
    fill(gone, text, way);
    shown(gone);
  };

  const setImage = (/** @type {Picture} */ picture, /** @type {string} */ text) => {
    image.alt = text;
    if (onopen) button.setAttribute("aria-label", `enlarge ${text}`);
    for (const side of /** @type {const} */ (["width", "height"])) {
      if (picture[side]) image.setAttribute(side, String(picture[side]));
      else image.removeAttribute(side);
    }
    if (src !== picture.src || failed) {
      image.classList.toggle("coming", !picture.width && (src === null || failed));
      image.src = picture.src;
    }
    if (picture.width) image.classList.toggle("tiny", picture.width < TINY);
    shown(button);
  };
  const setVideo = (/** @type {Picture} */ picture, /** @type {string} */ text) => {
    if (!video) {
      video = h("video", { controls: true, loop: true, muted: true, playsinline: true, preload: "none" });
      video.addEventListener("error", () => say("This file is not there, or no video that this browser plays."));
      video.muted = true; // the attribute says so of a video in markup only
      button.after(video);
      forget = loadWhenNear(video);
    }
    video.setAttribute("aria-label", text);
    if (video.getAttribute("src") !== picture.src) video.setAttribute("src", picture.src);
    shown(video);
  };

  return {
    element,
    /** @param {Picture} picture @param {string} name of its run */
    set(picture, name) {
      const text = pictureText(picture, name);
      write(caption, picture.caption ? printable(picture.caption) : "");
      show(caption, Boolean(picture.caption));
      if (!picture.src) say(picture.why ? printable(picture.why) : `not in the page: ${printable(picture.type)}`);
      else if (picture.type === "video") setVideo(picture, text);
      else if (picture.type === "image") setImage(picture, text);
      else say(`${printable(picture.type)}: `, h("a", { class: "link", href: picture.src, download: "" }, "save"));
      [src, failed] = [picture.src, false];
    },
    /** It is not shown any more. */
    end() {
      forget();
      video?.pause();
    },
  };
}

/** @typedef {ReturnType<typeof createFigure>} Figure */

/**
 * *figures*, as many as there are *pictures*, each showing its own; those that are left over go.
 * @param {HTMLElement} parent
 * @param {Figure[]} figures
 * @param {Picture[]} pictures
 * @param {(place: number) => Figure} made
 * @param {(place: number) => string} name of the run that a picture is of
 */
export function fillFigures(parent, figures, pictures, made, name) {
  while (figures.length > pictures.length) {
    const last = /** @type {Figure} */ (figures.pop());
    last.end();
    last.element.remove();
  }
  pictures.forEach((picture, place) => {
    if (!figures[place]) parent.append((figures[place] = made(place)).element);
    figures[place].set(picture, name(place));
  });
}
