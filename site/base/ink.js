// The page's colours for what is painted on a canvas, where CSS does not reach.

/** @typedef {{text: string, strong: string, grid: string, frame: string, paper: string, accent: string}} PageInk */

/** The colours as they are now; a change of the theme asks again. @returns {PageInk} */
export function pageInk() {
  const style = getComputedStyle(document.documentElement);
  const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    text: color("--quiet"),
    strong: color("--text"),
    grid: color("--line"),
    frame: color("--edge"),
    paper: color("--bg"),
    accent: color("--accent"),
  };
}
