// What a browser remembers of a person's wishes, for these roots; nothing where it may not (private windows, frames).

/** @typedef {{name: string, hash: string}} SavedView */

const MOST_VIEWS = 100;

/** @param {{key?: string, title: string, roots: string[]}} report */
export function memoryOf(report) {
  const key = `spt:${report.key || `${report.title}:${report.roots.join()}`}`;
  const places = /** @type {Record<string, string>} */ ({ theme: "spt:theme", metric: `${key}:metric` });
  return {
    /** Parts of the state. @returns {Record<string, string>} */
    wishes() {
      const found = Object.entries(places).map(([name, place]) => [name, readItem(place)]);
      return Object.fromEntries(found.filter(([, value]) => value !== null));
    },
    /** @param {Record<string, string>} state */
    keepWishes(state) {
      for (const [name, place] of Object.entries(places)) keepItem(place, state[name]);
    },
    /** The hash of the view that was looked at last. */
    lastView: () => readItem(`${key}:last`) ?? "",
    /** @param {string} hash */
    keepLastView: (hash) => keepItem(`${key}:last`, hash),
    /** @returns {SavedView[]} */
    views() {
      try {
        const found = JSON.parse(readItem(`${key}:views`) ?? "[]");
        return found.filter((/** @type {any} */ one) => typeof one.name === "string" && typeof one.hash === "string");
      } catch {
        return [];
      }
    },
    /** Whether it could be kept. @param {SavedView[]} views */
    keepViews: (views) => keepItem(`${key}:views`, JSON.stringify(views.slice(0, MOST_VIEWS))),
  };
}

/** @param {string} place */
function readItem(place) {
  try {
    return localStorage.getItem(place);
  } catch {
    return null;
  }
}

/** @param {string} place @param {string} value */
function keepItem(place, value) {
  try {
    localStorage.setItem(place, value);
    return true;
  } catch {
    return false;
  }
}
