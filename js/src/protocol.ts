/**
 * What the panel's two halves say to each other; twin of `gptrouter_notebook/protocol.py`.
 *
 * The kernel sends messages, the view sends commands, each with an `id` that `reply_to` answers. Text itself comes
 * through the trait `delta`. Names keep their Python spelling across the wire.
 */

/** The traits both sides hold. */
export interface Traits {
  /** The order in which models are asked; written by both sides. */
  models_priority_list: ModelRef[];
  /** The text just added to an answer; written by the kernel. Empty before the first. */
  delta: Delta | Record<string, never>;
  /** Everything said so far; written by the kernel when a turn ends. */
  conversation: ConversationView;
  /** Whether an answer is on its way; written by the kernel. */
  status: Status;
}

export type Status = "idle" | "streaming";

/** A model in the priority list. */
export interface ModelRef {
  readonly name: string;
  readonly provider_name: string;
}

/** A run of text; `seq` starts at 1 in every answer and counts up by 1. */
export interface Delta {
  readonly turn: number;
  readonly seq: number;
  readonly text: string;
}

export interface ConversationView {
  readonly turns: readonly TurnView[];
}

/** A question and its answer. */
export interface TurnView {
  readonly turn: number;
  readonly user: string;
  readonly answer: AnswerView | null;
}

/** An answer up to and with the delta numbered `seq`. */
export interface AnswerView {
  readonly seq: number;
  readonly reason: AnswerReason;
  readonly parts: readonly Part[];
  readonly error: Failure | null;
  readonly meta: Meta | null;
}

export type AnswerReason = "streaming" | EndReason;
export type EndReason = "complete" | "stopped" | "failed";

/** A run of text by one model; `broke` says why another one went on below it. */
export interface Part {
  readonly text: string;
  readonly broke: string | null;
}

/** Why there is no whole answer, in one sentence. */
export interface Failure {
  readonly message: string;
  readonly kind: string;
}

/** Who answered, how fast, at what length. Any field may be missing: the gateway does not always know. */
export interface Meta {
  readonly model_name?: string | null;
  readonly provider?: string | null;
  readonly finish_reason?: string | null;
  /** Seconds. */
  readonly latency?: { readonly first_token?: number | null; readonly total?: number | null } | null;
  readonly usage?: Usage | null;
  readonly route?: readonly Hop[] | null;
}

export interface Usage {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly total_tokens?: number | null;
}

/** One model tried, or passed over; `inferred` when the gateway did not say so itself. */
export interface Hop {
  readonly model: string;
  readonly provider: string;
  readonly outcome: "answered" | "skipped" | "failed";
  readonly reason?: string | null;
  readonly inferred?: boolean;
  readonly seconds?: number | null;
}

/** A model the gateway has, and how it fares. */
export interface CatalogModel extends ModelRef {
  readonly input_type?: string | null;
  readonly state: Health;
  readonly latency_ms?: number | null;
  /** ISO 8601. */
  readonly checked_at?: string | null;
  /** Past latencies in milliseconds, oldest first; null where a check failed. */
  readonly history?: readonly (number | null)[] | null;
  /** Why the gateway will skip it; null if it would be asked. */
  readonly skip?: string | null;
}

export type Health = "up" | "slow" | "down" | "unknown" | "missing";

/** What the kernel says. */
export type KernelMessage =
  | {
      readonly kind: "snapshot";
      readonly conversation: ConversationView;
      readonly status: Status;
      readonly reply_to?: CommandId | null;
    }
  | {
      readonly kind: "turn_started";
      readonly turn: number;
      readonly user: string;
      readonly asked?: readonly ModelRef[] | null;
    }
  | { readonly kind: "part"; readonly turn: number; readonly seq: number; readonly broke: string }
  | {
      readonly kind: "turn_ended";
      readonly turn: number;
      readonly seq: number;
      readonly reason: EndReason;
      readonly error?: Failure | null;
      readonly meta?: Meta | null;
    }
  | { readonly kind: "catalog"; readonly models: readonly CatalogModel[]; readonly error?: string | null }
  | { readonly kind: "asset"; readonly name: string; readonly source: string; readonly reply_to: CommandId }
  | {
      readonly kind: "refused";
      readonly reply_to?: CommandId | null;
      readonly message: string;
      readonly text?: string | null;
    };

/** What the view asks for, before it is given an id. */
export type ViewRequest =
  | { readonly kind: "hello" }
  | { readonly kind: "send"; readonly text: string }
  | { readonly kind: "stop"; readonly turn: number }
  | { readonly kind: "snapshot" }
  | { readonly kind: "regenerate"; readonly turn: number }
  | { readonly kind: "clear" }
  | { readonly kind: "catalog" }
  | { readonly kind: "asset"; readonly name: string };

export type CommandId = string | number;
export type ViewMessage = ViewRequest & { readonly id: CommandId };

/** `provider/name`, as people write a model. */
export function modelLabel(model: ModelRef): string {
  return `${model.provider_name}/${model.name}`;
}
