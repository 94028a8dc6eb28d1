/**
 * Finds formulas in Markdown: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`. Pure, and one judge for all that ask: the parser,
 * the cutting into blocks, and what mends a block that is still being written.
 *
 * A dollar is more often money, or a shell's variable. What speaks against a formula speaks against every longer one
 * that begins the same, so a reader never sees a formula fall apart again.
 */

export interface Formula {
  /** As it was typed, with what delimits it. */
  readonly raw: string;
  readonly tex: string;
  /** On a line of its own. */
  readonly isDisplay: boolean;
}

/** What begins at a place: a formula, one that may still become one ("open"), or none. */
export type Found = Formula | "open" | null;

/** Where formulas stand in a text. */
export interface Formulas {
  readonly finished: readonly { readonly start: number; readonly end: number }[];
  /** Where one begins that has no end yet, and reaches to the end of the text. */
  readonly open: number | null;
}

/** Longer ones are none: an opening without an end must not swallow an answer. */
const LONGEST_CHARACTERS = 5_000;
const CLOSINGS: Readonly<Record<string, string>> = { $: "$", $$: "$$", "\\(": "\\)", "\\[": "\\]" };
/** A line after which what stood before it cannot go on. */
const NEW_BLOCK = /^\n[ \t]*(?:\n|[-*+] |\d{1,9}[.)] |#{1,6} |>|\||```|~~~)/;
const THREE_WORDS = /(?<![A-Za-z\\])[A-Za-z]{2,}(?:[,.;:]?\s+[A-Za-z]{2,}){2}/;
const SIX_WORDS = /(?<![A-Za-z\\])[A-Za-z]{2,}(?:[,.;:]?\s+(?:a\s+)?[A-Za-z]{2,}){5}/;
const LIST_MARKERS = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*/;

/** What begins at this place of the text; `previous` is the character before it. */
export function formulaAt(text: string, at: number, previous = text.charAt(at - 1)): Found {
  const opening = openingAt(text, at, previous);
  if (opening === null) return null;
  const start = at + opening.length;
  const end = closingOf(opening, text, start, mayHoldBlocks(opening, text, at));
  if (end === null) return null;
  const tex = text.slice(start, end === "open" ? undefined : end);
  if (isProse(tex, opening)) return null;
  if (end === "open") return "open";
  if (tex.trim() === "") return null;
  return {
    raw: text.slice(at, end + opening.length),
    tex: tex.trim(),
    isDisplay: opening === "$$" || opening === "\\[",
  };
}

