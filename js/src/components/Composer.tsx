/** The message box, Send, which is Stop while an answer is on its way, and the line below it. */
import type { Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { fitHeight } from "../dom/grow";
import type { ChatStore } from "../store";
import { ClearButton } from "./ClearButton";

interface Props {
  readonly store: ChatStore;
  /** Counted up when the message box shall have the focus. */
  readonly focusRequests: Signal<number>;
}

export function Composer({ store, focusRequests }: Props) {
  const box = useRef<HTMLTextAreaElement>(null);
  const draft = store.draft.value;
  const isBusy = store.isBusy.value;
  const requests = focusRequests.value;

  useLayoutEffect(() => {
    if (box.current !== null && box.current.value === draft) fitHeight(box.current);
  }, [draft]);
  useEffect(() => {
    if (requests > 0) putCaretAtEnd(box.current);
  }, [requests]);

  const onKeyDown = (event: KeyboardEvent) => {
    // Enter also ends the writing of a Japanese or Chinese word.
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      store.send();
    } else if (event.key === "Escape" && isBusy) {
      event.preventDefault();
      store.stop();
    } else if (event.key === "ArrowUp" && draft === "" && store.lastMessage() !== "") {
      event.preventDefault();
      store.draft.value = store.lastMessage();
      focusRequests.value += 1;
    }
  };

  // Send turns into Stop under the pointer: the second half of a double click is not meant for it.
  const stop = (event: MouseEvent) => {
    if (event.detail <= 1) store.stop();
  };

  const clear = () => {
    store.clear();
    focusRequests.value += 1;
  };

  return (
    <div class="gptr-compose">
      <div class="gptr-box">
        <textarea
          ref={box}
          class="gptr-input"
          aria-label="Message"
          placeholder="Message"
          rows={1}
          value={draft}
          onInput={(event) => {
            store.draft.value = event.currentTarget.value;
          }}
          onKeyDown={onKeyDown}
        />
        {isBusy ? (
          <button type="button" class="gptr-send gptr-stop" onClick={stop}>
            <span class="gptr-stop-mark" aria-hidden="true" />
            Stop
          </button>
        ) : (
          <button
            type="button"
            class={`gptr-send ${draft.trim() === "" ? "gptr-is-idle" : ""}`}
            onClick={() => store.send()}
          >
            Send
          </button>
        )}
      </div>
      <div class="gptr-hint">
        <span>{hint(isBusy, draft)}</span>
        {!isBusy && store.turnIds.value.length > 0 && <ClearButton onClear={clear} />}
      </div>
    </div>
  );
}

function hint(isBusy: boolean, draft: string): string {
  if (!isBusy) return "Enter sends · Shift+Enter new line";
  return draft.trim() === "" ? "Esc stops" : "Esc stops · your next message waits here";
}

function putCaretAtEnd(box: HTMLTextAreaElement | null): void {
  box?.focus();
  box?.setSelectionRange(box.value.length, box.value.length);
}
