// @vitest-environment jsdom
/**
 * The examples of the CommonMark specification as the panel shows them.
 *
 * Addresses of the examples that lead nowhere on the web are made to lead there, for our policy drops the others.
 */
import { describe, expect, it } from "vitest";
import spec from "./commonmark-0.31.2.json";
import { ours, theirs } from "./drawn";

const DIFFERENT: Readonly<Record<string, readonly number[]>> = {
  "addresses are links without brackets, too, as on GitHub": [
    ...[14, 197, 209, 213, 488, 508, 511, 513, 518, 519, 546, 547, 548, 551, 552, 590, 602, 608, 611, 612],
  ],
  "\\[ … \\] is a formula": [12],
  "a blank line ends a block for good, so HTML does not go on behind it": [148, 167, 180, 190],
};

const REASONS = new Map(
  Object.entries(DIFFERENT).flatMap(([reason, numbers]) => numbers.map((number) => [number, reason])),
);

/** `/url` → `https://example.org/url`, but not the slash of a closing tag or within an address. */
function onTheWeb(text: string): string {
  return text.replace(/(?<![\w:/<;])\/(?=[a-z])|(?<=\(<)\//g, "https://example.org/");
}

describe.each(spec.examples)("$section, example $number", ({ number, markdown, html }) => {
  const reason = REASONS.get(number);
  it(reason === undefined ? "is as CommonMark has it" : `differs: ${reason}`, () => {
    const [mine, wanted] = [ours(onTheWeb(markdown)), theirs(onTheWeb(html))];
    if (reason === undefined) expect(mine).toBe(wanted);
    else expect(mine, "as CommonMark has it by now: take it off the list").not.toBe(wanted);
  });
});
