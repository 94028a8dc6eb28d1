/** A formula on the page: its place, which holds it as it was typed, and then what the part `math` makes of it. */
import DOMPurify from "dompurify";
import type { Extras } from "./extras";
import { formulaAt } from "./formulas";
import { MATH_SANITIZER, mathClasses, mathStyle } from "./policy";

/** More are in no answer; what is drawn again while a block grows need not be read again. */
const REMEMBERED = 1_000;
const drawn = new Map<string, DocumentFragment | null>();

/** The place of a formula. As long as its markup is missing, it takes its room, and shows nothing at first. */
export function formulaPlace(raw: string): HTMLElement {
  const place = document.createElement("span");
  const isDisplay = /^(?:\$\$|\\\[)/.test(raw);
  place.className = `gptr-math gptr-math-waiting${isDisplay ? " gptr-math-display" : ""}`;
  place.dataset.gptrFormula = "";
  place.textContent = raw;
  return place;
}

/** Draws the formula that is typed in its place; one that cannot be read stays as typed, set as code. */
export function drawFormula(place: HTMLElement, math: Extras["math"]): void {
  const raw = place.textContent ?? "";
  let fragment = drawn.get(raw);
  if (fragment === undefined) {
    if (drawn.size >= REMEMBERED) drawn.clear();
    fragment = read(raw, math);
    drawn.set(raw, fragment);
  }
  delete place.dataset.gptrFormula;
  place.classList.remove("gptr-math-waiting");
  if (fragment !== null) {
    place.replaceChildren(fragment.cloneNode(true));
    if (place.classList.contains("gptr-math-display")) letScroll(place);
    return;
  }
  const code = document.createElement("code");
  code.textContent = raw;
  code.title = "This formula could not be read.";
  place.replaceChildren(code);
}

function read(raw: string, math: Extras["math"]): DocumentFragment | null {
  const formula = formulaAt(raw, 0);
  if (formula === null || formula === "open") return null;
  const markup = math.toMathML(formula.tex, formula.isDisplay);
  if (markup === null) return null;
  const fragment = DOMPurify.sanitize(markup, MATH_SANITIZER);
  for (const element of fragment.querySelectorAll("[class]")) keep(element, "class", mathClasses(element.className));
  for (const element of fragment.querySelectorAll("[style]")) {
    keep(element, "style", mathStyle(element.getAttribute("style") ?? ""));
  }
  return fragment.querySelector("math") === null ? null : fragment;
}

function keep(element: Element, name: string, value: string): void {
  if (value === "") element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** A box that scrolls must be reached by key. */
function letScroll(place: HTMLElement): void {
  place.tabIndex = 0;
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", "Formula");
}