/** All formulas of a text; code is left out. */
export function findFormulas(text: string): Formulas {
  const finished: { start: number; end: number }[] = [];
  const signs = /\\(?![([])[\s\S]|`+|~{3,}|\$+|\\[([]/g;
  for (let sign = signs.exec(text); sign !== null; sign = signs.exec(text)) {
    const [found] = sign;
    if (found.startsWith("`") || found.startsWith("~")) {
      const end = endOfCode(text, sign.index, found);
      if (end === null) return { finished, open: null };
      signs.lastIndex = end;
      continue;
    }
    if (found.length === 2 && !/^(?:\$\$|\\[([])$/.test(found)) continue; // an escape
    const formula = formulaAt(text, sign.index);
    if (formula === null) continue;
    const end = formula === "open" ? text.length : sign.index + formula.raw.length;
    // Whether the last dollar ends a formula is for the next character to say.
    if (formula === "open" || (found === "$" && end === text.length)) return { finished, open: sign.index };
    finished.push({ start: sign.index, end });
    signs.lastIndex = end;
  }
  return { finished, open: null };
}

/** Whether a formula without an end stands at the end of the text, and looks like more than an amount of money. */
export function beginsFormula(text: string): boolean {
  const { open } = findFormulas(text);
  return open !== null && /^(?:\$\$|\\[([]|\$[^$]*[\\^_={])/.test(text.slice(open));
}

/** The text with each formula covered by as many letters. */
export function maskFormulas(text: string): string {
  let masked = "";
  let end = 0;
  for (const formula of findFormulas(text).finished) {
    masked += text.slice(end, formula.start) + "a".repeat(formula.end - formula.start);
    end = formula.end;
  }
  return masked + text.slice(end);
}

function openingAt(text: string, at: number, previous: string): string | null {
  const two = text.slice(at, at + 2);
  if (two === "\\(" || two === "\\[") return two;
  if (two.charAt(0) !== "$" || /[A-Za-z0-9_$]/.test(previous)) return null;
  if (two === "$$") return text.charAt(at + 2) === "$" ? null : two;
  return /\s/.test(two.charAt(1)) ? null : "$";
}

/** Alone on its line, a formula may hold empty lines, and lines that begin like a list. */
function mayHoldBlocks(opening: string, text: string, at: number): boolean {
  if (opening !== "$$" && opening !== "\\[") return false;
  return (
    lineBefore(text, at)
      .replace(/^[ \t]*(?:> ?)*/, "")
      .replace(LIST_MARKERS, "") === ""
  );
}

/** Where what closes it stands. */
function closingOf(opening: string, text: string, start: number, mayBreak: boolean): number | "open" | null {
  const closing = CLOSINGS[opening] ?? "";
  const line = lineBefore(text, start);
  const isQuoted = /^[ \t]*>/.test(line);
  const isRow = /^[ \t]*(?:> ?)*\|/.test(line);
  for (let at = start; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === "`" || (isRow && sign === "|")) return null;
    if (sign === "\n" && !mayBreak) {
      const rest = isQuoted ? text.slice(at).replace(/^\n[ \t]*> ?/, "\n") : text.slice(at, at + 40);
      if (NEW_BLOCK.test(rest)) return null;
    }
    if (text.startsWith(closing, at)) {
      if (opening === "$") return closesInline(text, at) ? at : null;
      if (opening === "$$" && text.charAt(at + 2) === "$") return null;
      return at;
    }
    if (sign === "\\" && text.startsWith(opening, at)) return null; // the first one was none
    if (sign === "\\") at++;
    if (at - start > LONGEST_CHARACTERS) return null;
    if (opening === "$" && sign === "$") return null;
  }
  return "open";
}

/** Whether this dollar ends a formula, rather than begins an amount or a name. */
function closesInline(text: string, at: number): boolean {
  const before = text.charAt(at - 1);
  const after = text.charAt(at + 1);
  if (/\s/.test(before) || /[\d$_]/.test(after)) return false;
  return !/[A-Za-z]/.test(after) || /[A-Za-z0-9})\]'|]/.test(before);
}

/** Whether this reads like words, or an amount of money, outside braces and commands. */
function isProse(tex: string, opening: string): boolean {
  const plain = withoutGroups(tex);
  if (opening !== "$") return SIX_WORDS.test(plain);
  if (THREE_WORDS.test(plain)) return true;
  if (/[.!?]["')]*\s+[A-Z]/.test(plain)) return true; // the end of a sentence
  return /^\d[\d.,]*[A-Za-z%]{0,2}(?:\s+[A-Za-z]{2,}|[^([]*\))/.test(plain);
}

/** What stands outside of braces, commands but for their backslash taken out. */
function withoutGroups(tex: string): string {
  let depth = 0;
  let plain = "";
  for (const [token] of tex.matchAll(/\\(?:[A-Za-z]+|[\s\S])|[\s\S]/g)) {
    if (token === "}") depth = Math.max(0, depth - 1);
    if (depth === 0) plain += token.length > 1 ? "\\" : token;
    if (token === "{") depth++;
  }
  return plain;
}

/** Where the code ends that these marks begin; null when it has no end. */
function endOfCode(text: string, at: number, marks: string): number | null {
  const isFence = marks.length > 2 && lineBefore(text, at).replace(LIST_MARKERS, "") === "";
  if (marks.startsWith("~") && !isFence) return at + marks.length;
  const end = isFence
    ? new RegExp(`\\n[ \\t]*${marks}[${marks.charAt(0)}]*[ \\t]*(?=\\n|$)`, "g")
    : new RegExp(`(?<!\`)${marks}(?!\`)|\\n[ \\t]*(?=\\n)`, "g");
  end.lastIndex = at + marks.length;
  const found = end.exec(text);
  return found === null ? null : end.lastIndex;
}

function lineBefore(text: string, at: number): string {
  return text.slice(startOfLine(text, at), at);
}

/** Where the last line began that was asked for: looked for anew at every sign, a line of a megabyte would take minutes. */
let known = { text: "", at: 0, start: 0 };

function startOfLine(text: string, at: number): number {
  const from = known.text === text && known.at <= at ? known : { at: 0, start: 0 };
  const newline = text.slice(from.at, at).lastIndexOf("\n");
  const start = newline < 0 ? from.start : from.at + newline + 1;
  known = { text, at, start };
  return start;
}
