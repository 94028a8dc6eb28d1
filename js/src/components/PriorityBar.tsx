/** The priority list in one row: in which order, how healthy, how fast, and what the gateway would skip now. */
import type { Signal } from "@preact/signals";
import { health, milliseconds } from "../format";
import { type CatalogModel, type ModelRef, modelLabel } from "../protocol";
import type { ChatStore } from "../store";
import { HealthMark } from "./HealthMark";

/** How many models the row names, by how much room there is; `modes.css` says where the room ends. */
const SHOWN = { wide: 3, narrow: 2, slim: 1 };

interface Props {
  readonly store: ChatStore;
  readonly isPickerOpen: Signal<boolean>;
  readonly pickerId: string;
}

export function PriorityBar({ store, isPickerOpen, pickerId }: Props) {
  const models = store.models.value;
  const known = store.catalog.value?.models ?? [];
  const isOpen = isPickerOpen.value;
  const toggle = () => {
    isPickerOpen.value = !isOpen;
    if (!isOpen && store.catalog.value === null) store.refreshCatalog();
  };
  return (
    <div class="gptr-bar">
      {isOpen ? (
        <strong class="gptr-bar-title">Models, in the order they are asked</strong>
      ) : (
        <ol class="gptr-bar-models" aria-label="Models asked">
          {models.length === 0 && <li class="gptr-bar-none">No model chosen yet</li>}
          {models.slice(0, SHOWN.wide).map((model, index) => (
            <BarModel key={modelLabel(model)} model={model} entry={health(model, known)} place={index + 1} />
          ))}
          <More count={models.length - SHOWN.wide} width="wide" />
          <More count={models.length - SHOWN.narrow} width="narrow" />
          <More count={models.length - SHOWN.slim} width="slim" />
        </ol>
      )}
      <button
        type="button"
        class="gptr-quiet gptr-bar-toggle"
        aria-expanded={isOpen}
        aria-controls={isOpen ? pickerId : undefined}
        onClick={toggle}
      >
        Models
        <span class="gptr-chevron" aria-hidden="true" />
      </button>
    </div>
  );
}

interface BarModelProps {
  readonly model: ModelRef;
  readonly entry: CatalogModel | null;
  readonly place: number;
}

function BarModel({ model, entry, place }: BarModelProps) {
  const skip = entry?.skip ?? null;
  const label = modelLabel(model);
  return (
    <li
      class={`gptr-bar-model ${skip === null ? "" : "gptr-is-skipped"}`}
      title={skip ? `${label}: skipped, ${skip}` : label}
    >
      <span class="gptr-number">{place}</span>
      <HealthMark state={entry?.state ?? "unknown"} />
      <span class="gptr-bar-name">{label}</span>
      {entry?.latency_ms != null && <span class="gptr-latency">{milliseconds(entry.latency_ms)}</span>}
      {skip !== null && (
        <span class="gptr-skip">
          skipped<span class="gptr-skip-why">: {skip}</span>
        </span>
      )}
    </li>
  );
}

function More({ count, width }: { readonly count: number; readonly width: keyof typeof SHOWN }) {
  if (count <= 0) return null;
  return <li class={`gptr-bar-more gptr-only-${width}`}>+{count}</li>;
}
