/**
 * What the panel knows, and how each thing that comes from the kernel changes it. Pure: no clock, no DOM, no signals.
 *
 * The server between kernel and browser drops messages under load and tells nobody. So deltas are numbered, and
 * whatever does not fit sets `isBehind`: the store then asks for a snapshot, which heals everything.
 */
import type {
  AnswerView,
  CatalogModel,
  ConversationView,
  Inserted,
  ModelRef,
  Part,
  QueueItem,
  Status,
  TurnView,
} from "./protocol";
import type { Incoming } from "./transport";

/** A turn as the panel shows it. */
export interface Turn extends TurnView {
  readonly images: readonly string[];
  readonly inserted: readonly Inserted[];
  readonly is_left_out: boolean;
  readonly branch: readonly number[];
  /** Who was asked, in order; empty when it is not known (after a reload). */
  readonly asked: readonly ModelRef[];
}

export interface ChatState {
  readonly turns: readonly Turn[];
  readonly status: Status;
  readonly models: readonly ModelRef[];
  readonly catalog: Catalog | null;
  /** Messages that wait in the kernel. */
  readonly queue: readonly QueueItem[];
  /** Something was lost on the way: only a snapshot can be trusted now. */
  readonly isBehind: boolean;
}

export interface Catalog {
  readonly models: readonly CatalogModel[];
  readonly error: string | null;
}

const EMPTY_PART: Part = { text: "", broke: null };
const EMPTY_ANSWER: AnswerView = {
  seq: 0,
  reason: "streaming",
  parts: [EMPTY_PART],
  error: null,
  meta: null,
  extras: null,
};

/** The state before the kernel has said anything. */
export function initialState(conversation: ConversationView, status: Status, models: readonly ModelRef[]): ChatState {
  return { turns: adopt([], conversation), status, models, catalog: null, queue: [], isBehind: false };
}

/** The state after this has come in; the same object when it changes nothing. */
export function reduce(state: ChatState, incoming: Incoming): ChatState {
  switch (incoming.kind) {
    case "delta":
      return changeAnswer(state, incoming.turn, (answer) => {
        if (answer.reason !== "streaming" || incoming.seq <= answer.seq) return answer; // a snapshot was faster
        if (incoming.seq !== answer.seq + 1) return null;
        const last = lastPart(answer);
        const parts = [...answer.parts.slice(0, -1), { ...last, text: last.text + incoming.text }];
        return { ...answer, seq: incoming.seq, parts };
      });
    case "part":
      return changeAnswer(state, incoming.turn, (answer) => {
        if (incoming.seq !== answer.seq) return null;
        if (isBrokenOffBy(answer, incoming.broke)) return answer; // a snapshot was faster
        const broken = { ...lastPart(answer), broke: incoming.broke };
        return { ...answer, parts: [...answer.parts.slice(0, -1), broken, EMPTY_PART] };
      });
    case "turn_started":
      return startTurn(
        state,
        {
          turn: incoming.turn,
          user: incoming.user,
          images: incoming.images ?? [],
          inserted: incoming.inserted ?? [],
          is_left_out: incoming.is_left_out ?? false,
          branch: incoming.branch ?? [incoming.turn],
          answer: EMPTY_ANSWER,
          asked: incoming.asked ?? [],
        },
        incoming.parent,
      );
    case "turn_ended":
      return changeAnswer(state, incoming.turn, (answer) => {
        if (incoming.seq !== answer.seq) return null;
        return {
          ...answer,
          reason: incoming.reason,
          error: incoming.error ?? null,
          meta: incoming.meta ?? null,
          extras: incoming.extras ?? null,
        };
      });
    case "priced":
      return changeAnswer(state, incoming.turn, (answer) =>
        answer.meta === null ? answer : { ...answer, meta: { ...answer.meta, cost: incoming.cost } },
      );
    case "conversation":
      return { ...state, turns: adopt(state.turns, incoming.conversation), isBehind: false };
    case "snapshot":
      return {
        ...state,
        turns: adopt(state.turns, incoming.conversation),
        status: incoming.status,
        queue: incoming.queue ?? [],
        isBehind: false,
      };
    case "queue":
      return { ...state, queue: incoming.queue };
    case "status":
      return state.status === incoming.status ? state : { ...state, status: incoming.status };
    case "priority":
      return { ...state, models: incoming.models };
    case "catalog":
      // A refresh that failed leaves the models that are known in place, beside the reason.
      return {
        ...state,
        catalog: {
          models: incoming.error && incoming.models.length === 0 ? (state.catalog?.models ?? []) : incoming.models,
          error: incoming.error ?? null,
        },
      };
    case "health_check":
    case "preview":
    case "completions":
    case "settings":
    case "asset":
    case "exported":
    case "saved":
    case "copy":
    case "refused":
      return state;
    case "kernel_lost":
      // Nobody will end what was on its way; what waited in the kernel is gone with it.
      return { ...endStreaming(state), status: "idle", queue: [], isBehind: false };
    default:
      return incoming satisfies never;
  }
}

