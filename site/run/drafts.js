// What somebody types and has not saved: texts with what they were typed over. They survive updates of the page, saves
// that fail, a look at other runs, and a reload of the tab.

/**
 * *base* is the text that it was typed over, as far as the person knows; *theirs* what somebody else has put in its
 * place since, which the person is still to decide about.
 * @typedef {{base: string, mine: string, theirs?: string}} Text
 */
/** @typedef {Record<string, Text>} Draft by field of a run */
/** @typedef {Record<string, string>} Row as far as it is texts */

/**
 * *draft* once *field* of *row* reads *mine*.
 * @param {Draft} draft
 * @param {Row} row
 * @param {string} field
 * @param {string} mine
 * @returns {Draft}
 */
export function typedOver(draft, row, field, mine) {
  const { base } = draft[field] ?? { base: row[field] };
  return settled({ ...draft, [field]: { base, mine } }, row);
}

/**
 * *draft* once *row* is there: without what says the same, with what others wrote meanwhile.
 * @param {Draft} draft
 * @param {Row} row
 * @returns {Draft}
 */
export function settled(draft, row) {
  /** @type {Draft} */
  const found = {};
  for (const [field, { base, mine }] of Object.entries(draft)) {
    if (mine === row[field]) continue;
    found[field] = row[field] === base ? { base, mine } : { base, mine, theirs: row[field] };
  }
  return found;
}

/**
 * *draft* once the person knows what others wrote in *field*, and wants *mine* there.
 * @param {Draft} draft
 * @param {string} field
 * @param {string} mine
 * @returns {Draft}
 */
export function decided(draft, field, mine) {
  const { base, theirs = base } = draft[field];
  const { [field]: _, ...others } = draft;
  return mine === theirs ? others : { ...others, [field]: { base: theirs, mine } };
}

/**
 * *draft* once *row* holds what was *sent*: what was typed since then stands over that.
 * @param {Draft} draft
 * @param {Row} row
 * @param {Row} sent
 * @returns {Draft}
 */
export function acknowledged(draft, row, sent) {
  const found = Object.entries(draft).map(([field, { base, mine }]) => {
    const mineAlready = sent[field] !== undefined && row[field] === sent[field];
    return [field, { base: mineAlready ? sent[field] : base, mine }];
  });
  return settled(Object.fromEntries(found), row);
}

/** Whether others wrote what the person has not decided about. @param {Draft} draft */
export function isContested(draft) {
  return Object.values(draft).some(({ theirs }) => theirs !== undefined);
}

/**
 * Two texts as one, the lines that both have once; for a person to go on with.
 * @param {string} theirs
 * @param {string} mine
 */
export function joinedTexts(theirs, mine) {
  const known = new Set(theirs.split("\n").map((line) => line.trim()));
  const added = mine.split("\n").filter((line) => line.trim() && !known.has(line.trim()));
  return [theirs.replace(/\n+$/, ""), ...added].filter((text) => text !== "").join("\n");
}

/**
 * All drafts by run id, kept for as long as the tab is open. An empty one is none.
 * @param {string} key of the storage: of this server's runs
 * @param {Pick<Storage, "getItem" | "setItem"> | null} storage
 */
export function keptDrafts(key, storage) {
  /** @type {Map<string, Draft>} */
  const drafts = new Map(Object.entries(read()));

  function read() {
    try {
      return JSON.parse(storage?.getItem(key) ?? "{}") ?? {};
    } catch {
      return {};
    }
  }
  return {
    /** @param {string} id @returns {Draft} */
    get: (id) => drafts.get(id) ?? {},
    /** @param {string} id @param {Draft} draft */
    set(id, draft) {
      if (Object.keys(draft).length) drafts.set(id, draft);
      else if (!drafts.delete(id)) return;
      try {
        storage?.setItem(key, JSON.stringify(Object.fromEntries(drafts)));
      } catch {
        // full, or forbidden: then they last as long as the page
      }
    },
    /** Ids of runs with something unsaved. */
    ids: () => [...drafts.keys()],
  };
}
