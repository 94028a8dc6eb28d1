/** Link definitions of a whole text, by label: a block may be drawn before, or long after, the one that holds them. */
import type { Links } from "marked";

/** As marked keeps them: without a prototype, for a label may be called like anything. */
export type References = Readonly<Links>;

export const NO_REFERENCES: References = Object.freeze(Object.create(null));

/** Both; where both define a label, the earlier counts. The same object again if the later ones add nothing. */
export function joined(earlier: References, later: References): References {
  const added = Object.keys(later).filter((label) => !(label in earlier));
  return added.length === 0 ? earlier : Object.assign(Object.create(null), later, earlier);
}
