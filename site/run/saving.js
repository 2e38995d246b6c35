// Edits on their way to the server: what comes back is always an answer, and never an exception.

const TURNS = 5; // attempts at an edit that others are quicker than
const LONGEST_WAIT = 3_000; // ms for a row to come that the server has already
const LOOK_AGAIN = 30; // ms

/** @typedef {{ok?: true, conflict?: Record<string, any>, error?: string}} Answer */

/**
 * Stores *fields* of a run if they are as the page shows them.
 * @param {import("../page/page.js").Page} page
 * @param {number} run its index
 * @param {Record<string, any>} fields
 * @returns {Promise<Answer>} once the page shows what was stored, or what stands there instead
 */
export async function storeFields({ live, report }, run, fields) {
  if (!live) return { error: "this page is a copy: nothing can be edited in it" };
  const { version } = report.runs[run];
  let answer;
  try {
    answer = await live.edit(run, fields);
  } catch (error) {
    return { error: String(error instanceof Error ? error.message : error) };
  }
  const expected = answer.ok ? fields : (answer.conflict ?? {});
  if (answer.ok || answer.conflict) await shownOrOld(() => report.runs[run], expected, version);
  return answer;
}

/**
 * The same for a change that loses nothing of what others wrote, so that it is simply made again to what they wrote:
 * *change* is given the row, and returns the fields as they shall be.
 * @param {import("../page/page.js").Page} page
 * @param {number} run
 * @param {(row: any) => Record<string, any>} change
 * @returns {Promise<Answer>}
 */
export async function amendFields(page, run, change) {
  for (let turn = 1; ; turn += 1) {
    const answer = await storeFields(page, run, change(page.report.runs[run]));
    if (!answer.conflict || turn === TURNS) return answer;
  }
}

/**
 * Returns when the row has another version than *version*, or holds what is expected.
 * @param {() => any} row
 * @param {Record<string, any>} expected
 * @param {string} version
 */
async function shownOrOld(row, expected, version) {
  const same = (/** @type {any} */ a, /** @type {any} */ b) => JSON.stringify(a) === JSON.stringify(b);
  const holds = () => Object.entries(expected).every(([field, value]) => same(row()[field], value));
  for (const end = Date.now() + LONGEST_WAIT; row().version === version && !holds() && Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  }
}
