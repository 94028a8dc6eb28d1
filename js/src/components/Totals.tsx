/** What the conversation has come to so far: answers and tokens; what nobody counted is said, not taken for nothing. */
import { conversationTotals } from "../format";
import type { ChatStore } from "../store";

export function Totals({ store }: { readonly store: ChatStore }) {
  const answers = store.turnIds.value.map((id) => store.turn(id).value.answer);
  const whole = answers.filter((answer) => answer?.reason === "complete");
  const said = conversationTotals(whole.map((answer) => answer?.meta ?? {}));
  return said === null ? null : <span class="gptr-totals">{said}</span>;
}
