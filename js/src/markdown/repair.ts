/**
 * Mends the Markdown of a block that is still being written, so that half a marker is never seen as text.
 *
 * A list of pure functions, one per syntax, each text in, text out; they know only the end of the block. What they
 * make is shown for a moment and thrown away: the finished block is drawn from what the model really wrote.
 */
import { openFence } from "./blocks";
import { findFormulas } from "./formulas";

type Repair = (text: string) => string;

/** From Unicode's private range: no text has it. */
const COVER = "\uE0A7";
const COVERED = new RegExp(`${COVER}(\\d+)${COVER}`, "g");

/** In this order: what hides comes before what closes, and code before what code would shelter. */
const REPAIRS: readonly Repair[] = [
  hideFenceOpening,
  hideLoneMarker,
  hideBackslash,
  hideTag,
  closeInlineCode,
  unwrapLink,
  closeEmphasis,
  completeTable,
];

/** The block as it may be shown now. */
export function repair(open: string): string {
  const fence = openFence(open);
  if (fence !== null) return hideHalfFence(open, fence.marker);
  const { text, uncover } = coverFormulas(open);
  return uncover(REPAIRS.reduce((mended, mend) => mend(mended), text));
}

/**
 * Hides a formula without its end, and puts a sign that is no Markdown in the place of each whole one: what stands in
 * a formula is no emphasis, no link and no tag. `uncover` puts those back that are left.
 */
export function coverFormulas(open: string): { readonly text: string; uncover(mended: string): string } {
  const formulas = findFormulas(open);
  const raws = formulas.finished.map(({ start, end }) => open.slice(start, end));
  let text = "";
  let end = 0;
  formulas.finished.forEach((formula, index) => {
    text += `${open.slice(end, formula.start)}${COVER}${index}${COVER}`;
    end = formula.end;
  });
  return {
    text: text + open.slice(end, formulas.open ?? undefined),
    uncover: (mended) => mended.replace(COVERED, (cover, index: string) => raws[Number(index)] ?? cover),
  };
}

/** A closing fence of which only a part has come. */
export function hideHalfFence(open: string, marker: string): string {
  const lastLine = open.slice(open.lastIndexOf("\n") + 1);
  const isHalf = lastLine.trim() !== "" && marker.startsWith(lastLine.trim());
  return isHalf && open.includes("\n") ? open.slice(0, open.length - lastLine.length) : open;
}

/** The line that opens a fence, as long as the language may still grow. */
export function hideFenceOpening(text: string): string {
  return text.replace(/(^|\n)[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}[^`\n]*|~{3,}[^\n]*)$/, "$1");
}

/** A last line of nothing but a marker: a list item, heading, rule or fence to be, or an underline that is none yet. */
export function hideLoneMarker(text: string): string {
  return text.replace(/(^|\n)[ \t]*(?:[-*+=_#>`~|]+|\d{1,3}[.)]?|[-*+] \[[ xX]?\]?|\|[\s:|-]*)[ \t]*$/, "$1");
}

/** A backslash that may yet begin a formula, or an escape. */
export function hideBackslash(text: string): string {
  return text.replace(/(?<!\\)((?:\\\\)*)\\$/, "$1");
}

/** An HTML tag without its end. */
export function hideTag(text: string): string {
  return text.replace(/<[a-zA-Z/!][^<>\n]*$/, (tag) => (isInCode(text, text.length - tag.length) ? tag : ""));
}

