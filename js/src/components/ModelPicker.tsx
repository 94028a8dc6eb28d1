/** The priority list to work on: order, remove, add. */
import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Drag, startDrag } from "../dom/reorder";
import { health } from "../format";
import { type ModelRef, modelLabel } from "../protocol";
import type { ChatStore } from "../store";
import { AddModel } from "./AddModel";
import { HealthCheckButton } from "./HealthCheckButton";
import { ModelRow } from "./ModelRow";
import { SettingsForm } from "./SettingsForm";

export function ModelPicker({ store, id }: { readonly store: ChatStore; readonly id: string }) {
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const drag = useSignal<Drag | null>(null);
  const models = store.models.value;
  const catalog = store.catalog.value;
  const shown = useComputed(() => preview(store.models.value, drag.value)).value;

  // A row that moves or goes takes the focus with it, and the notebook would hear the next key: give it back.
  const refocus = useRef<(() => void) | null>(null);
  useLayoutEffect(() => {
    refocus.current?.();
    refocus.current = null;
  }, [models]);
  const move = (model: ModelRef, to: number) => {
    const focused = document.activeElement;
    refocus.current = () => focused instanceof HTMLElement && focused.focus();
    store.moveModel(model, to);
  };
  const remove = (model: ModelRef, index: number) => {
    refocus.current = () => {
      const buttons = list.current?.querySelectorAll<HTMLElement>("button:last-child") ?? [];
      const next = buttons[Math.min(index, buttons.length - 1)] ?? root.current?.querySelector("input");
      next?.focus();
    };
    store.removeModel(model);
  };

  const onGrip = (event: PointerEvent, from: number) => {
    const rows = [...(list.current?.children ?? [])].filter((row) => row instanceof HTMLElement);
    startDrag(
      event,
      rows,
      from,
      (next) => {
        drag.value = next;
      },
      ({ to }) => {
        const model = models[from];
        if (model) store.moveModel(model, to);
      },
    );
  };

  return (
    <div ref={root} id={id} class="gptr-picker">
      <ol ref={list} class="gptr-rows" aria-label="Model priority">
        {shown.map((model, index) => (
          <ModelRow
            key={modelLabel(model)}
            model={model}
            entry={health(model, catalog?.models ?? [])}
            index={index}
            count={models.length}
            isDragged={drag.value !== null && models[drag.value.from] === model}
            onMove={(to) => move(model, to)}
            onRemove={() => remove(model, index)}
            onGrip={(event) => onGrip(event, models.indexOf(model))}
          />
        ))}
      </ol>
      {models.length === 0 && <p class="gptr-picker-none">No model is asked yet: add one.</p>}
      <div class="gptr-add-line">
        <AddModel store={store} />
        <button
          type="button"
          class="gptr-quiet"
          aria-disabled={store.isCatalogAsked.value}
          onClick={() => store.isCatalogAsked.value || store.refreshCatalog()}
        >
          {store.isCatalogAsked.value ? "Looking …" : "Refresh health"}
        </button>
        <HealthCheckButton store={store} />
      </div>
      {store.healthCheck.value.error !== null && (
        <div class="gptr-note gptr-note-error">{store.healthCheck.value.error}</div>
      )}
      {catalog?.error && <div class="gptr-note gptr-note-error">{catalog.error}</div>}
      <SettingsForm store={store} />
    </div>
  );
}

/** The list as it would be if the dragged row fell now. */
function preview<Item>(items: readonly Item[], drag: Drag | null): readonly Item[] {
  if (drag === null) return items;
  const rest = items.filter((_, index) => index !== drag.from);
  return [...rest.slice(0, drag.to), ...items.slice(drag.from, drag.from + 1), ...rest.slice(drag.to)];
}
