/**
 * Values of the notebook in the message: which ones would be sent, and which may be meant by what is being typed.
 *
 * Both are the kernel's to say. It is asked while a person types, and only about texts that could hold a value.
 */
import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { CommandId, Completion, Inserted, ViewRequest } from "./protocol";

/** A person who types faster than this is not asked for. */
const PAUSE_MS = 150;
const MAY_HOLD_VALUES = /[@{][\p{L}_]/u;
const NAME = String.raw`[\p{L}_][\p{L}\p{N}_.]*(?:\[['"]?[^'"\]\n]*)?`;
/** The name that ends at the caret, with its mark; not an address's @, and not the brace of LaTeX or a shell. */
const BEGUN = new RegExp(
  String.raw`(?<![\p{L}\p{N}_@])(?<at>@)(?<mentioned>(?:${NAME})?)$|(?<![\\$_^{]|\\[A-Za-z]+)(?<brace>\{)(?<braced>${NAME})$`,
  "u",
);

type Ask = (request: ViewRequest) => CommandId | null;

/** A name that is being typed. */
export interface Begun {
  /** `@` or `{`. */
  readonly mark: string;
  readonly name: string;
  /** Where the name begins, behind its mark. */
  readonly from: number;
}

export class NotebookValues {
  /** The values that would go with the draft. */
  readonly inserted = signal<readonly Inserted[]>([]);
  readonly completions: ReadonlySignal<readonly Completion[]>;
  readonly #completions: Signal<readonly Completion[]> = signal([]);
  readonly #ask: Ask;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #previewId: CommandId | null = null;
  #completionsId: CommandId | null = null;

  constructor(draft: ReadonlySignal<string>, ask: Ask, closing: AbortSignal) {
    this.#ask = ask;
    this.completions = this.#completions;
    const stop = effect(() => this.#look(draft.value));
    closing.addEventListener("abort", () => {
      stop();
      clearTimeout(this.#timer);
    });
  }

  /** Asks which names may be meant; without a beginning there are none. */
  complete(begun: Begun | null): void {
    this.#completionsId = begun === null ? null : this.#ask({ kind: "complete", prefix: begun.mark + begun.name });
    if (begun === null) this.#completions.value = [];
  }

  receivePreview(replyTo: CommandId, inserted: readonly Inserted[]): void {
    if (replyTo === this.#previewId) this.inserted.value = inserted;
  }

  receiveCompletions(replyTo: CommandId, found: readonly Completion[]): void {
    if (replyTo === this.#completionsId) this.#completions.value = found;
  }

  #look(text: string): void {
    clearTimeout(this.#timer);
    if (MAY_HOLD_VALUES.test(text)) {
      this.#timer = setTimeout(() => {
        this.#previewId = this.#ask({ kind: "preview", text });
      }, PAUSE_MS);
    } else {
      this.#previewId = null;
      this.inserted.value = [];
    }
  }
}

/** The name that is being typed at the caret; null when there is none. */
export function begunAt(text: string, caret: number): Begun | null {
  const found = BEGUN.exec(text.slice(0, caret))?.groups;
  if (found === undefined) return null;
  const name = found.mentioned ?? found.braced ?? "";
  return { mark: found.at ?? found.brace ?? "", name, from: caret - name.length };
}

/** The text with the name written out, and where the caret stands then. */
export function completed(text: string, begun: Begun, name: string): { readonly text: string; readonly caret: number } {
  const rest = text.slice(begun.from + begun.name.length);
  const closing = begun.mark === "{" && !rest.startsWith("}") ? "}" : "";
  const after = begun.mark === "@" && !/^\s/u.test(rest) ? " " : "";
  const before = text.slice(0, begun.from) + name;
  return { text: before + closing + after + rest, caret: before.length + (begun.mark === "{" ? 1 : after.length) };
}
