/** Our DOM and CommonMark's HTML, brought to the same form: what of a text the reader is told. */
import DOMPurify from "dompurify";
import { LiveDocument } from "../../src/markdown/live-document";
import { hostOf, SANITIZER } from "../../src/markdown/policy";

/** The text as it is shown when it has come in these pieces. */
export function shown(pieces: readonly string[]): HTMLElement {
  const box = document.createElement("div");
  const live = new LiveDocument(box);
  let text = "";
  for (const piece of pieces) {
    text += piece;
    live.update(text, false);
  }
  live.update(text, true);
  return box;
}

/** What we draw, without what we put round it: frames of code, boxes of tables, buttons of pictures, ways of links. */
export function ours(markdown: string): string {
  const box = shown([markdown]);
  for (const block of box.querySelectorAll(".gptr-block")) block.replaceWith(...block.childNodes);
  for (const frame of box.querySelectorAll(".gptr-code")) {
    const [pre, code] = [document.createElement("pre"), frame.querySelector("code")];
    const language = code?.dataset.gptrLanguage ?? "";
    if (code !== null) pre.append(plainCode(code, language === "" ? "" : `language-${language}`));
    frame.replaceWith(pre);
  }
  for (const table of box.querySelectorAll(".gptr-table > table")) table.parentElement?.replaceWith(table);
  for (const button of box.querySelectorAll<HTMLElement>("button.gptr-picture")) {
    const address = button.title;
    const parent = button.parentElement;
    const place = [...(parent?.childNodes ?? [])].indexOf(button);
    button.click();
    const picture = parent?.childNodes[place];
    if (picture instanceof HTMLImageElement) picture.replaceWith(plainPicture(address, picture.alt));
  }
  for (const link of box.querySelectorAll("a")) {
    for (const name of ["target", "rel"]) link.removeAttribute(name);
    plainLink(link);
  }
  return canonical(box);
}

/** CommonMark's own reading, without what our policy lets nobody write. */
export function theirs(html: string): string {
  const box = document.createElement("div");
  box.append(DOMPurify.sanitize(html, SANITIZER));
  for (const element of box.querySelectorAll("[class]")) {
    if (element.localName !== "code") element.removeAttribute("class");
  }
  for (const pre of box.querySelectorAll("pre")) {
    const code = pre.querySelector("code");
    const made = plainCode(pre, code?.className.split(" ")[0] ?? "");
    made.textContent = (made.textContent ?? "").replace(/\n$/, "");
    pre.replaceChildren(made);
  }
  for (const picture of box.querySelectorAll("img")) {
    const address = picture.getAttribute("src") ?? "";
    picture.replaceWith(hostOf(address) === null ? picture.alt : plainPicture(address, picture.alt));
  }
  for (const link of box.querySelectorAll("a")) plainLink(link);
  for (const input of box.querySelectorAll("input")) input.remove();
  return canonical(box);
}

function plainCode(from: Element, className: string): HTMLElement {
  const code = document.createElement("code");
  if (className !== "") code.className = className;
  code.textContent = from.textContent;
  return code;
}

function plainPicture(address: string, alt: string): HTMLElement {
  const picture = document.createElement("img");
  picture.setAttribute("src", address);
  picture.setAttribute("alt", alt);
  return picture;
}

/** The same address may be written with other escapes; a title is where a link goes, here. */
function plainLink(link: HTMLAnchorElement): void {
  link.removeAttribute("title");
  if (link.hasAttribute("href")) link.setAttribute("href", link.href);
}

/** White space between and round blocks means nothing; in code it does. */
function canonical(box: HTMLElement): string {
  box.normalize();
  const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    if (node.parentElement?.closest("pre") == null) node.nodeValue = (node.nodeValue ?? "").replace(/\s+/g, " ");
  }
  const blocks = "p|h[1-6]|ul|ol|li|blockquote|pre|hr|table|thead|tbody|tr|td|th|div|details|summary|br";
  return box.innerHTML
    .replace(new RegExp(`\\s*(</?(?:${blocks})(?:\\s[^>]*)?>)`, "g"), "$1")
    .replace(
      new RegExp(
        `(</(?:${blocks})>|<(?:p|h[1-6]|ul|ol|li|blockquote|hr|table|thead|tbody|tr|td|th|details|br)(?:\\s[^>]*)?>)\\s+`,
        "g",
      ),
      "$1",
    )
    .trim()
    .replace(/\s+((?:<\/\w+>)*)$/, "$1");
}