/** `code without its closing backtick. */
export function closeInlineCode(text: string): string {
  const opening = openCode(text);
  if (opening === null) return text;
  const content = text.slice(opening.at + opening.ticks.length);
  const shown = content.replace(/`+$/, "");
  return shown.trim() === ""
    ? text.slice(0, opening.at)
    : text.slice(0, opening.at) + opening.ticks + shown + opening.ticks;
}

/** [text](address that is not there yet: the text alone; of a picture, nothing. */
export function unwrapLink(text: string): string {
  const tail = tailStart(text);
  const found = /(!?)\[((?:[^[\]]|\[[^[\]]*\])*)(?:\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*(?:\([^()\n]*)?)?)?$/.exec(
    text.slice(tail),
  );
  if (found === null || isInCode(text, tail + found.index)) return text;
  const [, picture, label = ""] = found;
  return text.slice(0, tail + found.index) + (picture === "!" ? "" : label);
}

/** **bold, *italic* and ~~struck~~ without their end. */
export function closeEmphasis(text: string): string {
  const start = tailStart(text);
  const tail = text.slice(start);
  const open: string[] = [];
  let dropped = 0;
  for (const found of tail.matchAll(/\\.|`+[^`]*`+|\*+|_+|~+/g)) {
    const [run] = found;
    const marker = run.charAt(0);
    if (marker === "\\" || marker === "`") continue;
    const before = tail.charAt(found.index - 1);
    const after = tail.charAt(found.index + run.length);
    if (run === "~" && after !== "") continue; // about, not struck out
    let left = run.length;
    if (/\S/.test(before) && (marker !== "_" || !/\w/.test(after))) left -= closeOpen(open, marker, left);
    if (left === 0) continue;
    if (after === "") dropped = left;
    else if (/\S/.test(after) && !/\w/.test(before)) {
      for (; left > 0; left -= 2) open.push(marker.repeat(Math.min(left, 2)));
    }
  }
  const kept = text.slice(0, text.length - dropped);
  const trimmed = kept.trimEnd();
  return trimmed + open.reverse().join("") + (open.length > 0 && dropped === 0 ? "" : kept.slice(trimmed.length));
}

/** Takes the markers off the stack which a run of this length closes; returns how much of the run that uses up. */
function closeOpen(open: string[], marker: string, length: number): number {
  let used = 0;
  for (let top = open.at(-1); top?.charAt(0) === marker && top.length <= length - used; top = open.at(-1)) {
    used += top.length;
    open.pop();
  }
  return used;
}

/** A table whose line of dashes has not come, or not wholly: drawn as a table from its head on. */
export function completeTable(text: string): string {
  const start = text.startsWith("|") ? 0 : text.lastIndexOf("\n|") + 1;
  if (text.charAt(start) !== "|") return text;
  const head = /(?:^|\n)(\|[^\n]*)(?:\n([|:\- \t]*))?$/.exec(text);
  if (head === null || (text.slice(0, head.index).split("\n").at(-1) ?? "").startsWith("|")) return text;
  const [whole, cells = ""] = head;
  const columns = Math.max(1, cells.replace(/\\\|/g, "").split("|").length - (cells.trimEnd().endsWith("|") ? 2 : 1));
  const closed = cells.trimEnd().endsWith("|") ? cells : `${cells} |`;
  const lead = whole.startsWith("\n") ? "\n" : "";
  return `${text.slice(0, head.index)}${lead}${closed}\n|${" --- |".repeat(columns)}`;
}

/** Where the last paragraph begins: emphasis, links and inline code do not reach over a blank line. */
function tailStart(text: string): number {
  const blank = /\n[ \t]*\n(?![\s\S]*\n[ \t]*\n)/.exec(text);
  return blank === null ? 0 : blank.index + blank[0].length;
}

/** The backticks that open code and find no end. */
function openCode(text: string): { at: number; ticks: string } | null {
  const start = tailStart(text);
  const tail = text.slice(start);
  const runs = [...tail.matchAll(/`+/g)];
  for (let at = 0; at < runs.length; at++) {
    const run = runs[at];
    if (run === undefined) break;
    const closing = runs.findIndex((other, index) => index > at && other[0].length === run[0].length);
    if (closing < 0) return { at: start + run.index, ticks: run[0] };
    at = closing;
  }
  return null;
}

/** Whether this position lies inside inline code, closed or not. */
function isInCode(text: string, position: number): boolean {
  return openCode(text.slice(0, position)) !== null;
}
