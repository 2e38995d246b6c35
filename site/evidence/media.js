// Images and videos of the selected runs, side by side, a step at a time; from a server as they are logged.

import { fill, h, show, write } from "../base/dom.js";
import { createFigure, fillFigures } from "../base/figures.js";
import { plural, printable } from "../base/format.js";
import { lightbox } from "./lightbox.js";
import { fillSelect } from "../base/selects.js";
import { lineSwatch, styleSwatch } from "../base/swatch.js";

/** @typedef {import("../base/figures.js").Picture} Picture */

const MOST_RUNS_SHOWN = 24;
const REREAD = 3_000; // ms between two lists of the media of a run that goes on

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
 * @param {import("../page/page.js").Page} page
 * @returns {import("../page/page.js").View}
 */
export function mediaView(page) {
  const { report, store } = page;
  const tags = h("select", { "aria-label": "Tag", onchange: () => store.set({ media: [tags.value, store.get().media[1] ?? ""] }) });
  const slider = h("input", { type: "range", min: "0", step: "1", "aria-label": "Step", oninput: () => go(Number(slider.value)) });
  const at = h("output", { class: "number" });
  const arrow = (/** @type {number} */ by, /** @type {string} */ text, /** @type {string} */ title) =>
    h("button", { type: "button", class: "icon", title, "aria-label": title, onclick: () => move(by) }, text);
  const [before, next] = [arrow(-1, "‹", "step before"), arrow(1, "›", "next step")];
  const cut = h("span", { class: "quiet" });
  const bar = h("div", { class: "bar" }, h("label", null, "tag ", tags), h("label", null, "step ", slider), at, h("span", null, before, " ", next), cut);
  const place = h("div", { class: "media-runs" });
  const nothing = h("p", { class: "empty" });
  /** @param {number} by */
  const move = (by) => {
    const to = Number(slider.value) + by;
    if (to < 0 || to >= steps.length) return false;
    go(to);
    return true;
  };
  const box = lightbox(move);
  const element = h("div", null, bar, place, nothing, box.element);

  /** @type {number[]} of the tag that is shown */
  let steps = [];
  /** @type {import("./lightbox.js").Seen[]} */
  let seen = [];
  /** @type {Map<number, ReturnType<typeof createSection>>} by run */
  const sections = new Map();
  const media = heldMedia(page.data, () => draw(store.get()));

  /** To the step at *index*; the last one is whichever is the last, so that new ones are shown. @param {number} index */
  const go = (index) => store.set({ media: [tags.value, index === steps.length - 1 ? "" : String(steps[index])] });

  const draw = (/** @type {import("../page/state.js").State} */ state) => {
    const able = page.selected().filter((run) => report.runs[run].has_media);
    const chosen = able.slice(0, MOST_RUNS_SHOWN);
    const { there, loading } = media.of(chosen);
    const known = [...new Set(there.flatMap(({ pictures }) => pictures.map(({ tag }) => tag)))].sort();
    for (const part of [bar, place]) show(part, known.length > 0);
    show(nothing, known.length === 0);
    if (known.length === 0) {
      if (!loading) fill(nothing, ...withoutMedia(page));
      return;
    }
    const tag = known.includes(state.media[0]) ? state.media[0] : known[0];
    fillSelect(tags, known.map((one) => [one, printable(one)]), tag);
    write(cut, able.length > chosen.length ? `the first ${chosen.length} of ${able.length} runs` : "");
    const index = drawSteps(there, tag, state.media[1]);
    drawRuns(there, tag, steps[index]);
    box.renew(seen);
  };
  const drawSteps = (/** @type {HeldRun[]} */ there, /** @type {string} */ tag, wanted = "") => {
    const all = there.flatMap(({ pictures }) => pictures.filter((picture) => picture.tag === tag).map(({ step }) => step));
    steps = [...new Set(all)].sort((a, b) => a - b);
    const last = wanted === "" ? Infinity : Number(wanted);
    const index = Math.max(0, steps.findLastIndex((step) => step <= last));
    slider.max = String(steps.length - 1);
    slider.value = String(index);
    slider.setAttribute("aria-valuetext", `step ${steps[index]}`);
    slider.disabled = steps.length < 2;
    before.disabled = index === 0;
    next.disabled = index === steps.length - 1;
    write(at, `${steps[index]}`);
    return index;
  };
  const drawRuns = (/** @type {HeldRun[]} */ there, /** @type {string} */ tag, /** @type {number} */ step) => {
    const runs = new Set(there.map(({ run }) => run));
    for (const [run, section] of sections) {
      if (runs.has(run)) continue;
      section.end();
      sections.delete(run);
    }
    seen = [];
    for (const [order, { run, pictures }] of there.entries()) {
      const section = sections.get(run) ?? createSection(page, run, (first) => box.open(seen, run, first));
      sections.set(run, section);
      if (place.children[order] !== section.element) place.insertBefore(section.element, place.children[order] ?? null);
      const shown = picturesAt(pictures, tag, step);
      section.set(shown, step);
      shown.forEach((picture, one) => picture.src && seen.push({ run, name: page.name(run), place: one, picture }));
    }
  };
  return {
    element,
    update(state, changed) {
      const { runs } = page.touched();
      if (runs.size) media.renew(runs);
      if (!changed && page.live) media.renew(null);
      const mine = runs.size > 0 && page.selected().some((run) => runs.has(run));
      if (!changed || mine || ["media", "selected", "dark"].some((key) => changed.has(key))) draw(state);
    },
  };
}

