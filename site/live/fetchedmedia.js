// Images and videos of runs from a server: which there are. Their bytes come when they are looked at.

import { ServerError, addressOf, askJson } from "./server.js";

const FILMS = new Set(["mp4", "m4v", "webm", "ogv", "mov"]);
const STILLS = new Set(["png", "apng", "jpg", "jpeg", "gif", "webp", "avif", "bmp", "svg"]);

/**
 * The pictures of a run in step order; those of a step as they were logged. [] when it has none, or is no more.
 * @param {string} runId
 * @returns {Promise<import("../base/figures.js").Picture[]>}
 */
export async function fetchedMedia(runId) {
  try {
    return picturesOf((await askJson(addressOf("api/media", { run_id: runId }))).events, runId);
  } catch (error) {
    if (error instanceof ServerError && error.status === 404) return [];
    throw error;
  }
}

/**
 * @param {any[]} events as the server lists them
 * @param {string} runId
 * @returns {import("../base/figures.js").Picture[]}
 */
export function picturesOf(events, runId) {
  return events
    .map(({ step, tag, path, caption, type }) => {
      const kind = shownAs(path, type);
      const src = addressOf("api/media-file", { run_id: runId, path });
      return { step, tag, type: kind, caption, width: null, height: null, src };
    })
    .sort((a, b) => a.step - b.step);
}

/** What shows a file: by its name, since a GIF is no video to browsers; else what it was logged as. */
function shownAs(/** @type {string} */ path, /** @type {string} */ type) {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return FILMS.has(ending) ? "video" : STILLS.has(ending) ? "image" : type;
}
