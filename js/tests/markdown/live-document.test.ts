// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import type { Extras, Need } from "../../src/markdown/extras";
import { highlight } from "../../src/markdown/highlight";
import { LiveDocument } from "../../src/markdown/live-document";
import { toMathML } from "../../src/markdown/math";
import { renderMarkdown } from "../../src/markdown/render";
import { SAMPLES } from "./samples";

const EXTRAS: Extras = { highlight: { highlight }, math: { toMathML } };
const have: Need = (name) => EXTRAS[name];

function stream(text: string, step: number): HTMLElement {
  const box = document.createElement("div");
  const live = new LiveDocument(box);
  for (let length = 0; length < text.length; length += step) live.update(text.slice(0, length), false);
  live.update(text, false);
  live.update(text, true);
  return box;
}

/** The drawn content, without our boxes round the blocks. */
function content(box: HTMLElement): string {
  return [...box.children].map((block) => block.innerHTML.trim()).join("\n");
}

describe.each(Object.entries(SAMPLES))("%s", (_name, text) => {
  it.each([1, 2, 3, 7, 50])("ends in the same DOM when it comes in pieces of %i", (step) => {
    expect(stream(text, step).innerHTML).toBe(stream(text, text.length).innerHTML);
  });

  it("ends in what one reading of the whole text gives", () => {
    const whole = document.createElement("div");
    whole.append(renderMarkdown(text, { isFinished: true }));
    const squeeze = (html: string) => html.replace(/>\s+</g, "><").replace(/\s+/g, " ").trim();
    expect(squeeze(content(stream(text, 1)))).toBe(squeeze(whole.innerHTML));
  });
});

describe("while it grows", () => {
  it("finished blocks keep their elements", () => {
    const box = document.createElement("div");
    const live = new LiveDocument(box);
    live.update("One **two**.\n\nThr", false);
    const first = box.querySelector("strong");
    live.update("One **two**.\n\nThree.\n\n```py\nx\n```\nFour", false);
    live.update("One **two**.\n\nThree.\n\n```py\nx\n```\nFour.", true);
    expect(first !== null && box.contains(first)).toBe(true);
  });

  it("code keeps its frame, and is coloured when it closes", () => {
    const box = document.createElement("div");
    const live = new LiveDocument(box, have);
    live.update("```python\nx = ", false);
    const frame = box.querySelector(".gptr-code");
    live.update("```python\nx = 'a'\n``", false);
    expect(frame !== null && box.contains(frame)).toBe(true);
    expect(box.querySelector("code")?.textContent).toBe("x = 'a'");
    expect(box.querySelector("[class^=gptr-hl]")).toBeNull();
    live.update("```python\nx = 'a'\n```\n", false);
    expect(box.querySelector(".gptr-hl-string")?.textContent).toBe("'a'");
  });

  it("what colours code is asked for when code begins, and not before", () => {
    const asked: string[] = [];
    const live = new LiveDocument(document.createElement("div"), (name) => {
      asked.push(name);
      return null;
    });
    live.update("Text with `code`.\n\nMore.\n\n", false);
    expect(asked).toEqual([]);
    live.update("Text with `code`.\n\nMore.\n\n```python\nx", false);
    expect(asked).toEqual(["highlight"]);
  });

  it("code that was there before its colours gets them in place", () => {
    const box = document.createElement("div");
    let need: Need = () => null;
    const live = new LiveDocument(box, (name) => need(name));
    live.update("```python\nx = 'a'\n```\n\nText.", true);
    const [pre, text] = [box.querySelector("pre"), box.textContent];
    expect(box.querySelector("[class^=gptr-hl]")).toBeNull();
    need = have;
    live.refresh();
    expect(box.querySelector(".gptr-hl-string")?.textContent).toBe("'a'");
    expect([box.querySelector("pre"), box.textContent]).toEqual([pre, text]);
  });

  it("a text that is not a growth of the last one is drawn from the start", () => {
    const box = document.createElement("div");
    const live = new LiveDocument(box);
    live.update("Old text.\n\nMore.", true);
    live.update("New", false);
    expect(box.textContent).toBe("New\n");
  });

  it("a link finds its address although that comes later", () => {
    const box = document.createElement("div");
    const live = new LiveDocument(box);
    live.update("See [docs].\n\nText.\n\n", false);
    expect(box.querySelector("a")).toBeNull();
    live.update("See [docs].\n\nText.\n\n[docs]: https://example.org/\n\nEnd", false);
    expect(box.querySelector("a")?.getAttribute("href")).toBe("https://example.org/");
  });
});
