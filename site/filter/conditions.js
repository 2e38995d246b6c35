// Filters as lists of conditions: the parts of a text between its `and`s, put in and taken out one by one.

import { tokens } from "./tokens.js";

/** @typedef {{text: string, start: number}} Part of a filter: what stands between two `and`s, and where it begins */

const OPENING = new Set(["(", "[", "{"]);
const CLOSING = new Set([")", "]", "}"]);

/**
 * The parts that must all hold for *filter* to hold; the whole of it where an `or` joins them, or where it cannot be
 * read. None when it is empty. Places count in the text without white space before it, as those of a Mistake do.
 * @param {string} filter
 * @returns {Part[]}
 */
export function partsOf(filter) {
  const source = plainSpaced(filter);
  const cuts = cutsOf(source);
  return [...cuts, { start: source.length, end: source.length }].flatMap(({ start }, place) => {
    const from = place ? cuts[place - 1].end : 0;
    const text = source.slice(from, start);
    return text.trim() ? [{ text: text.trim(), start: from + text.length - text.trimStart().length }] : [];
  });
}

/**
 * Whether *condition* is a part of *filter*.
 * @param {string} filter
 * @param {string} condition
 */
export function hasCondition(filter, condition) {
  return partsOf(filter).some(({ text }) => text === condition);
}

/**
 * *filter* with *condition* as its last part, or without it where it has it. What *rivals* matches goes in both cases:
 * conditions that cannot hold together with another of their kind.
 * @param {string} filter
 * @param {string} condition
 * @param {RegExp | null} [rivals]
 */
export function toggledCondition(filter, condition, rivals = null) {
  const others = withoutConditions(filter, rivals, condition);
  if (hasCondition(filter, condition)) return others;
  return others ? `${closed(others)} and ${condition}` : condition;
}

/**
 * *filter* without the parts that *rivals* matches, and without *condition*.
 * @param {string} filter
 * @param {RegExp | null} rivals
 * @param {string} [condition]
 */
export function withoutConditions(filter, rivals, condition = "") {
  const kept = partsOf(filter).filter(({ text }) => text !== condition && !rivals?.test(text));
  return kept.map(({ text }) => text).join(" and ");
}

/**
 * *pattern* of a selection that finds exactly *text*.
 * @param {string} text
 */
export function literalPattern(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** *text* with spaces for all other white space, and none before it. @param {string} text */
export function plainSpaced(text) {
  return text.replace(/[\t\n\r\f\v]/g, " ").replace(/^ +/, "");
}

/**
 * Where the `and`s stand that join all of *source*.
 * @param {string} source
 * @returns {{start: number, end: number}[]}
 */
function cutsOf(source) {
  let read;
  try {
    read = tokens(source);
  } catch {
    return [];
  }
  let depth = 0;
  const found = [];
  for (const { type, text, start, end } of read) {
    if (type === "sign" && OPENING.has(text)) depth += 1;
    else if (type === "sign" && CLOSING.has(text)) depth -= 1;
    else if (type !== "name" || depth > 0) continue;
    else if (text === "or") return [];
    else if (text === "and") found.push({ start, end });
  }
  return found;
}

/** *filter* in parentheses where another part could not stand behind it. @param {string} filter */
function closed(filter) {
  const alone = partsOf(filter).length === 1 && /\bor\b/.test(filter.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, ""));
  return alone && !/^\([^()]*\)$/.test(filter) ? `(${filter})` : filter;
}