/** What is said where nothing is shown, with a way to runs that have something. @param {import("../page/page.js").Page} page */
function withoutMedia({ report, store, filtered }) {
  const others = filtered().runs.filter((run) => report.runs[run].has_media && report.runs[run].shown).slice(0, 8);
  const select = () => store.set({ selected: others.map((run) => report.runs[run].run_id) });
  if (!report.runs.some((/** @type {any} */ run) => run.has_media && run.shown)) return ["No images or videos were logged."];
  const button = h("button", { type: "button", onclick: select }, `Select ${plural(others.length, "run")} that did`);
  return ["The selected runs logged no images or videos. ", others.length > 0 && button];
}

/**
 * A run with its pictures.
 * @param {import("../page/page.js").Page} page
 * @param {number} run
 * @param {(place: number) => void} open
 */
function createSection(page, run, open) {
  const name = h("span", null);
  const other = h("small", null);
  const swatch = lineSwatch({ color: "currentColor", dash: [] });
  const pictures = h("div", { class: "pictures" });
  const nothing = h("p", { class: "quiet" }, "nothing of this tag");
  const element = h("section", { class: "media-run" }, h("h3", null, swatch, name, other), pictures, nothing);
  /** @type {import("../base/figures.js").Figure[]} */
  const figures = [];
  return {
    element,
    /** Shows *shown* where those of *step* are wanted. @param {Picture[]} shown @param {number} step */
    set(shown, step) {
      const slot = page.slot(run);
      if (slot) styleSwatch(swatch, slot);
      write(name, page.name(run));
      name.title = printable(page.report.runs[run].run_id);
      element.setAttribute("aria-label", page.name(run));
      write(other, shown[0] && shown[0].step !== step ? `step ${shown[0].step}` : "");
      fillFigures(pictures, figures, shown, (place) => createFigure(() => open(place)), () => page.name(run));
      show(nothing, shown.length === 0);
    },
    end() {
      fillFigures(pictures, figures, [], () => createFigure(), () => "");
      element.remove();
    },
  };
}

/** @typedef {{run: number, pictures: Picture[]}} HeldRun */

/**
 * The pictures of runs that are looked at, asked for once, and again when they are told to have changed.
 * @param {any} data of the page
 * @param {() => void} onchange
 */
function heldMedia(data, onchange) {
  /** @type {Map<number, {pictures: Picture[], asked: number, stale: boolean, loading: boolean}>} */
  const held = new Map();
  const load = async (/** @type {number} */ run) => {
    const one = held.get(run);
    if (!one || one.loading || !one.stale) return;
    const wait = one.asked + REREAD - Date.now();
    one.loading = true;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    [one.asked, one.stale] = [Date.now(), false];
    const found = await data.media(run).catch(() => null); // what was there stays
    one.loading = false;
    if (found) one.pictures = found;
    if (held.get(run) === one) onchange();
    void load(run);
  };
  return {
    /** Of *runs*, those that have pictures; *loading*: others may. @param {number[]} runs */
    of(runs) {
      for (const run of held.keys()) if (!runs.includes(run)) held.delete(run);
      for (const run of runs) {
        if (!held.has(run)) held.set(run, { pictures: [], asked: 0, stale: true, loading: false });
        void load(run);
      }
      const all = runs.map((run) => ({ run, .../** @type {any} */ (held.get(run)) }));
      return { there: all.filter(({ pictures }) => pictures.length > 0), loading: all.some((one) => one.loading && !one.pictures.length) };
    },
    /** Those of *runs* may have changed; null: all. They are asked for when they are wanted. @param {Set<number> | null} runs */
    renew(runs) {
      for (const [run, one] of held) {
        if (runs && !runs.has(run)) continue;
        one.stale = true;
        void load(run);
      }
    },
  };
}
