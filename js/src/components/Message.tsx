/** One turn: the question, and its answer when there is one. */
import type { ModelRef } from "../protocol";
import type { ChatStore } from "../store";
import { Answer } from "./Answer";
import { UserMessage } from "./UserMessage";

interface Props {
  readonly store: ChatStore;
  readonly id: number;
  readonly onRegenerate: (turn: number, model: ModelRef | null) => void;
  /** Called when the focus has lost its place. */
  readonly onDone: () => void;
}

export function Message({ store, id, onRegenerate, onDone }: Props) {
  const turn = store.turn(id).value;
  return (
    <div class="gptr-turn">
      <UserMessage store={store} turn={turn} onDone={onDone} />
      {turn.answer !== null && <Answer store={store} turn={turn} answer={turn.answer} onRegenerate={onRegenerate} />}
    </div>
  );
}
