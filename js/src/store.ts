/**
 * The state behind signals, and what a person can do to it. One store per model: all views of it share one.
 *
 * Deltas are folded into the state at most once per animation frame; anything else at once, after the deltas
 * before it. Each turn has a signal of its own, so that a token redraws one answer.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { Parts } from "./parts";
import { added, moved, removed } from "./priority";
import type { CommandId, ModelRef, ViewRequest } from "./protocol";
import { SilenceWatch } from "./silence";
import { answerText, type Catalog, type ChatState, initialState, reduce, streamingTurn, type Turn } from "./state";
import type { Incoming, Transport } from "./transport";

/** Longer answers are announced by their beginning: nobody can skim a live region. */
const ANNOUNCED_CHARACTERS = 400;

/** A message on its way to the kernel, which has not begun to answer. */
export interface Pending {
  readonly id: CommandId;
  readonly text: string;
}

export class ChatStore {
  /** What stands in the message box. */
  readonly draft = signal("");
  readonly pending = signal<Pending | null>(null);
  readonly turnIds = signal<readonly number[]>([]);
  readonly models: Signal<readonly ModelRef[]>;
  readonly catalog = signal<Catalog | null>(null);
  readonly isCatalogAsked = signal(false);
  /** Stop was asked for and has not happened. */
  readonly isStopping = signal(false);
  /** The last command could not be handed to a kernel. */
  readonly isKernelGone = signal(false);
  /** Why the last command was refused. */
  readonly notice = signal<string | null>(null);
  /** What the status region says. */
  readonly announcement = signal("");
  readonly isBusy: ReadonlySignal<boolean>;
  /** What the page loads on request. */
  readonly parts: Parts;

  readonly #transport: Transport;
  readonly #turns = new Map<number, Signal<Turn>>();
  readonly #isStreaming = signal(false);
  readonly #silence = new SilenceWatch(() => this.#ask({ kind: "snapshot" }));
  readonly #sent = new Set<CommandId>();
  #state: ChatState;
  #waiting: Incoming[] = [];

