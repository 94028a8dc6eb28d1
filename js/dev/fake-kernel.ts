/** A kernel of paper: the anywidget model a panel talks to, and the words to play the other side. For tests and dev. */
import type { AnyModel } from "@anywidget/types";
import type { KernelMessage, Traits, ViewMessage } from "../src/protocol";

const NO_TRAITS: Traits = {
  models_priority_list: [],
  delta: {},
  conversation: { turns: [] },
  status: "idle",
  system_prompt: "",
  temperature: null,
  max_tokens: null,
  stop_sequences: [],
};

type Listener = (...args: unknown[]) => void;

export class FakeKernel {
  /** Commands of the view, in order. */
  readonly heard: ViewMessage[] = [];
  /** The lists the view has saved. */
  readonly saved: Traits["models_priority_list"][] = [];
  /** Called for each command after it was noted. */
  onCommand: (command: ViewMessage) => void = () => undefined;
  #isGone = false;
  readonly #listeners = new Map<string, Set<Listener>>();
  /** What the traits hold. */
  readonly traits: Traits;

  /** `manager` is the widget manager that the model is shown. */
  constructor(
    traits: Partial<Traits> & { readonly _transcript_mark?: string } = {},
    private readonly manager: object = {},
  ) {
    this.traits = { ...structuredClone(NO_TRAITS), ...traits };
  }

  /** What anywidget would hand to the widget. */
  get model(): AnyModel {
    return {
      get: (name: string) => this.traits[name as keyof Traits],
      set: (name: string, value: unknown) => this.#set(name, value),
      on: (event: string, listener: Listener) => {
        this.#listenersOf(event).add(listener);
      },
      off: (event: string, listener: Listener) => {
        this.#listenersOf(event).delete(listener);
      },
      save_changes: () => {
        this.#checkAlive();
        this.saved.push(this.traits.models_priority_list);
      },
      send: (content: ViewMessage) => {
        this.#checkAlive();
        this.heard.push(content);
        this.onCommand(content);
      },
      widget_manager: { get_model: () => Promise.reject(new Error("no model here")), ...this.manager },
    } as unknown as AnyModel;
  }

  /** How many listeners the view has. */
  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
  }

  /** The commands of this kind. */
  commands<Kind extends ViewMessage["kind"]>(kind: Kind): Extract<ViewMessage, { kind: Kind }>[] {
    return this.heard.filter((command): command is Extract<ViewMessage, { kind: Kind }> => command.kind === kind);
  }

  say(message: KernelMessage): void {
    this.sayAnything(message);
  }

  /** Also what is no message at all. */
  sayAnything(content: unknown): void {
    this.#emit("msg:custom", content, []);
  }

  /** Writes a trait from the kernel's side. */
  write<Name extends keyof Traits>(name: Name, value: Traits[Name]): void {
    this.#set(name, value);
  }

  delta(turn: number, seq: number, text: string): void {
    this.write("delta", { turn, seq, text });
  }

  /** From now on nothing can be sent: what a restarted kernel looks like from here. */
  restart(): void {
    this.#isGone = true;
  }

  #set(name: string, value: unknown): void {
    Object.assign(this.traits, { [name]: value });
    this.#emit(`change:${name}`);
  }

  #emit(event: string, ...args: unknown[]): void {
    for (const listener of [...this.#listenersOf(event)]) listener(...args);
  }

  #listenersOf(event: string): Set<Listener> {
    const found = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, found);
    return found;
  }

  #checkAlive(): void {
    if (this.#isGone) throw new Error("Cannot send");
  }
}
