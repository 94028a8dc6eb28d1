// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { splitBlocks } from "../../src/markdown/blocks";
import { renderMarkdown } from "../../src/markdown/render";
import {
  closeEmphasis,
  closeInlineCode,
  completeTable,
  hideLoneMarker,
  hideTag,
  repair,
  unwrapLink,
} from "../../src/markdown/repair";
import { SAMPLES } from "./samples";

/** What a reader sees of this much of a text while it streams. */
function seen(text: string): string {
  const { finished, open } = splitBlocks(text);
  return [...finished.map((block) => visible(block)), visible(repair(open))].join("\n").replace(/\s+/g, " ").trim();
}

function visible(source: string): string {
  const fragment = renderMarkdown(source, { isFinished: false });
  for (const head of fragment.querySelectorAll(".gptr-code-head")) head.remove();
  return [...fragment.children].map((child) => child.textContent).join("\n");
}

describe.each(["emphasis", "code", "fence", "fenceInList", "tasks", "quote", "headings", "tildes"])("%s", (name) => {
  it("only ever grows while it is written, letter by letter", () => {
    const text = SAMPLES[name] ?? "";
    let before = "";
    for (let length = 1; length <= text.length; length++) {
      const now = seen(text.slice(0, length));
      expect(now.startsWith(before), `${JSON.stringify(before)} → ${JSON.stringify(now)}`).toBe(true);
      before = now;
    }
  });
});

it("never shows an address, a marker or a table's dashes, letter by letter", () => {
  for (const text of [SAMPLES.links, SAMPLES.table, SAMPLES.emphasis, "![a plot](https://example.org/p.png) text"]) {
    for (let length = 1; length <= (text?.length ?? 0); length++) {
      const now = seen(text?.slice(0, length) ?? "");
      expect(now).not.toMatch(/\*\*|~~|\]\(|https|---|!\[|\|/);
    }
  }
});

describe.each([
  [closeEmphasis, "**bo", "**bo**"],
  [closeEmphasis, "**bold*", "**bold**"],
  [closeEmphasis, "***x", "***x***"],
  [closeEmphasis, "a *b **c", "a *b **c***"],
  [closeEmphasis, "**bold ", "**bold**"],
  [closeEmphasis, "a **", "a "],
  [closeEmphasis, "2 * 3", "2 * 3"],
  [closeEmphasis, "a_b_c and 2*3", "a_b_c and 2*3"],
  [closeEmphasis, "`**` and", "`**` and"],
  [closeEmphasis, "**done**\n\n*new", "**done**\n\n*new*"],
  [closeInlineCode, "a `b", "a `b`"],
  [closeInlineCode, "a ``b`", "a ``b``"],
  [closeInlineCode, "a `", "a "],
  [closeInlineCode, "a `b` c", "a `b` c"],
  [unwrapLink, "a [b", "a b"],
  [unwrapLink, "a [b](https://x", "a b"],
  [unwrapLink, "a [b](https://x)", "a [b](https://x)"],
  [unwrapLink, "a ![b](https://x", "a "],
  [unwrapLink, "a `[b", "a `[b"],
  [unwrapLink, "x[0] = 1", "x[0] = 1"],
  [hideTag, "a <det", "a "],
  [hideTag, "a < b", "a < b"],
  [hideTag, "`a <b", "`a <b"],
  [hideLoneMarker, "text\n-", "text\n"],
  [hideLoneMarker, "text\n==", "text\n"],
  [hideLoneMarker, "- a\n- [ ]", "- a\n"],
  [hideLoneMarker, "1. a\n2.", "1. a\n"],
  [hideLoneMarker, "in 2024", "in 2024"],
  [completeTable, "| a | b |", "| a | b |\n| --- | --- |"],
  [completeTable, "| a | b", "| a | b |\n| --- | --- |"],
  [completeTable, "Text\n| a |\n|--", "Text\n| a |\n| --- |"],
  [completeTable, "| a |\n|---|\n| 1", "| a |\n|---|\n| 1"],
])("%o", (mend, before, after) => {
  it(`makes ${JSON.stringify(after)} of ${JSON.stringify(before)}`, () => {
    expect(mend(before)).toBe(after);
  });
});
