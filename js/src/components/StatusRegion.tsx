/** Says once, to those who listen instead of look, that an answer is there. */
import type { ChatStore } from "../store";

export function StatusRegion({ store }: { readonly store: ChatStore }) {
  return (
    <div class="gptr-unseen" role="status" aria-live="polite" aria-atomic="true">
      {store.announcement}
    </div>
  );
}
