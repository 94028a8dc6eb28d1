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
