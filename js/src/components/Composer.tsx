/** The message box, Send, which is Stop while an answer is on its way, and the line below it. */
import type { Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { fitHeight } from "../dom/grow";
import { MessageHistory } from "../history";
import type { ChatStore } from "../store";
import { ConfirmButton } from "./ConfirmButton";
import { Totals } from "./Totals";

interface Props {
  readonly store: ChatStore;
  /** Counted up when the message box shall have the focus. */
  readonly focusRequests: Signal<number>;
}

export function Composer({ store, focusRequests }: Props) {
  const box = useRef<HTMLTextAreaElement>(null);
  const draft = store.draft.value;
  const isBusy = store.isBusy.value;
  const hasDraft = draft.trim() !== "" || store.images.value.length > 0;
  const requests = focusRequests.value;
  const history = useRef(new MessageHistory());

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
    } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && !event.altKey && !event.shiftKey) {
      const step = event.key === "ArrowUp" ? "older" : "newer";
      const found = history.current[step](
        draft,
        store.turns.map((turn) => turn.user),
      );
      if (found === null) return;
      event.preventDefault();
      store.draft.value = found;
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
        {isBusy && hasDraft && (
          <button type="button" class="gptr-send" onClick={() => store.send()}>
            Queue
          </button>
        )}
        {isBusy ? (
          <button type="button" class="gptr-send gptr-stop" onClick={stop}>
            <span class="gptr-stop-mark" aria-hidden="true" />
            Stop
          </button>
        ) : (
          <button type="button" class={`gptr-send ${hasDraft ? "" : "gptr-is-idle"}`} onClick={() => store.send()}>
            Send
          </button>
        )}
      </div>
      <div class="gptr-hint">
        <span class="gptr-hint-keys">{hint(isBusy, hasDraft)}</span>
        <span class="gptr-hint-end">
          <Totals store={store} />
          {!isBusy && store.turnIds.value.length > 0 && (
            <ConfirmButton label="Clear" question="Really clear everything?" onConfirm={clear} />
          )}
        </span>
      </div>
    </div>
  );
}

function hint(isBusy: boolean, hasDraft: boolean): string {
  if (!isBusy) return "Enter sends · Shift+Enter new line";
  return hasDraft ? "Esc stops · Enter sends after this answer" : "Esc stops";
}

function putCaretAtEnd(box: HTMLTextAreaElement | null): void {
  box?.focus();
  box?.setSelectionRange(box.value.length, box.value.length);
}
