import { describe, expect, it } from "vitest";
import type { AnswerView } from "../src/protocol";
import { type ChatState, initialState, reduce, streamingTurn } from "../src/state";
import type { Incoming } from "../src/transport";

const EMPTY = initialState({ turns: [] }, "idle", []);
const STARTED: Incoming = { kind: "turn_started", turn: 1, user: "Hi?", asked: [{ provider_name: "a", name: "m" }] };
const ended = (seq: number): Incoming => ({ kind: "turn_ended", turn: 1, seq, reason: "complete" });
const delta = (seq: number, text: string): Incoming => ({ kind: "delta", turn: 1, seq, text });

function stateAfter(...incoming: Incoming[]): ChatState {
  return incoming.reduce(reduce, EMPTY);
}

function answer(state: ChatState): AnswerView {
  const found = state.turns.at(-1)?.answer;
  if (!found) throw new Error("no answer");
  return found;
}

const texts = (state: ChatState) => answer(state).parts.map((part) => part.text);

describe("deltas", () => {
  it("are appended in order", () => {
    const state = stateAfter(STARTED, delta(1, "Hel"), delta(2, "lo"));
    expect(texts(state)).toEqual(["Hello"]);
    expect(state.isBehind).toBe(false);
  });

  it("that come twice count once", () => {
    expect(texts(stateAfter(STARTED, delta(1, "Hel"), delta(1, "Hel"), delta(2, "lo")))).toEqual(["Hello"]);
  });

  it("after a gap are not shown, and a snapshot is needed", () => {
    const state = stateAfter(STARTED, delta(1, "Hel"), delta(3, "world"));
    expect(texts(state)).toEqual(["Hel"]);
    expect(state.isBehind).toBe(true);
  });

  it("of an unknown turn need a snapshot", () => {
    expect(stateAfter(delta(1, "Hel")).isBehind).toBe(true);
  });

  it("that arrive after the end change nothing", () => {
    const state = stateAfter(STARTED, delta(1, "Hel"), ended(1));
    expect(reduce(state, delta(2, "lo"))).toBe(state);
  });
});

describe("the end of a turn", () => {
  it("carries reason, error and meta", () => {
    const state = stateAfter(STARTED, delta(1, "Hel"), {
      kind: "turn_ended",
      turn: 1,
      seq: 1,
      reason: "failed",
      error: { message: "It broke.", kind: "StreamInterrupted" },
      meta: { model_name: "m" },
    });
    expect(answer(state)).toMatchObject({
      reason: "failed",
      error: { message: "It broke." },
      meta: { model_name: "m" },
    });
    expect(streamingTurn(state.turns)).toBeNull();
  });

  it("with another last number needs a snapshot: the tail was lost", () => {
    const state = stateAfter(STARTED, delta(1, "Hel"), ended(2));
    expect(state.isBehind).toBe(true);
    expect(answer(state).reason).toBe("streaming");
  });
});

describe("a model that breaks off", () => {
  const part: Incoming = { kind: "part", turn: 1, seq: 1, broke: "a/m broke off." };

  it("leaves its part marked, and the next goes on below", () => {
    const state = stateAfter(STARTED, delta(1, "Hel"), part, delta(2, "Bonjour"));
    expect(answer(state).parts).toEqual([
      { text: "Hel", broke: "a/m broke off." },
      { text: "Bonjour", broke: null },
    ]);
  });

  it("is marked once when the message comes again", () => {
    expect(texts(stateAfter(STARTED, delta(1, "Hel"), part, part))).toEqual(["Hel", ""]);
  });

  it("after a lost delta needs a snapshot", () => {
    expect(stateAfter(STARTED, part).isBehind).toBe(true);
  });
});

describe("a turn that starts anew", () => {
  it("keeps its place and loses its answer", () => {
    const state = stateAfter(STARTED, delta(1, "Hello"), ended(1), STARTED);
    expect(state.turns).toHaveLength(1);
    expect(answer(state)).toMatchObject({ seq: 0, reason: "streaming", parts: [{ text: "", broke: null }] });
    expect(texts(reduce(state, delta(1, "Salut")))).toEqual(["Salut"]);
  });
});

describe("a turn in another's place", () => {
  const second: Incoming = { kind: "turn_started", turn: 2, user: "And?", parent: 1, branch: [2] };

  it("is shown after the one it follows, and nothing else is", () => {
    const state = stateAfter(STARTED, ended(0), second, {
      kind: "turn_started",
      turn: 3,
      user: "But?",
      parent: 1,
      branch: [2, 3],
    });
    expect(state.turns.map((turn) => turn.turn)).toEqual([1, 3]);
    expect(state.turns.at(-1)?.branch).toEqual([2, 3]);
  });

  it("can begin the conversation", () => {
    const first: Incoming = { kind: "turn_started", turn: 3, user: "Ho?", parent: null, branch: [1, 3] };
    expect(stateAfter(STARTED, ended(0), second, first).turns.map((turn) => turn.turn)).toEqual([3]);
  });

  it("after one that never came needs a snapshot", () => {
    const state = stateAfter(STARTED, { kind: "turn_started", turn: 5, user: "Ho?", parent: 4 });
    expect([state.isBehind, state.turns.length]).toEqual([true, 1]);
  });
});

describe("a snapshot", () => {
  const view: AnswerView = {
    seq: 4,
    reason: "streaming",
    parts: [{ text: "Hello wor", broke: null }],
    error: null,
    meta: null,
  };
  const snapshot: Incoming = {
    kind: "snapshot",
    conversation: { turns: [{ turn: 1, user: "Hi?", answer: view }] },
    status: "streaming",
  };

  it("heals a gap, and the deltas go on behind it", () => {
    const state = stateAfter(STARTED, delta(1, "Hel"), delta(4, "wor"), snapshot, delta(4, "wor"), delta(5, "ld"));
    expect(texts(state)).toEqual(["Hello world"]);
    expect(state.isBehind).toBe(false);
  });

  it("drops turns the kernel no longer has", () => {
    const cleared: Incoming = { kind: "snapshot", conversation: { turns: [] }, status: "idle" };
    expect(stateAfter(STARTED, cleared).turns).toEqual([]);
  });

  it("leaves the turns that say the same as they are, so that nothing is drawn again", () => {
    const state = stateAfter(STARTED, snapshot);
    expect(reduce(state, snapshot).turns).toBe(state.turns);
  });

  it("leaves a turn as it is that was heard of step by step", () => {
    const state = stateAfter(STARTED, delta(1, "Hello"), ended(1));
    const turns = state.turns.map(({ asked: _, ...turn }) => turn);
    expect(reduce(state, { kind: "snapshot", conversation: { turns }, status: "idle" }).turns).toBe(state.turns);
  });

  it("remembers who was asked, which it does not say itself", () => {
    expect(stateAfter(STARTED, snapshot).turns[0]?.asked).toEqual([{ provider_name: "a", name: "m" }]);
  });
});

describe("a catalogue that failed", () => {
  it("keeps the models that are known, beside the reason", () => {
    const models = [{ name: "m", provider_name: "a", state: "up" as const }];
    const state = stateAfter({ kind: "catalog", models }, { kind: "catalog", models: [], error: "No gateway." });
    expect(state.catalog).toEqual({ models, error: "No gateway." });
  });
});
