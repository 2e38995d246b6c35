// Elements without markup: text is always text, and nothing here needs what the page's policy forbids.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | number | false | null | undefined} Child */
/** @typedef {Record<string, any>} Props */

/**
 * An HTML element.
 *
 * Of *props*, `on…` functions listen, `style` is an object of CSS properties (set one by one: the policy refuses style
 * attributes), `class`, `aria-…`, `data-…`, `for` and all else are attributes; true is an empty one, false, null and
 * undefined are none. `value`, `checked`, `selected`, `indeterminate` and `disabled` are set as properties.
 * @param {string} tag
 * @param {Props | null} [props]
 * @param {...(Child | Child[])} children
 * @returns {any} the element; `any`, so that a caller who knows the tag need not cast
 */
export function h(tag, props, ...children) {
  return dressed(document.createElement(tag), props, children);
}

/**
 * The same for SVG.
 * @param {string} tag
 * @param {Props | null} [props]
 * @param {...(Child | Child[])} children
 * @returns {any}
 */
export function svg(tag, props, ...children) {
  return dressed(document.createElementNS(SVG, tag), props, children);
}

/**
 * Puts *children* in the place of all that *parent* holds.
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren(...nodes(children));
}

/**
 * Shows or hides an element, for eyes and for screen readers.
 * @param {HTMLElement} element
 * @param {boolean} shown
 */
export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

/**
 * The text *parent* holds becomes *text*, and nothing happens when it is that already.
 * @param {Element} parent
 * @param {string} text
 */
export function write(parent, text) {
  if (parent.textContent !== text) parent.textContent = text;
}

/**
 * Makes *element* what *next* is, and touches only what differs: what is under the mouse, focused or marked stays that.
 * Listeners stay those of *element*.
 * @param {Element} element
 * @param {Element} next of the same tag
 */
export function become(element, next) {
  for (const { name } of [...element.attributes]) if (!next.hasAttribute(name)) element.removeAttribute(name);
  for (const { name, value } of next.attributes) if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  if (element instanceof HTMLInputElement && next instanceof HTMLInputElement) {
    [element.checked, element.indeterminate] = [next.checked, next.indeterminate];
  }
  const [old, fresh] = [[...element.childNodes], [...next.childNodes]];
  fresh.forEach((node, place) => {
    const before = old[place];
    if (!before) element.append(node);
    else if (before instanceof Element && node instanceof Element && before.tagName === node.tagName) become(before, node);
    else if (!before.isEqualNode(node)) before.replaceWith(node);
  });
  for (const node of old.slice(fresh.length)) node.remove();
}

const LIVE = new Set(["value", "checked", "selected", "indeterminate", "disabled", "hidden", "open"]);

/**
 * @param {any} element
 * @param {Props | null | undefined} props
 * @param {(Child | Child[])[]} children
 */
function dressed(element, props, children) {
  element.append(...nodes(children)); // before the props: a select knows its value once its options are there
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, what] of Object.entries(value)) element.style.setProperty(key, what);
    else if (LIVE.has(name)) element[name] = value;
    else if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  return element;
}

/** @param {(Child | Child[])[]} children */
function nodes(children) {
  /** @type {(Node | string)[]} */
  const found = [];
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    found.push(typeof child === "number" ? String(child) : child);
  }
  return found;
}
