// Runs by the folders that they are in, one level at a time.

import { literalPattern } from "../filter/conditions.js";

/** @typedef {{name: string, prefix: string, runs: number[]}} Folder `prefix` is its path with a slash behind it */

/** Conditions that `folderCondition` makes. */
export const FOLDER_CONDITIONS = /^run_id\.matches\("\^(.*)\/"\)$/;

/**
 * The condition that runs are below *prefix*.
 * @param {string} prefix with a slash behind it
 */
export function folderCondition(prefix) {
  return `run_id.matches(${JSON.stringify(`^${literalPattern(prefix)}`)})`;
}

/**
 * The folder that a filter of *parts* leads into, with a slash behind it; "" is all of them.
 * @param {{text: string}[]} parts
 */
export function folderIn(parts) {
  for (const { text } of parts) {
    const found = FOLDER_CONDITIONS.exec(text)?.[1];
    if (found === undefined) continue;
    try {
      return `${JSON.parse(`"${found}"`).replace(/\\(.)/g, "$1")}/`;
    } catch {
      continue; // a pattern of somebody's own
    }
  }
  return "";
}

/**
 * The folders right below *prefix*, and runs that are in none of them; where there is only one folder and nothing
 * else, those below that: `at` is the prefix in the end.
 * @param {{run_id: string}[]} rows
 * @param {number[]} runs indices in *rows*
 * @param {string} prefix
 * @returns {{at: string, folders: Folder[], loose: number[]}}
 */
export function foldersBelow(rows, runs, prefix) {
  /** @type {Map<string, Folder>} */
  const found = new Map();
  const loose = [];
  for (const run of runs) {
    const id = rows[run].run_id;
    const slash = id.indexOf("/", prefix.length);
    if (!id.startsWith(prefix) || slash < 0) {
      loose.push(run);
      continue;
    }
    const path = id.slice(0, slash + 1);
    if (!found.has(path)) found.set(path, { name: id.slice(prefix.length, slash), prefix: path, runs: [] });
    found.get(path)?.runs.push(run);
  }
  const folders = [...found.values()];
  if (folders.length === 1 && loose.length === 0) {
    const below = foldersBelow(rows, runs, folders[0].prefix);
    if (below.folders.length > 0) return below;
  }
  return { at: prefix, folders, loose };
}

/**
 * The path to *prefix*: each folder on it, from the outermost.
 * @param {string} prefix
 * @returns {{name: string, prefix: string}[]}
 */
export function pathTo(prefix) {
  const names = prefix.split("/").slice(0, -1);
  return names.map((name, place) => ({ name, prefix: `${names.slice(0, place + 1).join("/")}/` }));
}
