/** Asks for another answer: of the list as it is, or of another model first. */
import { useSignal } from "@preact/signals";
import { type ModelRef, modelLabel } from "../protocol";
import type { ChatStore } from "../store";

interface Props {
  readonly store: ChatStore;
  readonly onRegenerate: (model: ModelRef | null) => void;
}

export function RegenerateButton({ store, onRegenerate }: Props) {
  // A gateway has dozens of models, and every answer this button: the options are made when somebody comes near.
  const isNear = useSignal(false);
  const isBusy = store.isBusy.value;
  const come = () => {
    isNear.value = true;
  };
  const listed = isNear.value ? store.models.value : [];
  const known = isNear.value ? (store.catalog.value?.models ?? []) : [];
  const others = known.filter((model) => !listed.some((other) => modelLabel(other) === modelLabel(model)));
  const choose = (label: string) => {
    const model = [...listed, ...others].find((candidate) => modelLabel(candidate) === label);
    if (model) onRegenerate({ name: model.name, provider_name: model.provider_name });
  };
  return (
    <span class="gptr-regenerate">
      <button type="button" class="gptr-quiet" disabled={isBusy} onClick={() => onRegenerate(null)}>
        Regenerate
      </button>
      <select
        class="gptr-quiet gptr-other-model"
        aria-label="Regenerate with another model"
        title="Regenerate with another model"
        disabled={isBusy}
        onFocus={come}
        onPointerEnter={come}
        onKeyDown={openByKey}
        onChange={(event) => {
          choose(event.currentTarget.value);
          event.currentTarget.selectedIndex = 0;
        }}
      >
        <option value="" selected disabled>
          with …
        </option>
        {listed.length > 0 && <Options label="On your list" models={listed} />}
        {others.length > 0 && <Options label="At this gateway" models={others} />}
      </select>
    </span>
  );
}

const CHOOSING_KEY = /^(?:.|Arrow.*|Home|End|Page.*)$/u;

/** A closed list would take an arrow or a letter for a choice, and ask at once: they open it. */
function openByKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || !CHOOSING_KEY.test(event.key)) return;
  event.preventDefault();
  if (event.currentTarget instanceof HTMLSelectElement) event.currentTarget.showPicker?.();
}

function Options({ label, models }: { readonly label: string; readonly models: readonly ModelRef[] }) {
  return (
    <optgroup label={label}>
      {models.map((model) => (
        <option key={modelLabel(model)}>{modelLabel(model)}</option>
      ))}
    </optgroup>
  );
}
