import { describe, expect, it } from "vitest";
import { openFence, splitBlocks } from "../../src/markdown/blocks";
import { SAMPLES } from "./samples";

describe.each(Object.entries(SAMPLES))("%s", (_name, text) => {
  it("loses nothing when cut", () => {
    const { finished, open } = splitBlocks(text);
    expect([...finished, open].join("")).toBe(text);
  });

  it("is cut at the same places however it arrives", () => {
    const { finished } = splitBlocks(text);
    for (let length = 0; length <= text.length; length++) {
      const early = splitBlocks(text.slice(0, length)).finished;
      expect(early).toEqual(finished.slice(0, early.length));
    }
  });

  it("is cut the same from any cut on", () => {
    const { finished, open } = splitBlocks(text);
    for (let at = 1; at <= finished.length; at++) {
      const rest = text.slice(finished.slice(0, at).join("").length);
      expect(splitBlocks(rest)).toEqual({ finished: finished.slice(at), open });
    }
  });
});

describe("a block is over", () => {
  it("when a new paragraph begins after a blank line", () => {
    expect(splitBlocks("One.\n\n")).toEqual({ finished: [], open: "One.\n\n" });
    expect(splitBlocks("One.\n\nT")).toEqual({ finished: ["One.\n\n"], open: "T" });
  });

  it("when its fence closes, before anything follows", () => {
    expect(splitBlocks("```py\nx\n```\n")).toEqual({ finished: ["```py\nx\n```\n"], open: "" });
    expect(splitBlocks("```py\nx\n``")).toEqual({ finished: [], open: "```py\nx\n``" });
  });

  it("when a fence begins below it", () => {
    expect(splitBlocks("Text:\n```\nx").finished).toEqual(["Text:\n"]);
  });

  it("for a list, not before it is sure that no item follows", () => {
    expect(splitBlocks("1. a\n\n2").finished).toEqual([]);
    expect(splitBlocks("1. a\n\n20").finished).toEqual([]);
    expect(splitBlocks("1. a\n\n2024 was").finished).toEqual(["1. a\n\n"]);
    expect(splitBlocks("- a\n\n- b").finished).toEqual([]);
  });

  it("never inside a fence", () => {
    expect(splitBlocks("```\na\n\nb\n\n# c\n\n").finished).toEqual([]);
    expect(splitBlocks("- ```\n  a\n\nb\n\nc").finished).toEqual([]);
  });

  it("for details, with their end", () => {
    expect(splitBlocks("<details>\n\na\n\n</details>\n\nb").finished).toEqual(["<details>\n\na\n\n</details>\n\n"]);
  });
});

describe("an open fence", () => {
  it("is found with its marker", () => {
    expect(openFence("~~~~py\nx")).toEqual({ marker: "~~~~", isNested: false });
    expect(openFence("- a\n  ```\n  x")).toEqual({ marker: "```", isNested: true });
    expect(openFence("```py\nx\n```\n")).toBeNull();
    expect(openFence("```inline``` code\n")).toBeNull();
  });
});
