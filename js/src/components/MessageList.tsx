/** The conversation, scrolling in its own box. */
import { type Signal, useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { type Follower, followEnd } from "../dom/autoscroll";
import type { ModelRef } from "../protocol";
import type { ChatStore } from "../store";
import { EmptyState } from "./EmptyState";
import { Message } from "./Message";
import { UserText } from "./UserMessage";

interface Props {
  readonly store: ChatStore;
  /** Counted up when the message box shall have the focus. */
  readonly focusRequests: Signal<number>;
}

export function MessageList({ store, focusRequests }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follower = useRef<Follower | null>(null);
  const isAtEnd = useSignal(true);

  useEffect(() => {
    const view = new AbortController();
    if (box.current !== null && content.current !== null) {
      follower.current = followEnd(box.current, content.current, view.signal, (next) => {
        isAtEnd.value = next;
      });
    }
    return () => view.abort();
  }, [isAtEnd]);

  // Whoever sends wants to see what comes of it, wherever they were reading.
  const first = store.pending.value[0];
  const pending = first !== undefined && !store.isStreaming.value && store.queue.value.length === 0 ? first : null;
  useEffect(() => {
    if (pending !== null) follower.current?.jump();
  }, [pending]);

  const suggest = (text: string) => {
    store.draft.value = text;
    focusRequests.value += 1;
  };

  // The button that asked is gone the moment it was heard: the next key belongs to the message box.
  // The same functions every time: with new ones every message would be drawn again whenever one comes.
  const focusBox = useCallback(() => {
    focusRequests.value += 1;
  }, [focusRequests]);
  const regenerate = useCallback(
    (turn: number, model: ModelRef | null) => {
      store.regenerate(turn, model);
      focusBox();
    },
    [store, focusBox],
  );
  const goOn = () => {
    store.keeping.goOn();
    focusBox();
  };
  const jump = () => {
    follower.current?.jump();
    box.current?.focus({ preventScroll: true });
  };

  const ids = store.turnIds.value;
  const isEmpty = ids.length === 0 && pending === null;
  return (
    <div class="gptr-conversation">
      {/* A log is live by nature, and would read every token aloud: the status region speaks instead. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by key, also in Safari */}
      <div ref={box} class="gptr-log" role="log" aria-label="Conversation" aria-live="off" tabIndex={0}>
        <div ref={content} class="gptr-turns">
          {isEmpty && <EmptyState onSuggest={suggest} lost={store.keeping.lostChat.value} onGoOn={goOn} />}
          {ids.map((id) => (
            <Message key={id} store={store} id={id} onRegenerate={regenerate} onDone={focusBox} />
          ))}
          {pending !== null && (
            <div class="gptr-turn">
              <UserText text={pending.text} images={pending.images} />
              <p class="gptr-waiting">
                Waiting for the kernel …<span class="gptr-late"> it is busy with a cell</span>
              </p>
            </div>
          )}
        </div>
      </div>
      {!isAtEnd.value && (
        <button type="button" class="gptr-jump" onClick={jump}>
          Jump to latest
        </button>
      )}
    </div>
  );
}
