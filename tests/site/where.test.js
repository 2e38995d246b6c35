// The selection language in the browser chooses what it chooses in Python, and refuses what that refuses.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Names } from "../../site/filter/names.js";
import { Mistake } from "../../site/filter/tokens.js";
import { where } from "../../site/filter/where.js";

const corpus = JSON.parse(readFileSync(new URL("../data/where-corpus.json", import.meta.url), "utf8"));
const names = new Names(corpus.runs);
const clock = { now: corpus.now, asOf: corpus.now };

/** @param {string} text */
function verdict(text) {
  try {
    const holds = where(text, names, clock);
    return { ids: corpus.runs.filter(holds).map((/** @type {any} */ run) => run.run_id) };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { error: error.kind };
  }
}

// Read by Python and refused here, with a message: Unicode's names of characters stand in no browser.
const BEYOND = [String.raw`name == '\N{LATIN SMALL LETTER A}'`];

test("every selection of the corpus", () => {
  const wrong = corpus.cases
    .map(({ text, ...expected }) => ({ text, expected, found: verdict(text) }))
    .filter(
      ({ text, expected, found }) => !BEYOND.includes(text) && JSON.stringify(expected) !== JSON.stringify(found),
    );
  assert.deepEqual(wrong, []);
});
