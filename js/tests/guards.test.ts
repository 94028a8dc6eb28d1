import { describe, expect, it } from "vitest";
import { isConversation, isDelta, isKernelMessage, isModelList } from "../src/guards";

describe("the door", () => {
  it.each([
    { kind: "snapshot", conversation: { turns: [] }, status: "idle", reply_to: "x", later: 1 },
    { kind: "turn_started", turn: 1, user: "Hi", asked: [{ name: "m", provider_name: "p" }] },
    { kind: "turn_started", turn: 1, user: "Hi" },
    { kind: "part", turn: 1, seq: 0, broke: "It broke off." },
    { kind: "turn_ended", turn: 1, seq: 3, reason: "stopped", error: null, meta: null },
    { kind: "turn_ended", turn: 1, seq: 3, reason: "complete", meta: { latency: {}, route: [] } },
    { kind: "catalog", models: [{ name: "m", provider_name: "p", state: "up", history: [1, null] }], error: null },
    { kind: "refused", message: "No." },
    { kind: "asset", name: "markdown", source: "export {};", reply_to: "x" },
  ])("lets $kind in", (message) => {
    expect(isKernelMessage(message)).toBe(true);
  });

  it.each([
    undefined,
    null,
    "snapshot",
    [],
    {},
    { kind: "toString" },
    { kind: "snapshot", conversation: { turns: [{}] }, status: "idle" },
    { kind: "snapshot", conversation: { turns: [] }, status: "busy" },
    { kind: "turn_started", turn: "1", user: "Hi" },
    { kind: "part", turn: 1, seq: 1.5, broke: "" },
    { kind: "turn_ended", turn: 1, seq: 3, reason: "exploded" },
    { kind: "turn_ended", turn: 1, seq: 3, reason: "complete", meta: { route: [{ outcome: "answered" }] } },
    { kind: "turn_ended", turn: 1, seq: 3, reason: "failed", error: "broke" },
    { kind: "catalog", models: [{ name: "m", provider_name: "p", state: "purple" }] },
    { kind: "refused", message: 3 },
    { kind: "asset", name: "markdown", source: null },
  ])("keeps %j out", (message) => {
    expect(isKernelMessage(message)).toBe(false);
  });

  it("looks at traits as well", () => {
    expect(isDelta({})).toBe(false);
    expect(isDelta({ turn: 1, seq: 1, text: "" })).toBe(true);
    expect(isConversation({ turns: [{ turn: 1, user: "Hi", answer: null }] })).toBe(true);
    expect(isConversation({ turns: [{ turn: 1, user: "Hi", answer: { parts: [] } }] })).toBe(false);
    expect(isModelList([{ name: "m" }])).toBe(false);
  });
});
