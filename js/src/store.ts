/**
 * The state behind signals, and what a person can do to it. One store per model: all views of it share one.
 *
 * Deltas are folded into the state at most once per animation frame; anything else at once, after the deltas
 * before it. Each turn has a signal of its own, so that a token redraws one answer.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { announcedEnd, takenUp } from "./changes";
import { Keeping } from "./keeping";
import { NotebookValues } from "./notebook-values";
import { Parts } from "./parts";
import { added, isSame, moved, removed } from "./priority";
import {
  type Allowance,
  type CommandId,
  type ModelRef,
  modelLabel,
  type QueueItem,
  type Settings,
  type ViewRequest,
  type WritableTraits,
} from "./protocol";
import { SilenceWatch } from "./silence";
import { type Catalog, type ChatState, conversationOf, initialState, reduce, streamingTurn, type Turn } from "./state";
import type { Incoming, Transport } from "./transport";
import { WrittenTraits } from "./written-traits";

/** What the panel asks for by itself: no answer to what a person has read in a notice. */
const QUIET: ReadonlySet<ViewRequest["kind"]> = new Set(["snapshot", "asset", "preview", "complete", "copy"]);
const QUESTIONS: ReadonlySet<ViewRequest["kind"]> = new Set(["send", "edit", "regenerate", "send_now"]);
const NOTHING: ReadonlySet<string> = new Set();

/** A message on its way to the kernel, which has neither begun to answer nor let it wait. */
export interface Pending {
  readonly id: CommandId;
  readonly text: string;
  readonly images: readonly string[];
}

/** How a check of all models stands. */
export interface HealthCheck {
  readonly isRunning: boolean;
  readonly error: string | null;
}

export class ChatStore {
  /** What stands in the message box. */
  readonly draft = signal("");
  /** Pictures that go with the message. */
  readonly images = signal<readonly string[]>([]);
  readonly pending = signal<readonly Pending[]>([]);
  /** Messages that wait in the kernel. */
  readonly queue = signal<readonly QueueItem[]>([]);
  readonly turnIds = signal<readonly number[]>([]);
  readonly models: Signal<readonly ModelRef[]>;
  readonly catalog = signal<Catalog | null>(null);
  readonly isCatalogAsked = signal(false);
  readonly healthCheck = signal<HealthCheck>({ isRunning: false, error: null });
  readonly settings: Signal<Settings>;
  /** How many calls the key has left, as far as the gateway says. */
  readonly allowance = signal<Allowance | null>(null);
  /** Stop was asked for and has not happened. */
  readonly isStopping = signal(false);
  /** The last command could not be handed to a kernel. */
  readonly isKernelGone = signal(false);
  /** Why the last command was refused. */
  readonly notice = signal<string | null>(null);
  /** What the status region says. */
  readonly announcement = signal("");
  readonly isStreaming = signal(false);
  readonly isBusy: ReadonlySignal<boolean>;
  /** What of the notebook would go with the draft, and what can be written into it. */
  readonly values: NotebookValues;
  /** What the page loads on request. */
  readonly parts: Parts;
  /** What is kept outside of the panel. */
  readonly keeping: Keeping;

  readonly #transport: Transport;
  #turns = new Map<number, Signal<Turn>>();
  readonly #silence = new SilenceWatch(() => this.#ask({ kind: "snapshot" }));
  readonly #sent = new Set<CommandId>();
  #state: ChatState;
  #waiting: Incoming[] = [];
  readonly #written = new WrittenTraits();

