// The tags of a run, added and taken away one at a time: each is stored at once, with whatever others tag meanwhile.

import { h, show, write } from "../base/dom.js";
import { printable } from "../base/format.js";
import { arrange } from "../base/keyed.js";
import { amendFields } from "./saving.js";
import { tagCounts } from "../overview/tagcloud.js";

const OFFERED = 200; // tags of other runs to choose from

/** @param {import("../page/page.js").Page} page */
export function tagEditor(page) {
  const list = h("ul", { class: "tag-list" });
  const known = h("datalist", { id: "known-tags" });
  const said = h("p", { class: "bad", role: "alert", hidden: true });
  const box = h("input", {
    ...{ type: "text", id: "edit-tags", list: "known-tags", placeholder: "add a tag, Enter", autocomplete: "off" },
    ...{ spellcheck: "false", autocapitalize: "off", "aria-describedby": "edit-tags-said" },
    onkeydown(/** @type {KeyboardEvent} */ event) {
      if ((event.key !== "Enter" && event.key !== ",") || event.isComposing) return;
      event.preventDefault();
      const wanted = box.value.split(",").map((/** @type {string} */ tag) => tag.trim()).filter(Boolean);
      const typed = box.value;
      box.value = "";
      if (wanted.length) void change((tags) => [...tags, ...wanted], typed);
    },
  });
  said.id = "edit-tags-said";
  const element = h("div", { class: "tag-editor" }, list, box, known, said);
  let place = -1;
  let working = Promise.resolve();

  /**
   * @param {(tags: string[]) => string[]} next
   * @param {string} [typed] what comes back into the box when it cannot be stored
   */
  const change = (next, typed = "") => {
    const run = place;
    element.setAttribute("aria-busy", "true");
    working = working.then(async () => {
      const { error } = await amendFields(page, run, ({ tags }) => ({ tags: [...new Set(next(tags))] }));
      element.removeAttribute("aria-busy");
      if (run !== place) return;
      write(said, error ? `Not stored: ${error}` : "");
      show(said, Boolean(error));
      if (error) box.value = [typed, box.value].filter(Boolean).join(", ");
      draw();
    });
    return working;
  };
  const draw = () => {
    const { tags } = page.report.runs[place];
    arrange(list, /** @type {string[]} */ (tags), {
      key: (tag) => tag,
      make: (tag) =>
        h(
          "li",
          { class: "tag" },
          printable(tag),
          h(
            "button",
            {
              ...{ type: "button", class: "plain", title: "take away" },
              "aria-label": `take the tag ${printable(tag)} away`,
              onclick() {
                box.focus(); // it goes, and the focus would with it
                void change((all) => all.filter((one) => one !== tag));
              },
            },
            "×",
          ),
        ),
    });
    const others = tagCounts(page.order().map((run) => page.report.runs[run])).filter(([tag]) => !tags.includes(tag));
    const offered = others.slice(0, OFFERED).map(([tag]) => tag);
    arrange(known, offered, { key: (tag) => tag, make: (tag) => h("option", { value: tag }) });
  };
  return {
    element,
    box,
    /** @param {number} run */
    update(run) {
      if (run !== place) {
        box.value = "";
        show(said, false);
      }
      place = run;
      draw();
    },
  };
}
