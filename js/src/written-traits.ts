/**
 * What the panel wrote into traits since the last question. It goes another way than commands, so the question takes
 * it along: else it might overtake what it shall be asked with.
 */
import type { WritableTraits } from "./protocol";

export class WrittenTraits {
  #traits: WritableTraits = {};

  add(traits: WritableTraits): void {
    this.#traits = { ...this.#traits, ...traits };
  }

  /** What the kernel says of a trait counts more than what was written before. */
  hear(traits: WritableTraits): void {
    for (const [key, value] of Object.entries(traits)) {
      const name = key as keyof WritableTraits;
      if (JSON.stringify(this.#traits[name]) !== JSON.stringify(value)) delete this.#traits[name];
    }
  }

  /** Hands everything over; null when there is nothing. */
  take(): WritableTraits | null {
    const traits = this.#traits;
    this.#traits = {};
    return Object.keys(traits).length > 0 ? traits : null;
  }
}
