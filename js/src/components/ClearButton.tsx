/** Forgets the conversation, after a second click: there is no way back. */
import { useSignal } from "@preact/signals";

export function ClearButton({ onClear }: { readonly onClear: () => void }) {
  const isSure = useSignal(false);
  const onClick = () => {
    if (isSure.value) onClear();
    isSure.value = !isSure.value;
  };
  return (
    <button
      type="button"
      class="gptr-quiet"
      onClick={onClick}
      onBlur={() => {
        isSure.value = false;
      }}
    >
      {isSure.value ? "Really clear everything?" : "Clear"}
    </button>
  );
}
