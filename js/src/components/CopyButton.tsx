/** A button that copies, and says for a moment that it did. */
import { useSignal } from "@preact/signals";
import { copyText } from "../dom/clipboard";

export const COPIED_MS = 1_500;

export function CopyButton({ label, text }: { readonly label: string; readonly text: string }) {
  const said = useSignal("Copy");
  const copy = async () => {
    said.value = (await copyText(text)) ? "Copied" : "Not copied";
    setTimeout(() => {
      said.value = "Copy";
    }, COPIED_MS);
  };
  return (
    <button type="button" class="gptr-quiet" aria-label={label} onClick={copy}>
      {said}
    </button>
  );
}