  constructor(transport: Transport) {
    const { conversation, status, models, settings } = transport.initial;
    this.#transport = transport;
    this.keeping = new Keeping(transport, (request) => this.#ask(request));
    this.parts = new Parts((name) => this.#ask({ kind: "asset", name }) !== null, transport.signal);
    this.values = new NotebookValues(this.draft, (request) => this.#ask(request), transport.signal);
    this.#state = initialState(conversation, status, models);
    this.models = signal(models);
    this.settings = signal(settings);
    this.isBusy = computed(() => this.isStreaming.value || this.pending.value.length > 0);
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

  /** Whether there is anything to send. */
  get hasDraft(): boolean {
    return this.draft.value.trim() !== "" || this.images.value.length > 0;
  }

  /** Sends the draft; while an answer is on its way it waits in the kernel. With nothing to send it does nothing. */
  send(): void {
    if (!this.hasDraft) return;
    const message = { text: this.draft.value.trimEnd(), images: this.images.value };
    const id = this.#ask({ kind: "send", ...message });
    if (id === null) return;
    this.pending.value = [...this.pending.value, { id, ...message }];
    this.draft.value = "";
    this.images.value = [];
    this.#silence.listen();
  }

  /** Sends a message that waits because the answer before it failed. */
  sendNow(item: number): void {
    this.#ask({ kind: "send_now", item });
  }

  /** Puts a message that waits back into the message box, before what is in it. */
  takeBack(item: QueueItem): void {
    if (this.#ask({ kind: "unqueue", item: item.item }) === null) return;
    this.#giveBack(item.text, item.images ?? []);
  }

  /** Asks something else in a turn's place. False: there is no kernel to hear it. */
  edit(turn: number, text: string, images: readonly string[]): boolean {
    return this.#ask({ kind: "edit", turn, text: text.trimEnd(), images }) !== null;
  }

  /** Shows this turn of the branches in its place. */
  show(turn: number): void {
    this.#ask({ kind: "show", turn });
  }

  delete(turn: number): void {
    this.#ask({ kind: "delete", turn });
  }

  /** Tells models nothing of these turns, or tells them again. */
  leaveOut(turns: readonly number[], isLeftOut: boolean): void {
    this.#ask({ kind: "leave_out", turns, is_left_out: isLeftOut });
  }

  /** Ends the answer that is on its way, also one the kernel has not begun. */
  stop(): void {
    if (!this.isBusy.value) return;
    const turn = streamingTurn(this.#state.turns);
    // With no turn yet, the stop goes out as soon as the kernel has named it.
    this.isStopping.value = turn === null || this.#ask({ kind: "stop", turn: turn.turn }) !== null;
  }

  /** Asks a turn again, this model first if one is named; also what Retry does. */
  regenerate(turn: number, model: ModelRef | null = null): void {
    if (!this.isBusy.value) this.#ask({ kind: "regenerate", turn, model });
  }

  clear(): void {
    this.#ask({ kind: "clear" });
  }

  refreshCatalog(): void {
    this.isCatalogAsked.value = this.#ask({ kind: "catalog" }) !== null;
  }

  /** Has the gateway ask each of its models, which costs tokens. */
  checkHealth(): void {
    if (this.#ask({ kind: "check_health" }) !== null) this.healthCheck.value = { isRunning: true, error: null };
  }

  writeSettings(settings: Partial<Settings>): void {
    this.#set(settings);
  }

  addModel(model: ModelRef): void {
    this.#write(added(this.models.value, model));
    this.#announcePlace(model, "added as");
  }

  removeModel(model: ModelRef): void {
    this.#write(removed(this.models.value, model));
    const { length } = this.models.value;
    this.announcement.value = `${modelLabel(model)} removed; ${length === 1 ? "1 model" : `${length} models`} left.`;
  }

  /** Puts a model at this position of the list, counted from 0. */
  moveModel(model: ModelRef, position: number): void {
    this.#write(moved(this.models.value, model, position));
    this.#announcePlace(model, "is now");
  }

  #announcePlace(model: ModelRef, how: string): void {
    const place = this.models.value.findIndex((other) => isSame(other, model)) + 1;
    if (place > 0) this.announcement.value = `${modelLabel(model)} ${how} ${place} of ${this.models.value.length}.`;
  }

  /** The kernel is gone: nothing will come any more, and whatever was not taken up is given back. */
  loseKernel(): void {
    if (!this.isKernelGone.value) this.#receive({ kind: "kernel_lost" });
  }

  /** The turns that are shown, as they are now. */
  get turns(): readonly Turn[] {
    return this.#state.turns;
  }

  #write(models: readonly ModelRef[]): void {
    if (models === this.models.value) return;
    this.#set({ models_priority_list: models });
  }

  #set(traits: WritableTraits): void {
    this.notice.value = null;
    this.#written.add(traits);
    this.isKernelGone.value = !this.#transport.write(traits);
  }

  /** Sends a command; null when there is no kernel. */
  #ask(request: ViewRequest): CommandId | null {
    if (!QUIET.has(request.kind)) this.notice.value = null;
    const traits = QUESTIONS.has(request.kind) ? this.#written.take() : null;
    if (traits !== null) this.#ask({ kind: "set", traits });
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
    const { turns, models, catalog, queue } = this.#state;
    const known = this.#turns;
    // A new map: of turns that are gone nothing is kept, or a page open for days would hold all that was ever said.
    this.#turns = new Map(turns.map((turn) => [turn.turn, known.get(turn.turn) ?? signal(turn)]));
    for (const turn of turns) (this.turn(turn.turn) as Signal<Turn>).value = turn;
    if (turns !== before.turns || this.turnIds.value.length !== turns.length) {
      const ids = turns.map((turn) => turn.turn);
      if (ids.join() !== this.turnIds.value.join()) this.turnIds.value = ids;
    }
    this.models.value = models;
    this.catalog.value = catalog;
    this.queue.value = queue;
    this.isStreaming.value = streamingTurn(turns) !== null;
  }

  /** What a single message means beyond the state. */
  #follow(incoming: Incoming): void {
    this.isKernelGone.value = incoming.kind === "kernel_lost";
    if (incoming.kind === "kernel_lost") this.#takeBackPending();
    this.keeping.receive(incoming, this.#state.turns);
    if (incoming.kind === "catalog") this.isCatalogAsked.value = false;
    if (incoming.kind === "settings") this.#written.hear(incoming.settings);
    if (incoming.kind === "priority") this.#written.hear({ models_priority_list: incoming.models });
    if (incoming.kind === "settings") this.settings.value = { ...this.settings.value, ...incoming.settings };
    if (incoming.kind === "health_check") {
      this.healthCheck.value = { isRunning: incoming.is_running, error: incoming.error ?? null };
    }
    if (incoming.kind === "turn_ended") this.allowance.value = incoming.allowance ?? null;
    if (incoming.kind === "preview") this.values.receivePreview(incoming.reply_to, incoming.inserted);
    if (incoming.kind === "completions") this.values.receiveCompletions(incoming.reply_to, incoming.found);
    if (incoming.kind === "asset") void this.parts.receive(incoming.name, incoming.source);
    if (incoming.kind !== "refused") return;
    // Every view of the page hears it; only the one that asked is meant.
    if (incoming.reply_to != null && !this.#sent.has(incoming.reply_to)) return;
    this.notice.value = incoming.message;
    this.isStopping.value = false;
    this.isCatalogAsked.value = false;
    const pending = this.pending.value.find(({ id }) => id === incoming.reply_to);
    this.#giveBack(incoming.text ?? pending?.text ?? "", pending?.images ?? []);
    if (pending) this.pending.value = this.pending.value.filter((other) => other !== pending);
  }

  #takeBackPending(): void {
    for (const { text, images } of [...this.pending.value].reverse()) this.#giveBack(text, images);
    this.pending.value = [];
  }

  #giveBack(text: string, images: readonly string[]): void {
    if (text) this.draft.value = this.draft.value === "" ? text : `${text}\n${this.draft.value}`;
    if (images.length > 0) this.images.value = [...images, ...this.images.value];
  }

  /** What follows from where the state stands now. */
  #settle(before: ChatState): void {
    const taken = this.pending.value.length > 0 ? takenUp(before, this.#state) : NOTHING;
    if (taken.size > 0) {
      this.pending.value = this.pending.value.filter(({ text }) => !taken.has(text.trim()));
      if (this.isStopping.value && this.isStreaming.value) this.stop();
    }
    if (!this.isBusy.value) this.isStopping.value = false;
    const ending = announcedEnd(before, this.#state);
    if (ending !== null) this.announcement.value = ending;
    else if (this.isStreaming.value) this.announcement.value = "";
    this.#listen(before);
  }

  #listen(before: ChatState): void {
    const { turns, isBehind } = this.#state;
    if (turns !== before.turns && !this.isStreaming.value && !isBehind) this.#transport.keep(conversationOf(turns));
    if (isBehind && !before.isBehind) this.#ask({ kind: "snapshot" });
    if (this.isKernelGone.value || !(this.isBusy.value || isBehind)) this.#silence.rest();
    else if (turns !== before.turns) this.#silence.heard();
    else this.#silence.listen();
  }
}

/** `crypto.randomUUID` is missing on plain http; these need only differ from each other. */
function newId(): CommandId {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}
