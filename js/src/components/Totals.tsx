/** What the conversation has come to so far: answers and tokens, and what the key has left; what nobody counted is said, not taken for nothing. */
import { conversationTotals } from "../format";
import type { ChatStore } from "../store";

export function Totals({ store }: { readonly store: ChatStore }) {
  const answers = store.turnIds.value.map((id) => store.turn(id).value.answer);
  const whole = answers.filter((answer) => answer?.reason === "complete");
  const said = conversationTotals(whole.map((answer) => answer?.meta ?? {}));
  const left = store.allowance.value;
  return (
    <>
      {left !== null && (
        <span class="gptr-totals" title={`Your key has ${left.limit} calls`}>
          {left.remaining === 1 ? "1 call left" : `${left.remaining.toLocaleString("en")} calls left`}
        </span>
      )}
      {said !== null && <span class="gptr-totals">{said}</span>}
    </>
  );
}
