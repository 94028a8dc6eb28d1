/** What the person wrote, as they wrote it, and what can be done with it. */
import { useSignal } from "@preact/signals";
import type { Inserted } from "../protocol";
import type { Turn } from "../state";
import type { ChatStore } from "../store";
import { ValueChip } from "./Attachments";
import { BranchSwitch } from "./BranchSwitch";
import { ConfirmButton } from "./ConfirmButton";
import { EditMessage } from "./EditMessage";

interface Props {
  readonly store: ChatStore;
  readonly turn: Turn;
  /** Called when the button that was used is gone, so that the focus has a place to go. */
  readonly onDone: () => void;
}

export function UserMessage({ store, turn, onDone }: Props) {
  const isEditing = useSignal(false);
  const isBusy = store.isBusy.value;
  if (isEditing.value) {
    return (
      <EditMessage
        text={turn.user}
        onSend={(text) => {
          isEditing.value = !store.edit(turn.turn, text, turn.images);
          onDone();
        }}
        onCancel={() => {
          isEditing.value = false;
          onDone();
        }}
      />
    );
  }
  return (
    <>
      <UserText text={turn.user} images={turn.images} inserted={turn.inserted} isLeftOut={turn.is_left_out} />
      <div class="gptr-user-actions">
        {turn.is_left_out && (
          <span class="gptr-left-out">
            Models are not told this.{" "}
            <button type="button" class="gptr-link" onClick={() => store.leaveOut([turn.turn], false)}>
              Tell them again
            </button>
          </span>
        )}
        <BranchSwitch turn={turn} isBusy={isBusy} onShow={(other) => store.show(other)} />
        <span class="gptr-on-demand">
          <button
            type="button"
            class="gptr-quiet"
            disabled={isBusy}
            onClick={() => {
              isEditing.value = true;
            }}
          >
            Edit
          </button>
          <ConfirmButton
            label="Delete"
            question="Really delete this?"
            isDisabled={isBusy}
            onConfirm={() => {
              store.delete(turn.turn);
              onDone();
            }}
          />
        </span>
      </div>
    </>
  );
}

interface TextProps {
  readonly text: string;
  readonly images?: readonly string[];
  readonly inserted?: readonly Inserted[];
  readonly isLeftOut?: boolean;
}

export function UserText({ text, images = [], inserted = [], isLeftOut = false }: TextProps) {
  return (
    <div class={`gptr-user ${isLeftOut ? "gptr-is-left-out" : ""}`}>
      <span class="gptr-unseen">You: </span>
      {images.length > 0 && (
        <span class="gptr-user-images">
          {images.map((image, index) => (
            // The same picture may be sent twice: the place is the key.
            <img key={index} class="gptr-user-image" src={image} alt={`Sent by you, ${index + 1}`} />
          ))}
        </span>
      )}
      {text}
      {inserted.length > 0 && (
        <span class="gptr-user-values">
          {inserted.map((value) => (
            <ValueChip key={value.name} value={value} />
          ))}
        </span>
      )}
    </div>
  );
}
