// Putting runs away, and getting them back.

import { notify } from "../base/notice.js";
import { amendFields } from "./saving.js";

/**
 * Archives a run, or restores it; says so, and how to undo that.
 * @param {import("../page/page.js").Page} page
 * @param {number} run its index
 */
export async function toggleArchived(page, run) {
  const archived = !page.report.runs[run].archived;
  const { error } = await amendFields(page, run, () => ({ archived }));
  if (error) return notify(`${page.name(run)} is not ${archived ? "archived" : "restored"}: ${error}`, { bad: true });
  const undo = { text: "Undo", does: () => void toggleArchived(page, run) };
  return notify(archived ? `Archived ${page.name(run)}.` : `Restored ${page.name(run)}.`, { action: undo });
}
