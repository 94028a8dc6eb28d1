/** What will go with the message, before it goes: values of the notebook with their size, and pictures. */
import { insertedSize } from "../format";
import type { Inserted } from "../protocol";
import type { ChatStore } from "../store";

export function Attachments({ store }: { readonly store: ChatStore }) {
  const values = store.values.inserted.value;
  const images = store.images.value;
  if (values.length === 0 && images.length === 0) return null;
  const remove = (index: number) => {
    store.images.value = images.filter((_, other) => other !== index);
  };
  return (
    <ul class="gptr-attachments" aria-label="Sent with the message">
      {values.map((value) => (
        <li key={value.name}>
          <ValueChip value={value} />
        </li>
      ))}
      {images.map((image, index) => (
        // The same picture may be sent twice: the place is the key.
        <li key={index} class="gptr-thumbnail">
          <img src={image} alt={`To be sent, ${index + 1}`} />
          <button
            type="button"
            class="gptr-quiet"
            aria-label={`Remove picture ${index + 1}`}
            onClick={() => remove(index)}
          >
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}

export function ValueChip({ value }: { readonly value: Inserted }) {
  return (
    <span class="gptr-chip" title={value.is_cut ? "Only its beginning is sent" : undefined}>
      <code>{value.name}</code>
      <span>{value.kind}</span>
      <span class={value.is_cut ? "gptr-chip-cut" : ""}>{insertedSize(value)}</span>
    </span>
  );
}
