/**
 * An element that follows a growing Markdown text. Finished blocks keep their DOM; only the open one is drawn again,
 * so that the cost of a token does not grow with the answer, and a selection above it survives.
 */
import { openFence, splitBlocks } from "./blocks";
import { dress } from "./dress";
import type { Need } from "./extras";
import { beginsFormula } from "./formulas";
import { joined, NO_REFERENCES, type References } from "./references";
import { codeFrame, referencesIn, renderHtml, toHtml } from "./render";
import { hideHalfFence, repair } from "./repair";

interface DrawnBlock {
  readonly source: string;
  readonly element: HTMLElement;
  /** What the element was last drawn from. */
  drawn: string;
}

export class LiveDocument {
  readonly #root: HTMLElement;
  readonly #need: Need;
  #text = "";
  #finished: DrawnBlock[] = [];
  #finishedLength = 0;
  #open: DrawnBlock | null = null;
  /** The last block was finished by the end of the text, not by what follows it. */
  #isOver = false;
  #references = NO_REFERENCES;

  /** Takes this element over; `need` gives what only some answers need, when it is there. */
  constructor(root: HTMLElement, need: Need = () => null) {
    this.#root = root;
    this.#need = need;
    root.replaceChildren();
  }

  /** Shows this text. `isFinished`: nothing will be added, so nothing is mended. */
  update(text: string, isFinished: boolean): void {
    const isGrowth = text.startsWith(this.#text) && !(this.#isOver && text !== this.#text);
    if (!isGrowth) this.#clear();
    this.#text = text;
    this.#isOver = isFinished;
    const { finished, open } = splitBlocks(text.slice(this.#finishedLength));
    const isOver = isFinished && open !== "";
    const over = isOver ? [...finished, open] : finished;
    this.#refer(over);
    for (const source of over) this.#finish(source);
    if (isFinished || open.trim() === "") this.#dropOpen();
    else this.#drawOpen(open);
  }

  /** A part has come: makes use of it where it was missing. */
  refresh(): void {
    dress(this.#root, this.#need);
  }

  #clear(): void {
    this.#root.replaceChildren();
    this.#finished = [];
    this.#finishedLength = 0;
    this.#open = null;
    this.#references = NO_REFERENCES;
  }

  #finish(source: string): void {
    this.#finishedLength += source.length;
    if (source.trim() === "") return;
    const element = this.#open?.element ?? this.#append();
    const block: DrawnBlock = { source, element, drawn: this.#open?.drawn ?? "" };
    this.#open = null;
    element.classList.remove("gptr-open");
    this.#draw(block, source, true);
    this.#finished.push(block);
  }

  /** A definition may come after the blocks that refer to it. */
  #refer(sources: readonly string[]): void {
    const references = sources.map((source) => readable(() => referencesIn(source)) ?? NO_REFERENCES);
    const all = references.reduce(joined, this.#references);
    if (all === this.#references) return;
    this.#references = all;
    // Only what is still in brackets can be a link by them.
    for (const block of this.#finished) if (block.drawn.includes("[")) this.#draw(block, block.source, true);
  }

  #drawOpen(open: string): void {
    this.#open ??= { source: "", element: this.#append(), drawn: "" };
    this.#open.element.classList.add("gptr-open");
    const fence = openFence(open);
    // Its colours come when it closes; what knows them is asked for by now.
    if (fence !== null) this.#need("highlight");
    else if (beginsFormula(open)) this.#need("math");
    if (fence !== null && !fence.isNested) drawOpenCode(this.#open, open, fence.marker);
    else this.#draw(this.#open, repair(open), false);
  }

  #draw(block: DrawnBlock, text: string, isFinished: boolean): void {
    if (draw(block, text, this.#references, isFinished)) dress(block.element, this.#need);
  }

  #dropOpen(): void {
    this.#open?.element.remove();
    this.#open = null;
  }

  #append(): HTMLElement {
    const element = document.createElement("div");
    element.className = "gptr-block";
    this.#root.append(element);
    return element;
  }
}

/** Draws the block, unless it stands there already. */
function draw(block: DrawnBlock, text: string, references: References, isFinished: boolean): boolean {
  const source = text.trimEnd();
  const html = readable(() => toHtml(source, references));
  if (html === null) return drawAsTyped(block, source);
  // Only code looks different when it is finished: anything else keeps its DOM when the last marker has come.
  const key = isFinished && html.includes("<pre") ? `finished ${html}` : html;
  if (block.drawn === key) return false;
  const drawn = readable(() => renderHtml(html, { isFinished }));
  if (drawn === null) return drawAsTyped(block, source);
  block.drawn = key;
  block.element.replaceChildren(drawn);
  return true;
}

/** The value; null for Markdown of more levels than there is stack for, which nobody means to be read. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    // Firefox has an error of its own for it.
    if (error instanceof RangeError || (error instanceof Error && error.name === "InternalError")) return null;
    throw error;
  }
}

function drawAsTyped(block: DrawnBlock, source: string): boolean {
  const key = `typed ${source}`;
  if (block.drawn === key) return false;
  block.drawn = key;
  block.element.replaceChildren(codeFrame("markdown", source, false));
  return true;
}

/** Code being written: the text of one element, without a parser. */
function drawOpenCode(block: DrawnBlock, open: string, marker: string): void {
  const shown = hideHalfFence(open, marker).trimStart();
  const newline = shown.indexOf("\n");
  const language = shown.slice(marker.length, newline).trim().split(/\s/)[0] ?? "";
  const code = shown.slice(newline + 1).replace(/\n$/, "");
  const key = `code ${language}`;
  const body = block.drawn === key ? block.element.querySelector("code") : null;
  if (body === null) {
    block.drawn = key;
    block.element.replaceChildren(codeFrame(language, code, false));
  } else {
    body.textContent = code;
  }
}
