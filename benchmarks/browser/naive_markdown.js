// Rendering a growing answer as tutorials have it: a function for a page of its own, and a widget.
import DOMPurify from "dompurify";
import hljs from "highlight.js/lib/common";
import { marked } from "marked";

/** Everything again, whenever something came. */
export function renderNaively(element, text) {
  element.innerHTML = DOMPurify.sanitize(marked.parse(text));
  for (const code of element.querySelectorAll("pre code")) hljs.highlightElement(code);
}

export default {
  render({ model, el }) {
    let text = "";
    el.className = "rival";
    model.on("msg:custom", ({ token }) => {
      text += token;
      renderNaively(el, text);
    });
  },
};
