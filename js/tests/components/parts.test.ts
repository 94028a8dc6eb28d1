// @vitest-environment jsdom
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it } from "vitest";
import * as markdown from "../../src/markdown/live-document";
import * as math from "../../src/markdown/math";
import { forgetParts, installPart } from "../../src/parts";
import { A, Panel, turn } from "./panel";

let panel: Panel;

beforeEach(forgetParts);
afterEach(() => {
  panel.close();
  installPart("markdown", markdown);
});

const log = () => panel.find("log", "Conversation");
const SAID = { conversation: { turns: [turn(1, "Hi?", { parts: [{ text: "**Hel**lo", broke: null }] })] } };

it("the panel asks for what draws Markdown as soon as it is there, once", () => {
  panel = new Panel({ models_priority_list: [A] });
  expect(panel.kernel.commands("asset")).toMatchObject([{ name: "markdown" }]);
});

it("until then an answer is its text, and then it is drawn in the same place", async () => {
  panel = new Panel(SAID);
  const box = log().querySelector(".gptr-markdown");
  expect(box?.textContent).toBe("**Hel**lo");
  expect(box?.classList.contains("gptr-plain")).toBe(true);
  act(() => installPart("markdown", markdown));
  await panel.drawn();
  expect(log().querySelector(".gptr-markdown")).toBe(box);
  expect(box?.querySelector("strong")?.textContent).toBe("Hel");
  expect(box?.textContent?.trim()).toBe("Hello");
  expect(box?.classList.contains("gptr-plain")).toBe(false);
});

it("what comes later than that is added in place", async () => {
  panel = new Panel({ conversation: { turns: [turn(1, "Hi?", { parts: [{ text: "Let $x$ be.", broke: null }] })] } });
  act(() => installPart("markdown", markdown));
  await panel.drawn();
  expect(panel.kernel.commands("asset").map(({ name }) => name)).toEqual(["markdown", "math"]);
  expect(log().querySelector(".gptr-math")?.textContent).toBe("$x$");
  act(() => installPart("math", math));
  await panel.drawn();
  expect(log().querySelector(".gptr-math > math")?.textContent).toBe("x");
});

it("an answer that streams meanwhile is shown as it grows", () => {
  panel = new Panel();
  panel.when((kernel) => {
    kernel.say({ kind: "turn_started", turn: 1, user: "Hi?", asked: [A] });
    kernel.delta(1, 1, "**Hel");
    kernel.say({ kind: "turn_ended", turn: 1, seq: 1, reason: "stopped" });
  });
  expect(log().querySelector(".gptr-plain")?.textContent).toBe("**Hel");
});

it("a part that is no module leaves the text readable", async () => {
  panel = new Panel(SAID);
  const [{ id } = { id: 0 }] = panel.kernel.commands("asset");
  panel.when((kernel) => kernel.say({ kind: "asset", name: "markdown", source: "export {", reply_to: id }));
  await new Promise((resolve) => setTimeout(resolve));
  expect(log().querySelector(".gptr-plain")?.textContent).toBe("**Hel**lo");
});

it("a part that the kernel has not got is said in its sentence", () => {
  panel = new Panel(SAID);
  const [{ id } = { id: 0 }] = panel.kernel.commands("asset");
  panel.when((kernel) => kernel.say({ kind: "refused", reply_to: id, message: "It is missing." }));
  expect(panel.element.textContent).toContain("It is missing.");
  expect(log().querySelector(".gptr-plain")?.textContent).toBe("**Hel**lo");
});
