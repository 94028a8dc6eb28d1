/** One turn: the question, and its answer when there is one. */
import type { ChatStore } from "../store";
import { Answer } from "./Answer";
import { UserMessage } from "./UserMessage";

interface Props {
  readonly store: ChatStore;
  readonly id: number;
  /** Null for all turns but the last. */
  readonly onRegenerate: ((turn: number) => void) | null;
}

export function Message({ store, id, onRegenerate }: Props) {
  const turn = store.turn(id).value;
  return (
    <div class="gptr-turn">
      <UserMessage text={turn.user} />
      {turn.answer !== null && <Answer store={store} turn={turn} answer={turn.answer} onRegenerate={onRegenerate} />}
    </div>
  );
}
