/**
 * TeX to MathML, by Temml. Pure: text in, markup out, which the caller must not trust.
 *
 * A part of its own, loaded when an answer holds a formula. It brings no fonts: the browser draws with what it has.
 */
import temml from "temml";

/** Largest sizes that a formula may ask for: in em, and in points. */
const MAX_SIZE: [number, number] = [40, 480];
const MAX_EXPANSIONS = 500;
/** Definitions end with their formula, so nobody needs one; they are how a short text becomes an endless one. */
const DEFINITION = /\\(?:[gex]?def|let|futurelet|(?:re)?newcommand|providecommand|newenvironment)(?![A-Za-z])/;
/** Negative space puts symbols over what stands beside the formula; a little of it is how TeX sets things. */
const PULLED_AWAY = /-(?:\d{2,}(?:\.\d+)?e[mx]|\d{3,}(?:\.\d+)?(?:pt|px)|\d{2,}(?:\.\d+)?(?:cm|mm|in|pc))/;

/** The formula as MathML; null when it is none that can be read. */
export function toMathML(tex: string, isDisplay: boolean): string | null {
  if (DEFINITION.test(tex)) return null;
  try {
    const markup = temml.renderToString(tex, {
      displayMode: isDisplay,
      throwOnError: true,
      trust: false,
      strict: false,
      maxSize: MAX_SIZE,
      maxExpand: MAX_EXPANSIONS,
      wrap: isDisplay ? "none" : "tex",
    });
    return PULLED_AWAY.test(markup) ? null : markup;
  } catch {
    return null; // not TeX, or nested too deep
  }
}
