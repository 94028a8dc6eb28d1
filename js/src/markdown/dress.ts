/**
 * What is added to a drawn block by the parts that come on request: colours of code, and formulas.
 *
 * Done in place and apart from drawing, so that a part which comes late changes nothing else on the page.
 */
import type { Need } from "./extras";
import { drawFormula } from "./formula-view";

/** Adds what can be added by now; what cannot stays as it is, for another time. */
export function dress(root: ParentNode, need: Need): void {
  for (const code of root.querySelectorAll<HTMLElement>("code[data-gptr-language]")) colour(code, need);
  for (const place of root.querySelectorAll<HTMLElement>("[data-gptr-formula]")) {
    const math = need("math");
    if (math === null) return;
    drawFormula(place, math);
  }
}

function colour(code: HTMLElement, need: Need): void {
  const part = need("highlight");
  if (part === null) return;
  const pieces = part.highlight(code.textContent ?? "", code.dataset.gptrLanguage ?? "");
  delete code.dataset.gptrLanguage;
  if (pieces === null) return;
  code.replaceChildren(
    ...pieces.map((piece) => {
      if (piece.colour === null) return piece.text;
      const span = document.createElement("span");
      span.className = `gptr-hl-${piece.colour}`;
      span.textContent = piece.text;
      return span;
    }),
  );
}
