import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { begunAt, completed, NotebookValues } from "../src/notebook-values";
import type { ViewRequest } from "../src/protocol";

describe("the name that is being typed", () => {
  it.each([
    ["@", "@", ""],
    ["What is @df", "@", "df"],
    ["{df", "{", "df"],
    ["{df['col", "{", "df['col"],
    ["a (@df.sha", "@", "df.sha"],
    ["@größe", "@", "größe"],
  ])("in %o is found", (text, mark, name) => {
    expect(begunAt(text, text.length)).toMatchObject({ mark, name });
  });

  it.each(["me@example", "{", "\\frac{a", "x_{i", "${a", "{{a", "@df and", "{df}", "plain"])(
    "in %o is none",
    (text) => {
      expect(begunAt(text, text.length)).toBeNull();
    },
  );

  it("is the one at the caret", () => {
    expect(begunAt("@df and @other", 3)).toMatchObject({ name: "df", from: 1 });
  });

  it.each([
    ["See @d", "df", "See @df ", 8],
    ["See {d", "df", "See {df}", 8],
  ])("in %o is written out", (text, name, whole, caret) => {
    const begun = begunAt(text, text.length);
    expect(begun && completed(text, begun, name)).toEqual({ text: whole, caret });
  });

  it("leaves what stands behind the caret", () => {
    const begun = begunAt("{d} and", 2);
    expect(begun && completed("{d} and", begun, "df")).toEqual({ text: "{df} and", caret: 4 });
  });
});

describe("the values in the draft", () => {
  const draft = signal("");
  const asked: ViewRequest[] = [];
  let closing: AbortController;
  let values: NotebookValues;
  const VALUE = { name: "df", kind: "DataFrame", length: 120, is_cut: false };

  beforeEach(() => {
    vi.useFakeTimers();
    draft.value = "";
    asked.length = 0;
    closing = new AbortController();
    values = new NotebookValues(draft, (request) => asked.push(request), closing.signal);
  });

  afterEach(() => {
    closing.abort();
    vi.useRealTimers();
  });

  it("are asked for once, when a person pauses", () => {
    for (const text of ["@", "@d", "@df"]) draft.value = text;
    vi.runAllTimers();
    expect(asked).toEqual([{ kind: "preview", text: "@df" }]);
    values.receivePreview(1, [VALUE]);
    expect(values.inserted.value).toEqual([VALUE]);
    draft.value = "";
    expect(values.inserted.value).toEqual([]);
  });

  it("are not asked for in a text that holds none", () => {
    draft.value = 'Plain words, {"a": 1} and { 2 }';
    vi.runAllTimers();
    expect(asked).toEqual([]);
  });

  it("of an older text are not shown", () => {
    draft.value = "@df";
    vi.runAllTimers();
    draft.value = "@other";
    vi.runAllTimers();
    values.receivePreview(1, [VALUE]);
    expect(values.inserted.value).toEqual([]);
  });

  it("are not asked for after the end", () => {
    draft.value = "@df";
    closing.abort();
    vi.runAllTimers();
    expect(asked).toEqual([]);
  });
});
