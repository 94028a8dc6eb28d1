/** A conversation too long for the model: what of it to leave out, chosen by the person. */
import { useSignal } from "@preact/signals";
import type { Turn } from "../state";
import { answerText } from "../state";
import type { ChatStore } from "../store";

interface Props {
  readonly store: ChatStore;
  /** The turn that failed. */
  readonly turn: Turn;
  readonly onRetry: () => void;
}

export function TooLong({ store, turn, onRetry }: Props) {
  const at = store.turns.findIndex((other) => other.turn === turn.turn);
  const told = store.turns.slice(0, Math.max(at, 0)).filter((other) => !other.is_left_out && length(other) > 0);
  // The older half is a good guess: what was said last usually matters most.
  const chosen = useSignal<readonly number[]>(told.slice(0, Math.ceil(told.length / 2)).map((other) => other.turn));
  if (told.length === 0) return null;
  const retry = () => {
    store.leaveOut(chosen.value, true);
    onRetry();
  };
  const toggle = (id: number) => {
    chosen.value = chosen.value.includes(id) ? chosen.value.filter((other) => other !== id) : [...chosen.value, id];
  };
  const count = chosen.value.length;
  return (
    <fieldset class="gptr-too-long">
      <legend>The conversation is too long for the model. Leave out:</legend>
      {told.map((other) => (
        <label key={other.turn} class="gptr-too-long-turn">
          <input type="checkbox" checked={chosen.value.includes(other.turn)} onChange={() => toggle(other.turn)} />
          <span class="gptr-queue-text">{other.user || "Picture"}</span>
          <span class="gptr-too-long-size">{length(other).toLocaleString("en")} characters</span>
        </label>
      ))}
      <button
        type="button"
        class="gptr-send gptr-too-long-retry"
        disabled={count === 0 || store.isBusy.value}
        onClick={retry}
      >
        Retry without {count === 1 ? "1 message" : `${count} messages`}
      </button>
    </fieldset>
  );
}

function length(turn: Turn): number {
  return turn.answer === null ? 0 : turn.user.length + answerText(turn.answer).length;
}
