import { describe, expect, it } from "vitest";
import { money, usageAndCost } from "../src/format";

describe("money", () => {
  it.each([
    [null, "unknown"],
    [undefined, "unknown"],
    [0, "$0"],
    [0.000_000_4, "< $0.000001"],
    [0.001_234, "$0.0012"],
    [1.5, "$1.50"],
  ])("of %o is %o", (value, said) => {
    expect(money(value)).toBe(said);
  });
});

describe("usage and cost", () => {
  it("are unknown where nobody says them, never 0", () => {
    expect(usageAndCost({})).toBe("unknown tokens in · unknown out · cost unknown");
  });

  it("are said where they are known", () => {
    expect(usageAndCost({ usage: { input_tokens: 1_200, output_tokens: 30 }, cost: 0.02 })).toBe(
      "1,200 tokens in · 30 out · cost $0.02",
    );
  });
});
