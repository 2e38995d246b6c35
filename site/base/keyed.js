// Lists that change while somebody looks at them, points at them, or has the focus in them.

/** @type {WeakMap<Element, Map<string, any>>} */
const madeFor = new WeakMap();

/**
 * The children of *parent* become those of *items*, in their order. What is there already is kept: `update` is called
 * with each element and its item, `make` first where there is none.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {{key: (item: T) => string, make: (item: T) => any, update?: (element: any, item: T) => void}} how
 */
export function arrange(parent, items, { key, make, update = () => {} }) {
  const known = madeFor.get(parent) ?? new Map();
  /** @type {Map<string, any>} */
  const now = new Map();
  const focused = document.activeElement;
  items.forEach((item, place) => {
    const name = key(item);
    const element = known.get(name) ?? make(item);
    now.set(name, element);
    update(element, item);
    if (parent.children[place] !== element) parent.insertBefore(element, parent.children[place] ?? null);
  });
  while (parent.children.length > items.length) parent.lastElementChild?.remove();
  madeFor.set(parent, now);
  if (focused !== document.activeElement && focused && parent.contains(focused)) {
    /** @type {HTMLElement} */ (focused).focus({ preventScroll: true }); // moving it took the focus away
  }
}
