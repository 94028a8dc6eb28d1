/**
 * Notices that the kernel has gone quiet while something is expected of it.
 *
 * A lost last message has no later one to reveal it, so silence itself must lead to a question.
 */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

export class SilenceWatch {
  #wait = FIRST_WAIT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onSilence` is called after a second of silence, and again after twice as long each time while it lasts. */
  constructor(private readonly onSilence: () => void) {}

  /** Something new came: count from the start. */
  heard(): void {
    this.#wait = FIRST_WAIT_MS;
    this.#arm();
  }

  /** Something is expected: begin to listen, unless already listening. */
  listen(): void {
    if (this.#timer === undefined) this.#arm();
  }

  /** Nothing is expected any more. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wait = FIRST_WAIT_MS;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
      this.#arm();
      this.onSilence();
    }, this.#wait);
  }
}
