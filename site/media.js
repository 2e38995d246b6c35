// Images and videos of the selected runs, side by side, a step at a time.

import { fill, h, show, write } from "./dom.js";
import { plural, printable } from "./format.js";
import { lightbox, mediaElement } from "./lightbox.js";
import { lineSwatch } from "./swatch.js";

/** @typedef {{step: number, tag: string, type: string, caption: string | null, width: number | null, height: number | null, src: string | null, why?: string | null}} Picture */

const MOST_RUNS_SHOWN = 24;

/**
 * Of each run the pictures of *tag* at the newest step up to *step* (all of that step), or its first ones.
 * @param {Picture[]} pictures in step order
 * @param {string} tag
 * @param {number} step
 */
export function picturesAt(pictures, tag, step) {
  const tagged = pictures.filter((picture) => picture.tag === tag);
  const before = tagged.filter((picture) => picture.step <= step);
  const at = before.length ? before[before.length - 1].step : tagged[0]?.step;
  return tagged.filter((picture) => picture.step === at);
}

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View}
 */
export function mediaView(page) {
  const { report, store } = page;
  const tags = h("select", {
    "aria-label": "Tag",
    onchange: () => store.set({ media: [tags.value, store.get().media[1] ?? ""] }),
  });
  const slider = h("input", {
    type: "range",
    min: "0",
    step: "1",
    "aria-label": "Step",
    oninput: () => store.set({ media: [tags.value, String(steps[Number(slider.value)])] }),
  });
  const at = h("output", { class: "number" });
  const move = (/** @type {number} */ by) => () => {
    slider.value = String(Number(slider.value) + by);
    store.set({ media: [tags.value, String(steps[Number(slider.value)])] });
  };
  const [before, next] = [
    [-1, "‹", "step before"],
    [1, "›", "next step"],
  ].map(([by, text, title]) =>
    h(
      "button",
      { type: "button", class: "icon", title, "aria-label": title, onclick: move(/** @type {number} */ (by)) },
      text,
    ),
  );
  const bar = h(
    "div",
    { class: "bar" },
    h("label", null, "tag ", tags),
    h("label", null, "step ", slider),
    at,
    h("span", null, before, " ", next),
  );
  const place = h("div", { class: "media-runs" });
  const nothing = h("p", { class: "empty" });
  const element = h("div", null, bar, place, nothing);
  const box = lightbox();
  element.append(box.element);

  /** @type {number[]} */
  let steps = [];
  let drawing = 0;
  const draw = async (/** @type {any} */ state) => {
    const turn = ++drawing;
    const chosen = page
      .selected()
      .filter((run) => report.runs[run].has_media)
      .slice(0, MOST_RUNS_SHOWN);
    /** @type {{run: number, pictures: Picture[]}[]} */
    const found = [];
    for (const run of chosen) found.push({ run, pictures: await page.data.media(run) });
    if (turn !== drawing) return;
    const there = found.filter(({ pictures }) => pictures.length > 0);
    const known = [...new Set(there.flatMap(({ pictures }) => pictures.map(({ tag }) => tag)))].sort();
    const others = report.runs.flatMap((/** @type {any} */ run, /** @type {number} */ one) =>
      run.has_media && run.shown ? [one] : [],
    );
    show(bar, known.length > 0);
    show(place, known.length > 0);
    show(nothing, known.length === 0);
    if (known.length === 0) {
      const select = () =>
        store.set({ selected: others.slice(0, 8).map((/** @type {number} */ run) => report.runs[run].run_id) });
      fill(
        nothing,
        others.length === 0 ? "No images or videos were logged." : "The selected runs logged no images or videos. ",
        others.length > 0 &&
          h(
            "button",
            { type: "button", onclick: select },
            `Select ${plural(Math.min(8, others.length), "run")} that did`,
          ),
      );
      return;
    }
    const tag = known.includes(state.media[0]) ? state.media[0] : known[0];
    fill(tags, ...known.map((one) => h("option", { value: one }, printable(one))));
    tags.value = tag;
    steps = [
      ...new Set(
        there.flatMap(({ pictures }) => pictures.filter((picture) => picture.tag === tag).map(({ step }) => step)),
      ),
    ].sort((a, b) => a - b);
    const wanted = state.media[1] ? Number(state.media[1]) : Infinity;
    const index = Math.max(
      0,
      steps.findLastIndex((step) => step <= wanted),
    );
    slider.max = String(steps.length - 1);
    slider.value = String(index);
    slider.setAttribute("aria-valuetext", `step ${steps[index]}`);
    slider.disabled = steps.length < 2;
    before.disabled = index === 0;
    next.disabled = index === steps.length - 1;
    write(at, `${steps[index]}`);
    fill(
      place,
      ...there.map(({ run, pictures }) =>
        runPictures(page, run, picturesAt(pictures, tag, steps[index]), steps[index], box.open),
      ),
    );
  };
  return {
    element,
    update(state, changed) {
      if (!changed || ["media", "selected", "dark"].some((key) => changed.has(key))) void draw(state);
    },
  };
}

/**
 * @param {import("./page.js").Page} page
 * @param {number} run
 * @param {Picture[]} pictures
 * @param {number} step
 * @param {(pictures: Picture[], place: number, title: string) => void} open
 */
function runPictures(page, run, pictures, step, open) {
  const slot = page.slot(run);
  const name = page.name(run);
  const other = pictures[0] && pictures[0].step !== step ? h("small", null, `step ${pictures[0].step}`) : null;
  const figures = pictures.map((picture, place) => figureOf(picture, name, () => open(pictures, place, name)));
  return h(
    "section",
    { class: "media-run", "aria-label": name },
    h("h3", null, slot && lineSwatch(slot), h("span", { title: printable(page.report.runs[run].run_id) }, name), other),
    figures.length ? h("div", { class: "pictures" }, ...figures) : h("p", { class: "quiet" }, "nothing of this tag"),
  );
}

/**
 * @param {Picture} picture
 * @param {string} name of the run
 * @param {() => void} open
 */
function figureOf(picture, name, open) {
  const caption = picture.caption ? printable(picture.caption) : "";
  const text = `${printable(picture.tag)}, step ${picture.step}, ${name}${caption ? `: ${caption}` : ""}`;
  if (!picture.src)
    return h(
      "figure",
      { class: "picture" },
      h("div", { class: "gone" }, picture.why ? printable(picture.why) : `not in the page: ${picture.type}`),
      caption && h("figcaption", null, caption),
    );
  const content = mediaElement(picture, text);
  if (picture.type === "video")
    return h("figure", { class: "picture" }, content, caption && h("figcaption", null, caption));
  return h(
    "figure",
    { class: "picture" },
    h("button", { type: "button", "aria-label": `enlarge ${text}`, onclick: open }, content),
    caption && h("figcaption", null, caption),
  );
}
