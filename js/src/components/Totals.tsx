/** What the conversation has come to so far: answers and tokens; what nobody counted is said, not taken for nothing. */
import { conversationTotals } from "../format";
import type { ChatStore } from "../store";

export function Totals({ store }: { readonly store: ChatStore }) {
  const metas = store.turnIds.value.map((id) => store.turn(id).value.answer?.meta ?? null);
  const said = conversationTotals(metas.filter((meta) => meta !== null));
  return said === null ? null : <span class="gptr-totals">{said}</span>;
}
