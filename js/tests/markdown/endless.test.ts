// @vitest-environment jsdom
/** What no reader could want, and a stack has no room for. Nested tags: tests/browser, for jsdom has its own limits. */
import { expect, it } from "vitest";
import { shown } from "./drawn";

const DEEP: Readonly<Record<string, string>> = {
  "nested quotes": "> ".repeat(10_000),
  "quotes without spaces": ">".repeat(10_000),
  "nested lists": "- ".repeat(10_000),
};

it.each(Object.entries(DEEP))("10,000 %s are shown as typed, and what follows as ever", (_kind, marks) => {
  const text = `Before.\n\n${marks}deep\n\nAfter, **bold**.\n`;
  const box = shown([text.slice(0, 9_000), text.slice(9_000)]);
  const blocks = [...box.children];
  expect(blocks[0]?.textContent?.trim()).toBe("Before.");
  expect(blocks[1]?.querySelector("code")?.textContent).toBe(`${marks}deep`);
  expect(blocks[2]?.querySelector("strong")?.textContent).toBe("bold");
});

it("a line of 1 MB is a line", () => {
  const line = "x".repeat(1_000_000);
  expect(shown([line.slice(0, 500_000), line.slice(500_000)]).textContent?.trim()).toBe(line);
});
