/**
 * Keeps the readable copy in the notebook up to date where the kernel cannot.
 *
 * The kernel sends the copy as a display. A page that was loaded again has the copy from the file and does not know
 * the display any more, so nothing happens there: then the panel asks for the copy and writes it itself.
 */
import type { Notebook } from "./notebook";
import type { CommandId } from "./protocol";

export class KeptCopy {
  #known: ReadonlySet<unknown>;
  #asked: CommandId | null = null;

  /** `ask` asks the kernel for the copy, null if there is no kernel to hear it. */
  constructor(
    private readonly notebook: Notebook | null,
    private readonly mark: string,
    private readonly ask: () => CommandId | null,
  ) {
    this.#known = this.#identities();
  }

  /** The kernel has sent the copy as a display, and says so after it: where did it arrive? */
  check(): void {
    const now = this.#identities();
    if ([...now].some((identity) => this.#known.has(identity))) this.#asked = this.ask();
    else this.#known = now;
  }

  /** The copy came as a message. Every page hears it; only the one that asked writes. */
  receive(data: Readonly<Record<string, unknown>>, replyTo: CommandId): void {
    if (replyTo !== this.#asked) return;
    this.#asked = null;
    for (const copy of this.notebook?.copies(this.mark) ?? []) copy.replace(data);
    this.#known = this.#identities();
  }

  #identities(): ReadonlySet<unknown> {
    return new Set(this.notebook?.copies(this.mark).map((copy) => copy.identity));
  }
}
