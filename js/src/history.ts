/** What was sent before, brought back by the arrow keys. Pure: texts in, the one to show out. */

export class MessageHistory {
  #steps = 0;
  #shown: string | null = null;

  /** The message before the shown one; null when the key is not meant for us, or there is none. */
  older(draft: string, sent: readonly string[]): string | null {
    if (!this.#isMine(draft)) return null;
    return this.#show(this.#steps + 1, sent);
  }

  /** The message after the shown one, and an empty box after the newest; null as above. */
  newer(draft: string, sent: readonly string[]): string | null {
    if (!this.#isMine(draft) || this.#steps === 0) return null;
    return this.#show(this.#steps - 1, sent);
  }

  /** Arrows move the caret in what a person has written; only an empty box, or one that we filled, is ours. */
  #isMine(draft: string): boolean {
    if (draft !== this.#shown) this.#steps = 0;
    return draft === "" || draft === this.#shown;
  }

  #show(steps: number, sent: readonly string[]): string | null {
    const found = steps === 0 ? "" : sent.at(-steps);
    if (found === undefined) return null;
    this.#steps = steps;
    this.#shown = found;
    return found;
  }
}
