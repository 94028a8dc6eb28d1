/** The whole panel: models above, conversation in the middle, message box below. */
import { useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { keepFocus } from "../dom/focus";
import { canInsertCell } from "../dom/insert-cell";
import { keepKeys } from "../dom/shortcuts";
import { followTheme } from "../dom/theme";
import type { ChatStore } from "../store";
import { Composer } from "./Composer";
import { HiddenTranscript } from "./HiddenTranscript";
import { MessageList } from "./MessageList";
import { ModelPicker } from "./ModelPicker";
import { Notice } from "./Notice";
import { PriorityBar } from "./PriorityBar";
import { PartsContext } from "./parts-context";
import { Queue } from "./Queue";
import { StatusRegion } from "./StatusRegion";

/** Draws a panel into this element until the signal is aborted. */
export function mountPanel(element: HTMLElement, store: ChatStore, signal: AbortSignal): void {
  if (signal.aborted) return;
  render(<ChatPanel store={store} />, element);
  signal.addEventListener("abort", () => render(null, element), { once: true });
}

export function ChatPanel({ store }: { readonly store: ChatStore }) {
  const root = useRef<HTMLElement>(null);
  const pickerId = useId();
  const isPickerOpen = useSignal(false);
  const focusRequests = useSignal(0);

  // Now, so that it is there before the first answer is.
  useLayoutEffect(() => void store.parts.get("markdown"), [store]);
  useEffect(() => {
    const view = new AbortController();
    const { current } = root;
    if (current !== null) {
      keepKeys(current, view.signal);
      keepFocus(current, () => current.querySelector<HTMLElement>(".gptr-compose textarea"), view.signal);
      followTheme(current, view.signal);
      // The stylesheet hides the buttons that would do nothing.
      current.toggleAttribute("data-can-insert", canInsertCell());
    }
    return () => view.abort();
  }, []);

  return (
    <section ref={root} class="gptr-root" aria-label="GPTRouter chat">
      <HiddenTranscript mark={store.keeping.mark} />
      <div class="gptr-panel">
        <PriorityBar store={store} isPickerOpen={isPickerOpen} pickerId={pickerId} />
        {isPickerOpen.value && <ModelPicker store={store} id={pickerId} />}
        <PartsContext.Provider value={store.parts}>
          <MessageList store={store} focusRequests={focusRequests} />
        </PartsContext.Provider>
        <Notice store={store} />
        <Queue store={store} focusRequests={focusRequests} />
        <Composer store={store} focusRequests={focusRequests} />
        <StatusRegion store={store} />
      </div>
    </section>
  );
}
