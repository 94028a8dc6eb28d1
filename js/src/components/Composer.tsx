/** The message box with what goes along, Send, which is Stop while an answer is on its way, and the line below. */
import { type Signal, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { holdsFiles, picturesIn } from "../dom/pictures";
import type { ChatStore } from "../store";
import { Attachments } from "./Attachments";
import { ConfirmButton } from "./ConfirmButton";
import { FileMenu, FileMenuButton } from "./FileMenu";
import { attach, MessageBox } from "./MessageBox";
import { useSteadyPress } from "./steady-press";
import { Totals } from "./Totals";

const STOP_MEANS = "Closes the connection; the gateway may let the model finish all the same, and charge for it.";

interface Props {
  readonly store: ChatStore;
  /** Counted up when the message box shall have the focus. */
  readonly focusRequests: Signal<number>;
}

export function Composer({ store, focusRequests }: Props) {
  const isDraggedOver = useSignal(false);
  const isFileMenuOpen = useSignal(false);
  const fileMenuId = useId();
  const toggleFileMenu = () => {
    isFileMenuOpen.value = !isFileMenuOpen.value;
  };
  const isBusy = store.isBusy.value;
  const hasDraft = store.draft.value.trim() !== "" || store.images.value.length > 0;

  const stop = useSteadyPress(() => store.stop());

  const clear = () => {
    store.clear();
    focusRequests.value += 1;
  };

  // The notebook takes dropped files, too: what is dropped here is not for it.
  const onDrag = (event: DragEvent) => {
    if (!holdsFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.stopPropagation();
    isDraggedOver.value = event.type !== "drop" && event.type !== "dragleave";
    if (event.type === "drop") {
      void attach(store, picturesIn(event.dataTransfer));
      focusRequests.value += 1;
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the same can be done by pasting
    <div class="gptr-compose" onDragEnter={onDrag} onDragOver={onDrag} onDragLeave={onDrag} onDrop={onDrag}>
      <Attachments store={store} />
      <div class={`gptr-box ${isDraggedOver.value ? "gptr-is-dragged-over" : ""}`}>
        <MessageBox store={store} focusRequests={focusRequests} />
        {isBusy && hasDraft && (
          <button type="button" class="gptr-send" onClick={() => store.send()}>
            Queue
          </button>
        )}
        {isBusy ? (
          <button type="button" class="gptr-send gptr-stop" title={STOP_MEANS} {...stop}>
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
          <FileMenuButton isOpen={isFileMenuOpen.value} rowId={fileMenuId} onToggle={toggleFileMenu} />
          {!isBusy && store.turnIds.value.length > 0 && (
            <ConfirmButton label="Clear" question="Really clear everything?" onConfirm={clear} />
          )}
        </span>
      </div>
      {isFileMenuOpen.value && <FileMenu store={store} id={fileMenuId} />}
    </div>
  );
}

function hint(isBusy: boolean, hasDraft: boolean): string {
  if (!isBusy) return "Enter sends · Shift+Enter new line · @ puts a value of the notebook in";
  return hasDraft ? "Esc stops · Enter sends after this answer" : "Esc stops";
}
