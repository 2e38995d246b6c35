// What people say of a run, edited in the page: its name, tags and notes. A text that is being typed is nobody else's:
// no update touches it, no save that fails, and what somebody else writes meanwhile is shown beside it.

import { fill, h, show, write } from "../base/dom.js";
import { acknowledged, decided, isContested, joinedTexts, keptDrafts, settled, typedOver } from "./drafts.js";
import { plural, printable } from "../base/format.js";
import { arrange } from "../base/keyed.js";
import { storeFields } from "./saving.js";
import { tagEditor } from "./tagedit.js";

const FIELD_NAMES = /** @type {Record<string, string>} */ ({ display_name: "name", notes: "notes" });

const LISTED_DRAFTS = 5; // other runs with something unsaved

/** Whether runs can be edited here. @param {import("../page/page.js").Page} page */
export function canEdit({ live }) {
  return live !== null && live !== undefined && !live.readOnly;
}

/** Puts the cursor into the name of the run that the Run view shows. */
export function focusEditor() {
  const box = /** @type {HTMLInputElement | null} */ (document.getElementById("edit-name"));
  box?.focus();
  box?.select();
}

/** @param {import("../page/page.js").Page} page */
export function editorView(page) {
  const drafts = keptDrafts(`spt:drafts:${page.report.key || page.report.roots.join()}`, storageOfTab());
  const tags = tagEditor(page);
  const boxes = /** @type {Record<string, any>} */ ({
    display_name: h("input", { type: "text", id: "edit-name", autocomplete: "off", spellcheck: "false" }),
    notes: h("textarea", { id: "edit-notes", rows: 2, placeholder: "what you know of this run" }),
  });
  const alert = () => h("div", { role: "alert", hidden: true });
  const conflicts = Object.fromEntries(Object.keys(boxes).map((field) => [field, alert()]));
  const save = h("button", { type: "submit", class: "primary" }, "Save");
  const discard = h("button", { type: "button", onclick: () => discarded() }, "Discard");
  const said = h("p", { class: "edit-said", role: "status" });
  const failed = h("p", { class: "bad", role: "alert", hidden: true });
  const elsewhere = h("p", { class: "quiet" });
  const element = h(
    "form",
    {
      class: "editor",
      "aria-label": "Name, tags and notes",
      onsubmit: (/** @type {Event} */ event) => submitted(event),
    },
    ...line("Name", boxes.display_name, conflicts.display_name),
    ...line("Tags", tags.box, null, tags.element),
    ...line("Notes", boxes.notes, conflicts.notes),
    h("div", { class: "edit-buttons" }, save, discard, said),
    failed,
    elsewhere,
  );
  let place = -1;
  /** @type {Map<number, Record<string, string>>} by run: what its row will say of what is on its way to the server */
  const saving = new Map();
  const row = () => page.report.runs[place];
  const id = () => row().run_id;

  const draw = () => {
    const draft = acknowledged(drafts.get(id()), row(), saving.get(place) ?? {});
    drafts.set(id(), draft);
    for (const [field, box] of Object.entries(boxes)) {
      put(box, draft[field]?.mine ?? row()[field]);
      drawConflict(field, draft[field]);
    }
    boxes.display_name.placeholder = folderOf(id());
    const fields = Object.keys(draft);
    show(save.parentElement, fields.length > 0 || said.textContent !== "");
    save.disabled = saving.has(place) || fields.length === 0 || isContested(draft);
    discard.disabled = saving.has(place) || fields.length === 0;
    const unsaved = `${fields.map((field) => FIELD_NAMES[field]).join(" and ")} not saved (Ctrl Enter)`;
    if (fields.length) write(said, saving.has(place) ? "saving …" : isContested(draft) ? "" : unsaved);
    drawOthers();
  };
  /** @param {string} field @param {import("./drafts.js").Text | undefined} text */
  const drawConflict = (field, text) => {
    const box = conflicts[field];
    const there = text?.theirs;
    if (there === undefined) {
      fill(box);
      show(box, false);
    } else if (box.dataset.theirs !== there || box.hidden) {
      box.dataset.theirs = there;
      fill(box, ...conflictParts(field, there, (mine, now) => void chosen(field, mine, now)));
      show(box, true);
    }
  };
  const drawOthers = () => {
    const others = drafts.ids().filter((run) => run !== id() && page.runIndex(run) !== undefined);
    show(elsewhere, others.length > 0);
    const link = (/** @type {string} */ run) => {
      const open = () => page.store.set({ view: "run", run });
      return h("button", { type: "button", class: "plain link", onclick: open }, page.name(page.runIndex(run) ?? 0));
    };
    arrange(elsewhere, ["", ...others.slice(0, LISTED_DRAFTS)], {
      key: (run) => run,
      make: (run) => (run ? link(run) : h("span")),
    });
    write(elsewhere.firstElementChild, `Not saved yet in ${plural(others.length, "other run")}:`);
  };

  /** @param {string} field @param {"mine" | "theirs" | "both"} whose @param {string} theirs */
  const chosen = async (field, whose, theirs) => {
    const draft = drafts.get(id());
    const mine = draft[field]?.mine ?? theirs;
    const wanted = { mine, theirs, both: joinedTexts(theirs, mine) }[whose];
    drafts.set(id(), decided(settled(draft, { ...row(), [field]: theirs }), field, wanted));
    write(said, "");
    draw();
    boxes[field].focus();
    if (whose === "mine" && !isContested(drafts.get(id()))) await stored();
  };
  const discarded = () => {
    drafts.set(id(), {});
    write(said, "");
    show(failed, false);
    draw();
    boxes.notes.focus();
  };
  const submitted = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!save.disabled) void stored();
  };

  /** Stores what is typed; what others were quicker with is shown. */
  const stored = async () => {
    const [run, name] = [place, id()];
    const sent = Object.entries(drafts.get(name));
    const fields = Object.fromEntries(sent.map(([field, { mine }]) => [field, wire(field, mine)]));
    const shall = Object.fromEntries(Object.entries(fields).map(([field, text]) => [field, text ?? folderOf(name)]));
    saving.set(run, shall);
    show(failed, false);
    draw();
    const { ok, conflict, error } = await storeFields(page, run, fields);
    const now = acknowledged(drafts.get(name), page.report.runs[run], shall);
    for (const [field, { mine }] of sent) if (ok && now[field]?.mine === mine) delete now[field]; // an empty name
    drafts.set(name, now);
    saving.delete(run);
    if (run !== place) return draw();
    write(failed, error ? `${conflict ? "" : "Not saved: "}${error}` : "");
    show(failed, Boolean(error));
    write(said, ok ? "saved" : "");
    return draw();
  };

  for (const [field, box] of Object.entries(boxes)) {
    box.addEventListener("input", () => {
      drafts.set(id(), typedOver(drafts.get(id()), row(), field, box.value));
      write(said, "");
      draw();
    });
    box.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape") box.blur();
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      element.requestSubmit();
    });
  }

  return {
    element,
    /** What was typed of a run that is no more, for the person to take elsewhere. @param {number} run its index */
    leftOver: (run) => Object.values(drafts.get(page.report.runs[run].run_id)).map(({ mine }) => mine),
    /** Shows the texts of a run as they are now. @param {number} run its index */
    update(run) {
      if (run !== place) {
        write(said, "");
        show(failed, false);
      }
      place = run;
      tags.update(run);
      draw();
    },
  };
}

