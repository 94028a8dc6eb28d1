// @vitest-environment jsdom
import { options, type VNode } from "preact";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Message } from "../../src/components/Message";
import { A, Panel, turn } from "./panel";

/** Preact calls this before it draws a component; its types do not say so, its own devtools and signals rely on it. */
const hooks = options as { __r: ((node: VNode) => void) | undefined };
const before = hooks.__r;

let panel: Panel;
let drawn: number[];

beforeEach(() => {
  drawn = [];
  hooks.__r = (node) => {
    before?.(node);
    if (node.type === Message) drawn.push((node.props as unknown as { id: number }).id);
  };
});

afterEach(() => {
  hooks.__r = before;
  panel.close();
});

it("a new turn does not have the earlier ones drawn again", () => {
  panel = new Panel({
    conversation: { turns: Array.from({ length: 50 }, (_, at) => turn(at + 1, `Number ${at + 1}`)) },
  });
  expect(new Set(drawn).size).toBe(50);
  drawn = [];
  panel.type("And now?");
  panel.press("Enter");
  panel.when((kernel) => kernel.say({ kind: "turn_started", turn: 51, user: "And now?", asked: [A] }));
  panel.when((kernel) => kernel.say({ kind: "turn_ended", turn: 51, seq: 0, reason: "complete" }));
  expect(new Set(drawn)).toEqual(new Set([51]));
});
