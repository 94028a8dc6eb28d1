// @vitest-environment jsdom
/** However a text is cut on its way, the reader ends with the same page. */
import { expect, it } from "vitest";
import spec from "./commonmark-0.31.2.json";
import { shown } from "./drawn";
import { SAMPLES } from "./samples";

const SEED = 20_260_213;
const EXAMPLES = spec.examples.map(({ number, markdown }) => [`CommonMark ${number}`, markdown, 3, 1] as const);
const ANSWERS = Object.entries(SAMPLES).map(([name, text]) => [name, text, 12, 4] as const);
/** Many short texts as one long answer: what one block leaves open must not reach into the next. */
const WHOLE = spec.examples.map(({ markdown }) => markdown).join("\n\n");

/** Numbers from 0 up to, and without, 1; the same ones for the same seed (Park and Miller). */
function randomNumbers(seed: number): () => number {
  let state = seed % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Cut at random, also within a pair of surrogates, as a text that came in bytes never is. */
function cut(text: string, pieces: number, random: () => number): string[] {
  const cuts = Array.from({ length: pieces - 1 }, () => Math.floor(random() * (text.length + 1))).sort((a, b) => a - b);
  return [0, ...cuts].map((start, index) => text.slice(start, cuts[index] ?? text.length));
}

it.each([...EXAMPLES, ...ANSWERS])("%s", (_name, text, pieces, times) => {
  const random = randomNumbers(SEED + text.length);
  const whole = shown([text]).innerHTML;
  for (let time = 0; time < times; time++) {
    const split = cut(text, pieces, random);
    expect(shown(split).innerHTML, JSON.stringify(split)).toBe(whole);
  }
});

it("all examples in one", () => {
  const split = cut(WHOLE, 8, randomNumbers(SEED));
  expect(split.join("")).toBe(WHOLE);
  expect(shown(split).innerHTML).toBe(shown([WHOLE]).innerHTML);
});
