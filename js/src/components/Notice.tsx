/** What stands in the way of the whole panel: a kernel that is gone, a command that was refused. */
import type { ChatStore } from "../store";

export function Notice({ store }: { readonly store: ChatStore }) {
  const notice = store.isKernelGone.value ? "The kernel was restarted: run this cell again." : store.notice.value;
  if (notice === null) return null;
  return (
    <div class="gptr-note gptr-note-error gptr-notice" role="alert">
      {notice}
    </div>
  );
}
