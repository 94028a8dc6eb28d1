import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetParts, type PartName, Parts, RETRY_MS } from "../src/parts";

const MODULE = "export const answer = 42;";

/** As a page does it with a blob. */
const importText = (source: string): Promise<unknown> =>
  import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(source)}`);

let closing: AbortController;

beforeEach(() => {
  forgetParts();
  vi.useFakeTimers();
  closing = new AbortController();
});

afterEach(() => {
  closing.abort();
  vi.useRealTimers();
});

/** A panel's parts, and what it asked its kernel for. */
function panel(kernel: { isThere: boolean } = { isThere: true }) {
  const asked: PartName[] = [];
  const ask = (name: PartName) => {
    if (kernel.isThere) asked.push(name);
    return kernel.isThere;
  };
  return { parts: new Parts(ask, closing.signal, importText), asked };
}

describe("a part", () => {
  it("is asked for once, however often it is wanted", () => {
    const { parts, asked } = panel();
    expect(parts.get("markdown")).toBeNull();
    expect(parts.get("markdown")).toBeNull();
    expect(asked).toEqual(["markdown"]);
  });

  it("is there when it has come, and says so", async () => {
    const { parts } = panel();
    const before = parts.arrivals.value;
    await parts.receive("markdown", MODULE);
    expect(parts.get("markdown")).toMatchObject({ answer: 42 });
    expect(parts.arrivals.value).toBe(before + 1);
  });

  it("is one for all panels of the page", async () => {
    const one = panel();
    const other = panel();
    one.parts.get("markdown");
    expect(other.parts.get("markdown")).toBeNull();
    expect(other.asked).toEqual([]);
    await one.parts.receive("markdown", MODULE);
    expect(other.parts.arrivals.value).toBe(1);
    expect(other.parts.get("markdown")).toBe(one.parts.get("markdown"));
    const later = panel();
    expect(later.parts.get("markdown")).not.toBeNull();
    expect(later.asked).toEqual([]);
  });

  it("that comes twice stays the one it was", async () => {
    const { parts } = panel();
    const both = [parts.receive("markdown", MODULE), parts.receive("markdown", "export const answer = 43;")];
    await Promise.all(both);
    expect(parts.get("markdown")).toMatchObject({ answer: 42 });
    expect(parts.arrivals.value).toBe(1);
  });
});

describe("when the answer is lost", () => {
  it("the question is put once more, and then no more", () => {
    const { parts, asked } = panel();
    parts.get("markdown");
    parts.get("markdown");
    vi.advanceTimersByTime(RETRY_MS - 1);
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(asked).toHaveLength(2);
    vi.advanceTimersByTime(100 * RETRY_MS);
    parts.get("markdown");
    expect(asked).toHaveLength(2);
  });

  it("it is not put again once it has come", async () => {
    const { parts, asked } = panel();
    parts.get("markdown");
    await parts.receive("markdown", MODULE);
    vi.advanceTimersByTime(10 * RETRY_MS);
    expect(asked).toHaveLength(1);
  });

  it("a panel does not rely on another one's kernel for ever", () => {
    panel().parts.get("markdown");
    const other = panel();
    other.parts.get("markdown");
    expect(other.asked).toEqual([]);
    vi.advanceTimersByTime(RETRY_MS);
    expect(other.asked).toEqual(["markdown"]);
  });

  it("a closed panel asks no more", () => {
    const { parts, asked } = panel();
    parts.get("markdown");
    closing.abort();
    vi.advanceTimersByTime(RETRY_MS);
    expect(asked).toHaveLength(1);
  });
});

describe("what goes wrong", () => {
  it.each(["export const answer = ", "throw new Error('no');"])(
    "in the part itself leaves it missing: %s",
    async (source) => {
      const { parts } = panel();
      await parts.receive("markdown", source);
      expect(parts.get("markdown")).toBeNull();
      expect(parts.arrivals.value).toBe(0);
    },
  );

  it("with the kernel is tried again the next time", () => {
    const kernel = { isThere: false };
    const { parts, asked } = panel(kernel);
    expect(parts.get("markdown")).toBeNull();
    kernel.isThere = true;
    expect(parts.get("markdown")).toBeNull();
    expect(asked).toEqual(["markdown"]);
  });
});
