/** Markdown to DOM: marked, then DOMPurify, then our own elements round code, tables, links and pictures. */
import DOMPurify from "dompurify";
import { Marked, type TokensList } from "marked";
import { FORMULA_SYNTAX } from "./formula-syntax";
import { formulaPlace } from "./formula-view";
import { hostOf, isEmbeddedPicture, SANITIZER } from "./policy";
import { NO_REFERENCES, type References } from "./references";

const markdown = new Marked({ gfm: true, async: false }).use(FORMULA_SYNTAX);

/**
 * Markdown as HTML, not to be trusted.
 *
 * `references`: what the text before and behind this piece defines.
 */
export function toHtml(source: string, references: References = NO_REFERENCES): string {
  return markdown.parser(lexed(source, references));
}

/** The link definitions in this piece of a text. */
export function referencesIn(source: string): References {
  return source.includes("]:") ? lexed(source, NO_REFERENCES).links : NO_REFERENCES;
}

/** Draws Markdown, as one text on its own. */
export function renderMarkdown(source: string, options: { readonly isFinished: boolean }): DocumentFragment {
  return renderHtml(toHtml(source), options);
}

/**
 * Draws the HTML that became of Markdown.
 *
 * The fragment belongs to a document without a page until it is inserted, so no picture in it loads before
 * `replacePictures` has seen it.
 */
export function renderHtml(html: string, options: { readonly isFinished: boolean }): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, SANITIZER);
  dropClasses(fragment);
  placeFormulas(fragment);
  replacePictures(fragment);
  replaceInputs(fragment);
  openLinksElsewhere(fragment);
  scrollTables(fragment);
  frameCode(fragment, options.isFinished);
  return fragment;
}

function lexed(source: string, references: References): TokensList {
  const lexer = new markdown.Lexer(markdown.defaults);
  Object.assign(lexer.tokens.links, references);
  return lexer.lex(source);
}

/** A code block: language, buttons, code; finished, it waits to be coloured by `dress`. */
export function codeFrame(language: string, code: string, isFinished: boolean): HTMLElement {
  const frame = element("div", "gptr-code");
  const head = element("div", "gptr-code-head");
  const label = element("span", "gptr-code-language");
  label.textContent = language === "" ? "text" : language;
  const named = `${language === "" ? "" : `${language} `}code`;
  const insert = button("Insert below", `Insert below: ${named}`);
  insert.dataset.gptrInsert = "";
  const copy = button("Copy", `Copy ${named}`);
  copy.dataset.gptrCopy = "";
  const pre = element("pre", "gptr-code-body");
  pre.tabIndex = 0;
  const body = element("code", "gptr-code-text");
  body.textContent = code;
  if (isFinished && language !== "") body.dataset.gptrLanguage = language;
  head.append(label, insert, copy);
  pre.append(body);
  frame.append(head, pre);
  return frame;
}

/** None of the model's classes, which could be ours or the page's, but for what code says of itself. */
function dropClasses(fragment: DocumentFragment): void {
  for (const element of fragment.querySelectorAll("[class]")) {
    const kept = element.localName === "code" ? /^(?:gptr-formula|language-\S+)/.exec(element.className) : null;
    if (kept === null) element.removeAttribute("class");
    else element.className = kept[0];
  }
}

/** Formulas stand in marked's code as they were typed; `dress` draws them. */
function placeFormulas(fragment: DocumentFragment): void {
  for (const code of fragment.querySelectorAll("code.gptr-formula")) {
    code.replaceWith(formulaPlace(code.textContent ?? ""));
  }
}

function frameCode(fragment: DocumentFragment, isFinished: boolean): void {
  for (const pre of fragment.querySelectorAll("pre")) {
    const code = pre.querySelector("code");
    const language = /\blanguage-(\S+)/.exec(code?.className ?? "")?.[1] ?? "";
    pre.replaceWith(codeFrame(language, (pre.textContent ?? "").replace(/\n$/, ""), isFinished));
  }
}

function openLinksElsewhere(fragment: DocumentFragment): void {
  for (const link of fragment.querySelectorAll("a")) {
    const address = link.getAttribute("href");
    if (address === null) continue;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.title = address;
  }
}

/** A remote picture tells its server who reads: it loads only when asked for. */
function replacePictures(fragment: DocumentFragment): void {
  for (const picture of fragment.querySelectorAll("img")) {
    const address = picture.getAttribute("src") ?? "";
    const host = hostOf(address);
    if (isEmbeddedPicture(address)) {
      picture.removeAttribute("title");
    } else if (host === null) {
      picture.replaceWith(picture.alt);
    } else {
      picture.replaceWith(pictureButton(address, picture.alt, host));
    }
  }
}

function pictureButton(address: string, alt: string, host: string): HTMLElement {
  const button = element("button", "gptr-picture");
  button.type = "button";
  button.textContent = `Load image from ${host}`;
  button.title = address;
  button.addEventListener("click", () => {
    const picture = element("img", "gptr-picture-loaded");
    picture.referrerPolicy = "no-referrer";
    picture.alt = alt;
    picture.src = address;
    button.replaceWith(picture);
  });
  return button;
}

function replaceInputs(fragment: DocumentFragment): void {
  for (const input of fragment.querySelectorAll("input")) {
    if (input.getAttribute("type") !== "checkbox") {
      input.remove();
      continue;
    }
    input.disabled = true;
    input.setAttribute("aria-label", input.checked ? "done" : "to do");
    input.closest("li")?.classList.add("gptr-task");
  }
}

function scrollTables(fragment: DocumentFragment): void {
  for (const table of fragment.querySelectorAll("table")) {
    const box = element("div", "gptr-table");
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Table");
    table.replaceWith(box);
    box.append(table);
  }
}

function button(text: string, label: string): HTMLButtonElement {
  const made = element("button", "gptr-quiet");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-label", label);
  return made;
}

function element<Name extends keyof HTMLElementTagNameMap>(name: Name, className: string): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.className = className;
  return made;
}
