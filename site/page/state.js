// What the page shows at the moment: one flat value, all of it in the URL's hash, told to whoever subscribes.

/**
 * @typedef {object} State
 * @property {string} view curves, compare, hparams, media, logs or run
 * @property {string[]} selected run ids, in the order in which they were chosen
 * @property {string} metric the primary metric; "" when there is none
 * @property {string} goal "min" or "max" for the primary metric; "" means what the report says of it
 * @property {string} x what charts have to the right: step, epoch or time
 * @property {boolean} logx
 * @property {boolean} logy
 * @property {number} smooth weight of the past in the running mean, 0 to 0.99
 * @property {string} filter the selection language of -w, or words to search for
 * @property {boolean} archived whether archived runs are shown
 * @property {string} sort names with commas, `-` for descending; "" is the best first
 * @property {string[]} columns of the run table; [] is the usual ones
 * @property {string} group hparam to group by; "" is none
 * @property {string} metricFilter regular expression
 * @property {string[]} zoom of the charts
 * @property {string[]} combine metrics drawn in one chart
 * @property {string} theme auto, light or dark
 * @property {string} run run id whose details are shown
 * @property {string[]} scatter x, y and colour of Compare
 * @property {string[]} parallel axes of parallel coordinates, with the ranges marked on them
 * @property {string} per the unit of time of the overview: hour, day, week or month
 * @property {string[]} media tag and step
 * @property {string[]} log run id, stream and what is searched for
 * @property {string} hparamFilter text that hparam keys or values hold
 * @property {string[]} toggled groups that are open where most are closed, or closed where most are open
 * @property {boolean} dark whether the page is dark at the moment: by theme, or by what the system prefers
 */

/** @type {State} */
export const DEFAULTS = {
  view: "curves",
  selected: [],
  metric: "",
  goal: "",
  x: "step",
  logx: false,
  logy: false,
  smooth: 0,
  filter: "",
  archived: true,
  sort: "",
  columns: [],
  group: "",
  metricFilter: "",
  zoom: [],
  combine: [],
  theme: "auto",
  run: "",
  scatter: [],
  parallel: [],
  per: "day",
  media: [],
  log: [],
  hparamFilter: "",
  toggled: [],
  dark: false,
};

// Short names in the hash. The type of a value is that of its default. A new key of the state needs a line here.
/** @type {Record<string, keyof State>} */
const CODES = {
  v: "view", s: "selected", m: "metric", g: "goal", x: "x", lx: "logx", ly: "logy", sm: "smooth", f: "filter", ar: "archived",
  o: "sort", c: "columns", by: "group", mf: "metricFilter", z: "zoom", cm: "combine", t: "theme", r: "run",
  sc: "scatter", pc: "parallel", pd: "per", md: "media", lg: "log", hf: "hparamFilter", tg: "toggled",
}; // prettier-ignore
const REMEMBERED = /** @type {const} */ (["view", "run"]); // a change of these can be undone with the Back button

/**
 * The hash of *state*: only what differs from *base*, readable where a URL allows it.
 * @param {State} state
 * @param {State} base
 */
export function encodeHash(state, base) {
  const parts = [];
  for (const [code, key] of Object.entries(CODES)) {
    const value = state[key];
    if (same(value, base[key])) continue;
    if (typeof value === "boolean") parts.push(value ? code : `${code}=0`);
    else parts.push(`${code}=${Array.isArray(value) ? value.map(escaped).join(",") : escaped(String(value))}`);
  }
  return parts.join("&");
}

/**
 * What *hash* says, as a patch of a state. What cannot be read is left out: an old or broken link shows the page.
 * @param {string} hash with or without `#`
 * @returns {Partial<State>}
 */
export function decodeHash(hash) {
  /** @type {Record<string, any>} */
  const patch = {};
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    const [code, text] = at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
    const key = Object.hasOwn(CODES, code) ? CODES[code] : null;
    if (!key) continue;
    try {
      const like = DEFAULTS[key];
      if (Array.isArray(like)) patch[key] = text === "" ? [] : text.split(",").map(decodeURIComponent);
      else if (typeof like === "boolean") patch[key] = text !== "0";
      else if (typeof like === "number") patch[key] = Number.isFinite(Number(text)) ? Number(text) : like;
      else patch[key] = decodeURIComponent(text);
    } catch {
      continue; // a `%` that stands for nothing
    }
  }
  return patch;
}

/**
 * The store: `get()`, `set(patch)`, `subscribe(listener)`, which returns how to end it.
 *
 * Listeners get the state and the set of keys that changed, once for each `set` that changes anything; a `set` within
 * a listener is told after all have heard of the first. `tell(keys)` is for what is no state: rows, points. `onwrite(state, remembered)` is called with each new state,
 * *remembered* when Back should lead to the one before.
 * @param {State} initial
 * @param {(state: State, remembered: boolean) => void} [onwrite]
 */
export function createStore(initial, onwrite = () => {}) {
  let state = Object.freeze({ ...initial });
  /** @type {Set<(state: State, changed: Set<string>) => void>} */
  const listeners = new Set();
  /** @type {Set<string>[]} */
  const untold = [];

  /**
   * @param {Partial<State>} patch
   * @param {{silent?: boolean}} [options] silent: the hash says so already
   */
  function set(patch, { silent = false } = {}) {
    const changed = new Set(
      Object.keys(patch).filter((key) => !same(/** @type {any} */ (patch)[key], /** @type {any} */ (state)[key])),
    );
    if (changed.size === 0) return;
    state = Object.freeze({ ...state, ...patch });
    if (!silent)
      onwrite(
        state,
        REMEMBERED.some((key) => changed.has(key)),
      );
    tell(changed);
  }

  /** Tells all listeners of *changed*, keys of the state or what else a page is made of. @param {Set<string>} changed */
  function tell(changed) {
    untold.push(changed);
    if (untold.length > 1) return; // the loop below is running, further up the stack
    try {
      for (; untold.length > 0; untold.shift()) for (const listener of [...listeners]) listener(state, untold[0]);
    } finally {
      untold.length = 0;
    }
  }

  return {
    get: () => state,
    set,
    tell,
    /** @param {(state: State, changed: Set<string>) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */

/**
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
function same(a, b) {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, place) => item === b[place]);
  return a === b;
}

/**
 * Percent-encoded but for what is safe in a hash and reads better as it is.
 * @param {string} text
 */
function escaped(text) {
  const whole = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
  return encodeURIComponent(whole).replace(/%(?:2F|3A|40|3D|3B|24)/g, decodeURIComponent);
}
