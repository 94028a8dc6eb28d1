/** Messages that wait for the end of an answer. */
import type { Signal } from "@preact/signals";
import type { QueueItem } from "../protocol";
import type { ChatStore } from "../store";

interface Props {
  readonly store: ChatStore;
  /** Counted up when the message box shall have the focus. */
  readonly focusRequests: Signal<number>;
}

export function Queue({ store, focusRequests }: Props) {
  const queue = store.queue.value;
  // What is on its way to the kernel behind another message waits, too.
  const coming = store.isStreaming.value || queue.length > 0 ? store.pending.value : store.pending.value.slice(1);
  if (queue.length === 0 && coming.length === 0) return null;
  const takeBack = (item: QueueItem) => {
    store.takeBack(item);
    focusRequests.value += 1;
  };
  const isHeld = !store.isBusy.value;
  return (
    <div class="gptr-queue">
      <p class="gptr-queue-title">
        {isHeld ? "Not sent, because the answer before failed:" : "Sent when the answer is there:"}
      </p>
      <ul class="gptr-queue-items" aria-label="Waiting messages">
        {queue.map((item) => (
          <li key={item.item} class="gptr-queue-item">
            <span class="gptr-queue-text">{item.text || "Picture"}</span>
            {isHeld && (
              <button type="button" class="gptr-quiet" onClick={() => store.sendNow(item.item)}>
                Send now
              </button>
            )}
            <button type="button" class="gptr-quiet" onClick={() => takeBack(item)}>
              Take back
            </button>
          </li>
        ))}
        {coming.map((pending) => (
          <li key={pending.id} class="gptr-queue-item">
            <span class="gptr-queue-text">{pending.text || "Picture"}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
