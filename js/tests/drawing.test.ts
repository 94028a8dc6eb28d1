import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { drawSoon, SLICE_MS } from "../src/dom/drawing";

let now: number;
let drawn: string[];

beforeEach(() => {
  [now, drawn] = [0, []];
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Something to draw that takes so long. */
const drawing =
  (name: string, ms = 0) =>
  () => {
    drawn.push(name);
    now += ms;
  };
const toMicrotask = () => Promise.resolve();

it("nothing is drawn before all of it is known, and the last of it first", async () => {
  for (const name of ["first", "second", "last"]) drawSoon(drawing(name));
  expect(drawn).toEqual([]);
  await toMicrotask();
  expect(drawn).toEqual(["last", "second", "first"]);
});

it("what does not fit into a slice waits for a task of its own", async () => {
  for (const name of ["first", "second", "last"]) drawSoon(drawing(name, SLICE_MS / 2));
  await toMicrotask();
  expect(drawn).toEqual(["last", "second"]);
  vi.runOnlyPendingTimers();
  expect(drawn).toEqual(["last", "second", "first"]);
});

it("what comes meanwhile goes before what waited longer", async () => {
  for (const name of ["first", "last"]) drawSoon(drawing(name, SLICE_MS));
  await toMicrotask();
  drawSoon(drawing("newer", SLICE_MS));
  vi.runOnlyPendingTimers();
  expect(drawn).toEqual(["last", "newer"]);
  vi.runOnlyPendingTimers();
  expect(drawn).toEqual(["last", "newer", "first"]);
});

it("what was taken back is not drawn", async () => {
  const takeBack = drawSoon(drawing("gone"));
  drawSoon(drawing("there"));
  takeBack();
  await toMicrotask();
  expect(drawn).toEqual(["there"]);
});

it("one that fails is reported, and the others are drawn", async () => {
  const reported = vi.fn();
  vi.stubGlobal("reportError", reported);
  const failure = new Error("broken");
  drawSoon(drawing("there"));
  drawSoon(() => {
    throw failure;
  });
  await toMicrotask();
  expect(drawn).toEqual(["there"]);
  expect(reported).toHaveBeenCalledWith(failure);
  vi.unstubAllGlobals();
});