/**
 * A label, what it is of, and what there is to say of it.
 * @param {string} text
 * @param {any} box
 * @param {HTMLElement | null} below
 * @param {HTMLElement} [content]
 */
function line(text, box, below, content = box) {
  return [h("label", { for: box.id }, text), h("div", null, content, below)];
}

/**
 * What somebody else wrote, and what can be done about it.
 * @param {string} field
 * @param {string} theirs
 * @param {(whose: "mine" | "theirs" | "both", theirs: string) => void} choose
 */
function conflictParts(field, theirs, choose) {
  const button = (/** @type {"mine" | "theirs" | "both"} */ whose, /** @type {string} */ text) =>
    h("button", { type: "button", onclick: () => choose(whose, theirs) }, text);
  return [
    h(
      "div",
      { class: "conflict" },
      h("p", null, `Somebody else changed the ${FIELD_NAMES[field]} meanwhile. Yours stands above, theirs is:`),
      h("pre", null, theirs === "" ? "(nothing)" : printable(theirs).replaceAll("\\n", "\n")),
      h(
        "div",
        { class: "edit-buttons" },
        button("mine", "Save mine"),
        button("theirs", "Keep theirs"),
        field === "notes" && theirs !== "" && button("both", "Put both together"),
      ),
    ),
  ];
}

/** What a run is called when nobody gave it a name. @param {string} id */
function folderOf(id) {
  return id.split("/").pop() ?? "";
}

/** As the server takes it: an empty name is that of the folder again. @param {string} field @param {string} text */
function wire(field, text) {
  return field === "display_name" && text.trim() === "" ? null : text;
}

/**
 * Changes what a box says only where it says something else; the cursor stays.
 * @param {any} box
 * @param {string} text
 */
function put(box, text) {
  const plain = text.replace(/\r\n?/g, "\n"); // as a box gives it back
  if (box.value === plain) return;
  const [start, end] = [box.selectionStart, box.selectionEnd];
  box.value = plain;
  if (document.activeElement === box) box.setSelectionRange(start, end);
}

/** Lasts as long as the tab; null where that is forbidden. */
function storageOfTab() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
