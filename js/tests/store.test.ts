import { effect } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeKernel } from "../dev/fake-kernel";
import { modelTransport } from "../src/model-transport";
import type { Traits } from "../src/protocol";
import { ChatStore } from "../src/store";

const A = { provider_name: "a", name: "one" };
const B = { provider_name: "b", name: "two" };
const FRAME_MS = 17;

let closing: AbortController;

beforeEach(() => {
  vi.stubGlobal("requestAnimationFrame", (act: () => void) => setTimeout(act, FRAME_MS));
  vi.useFakeTimers();
  closing = new AbortController();
});

afterEach(() => {
  closing.abort();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function connect(traits: Partial<Traits> = {}) {
  const kernel = new FakeKernel(traits);
  const store = new ChatStore(modelTransport(kernel.model, closing.signal));
  return { kernel, store };
}

function start(kernel: FakeKernel, turn = 1, user = "Hi?"): void {
  kernel.say({ kind: "turn_started", turn, user, asked: [A] });
}

const nextFrame = () => vi.advanceTimersByTime(FRAME_MS);
const shownText = (store: ChatStore, turn = 1) =>
  store
    .turn(turn)
    .value.answer?.parts.map((part) => part.text)
    .join("|");

describe("streaming", () => {
  it("folds many deltas into one change per frame", () => {
    const { kernel, store } = connect();
    start(kernel);
    const seen: unknown[] = [];
    effect(() => {
      seen.push(store.turn(1).value.answer?.parts[0]?.text);
    });
    kernel.delta(1, 1, "a");
    kernel.delta(1, 2, "b");
    kernel.delta(1, 3, "c");
    expect(seen).toEqual([""]);
    nextFrame();
    expect(seen).toEqual(["", "abc"]);
  });

  it("touches the signal of no other turn", () => {
    const { kernel, store } = connect({
      conversation: { turns: [{ turn: 1, user: "Before", answer: null }] },
    });
    const before = store.turn(1).value;
    start(kernel, 2);
    kernel.delta(2, 1, "x");
    nextFrame();
    expect(store.turn(1).value).toBe(before);
    expect(shownText(store, 2)).toBe("x");
  });

  it("does not wait for a frame to show the end", () => {
    const { kernel, store } = connect();
    start(kernel);
    kernel.delta(1, 1, "a");
    kernel.say({ kind: "turn_ended", turn: 1, seq: 1, reason: "complete" });
    expect(store.turn(1).value.answer).toMatchObject({ reason: "complete", parts: [{ text: "a" }] });
    expect(store.isBusy.value).toBe(false);
  });

  it("announces an answer once, when it is complete", () => {
    const { kernel, store } = connect();
    const said: string[] = [];
    effect(() => {
      said.push(store.announcement.value);
    });
    start(kernel);
    kernel.delta(1, 1, "Hello");
    nextFrame();
    kernel.say({ kind: "turn_ended", turn: 1, seq: 1, reason: "complete" });
    const conversation = {
      turns: [
        {
          turn: 1,
          user: "Hi?",
          answer: {
            seq: 1,
            reason: "complete" as const,
            parts: [{ text: "Hello", broke: null }],
            error: null,
            meta: null,
          },
        },
      ],
    };
    kernel.write("conversation", conversation);
    kernel.say({ kind: "snapshot", conversation, status: "idle" });
    expect(said).toEqual(["", "Answer complete: Hello"]);
  });
});

describe("what was lost on the way", () => {
  it("is asked for once, and a snapshot heals it", () => {
    const { kernel, store } = connect();
    start(kernel);
    kernel.delta(1, 1, "a");
    kernel.delta(1, 3, "c");
    kernel.delta(1, 4, "d");
    nextFrame();
    expect(kernel.commands("snapshot")).toHaveLength(1);
    const answer = {
      seq: 4,
      reason: "streaming" as const,
      parts: [{ text: "abcd", broke: null }],
      error: null,
      meta: null,
    };
    kernel.say({
      kind: "snapshot",
      conversation: { turns: [{ turn: 1, user: "Hi?", answer }] },
      status: "streaming",
    });
    kernel.delta(1, 5, "e");
    nextFrame();
    expect(shownText(store)).toBe("abcde");
    expect(kernel.commands("snapshot")).toHaveLength(1);
  });

  it("is asked for after a second of silence, then ever less often", () => {
    const { kernel } = connect();
    start(kernel);
    kernel.delta(1, 1, "a");
    nextFrame();
    const askedAt: number[] = [];
    const began = Date.now();
    kernel.onCommand = () => askedAt.push(Math.round((Date.now() - began) / 1_000));
    vi.advanceTimersByTime(50_000);
    expect(askedAt).toEqual([1, 3, 7, 15, 30, 45]);
  });

  it("is not asked for by a snapshot that brings nothing new", () => {
    const { kernel } = connect();
    start(kernel);
    const answer = {
      seq: 0,
      reason: "streaming" as const,
      parts: [{ text: "", broke: null }],
      error: null,
      meta: null,
      extras: null,
    };
    kernel.onCommand = (command) => {
      if (command.kind !== "snapshot") return;
      const conversation = { turns: [{ turn: 1, user: "Hi?", answer }] };
      kernel.say({ kind: "snapshot", conversation, status: "streaming", reply_to: command.id });
    };
    vi.advanceTimersByTime(8_000);
    expect(kernel.commands("snapshot")).toHaveLength(3);
  });

  it("is not asked for when nothing is awaited", () => {
    const { kernel } = connect();
    start(kernel);
    kernel.say({ kind: "turn_ended", turn: 1, seq: 0, reason: "complete" });
    vi.advanceTimersByTime(60_000);
    expect(kernel.commands("snapshot")).toEqual([]);
  });
});

describe("what a notebook saves", () => {
  it("has each answer when it is over, though the kernel did not send the conversation", () => {
    const { kernel } = connect();
    const held = () => kernel.traits.conversation.turns;
    start(kernel);
    kernel.delta(1, 1, "Bonjour.");
    nextFrame();
    expect(held()).toEqual([]);
    kernel.say({ kind: "turn_ended", turn: 1, seq: 1, reason: "complete", meta: { provider: "a" } });
    expect(held()).toMatchObject([
      { turn: 1, user: "Hi?", answer: { reason: "complete", parts: [{ text: "Bonjour.", broke: null }] } },
    ]);
    kernel.say({ kind: "priced", turn: 1, cost: 0.5 });
    expect(held()[0]?.answer?.meta?.cost).toBe(0.5);
  });

  it("is not told what is known to be incomplete", () => {
    const { kernel } = connect();
    start(kernel);
    kernel.delta(1, 2, "jour.");
    nextFrame();
    kernel.say({ kind: "turn_ended", turn: 1, seq: 2, reason: "complete" });
    expect(kernel.traits.conversation.turns).toEqual([]);
  });
});

describe("sending", () => {
  it("empties the box and shows the message until the kernel takes it up", () => {
    const { kernel, store } = connect();
    store.draft.value = "Hi?";
    store.send();
    expect(kernel.commands("send")).toMatchObject([{ text: "Hi?" }]);
    expect(store.draft.value).toBe("");
    expect(store.pending.value.map(({ text }) => text)).toEqual(["Hi?"]);
    start(kernel);
    expect(store.pending.value).toEqual([]);
    expect(store.isBusy.value).toBe(true);
  });

  it("of blanks does nothing", () => {
    const { kernel, store } = connect();
    store.draft.value = " \n ";
    store.send();
    expect(kernel.heard).toEqual([]);
    expect(store.draft.value).toBe(" \n ");
  });

  it("while an answer is on its way lets the message wait in the kernel", () => {
    const { kernel, store } = connect();
    start(kernel);
    store.draft.value = "And then?";
    store.send();
    expect(kernel.commands("send")).toMatchObject([{ text: "And then?" }]);
    expect(store.draft.value).toBe("");
    expect(store.pending.value).toHaveLength(1);
    kernel.say({ kind: "queue", queue: [{ item: 4, text: "And then?" }] });
    expect(store.pending.value).toEqual([]);
    expect(store.queue.value).toMatchObject([{ item: 4 }]);
    kernel.say({ kind: "queue", queue: [] });
    kernel.say({ kind: "turn_ended", turn: 1, seq: 0, reason: "complete" });
    start(kernel, 2, "And then?");
    expect(store.turnIds.value).toEqual([1, 2]);
  });

  it("while an answer is on its way is healed by a snapshot when its echo was lost", () => {
    const { kernel, store } = connect();
    start(kernel);
    store.draft.value = "And then?";
    store.send();
    const conversation = { turns: store.turns };
    kernel.say({ kind: "snapshot", conversation, status: "streaming", queue: [{ item: 4, text: "And then?" }] });
    expect(store.pending.value).toEqual([]);
    expect(store.queue.value).toHaveLength(1);
  });

  it("takes pictures along, also without a word", () => {
    const { kernel, store } = connect();
    store.images.value = ["data:image/png;base64,AAAA"];
    store.send();
    expect(kernel.commands("send")).toMatchObject([{ text: "", images: ["data:image/png;base64,AAAA"] }]);
    expect(store.images.value).toEqual([]);
  });

  it("can be taken back while it waits, before what was typed since", () => {
    const { kernel, store } = connect();
    kernel.say({ kind: "queue", queue: [{ item: 4, text: "Wait", images: ["data:image/png;base64,AAAA"] }] });
    store.draft.value = "More";
    const [item] = store.queue.value;
    if (item) store.takeBack(item);
    expect(kernel.commands("unqueue")).toMatchObject([{ item: 4 }]);
    expect(store.draft.value).toBe("Wait\nMore");
    expect(store.images.value).toHaveLength(1);
  });

  it("that is refused gives the text back, before what was typed since", () => {
    const { kernel, store } = connect();
    store.draft.value = "Hi?";
    store.send();
    store.draft.value = "And?";
    const [command] = kernel.commands("send");
    kernel.say({ kind: "refused", reply_to: command?.id ?? "", message: "No model is set.", text: "Hi?" });
    expect(store.draft.value).toBe("Hi?\nAnd?");
    expect(store.notice.value).toBe("No model is set.");
    expect(store.pending.value).toEqual([]);
  });

  it("by another page is not answered here", () => {
    const { kernel, store } = connect();
    kernel.say({ kind: "refused", reply_to: "someone-else", message: "No.", text: "Theirs" });
    expect(store.draft.value).toBe("");
    expect(store.notice.value).toBeNull();
  });

  it("to a kernel that was restarted keeps the text and says so", () => {
    const { kernel, store } = connect();
    kernel.restart();
    store.draft.value = "Hi?";
    store.send();
    expect(store.isKernelGone.value).toBe(true);
    expect(store.draft.value).toBe("Hi?");
    expect(store.isBusy.value).toBe(false);
  });
});

describe("stop", () => {
  it("is asked of the turn that streams, and over with its end", () => {
    const { kernel, store } = connect();
    start(kernel, 7);
    store.stop();
    expect(kernel.commands("stop")).toMatchObject([{ turn: 7 }]);
    expect(store.isStopping.value).toBe(true);
    kernel.say({ kind: "turn_ended", turn: 7, seq: 0, reason: "stopped" });
    expect(store.isStopping.value).toBe(false);
  });

  it("before the kernel has named the turn goes out as soon as it has", () => {
    const { kernel, store } = connect();
    store.draft.value = "Hi?";
    store.send();
    store.stop();
    expect(kernel.commands("stop")).toEqual([]);
    start(kernel, 3);
    expect(kernel.commands("stop")).toMatchObject([{ turn: 3 }]);
  });

  it("with nothing to stop says nothing", () => {
    const { kernel, store } = connect();
    store.stop();
    expect(kernel.heard).toEqual([]);
  });
});

describe("the priority list", () => {
  it("is written when a model moves, comes or goes", () => {
    const { kernel, store } = connect({ models_priority_list: [A, B] });
    store.moveModel(B, 0);
    store.removeModel(A);
    store.addModel(A);
    store.addModel(A);
    expect(kernel.saved).toEqual([[B, A], [B], [B, A]]);
    expect(store.models.value).toEqual([B, A]);
  });

  it("follows the kernel", () => {
    const { kernel, store } = connect({ models_priority_list: [A] });
    kernel.write("models_priority_list", [B]);
    expect(store.models.value).toEqual([B]);
  });
});

describe("settings", () => {
  it("are written, and follow the kernel", () => {
    const { kernel, store } = connect({ system_prompt: "Be short." });
    expect(store.settings.value).toMatchObject({ system_prompt: "Be short.", temperature: null });
    store.writeSettings({ temperature: 0.5 });
    expect(kernel.traits.temperature).toBe(0.5);
    expect(store.settings.value.temperature).toBe(0.5);
    kernel.write("max_tokens", 100);
    kernel.write("stop_sequences", ["END"]);
    expect(store.settings.value).toMatchObject({ temperature: 0.5, max_tokens: 100, stop_sequences: ["END"] });
  });

  it("ignore what is none", () => {
    const { kernel, store } = connect();
    kernel.write("temperature", "hot" as unknown as number);
    expect(store.settings.value.temperature).toBeNull();
  });
});

describe("a question", () => {
  it("does not overtake what was written before it", () => {
    const { kernel, store } = connect({ models_priority_list: [A] });
    store.writeSettings({ temperature: 0.5 });
    store.addModel(B);
    store.draft.value = "Hi?";
    store.send();
    expect(kernel.heard.map(({ kind }) => kind)).toEqual(["set", "send"]);
    expect(kernel.commands("set")[0]?.traits).toEqual({ temperature: 0.5, models_priority_list: [A, B] });
    store.draft.value = "And?";
    store.send();
    expect(kernel.commands("set")).toHaveLength(1);
  });

  it("does not repeat what the kernel has refused since", () => {
    const { kernel, store } = connect();
    store.writeSettings({ temperature: -3 });
    kernel.write("temperature", null);
    store.draft.value = "Hi?";
    store.send();
    expect(kernel.commands("set")).toEqual([]);
  });
});

describe("a check of all models", () => {
  it("is running until the kernel says otherwise", () => {
    const { kernel, store } = connect();
    store.checkHealth();
    expect(store.healthCheck.value.isRunning).toBe(true);
    const [command] = kernel.commands("check_health");
    kernel.say({ kind: "health_check", reply_to: command?.id ?? "", is_running: false, error: "No." });
    expect(store.healthCheck.value).toEqual({ isRunning: false, error: "No." });
  });
});

describe("closing", () => {
  it("ends every listener and timer", () => {
    const { kernel } = connect();
    start(kernel);
    expect(kernel.listenerCount).toBe(9);
    closing.abort();
    expect(kernel.listenerCount).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("starts with what the traits hold, before the kernel speaks", () => {
  const { store } = connect({ conversation: { turns: [{ turn: 4, user: "Saved", answer: null }] } });
  expect(store.turnIds.value).toEqual([4]);
});

it("ignores what is no message", () => {
  const { kernel, store } = connect();
  for (const garbage of [null, 3, "x", {}, { kind: "turn_started" }]) kernel.sayAnything(garbage);
  expect(store.turnIds.value).toEqual([]);
});

it("keeps nothing of turns that are gone", () => {
  const { kernel, store } = connect();
  start(kernel);
  nextFrame();
  const gone = store.turn(1);
  expect(gone.value.user).toBe("Hi?");
  kernel.say({ kind: "snapshot", conversation: { turns: [] }, status: "idle", queue: [] });
  nextFrame();
  expect(store.turnIds.value).toEqual([]);
  expect(() => store.turn(1)).toThrow(RangeError);
});
