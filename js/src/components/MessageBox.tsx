/** The text box of the message: Enter sends, arrows bring back what was sent, `@` and `{` complete names. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { fitHeight } from "../dom/grow";
import { MOST_BYTES, pictureAddress, picturesIn } from "../dom/pictures";
import { MessageHistory } from "../history";
import { type Begun, begunAt, completed } from "../notebook-values";
import type { ChatStore } from "../store";
import { Completions } from "./Completions";

interface Props {
  readonly store: ChatStore;
  /** Counted up when the box shall have the focus. */
  readonly focusRequests: Signal<number>;
}

export function MessageBox({ store, focusRequests }: Props) {
  const box = useRef<HTMLTextAreaElement>(null);
  const history = useRef(new MessageHistory());
  const listId = useId();
  const begun = useSignal<Begun | null>(null);
  const active = useSignal(0);
  const draft = store.draft.value;
  const requests = focusRequests.value;
  const found = begun.value === null ? [] : useful(store.values.completions.value, begun.value.name);
  const at = Math.min(active.value, found.length - 1);

  useLayoutEffect(() => {
    if (box.current !== null && box.current.value === draft) fitHeight(box.current);
  }, [draft]);
  useEffect(() => {
    if (requests > 0) putCaret(box.current, box.current?.value.length ?? 0);
  }, [requests]);

  const look = (next: Begun | null) => {
    if (next === null && begun.value === null) return;
    begun.value = next;
    active.value = 0;
    store.values.complete(next);
  };
  const choose = (name: string) => {
    if (begun.value === null) return;
    const { text, caret } = completed(draft, begun.value, name);
    store.draft.value = text;
    look(null);
    if (box.current !== null) box.current.value = text;
    putCaret(box.current, caret);
  };

  /** Whether the list of names has a use for the key. */
  const listTakes = (key: string): boolean => {
    const chosen = found[at];
    if (chosen === undefined) return false;
    if (key === "ArrowDown") active.value = (at + 1) % found.length;
    else if (key === "ArrowUp") active.value = (at - 1 + found.length) % found.length;
    else if (key === "Enter" || key === "Tab") choose(chosen.name);
    else if (key === "Escape") look(null);
    else return false;
    return true;
  };
  /** Whether there is something older or newer to show. */
  const historyTakes = (key: string): boolean => {
    const step = key === "ArrowUp" ? "older" : "newer";
    const sent = store.turns.map((turn) => turn.user);
    const shown = history.current[step](draft, sent);
    if (shown === null) return false;
    store.draft.value = shown;
    focusRequests.value += 1;
    return true;
  };
  const takes = (event: KeyboardEvent): boolean => {
    const { key } = event;
    // Enter also ends the writing of a Japanese or Chinese word.
    if (event.isComposing || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return false;
    if (listTakes(key)) return true;
    if (key === "Enter") store.send();
    else if (key === "Escape" && store.isBusy.value) store.stop();
    else return (key === "ArrowUp" || key === "ArrowDown") && historyTakes(key);
    return true;
  };

  const onPaste = (event: ClipboardEvent) => {
    const pictures = picturesIn(event.clipboardData);
    if (pictures.length === 0) return;
    event.preventDefault();
    void attach(store, pictures);
  };

  return (
    <>
      <Completions id={listId} found={found} active={at} onChoose={choose} />
      <textarea
        ref={box}
        class="gptr-input"
        aria-label="Message"
        aria-autocomplete="list"
        aria-controls={found.length > 0 ? listId : undefined}
        aria-activedescendant={found.length > 0 ? `${listId}-${at}` : undefined}
        placeholder="Message"
        rows={1}
        value={draft}
        onInput={(event) => {
          store.draft.value = event.currentTarget.value;
          look(begunAt(event.currentTarget.value, event.currentTarget.selectionStart));
        }}
        onBlur={() => look(null)}
        onPaste={onPaste}
        onKeyDown={(event) => {
          if (takes(event)) event.preventDefault();
        }}
      />
    </>
  );
}

/** Takes pictures along with the message; what is too large is said. */
export async function attach(store: ChatStore, pictures: readonly File[]): Promise<void> {
  const addresses = await Promise.all(pictures.map(pictureAddress));
  store.images.value = [...store.images.value, ...addresses.filter((address) => address !== null)];
  if (addresses.includes(null)) {
    store.notice.value = `A picture may have ${MOST_BYTES / 1_000_000} MB at most, so one was not taken: make it smaller.`;
  }
}

/** A name that is written out needs no list, and Enter is to send it. */
function useful<Name extends { readonly name: string }>(found: readonly Name[], typed: string): readonly Name[] {
  return found.length === 1 && found[0]?.name === typed ? [] : found;
}

function putCaret(box: HTMLTextAreaElement | null, caret: number): void {
  box?.focus();
  box?.setSelectionRange(caret, caret);
}