  constructor(transport: Transport) {
    const { conversation, status, models } = transport.initial;
    this.#transport = transport;
    this.parts = new Parts((name) => this.#ask({ kind: "asset", name }) !== null, transport.signal);
    this.#state = initialState(conversation, status, models);
    this.models = signal(models);
    this.isBusy = computed(() => this.#isStreaming.value || this.pending.value !== null);
    this.#publish(this.#state);
    transport.subscribe((incoming) => this.#receive(incoming));
    transport.signal.addEventListener("abort", () => this.#silence.rest());
  }

  /** The turn with this number, which must be one of `turnIds`. */
  turn(id: number): ReadonlySignal<Turn> {
    const found = this.#turns.get(id);
    if (found === undefined) throw new RangeError(`There is no turn ${id}.`);
    return found;
  }

  /** Says that a view was drawn; the kernel answers with all it has. */
  hello(): void {
    this.#ask({ kind: "hello" });
  }

  /** Sends the draft; while an answer is on its way, or with nothing but blanks in it, it stays where it is. */
  send(): void {
    const text = this.draft.value.trimEnd();
    if (this.isBusy.value || text.trim() === "") return;
    const id = this.#ask({ kind: "send", text });
    if (id === null) return;
    this.pending.value = { id, text };
    this.draft.value = "";
    this.#silence.listen();
  }

  /** Ends the answer that is on its way, also one the kernel has not begun. */
  stop(): void {
    if (!this.isBusy.value) return;
    const turn = streamingTurn(this.#state.turns);
    // With no turn yet, the stop goes out as soon as the kernel has named it.
    this.isStopping.value = turn === null || this.#ask({ kind: "stop", turn: turn.turn }) !== null;
  }

  /** Asks the last turn again; also what Retry does. */
  regenerate(turn: number): void {
    if (!this.isBusy.value) this.#ask({ kind: "regenerate", turn });
  }

  clear(): void {
    this.#ask({ kind: "clear" });
  }

  refreshCatalog(): void {
    this.isCatalogAsked.value = this.#ask({ kind: "catalog" }) !== null;
  }

  addModel(model: ModelRef): void {
    this.#write(added(this.models.value, model));
  }

  removeModel(model: ModelRef): void {
    this.#write(removed(this.models.value, model));
  }

  /** Puts a model at this position of the list, counted from 0. */
  moveModel(model: ModelRef, position: number): void {
    this.#write(moved(this.models.value, model, position));
  }

  /** The last message sent, for a person who wants it back. */
  lastMessage(): string {
    return this.#state.turns.at(-1)?.user ?? "";
  }

  #write(models: readonly ModelRef[]): void {
    if (models === this.models.value) return;
    this.notice.value = null;
    this.isKernelGone.value = !this.#transport.writeModels(models);
    if (!this.isKernelGone.value) this.#receive({ kind: "priority", models });
  }

  /** Sends a command; null when there is no kernel. */
  #ask(request: ViewRequest): CommandId | null {
    if (request.kind !== "snapshot" && request.kind !== "asset") this.notice.value = null;
    const id = newId();
    this.isKernelGone.value = !this.#transport.send({ ...request, id });
    if (this.isKernelGone.value) {
      this.#silence.rest();
      return null;
    }
    this.#sent.add(id);
    return id;
  }

  #receive(incoming: Incoming): void {
    this.#waiting.push(incoming);
    if (incoming.kind !== "delta") this.#fold();
    else if (this.#waiting.length === 1) requestAnimationFrame(() => this.#fold());
  }

  #fold(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0 || this.#transport.signal.aborted) return;
    const before = this.#state;
    this.#state = waiting.reduce(reduce, before);
    batch(() => {
      this.#publish(before);
      for (const incoming of waiting) this.#follow(incoming);
      this.#settle(before);
    });
  }

  /** Hands the state to its signals; those of unchanged turns stay silent. */
  #publish(before: ChatState): void {
    const { turns, models, catalog } = this.#state;
    for (const turn of turns) {
      const known = this.#turns.get(turn.turn);
      if (known === undefined) this.#turns.set(turn.turn, signal(turn));
      else known.value = turn;
    }
    if (turns !== before.turns || this.turnIds.value.length !== turns.length) {
      const ids = turns.map((turn) => turn.turn);
      if (ids.join() !== this.turnIds.value.join()) this.turnIds.value = ids;
    }
    this.models.value = models;
    this.catalog.value = catalog;
    this.#isStreaming.value = streamingTurn(turns) !== null;
  }

  /** What a single message means beyond the state. */
  #follow(incoming: Incoming): void {
    this.isKernelGone.value = false;
    if (incoming.kind === "catalog") this.isCatalogAsked.value = false;
    if (incoming.kind === "asset") void this.parts.receive(incoming.name, incoming.source);
    if (incoming.kind !== "refused") return;
    // Every view of the page hears it; only the one that asked is meant.
    if (incoming.reply_to != null && !this.#sent.has(incoming.reply_to)) return;
    this.notice.value = incoming.message;
    this.isStopping.value = false;
    this.isCatalogAsked.value = false;
    const pending = this.pending.value?.id === incoming.reply_to ? this.pending.value : null;
    const text = incoming.text ?? pending?.text;
    if (text) this.draft.value = this.draft.value === "" ? text : `${text}\n${this.draft.value}`;
    if (pending) this.pending.value = null;
  }

  /** What follows from where the state stands now. */
  #settle(before: ChatState): void {
    const pending = this.pending.value;
    const isNew = (turn: Turn) => !before.turns.some((other) => other.turn === turn.turn);
    if (pending && this.#state.turns.some((turn) => isNew(turn) && turn.user.trim() === pending.text.trim())) {
      this.pending.value = null;
      if (this.isStopping.value) this.stop();
    }
    if (!this.isBusy.value) this.isStopping.value = false;
    const ended = endedSince(before, this.#state);
    if (ended) this.announcement.value = announce(ended);
    else if (this.#isStreaming.value) this.announcement.value = "";
    this.#listen(before);
  }

  #listen(before: ChatState): void {
    const { turns, isBehind } = this.#state;
    if (isBehind && !before.isBehind) this.#ask({ kind: "snapshot" });
    if (this.isKernelGone.value || !(this.isBusy.value || isBehind)) this.#silence.rest();
    else if (turns !== before.turns) this.#silence.heard();
    else this.#silence.listen();
  }
}

/** The turn whose end was seen just now; a conversation that was loaded has none. */
function endedSince(before: ChatState, after: ChatState): Turn | null {
  const streamed = streamingTurn(before.turns);
  const turn = after.turns.find((candidate) => candidate.turn === streamed?.turn);
  return turn?.answer && turn.answer.reason !== "streaming" ? turn : null;
}

function announce({ answer }: Turn): string {
  if (answer === null) return "";
  if (answer.reason === "stopped") return "Answer stopped.";
  if (answer.error) return answer.error.message;
  const text = answerText(answer);
  return `Answer complete: ${text.length > ANNOUNCED_CHARACTERS ? `${text.slice(0, ANNOUNCED_CHARACTERS)} …` : text}`;
}

/** `crypto.randomUUID` is missing on plain http; these need only differ from each other. */
function newId(): CommandId {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}
