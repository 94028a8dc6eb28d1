/** Formulas for marked: each becomes a `code.gptr-formula` that holds it as it was typed; `dress` makes more of it. */
import type { MarkedExtension, Tokens } from "marked";
import { type Formula, formulaAt, maskFormulas } from "./formulas";

const LINE_OF_ITS_OWN = /\n {0,3}(?=\$\$|\\\[)/g;

export const FORMULA_SYNTAX: MarkedExtension = {
  extensions: [
    {
      name: "formulaBlock",
      level: "block",
      start: (src) => startOfBlock(src),
      tokenizer(src) {
        const indent = /^ {0,3}/.exec(src)?.[0].length ?? 0;
        const formula = isDisplayAt(src, indent);
        if (formula === null) return undefined;
        // The full stop behind it belongs to its line.
        const [stop = ""] = /^[.,;:](?=[ \t]*(?:\n|$))/.exec(src.slice(indent + formula.raw.length)) ?? [];
        return { type: "formulaBlock", raw: src.slice(0, indent) + formula.raw + stop, text: formula.raw, stop };
      },
      renderer: ({ text, stop }) => `<p>${placeholder(text)}${stop}</p>\n`,
    },
    {
      name: "formula",
      level: "inline",
      start: (src) => indexOrNone(src.search(/\$|\\[([]/)),
      tokenizer(src, tokens) {
        const formula = formulaAt(src, 0, tokens.at(-1)?.raw.at(-1) ?? "");
        return formula === null || formula === "open"
          ? undefined
          : { type: "formula", raw: formula.raw, text: formula.raw };
      },
      renderer: ({ text }: Tokens.Generic) => placeholder(text),
    },
  ],
  hooks: { emStrongMask: maskFormulas },
};

/** Where the next formula on a line of its own ends the paragraph before it. */
function startOfBlock(src: string): number | undefined {
  for (const line of src.matchAll(LINE_OF_ITS_OWN)) {
    if (isDisplayAt(src, line.index + line[0].length) !== null) return line.index;
  }
  return undefined;
}

function isDisplayAt(src: string, at: number): Formula | null {
  if (!/^(?:\$\$|\\\[)/.test(src.slice(at, at + 2))) return null;
  const formula = formulaAt(src, at);
  return formula === "open" ? null : formula;
}

function placeholder(raw: string): string {
  const text = raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<code class="gptr-formula">${text}</code>`;
}

function indexOrNone(index: number): number | undefined {
  return index < 0 ? undefined : index;
}
