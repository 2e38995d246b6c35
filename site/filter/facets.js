// What the overview does to the filter: conditions put in and taken out by a click.

import { hasCondition, toggledCondition, withoutConditions } from "./conditions.js";

/** @typedef {ReturnType<typeof facetsOf>} Facets */

/** Conditions that `stateCondition` makes. */
export const STATE_CONDITIONS = /^state == "/;

/** The condition that runs are in *state*. @param {string} state */
export function stateCondition(state) {
  return `state == ${JSON.stringify(state)}`;
}

/** @param {import("../page/page.js").Page} page */
export function facetsOf(page) {
  const { store } = page;
  const filter = () => (page.filtered().mistake ? "" : store.get().filter); // what cannot be read is given up
  const set = (/** @type {string} */ text) => store.set({ filter: text });
  return {
    filter,
    /** Whether *condition* is a part of the filter. @param {string} condition */
    has: (condition) => hasCondition(filter(), condition),
    /**
     * Puts *condition* into the filter, or takes it out; what *rivals* matches goes.
     * @param {string} condition
     * @param {RegExp | null} [rivals]
     */
    toggle: (condition, rivals = null) => set(toggledCondition(filter(), condition, rivals)),
    /** Takes out what *rivals* matches. @param {RegExp} rivals */
    remove: (rivals) => set(withoutConditions(filter(), rivals)),
    /** The runs that the filter would choose without what *rivals* matches. @param {RegExp} rivals */
    without(rivals) {
      const rest = withoutConditions(filter(), rivals);
      return rest === filter() ? page.filtered().runs : page.chosenBy(rest);
    },
  };
}
