/** What of a model's HTML may reach the page. The model's words are a stranger's words. */
import type { Config } from "dompurify";

/** No scripts, styles, frames, forms, drawings; `input` is for task lists, and `render.ts` drops any other. */
export const SANITIZER: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: [
    ...["a", "b", "blockquote", "br", "code", "del", "details", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i"],
    ...["img", "input", "ins", "kbd", "li", "mark", "ol", "p", "pre", "s", "strong", "sub", "summary", "sup"],
    ...["table", "tbody", "td", "th", "thead", "tr", "u", "ul"],
  ],
  // No id and no name: they would shadow the page's own. Classes are taken off again but for a code's language.
  ALLOWED_ATTR: ["align", "alt", "checked", "class", "disabled", "href", "src", "start", "title", "type"],
  ADD_URI_SAFE_ATTR: ["align", "checked", "disabled", "start", "type"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

const EMBEDDED_PICTURE = /^data:image\/(?:png|jpeg|gif|webp)[;,]/i;

/** Whether a picture is in the text itself, so that showing it tells nobody that it was read. */
export function isEmbeddedPicture(address: string): boolean {
  return EMBEDDED_PICTURE.test(address);
}

/** The host of an address on the web; null for anything else. */
export function hostOf(address: string): string | null {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.host : null;
  } catch {
    return null;
  }
}

/** Presentation MathML, as far as browsers draw it; no links, no actions, no annotations. */
export const MATH_SANITIZER: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: [
    ...[
      "math",
      "menclose",
      "mfrac",
      "mi",
      "mmultiscripts",
      "mn",
      "mo",
      "mover",
      "mpadded",
      "mphantom",
      "mprescripts",
      "mroot",
    ],
    ...["mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder"],
    ...["munderover", "none"],
  ],
  ALLOWED_ATTR: [
    ...["accent", "accentunder", "class", "columnspan", "depth", "display", "displaystyle", "fence", "form", "height"],
    ...["largeop", "linethickness", "lspace", "mathbackground", "mathcolor", "mathsize", "mathvariant", "maxsize"],
    ...["minsize", "movablelimits", "rowspan", "rspace", "scriptlevel", "separator", "stretchy", "style", "symmetric"],
    ...["voffset", "width"],
  ],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

/** What Temml's classes are called here; the others are for browsers and commands we do without. */
const MATH_CLASSES =
  /^(?:tml-)?(jot|left|right|small|overline|underline|fbox|cancel|upstrike|downstrike|sout|xcancel)$/;
const MATH_STYLES =
  /^(?:border(?:-(?:top|right|bottom|left))?|color|display|font-(?:family|style|weight)|justify-content|math-depth|padding(?:-(?:top|right|bottom|left))?|text-align|white-space|width)$/;
/** How TeX draws two symbols together: by less than one of them. */
const NARROWER = /^-0?\.\d+em$/;
const PLAIN_VALUE = /^[\w.#%, -]+$/;

/** The classes of a formula's element that have a look here, by our names. */
export function mathClasses(names: string): string {
  const ours = names.split(/\s+/).flatMap((name) => MATH_CLASSES.exec(name)?.[1] ?? []);
  return ours.map((name) => `gptr-math-${name}`).join(" ");
}

/** The declarations of a formula's element that stay inside its own box, and reach for nothing. */
export function mathStyle(declarations: string): string {
  const kept = declarations.split(";").filter((declaration) => {
    const [name = "", value = ""] = declaration.split(":").map((part) => part.trim());
    return name === "margin-left" ? NARROWER.test(value) : MATH_STYLES.test(name) && PLAIN_VALUE.test(value);
  });
  return kept.map((declaration) => declaration.trim()).join("; ");
}
