/** A button for what cannot be taken back: it asks first, and acts at the second click. */
import { useSignal } from "@preact/signals";

interface Props {
  readonly label: string;
  /** What it says before the second click. */
  readonly question: string;
  readonly isDisabled?: boolean;
  readonly onConfirm: () => void;
}

export function ConfirmButton({ label, question, isDisabled = false, onConfirm }: Props) {
  const isSure = useSignal(false);
  const onClick = () => {
    if (isDisabled) return;
    if (isSure.value) onConfirm();
    isSure.value = !isSure.value;
  };
  return (
    <button
      type="button"
      class="gptr-quiet"
      // Not `disabled`: what it did may be why, and the focus would be gone.
      aria-disabled={isDisabled}
      onClick={onClick}
      onBlur={() => {
        isSure.value = false;
      }}
    >
      {isSure.value ? question : label}
    </button>
  );
}
