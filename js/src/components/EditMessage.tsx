/** A message of the person, to be written anew where it stands. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { fitHeight } from "../dom/grow";

interface Props {
  readonly text: string;
  readonly onSend: (text: string) => void;
  readonly onCancel: () => void;
}

export function EditMessage({ text, onSend, onCancel }: Props) {
  const box = useRef<HTMLTextAreaElement>(null);
  const draft = useSignal(text);
  useLayoutEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(text.length, text.length);
  }, [text]);
  useLayoutEffect(() => {
    if (box.current !== null) fitHeight(box.current);
  }, [draft.value]);
  const send = () => {
    if (draft.value.trim() !== "") onSend(draft.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") {
      event.preventDefault();
      onCancel();
    }
  };
  return (
    <div class="gptr-box gptr-edit">
      <textarea
        ref={box}
        class="gptr-input"
        aria-label="Edit message"
        rows={1}
        value={draft}
        onInput={(event) => {
          draft.value = event.currentTarget.value;
        }}
        onKeyDown={onKeyDown}
      />
      <button type="button" class="gptr-quiet" onClick={onCancel}>
        Cancel
      </button>
      <button type="button" class={`gptr-send ${draft.value.trim() === "" ? "gptr-is-idle" : ""}`} onClick={send}>
        Send edited
      </button>
    </div>
  );
}
