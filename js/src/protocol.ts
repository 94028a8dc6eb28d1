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
  /** What every request begins with; written by both sides, like the three below. */
  system_prompt: string;
  /** Null leaves it to the model. */
  temperature: number | null;
  /** Null leaves it to the model. */
  max_tokens: number | null;
  stop_sequences: string[];
}

/** How models are asked. */
export type Settings = Pick<Traits, "system_prompt" | "temperature" | "max_tokens" | "stop_sequences">;

export type Status = "idle" | "streaming";

/**
 * What a view may write. A change of a trait is held back while the one before it is on its way, and a question would
 * overtake it: the command `set` before the question says it again.
 */
export type WritableTraits = Partial<Settings & { readonly models_priority_list: readonly ModelRef[] }>;

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
  /** Pictures that go with the question, as `data:` addresses. */
  readonly images?: readonly string[] | null;
  /** Values of the notebook that went with it. */
  readonly inserted?: readonly Inserted[] | null;
  /** Models are told nothing of it. */
  readonly is_left_out?: boolean | null;
  /** The turns that stand in this one's place, itself among them. */
  readonly branch?: readonly number[] | null;
  readonly answer: AnswerView | null;
}

/** A value of the notebook that goes with a message. */
export interface Inserted {
  /** As it was written, such as `df['a']`. */
  readonly name: string;
  /** What it is, in one word, such as `DataFrame`. */
  readonly kind: string;
  /** Characters it becomes. */
  readonly length: number;
  readonly is_cut: boolean;
}

/** A name of the notebook that may be meant. */
export interface Completion {
  readonly name: string;
  readonly kind: string;
  /** How much there is of it, such as "3 rows × 2 columns"; may be empty. */
  readonly summary: string;
}

/** A message that waits for the end of an answer. */
export interface QueueItem {
  readonly item: number;
  readonly text: string;
  readonly images?: readonly string[] | null;
}

/** An answer up to and with the delta numbered `seq`. */
export interface AnswerView {
  readonly seq: number;
  readonly reason: AnswerReason;
  readonly parts: readonly Part[];
  readonly error: Failure | null;
  readonly meta: Meta | null;
  readonly extras?: Extras | null;
}

/** What came beside the text. */
export interface Extras {
  readonly reasoning: string;
  readonly citations: readonly { readonly url: string; readonly title: string }[];
  readonly tool_calls: readonly { readonly name: string; readonly arguments: string }[];
}

/** How many calls the key has left. */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
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
  /** The conversation is longer than the model takes. */
  readonly is_too_long?: boolean | null;
}

/** Who answered, how fast, at what length. Any field may be missing: the gateway does not always know. */
export interface Meta {
  readonly model_name?: string | null;
  readonly provider?: string | null;
  readonly finish_reason?: string | null;
  /** Seconds. */
  readonly latency?: { readonly first_token?: number | null; readonly total?: number | null } | null;
  readonly usage?: Usage | null;
  /** In the gateway's currency. */
  readonly cost?: number | null;
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
      readonly queue?: readonly QueueItem[] | null;
      readonly reply_to?: CommandId | null;
    }
  | {
      readonly kind: "turn_started";
      readonly turn: number;
      readonly user: string;
      readonly images?: readonly string[] | null;
      readonly inserted?: readonly Inserted[] | null;
      readonly is_left_out?: boolean | null;
      readonly branch?: readonly number[] | null;
      /** The turn it follows; null begins the conversation. */
      readonly parent?: number | null;
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
      readonly extras?: Extras | null;
      readonly allowance?: Allowance | null;
    }
  | { readonly kind: "priced"; readonly turn: number; readonly cost: number }
  | { readonly kind: "catalog"; readonly models: readonly CatalogModel[]; readonly error?: string | null }
  | { readonly kind: "asset"; readonly name: string; readonly source: string; readonly reply_to: CommandId }
  | {
      readonly kind: "health_check";
      readonly reply_to: CommandId;
      readonly is_running: boolean;
      readonly error?: string | null;
    }
  | { readonly kind: "preview"; readonly reply_to: CommandId; readonly inserted: readonly Inserted[] }
  | { readonly kind: "completions"; readonly reply_to: CommandId; readonly found: readonly Completion[] }
  | { readonly kind: "queue"; readonly queue: readonly QueueItem[] }
  | {
      readonly kind: "exported";
      readonly reply_to: CommandId;
      readonly name: string;
      readonly mime: string;
      readonly text: string;
    }
  /** The readable copy in the notebook was sent again, before this. */
  | { readonly kind: "saved" }
  | { readonly kind: "copy"; readonly reply_to: CommandId; readonly data: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "refused";
      readonly reply_to?: CommandId | null;
      readonly message: string;
      readonly text?: string | null;
    };

/** What the view asks for, before it is given an id. */
export type ViewRequest =
  | { readonly kind: "hello" }
  | { readonly kind: "send"; readonly text: string; readonly images: readonly string[] }
  | { readonly kind: "edit"; readonly turn: number; readonly text: string; readonly images: readonly string[] }
  | { readonly kind: "regenerate"; readonly turn: number; readonly model: ModelRef | null }
  | { readonly kind: "show"; readonly turn: number }
  | { readonly kind: "delete"; readonly turn: number }
  | { readonly kind: "leave_out"; readonly turns: readonly number[]; readonly is_left_out: boolean }
  | { readonly kind: "send_now"; readonly item: number }
  | { readonly kind: "unqueue"; readonly item: number }
  | { readonly kind: "stop"; readonly turn: number }
  | { readonly kind: "snapshot" }
  | { readonly kind: "clear" }
  | { readonly kind: "set"; readonly traits: WritableTraits }
  | { readonly kind: "catalog" }
  | { readonly kind: "check_health" }
  | { readonly kind: "preview"; readonly text: string }
  | { readonly kind: "complete"; readonly prefix: string }
  | { readonly kind: "asset"; readonly name: string }
  | { readonly kind: "export"; readonly form: ExportForm }
  | { readonly kind: "import"; readonly file: string }
  | { readonly kind: "copy" };

/** What a conversation can be saved as; `langchain` is its messages as langchain-core writes them. */
export type ExportForm = "markdown" | "html" | "json" | "langchain";

export type CommandId = string | number;
export type ViewMessage = ViewRequest & { readonly id: CommandId };

/** `provider/name`, as people write a model. */
export function modelLabel(model: ModelRef): string {
  return `${model.provider_name}/${model.name}`;
}
