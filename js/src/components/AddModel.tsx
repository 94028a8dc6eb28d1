/** Finds a model of the gateway by typing, and adds it: the combo box of the ARIA practices, with a list below. */
import { useComputed, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { milliseconds, remark } from "../format";
import { isSame } from "../priority";
import { type CatalogModel, modelLabel } from "../protocol";
import type { ChatStore } from "../store";
import { HealthMark } from "./HealthMark";
import { Sparkline } from "./Sparkline";

const SHOWN = 50;

export function AddModel({ store }: { readonly store: ChatStore }) {
  const listId = useId();
  const typed = useSignal("");
  const isOpen = useSignal(false);
  /** Which option Enter would take; -1 until a key or a letter has pointed at one. */
  const active = useSignal(-1);
  const found = useComputed(() => {
    const free = (store.catalog.value?.models ?? []).filter(
      (model) => model.state !== "missing" && !store.models.value.some((listed) => isSame(listed, model)),
    );
    return search(free, typed.value).slice(0, SHOWN);
  }).value;
  const at = Math.min(active.value, found.length - 1);
  const optionId = (index: number) => `${listId}-${index}`;

  const open = () => {
    isOpen.value = true;
    if (store.catalog.value === null) store.refreshCatalog();
  };
  const choose = (model: CatalogModel | undefined) => {
    if (model === undefined) return;
    store.addModel(model);
    typed.value = "";
    active.value = -1;
    isOpen.value = false;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      open();
      // From nowhere, down leads to the first and up to the last.
      const from = at < 0 && step < 0 ? 0 : at;
      if (found.length > 0) active.value = (from + step + found.length) % found.length;
    } else if (event.key === "Enter" && isOpen.value) {
      choose(found[at]);
    } else if (event.key === "Escape") {
      if (!isOpen.value) typed.value = "";
      isOpen.value = false;
    } else {
      return;
    }
    event.preventDefault();
  };

  const isShown = isOpen.value;
  return (
    <div class="gptr-add">
      <input
        type="text"
        class="gptr-add-input"
        role="combobox"
        aria-label="Add a model"
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={listId}
        aria-activedescendant={isShown && at >= 0 ? optionId(at) : undefined}
        autocomplete="off"
        placeholder="Add a model"
        value={typed.value}
        onFocus={open}
        onClick={open}
        onBlur={() => {
          isOpen.value = false;
          active.value = -1;
        }}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          active.value = 0;
          open();
        }}
        onKeyDown={onKeyDown}
      />
      {/* The box keeps the focus: a press on an option must not take it. */}
      <div
        id={listId}
        class="gptr-options"
        role="listbox"
        aria-label="Models of the gateway"
        hidden={!isShown}
        onMouseDown={(event) => event.preventDefault()}
      >
        {found.map((model, index) => (
          <Option
            key={modelLabel(model)}
            id={optionId(index)}
            model={model}
            isActive={index === at}
            onChoose={choose}
          />
        ))}
        {isShown && found.length === 0 && (
          <div class="gptr-option-none">
            {store.isCatalogAsked.value ? "Looking …" : "No such model at this gateway."}
          </div>
        )}
      </div>
    </div>
  );
}

interface OptionProps {
  readonly id: string;
  readonly model: CatalogModel;
  readonly isActive: boolean;
  readonly onChoose: (model: CatalogModel) => void;
}

function Option({ id, model, isActive, onChoose }: OptionProps) {
  const label = modelLabel(model);
  return (
    // Keys reach an option through the box, which keeps the focus.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      id={id}
      ref={(element) => {
        if (isActive) element?.scrollIntoView?.({ block: "nearest" });
      }}
      class={`gptr-option ${isActive ? "gptr-is-active" : ""}`}
      role="option"
      aria-selected={isActive}
      tabIndex={-1}
      onClick={() => onChoose(model)}
    >
      <HealthMark state={model.state} />
      {/* An option is called what it shows: the blanks keep its words apart. */}
      <span class="gptr-row-name gptr-option-text">
        <span class="gptr-option-name">{label}</span>{" "}
        <small class={model.skip ? "gptr-row-skip" : ""}>
          {remark(model)}
          {model.input_type && ` · takes ${model.input_type}`}
        </small>
      </span>{" "}
      <Sparkline history={model.history ?? []} />
      <span class="gptr-row-latency">{milliseconds(model.latency_ms)}</span>
    </div>
  );
}

/** Models that hold all the words typed, in any order. */
function search(models: readonly CatalogModel[], typed: string): readonly CatalogModel[] {
  const words = typed.toLowerCase().split(/\s+/);
  return models.filter((model) => words.every((word) => modelLabel(model).toLowerCase().includes(word)));
}
