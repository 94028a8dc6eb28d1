/**
 * Cuts growing Markdown into blocks that are finished for good and the one that is still open.
 *
 * A cut is made only where no later character can change what stands before it, and nothing is carried across a cut.
 * So the blocks do not depend on how the text was chopped on its way, and only the open one must be read again.
 * Where it is not certain that a block is over, it is not: a block too large costs time, one too small is wrong.
 */

import { formulaAt } from "./formulas";

export interface Blocks {
  readonly finished: readonly string[];
  /** What follows the last finished block; "" when nothing does. */
  readonly open: string;
}

/** A code fence that has been opened and not closed. */
export interface Fence {
  readonly marker: string;
  /** Inside a list item: its end does not end the block. */
  readonly isNested: boolean;
}

const FENCE_OPENING = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})/;
const NESTED_FENCE_OPENING = /^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)*(`{3,}(?=[^`]*$)|~{3,})/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const FORMULA_LINE = /^ {0,3}(?:\$\$|\\\[)/;
/** What may still become a list item when more of the line arrives. */
const LIST_ITEM_BEGUN = /^(?:[-*+]|\d{1,9}[.)]?)$/;
/** HTML that goes on over blank lines, up to its own end. */
const LONG_HTML = /^ {0,3}<(?:(script|pre|style|textarea|details)\b|!--)/i;

/** Cuts the text; `finished` and `open` joined are the text again. */
export function splitBlocks(text: string): Blocks {
  const finished: string[] = [];
  let start = 0;
  let block = new BlockReader();
  for (const line of linesOf(text)) {
    if (block.isEndedBefore(line)) {
      finished.push(text.slice(start, line.start));
      start = line.start;
      block = new BlockReader();
    }
    block.read(line);
    if (block.isComplete) {
      finished.push(text.slice(start, line.end));
      start = line.end;
      block = new BlockReader();
    }
  }
  return { finished, open: text.slice(start) };
}

/** The fence in which this open block ends, if it ends in one. */
export function openFence(open: string): Fence | null {
  const block = new BlockReader();
  for (const line of linesOf(open)) block.read(line);
  return block.fence;
}

interface Line {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** False for the last line as long as no line break follows it. */
  readonly isWhole: boolean;
}

/** Reads one block, line by line. */
class BlockReader {
  fence: Fence | null = null;
  /** Its own last line has come: a fence that was closed. */
  isComplete = false;
  #kind: "list" | "html" | "other" | null = null;
  #awaited: string | null = null;
  /** A formula on lines of its own, up to here; null when none is open. */
  #formula: string | null = null;
  #isAfterBlank = false;

  /** Whether this line, and whatever may yet be added to it, begins a new block. */
  isEndedBefore(line: Line): boolean {
    if (this.#kind === null || this.fence !== null || this.#awaited !== null || isBlank(line)) return false;
    if (this.#formula !== null) return false;
    if (!this.#isAfterBlank) {
      const fence = line.isWhole ? FENCE_OPENING.exec(line.text) : null;
      return fence !== null && fence[1] === "" && this.#kind !== "html";
    }
    if (/^\s/.test(line.text)) return false;
    if (this.#kind !== "list") return true;
    return !LIST_ITEM.test(line.text) && (line.isWhole || !LIST_ITEM_BEGUN.test(line.text));
  }

  read(line: Line): void {
    if (this.fence !== null) {
      if (line.isWhole && closes(this.fence, line.text)) {
        this.isComplete = !this.fence.isNested;
        this.fence = null;
      }
      return;
    }
    if (this.#readFormula(line)) return;
    if (isBlank(line)) {
      this.#isAfterBlank = line.isWhole && this.#kind !== null;
      return;
    }
    this.#isAfterBlank = false;
    const isFirst = this.#kind === null;
    if (isFirst) this.#begin(line.text);
    if (this.#awaited !== null && line.text.toLowerCase().includes(this.#awaited)) this.#awaited = null;
    if (line.isWhole) this.fence = this.#fenceOpenedBy(line.text, isFirst);
  }

  /** Follows a formula over its lines, blank ones too; true while it has no end. */
  #readFormula(line: Line): boolean {
    const isOpening = this.#kind !== "html" && this.#awaited === null && FORMULA_LINE.test(line.text);
    if (this.#formula === null && !isOpening) return false;
    const formula = `${this.#formula ?? ""}${line.text.trimStart()}\n`;
    this.#formula = formulaAt(formula, 0) === "open" ? formula : null;
    if (this.#formula === null) return false;
    this.#kind ??= "other";
    this.#isAfterBlank = false;
    return true;
  }

  #begin(text: string): void {
    const html = LONG_HTML.exec(text);
    if (html !== null) this.#awaited = html[1] === undefined ? "-->" : `</${html[1].toLowerCase()}`;
    if (LIST_ITEM.test(text)) this.#kind = "list";
    else this.#kind = text.trimStart().startsWith("<") ? "html" : "other";
  }

  #fenceOpenedBy(text: string, isFirst: boolean): Fence | null {
    if (this.#kind === "html") return null;
    const top = isFirst ? FENCE_OPENING.exec(text)?.[2] : undefined;
    if (top !== undefined) return { marker: top, isNested: false };
    const nested = NESTED_FENCE_OPENING.exec(text)?.[1];
    return nested === undefined ? null : { marker: nested, isNested: true };
  }
}

function closes(fence: Fence, text: string): boolean {
  const run = text.trim();
  return run.length >= fence.marker.length && run === fence.marker.charAt(0).repeat(run.length);
}

function isBlank(line: Line): boolean {
  return line.text.trim() === "";
}

function* linesOf(text: string): Generator<Line> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const isWhole = newline >= 0;
    const end = isWhole ? newline + 1 : text.length;
    yield { text: text.slice(start, isWhole ? newline : end), start, end, isWhole };
    start = end;
  }
}