function endStreaming(state: ChatState): ChatState {
  const turn = streamingTurn(state.turns);
  return turn === null ? state : changeAnswer(state, turn.turn, (answer) => ({ ...answer, reason: "stopped" }));
}

/** The turn whose answer is on its way, if any. */
export function streamingTurn(turns: readonly Turn[]): Turn | null {
  const last = turns.at(-1);
  return last?.answer?.reason === "streaming" ? last : null;
}

/** Everything an answer says, without what broke off. */
export function answerText(answer: AnswerView): string {
  return lastPart(answer).text;
}

/** The turns as the kernel has them. */
export function conversationOf(turns: readonly Turn[]): ConversationView {
  return { turns: turns.map(({ asked: _, ...turn }) => turn) };
}

/** Puts a changed answer in; `change` returns null when it finds that something was lost. */
function changeAnswer(state: ChatState, id: number, change: (answer: AnswerView) => AnswerView | null): ChatState {
  const turn = state.turns.find((candidate) => candidate.turn === id);
  const changed = turn?.answer ? change(turn.answer) : null;
  if (turn === undefined || changed === null) return state.isBehind ? state : { ...state, isBehind: true };
  if (changed === turn.answer) return state;
  return { ...state, turns: state.turns.map((other) => (other === turn ? { ...turn, answer: changed } : other)) };
}

/** Begins the answer of a known turn anew, or adds a turn after the one it follows, instead of what was shown there. */
function startTurn(state: ChatState, turn: Turn, parent: number | null | undefined): ChatState {
  if (state.turns.some((other) => other.turn === turn.turn)) {
    return { ...state, turns: state.turns.map((other) => (other.turn === turn.turn ? turn : other)) };
  }
  if (parent === undefined) return { ...state, turns: [...state.turns, turn] };
  const at = parent === null ? 0 : state.turns.findIndex((other) => other.turn === parent) + 1;
  // The turn it follows never came: a snapshot has both.
  if (parent !== null && at === 0) return { ...state, isBehind: true };
  return { ...state, turns: [...state.turns.slice(0, at), turn] };
}

/** The kernel's turns; those that say the same keep their identity, so that nothing of them is drawn again. */
function adopt(known: readonly Turn[], conversation: ConversationView): readonly Turn[] {
  const turns = conversation.turns.map((view) => {
    const before = known.find((turn) => turn.turn === view.turn);
    const turn: Turn = {
      turn: view.turn,
      user: view.user,
      images: view.images ?? [],
      inserted: view.inserted ?? [],
      is_left_out: view.is_left_out ?? false,
      branch: view.branch ?? [view.turn],
      answer: view.answer ?? null,
      asked: before?.asked ?? [],
    };
    return before !== undefined && saysTheSame(before, turn) ? before : turn;
  });
  return turns.length === known.length && turns.every((turn, at) => turn === known[at]) ? known : turns;
}

function saysTheSame(one: Turn, other: Turn): boolean {
  return JSON.stringify(one) === JSON.stringify({ ...other, asked: one.asked });
}

function lastPart(answer: AnswerView): Part {
  return answer.parts.at(-1) ?? EMPTY_PART;
}

function isBrokenOffBy(answer: AnswerView, sentence: string): boolean {
  return lastPart(answer).text === "" && answer.parts.at(-2)?.broke === sentence;
}
