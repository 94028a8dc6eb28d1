/** One model of the list: its place, its health now and before, and what can be done with it. */
import { milliseconds, remark } from "../format";
import { type CatalogModel, type ModelRef, modelLabel } from "../protocol";
import { HealthMark } from "./HealthMark";
import { Sparkline } from "./Sparkline";

interface Props {
  readonly model: ModelRef;
  /** What the gateway says of it; null before it has said anything. */
  readonly entry: CatalogModel | null;
  readonly index: number;
  readonly count: number;
  readonly isDragged: boolean;
  /** To this position, counted from 0. */
  readonly onMove: (to: number) => void;
  readonly onRemove: () => void;
  readonly onGrip: (event: PointerEvent) => void;
}

export function ModelRow({ model, entry, index, count, isDragged, onMove, onRemove, onGrip }: Props) {
  const label = modelLabel(model);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    onMove(index + (event.key === "ArrowUp" ? -1 : 1));
  };
  return (
    <li class={`gptr-row ${isDragged ? "gptr-is-dragged" : ""}`} aria-label={label} onKeyDown={onKeyDown}>
      <span class="gptr-grip" aria-hidden="true" title="Drag to reorder" onPointerDown={onGrip} />
      <span class="gptr-number">{index + 1}</span>
      <HealthMark state={entry?.state ?? "unknown"} />
      <span class="gptr-row-name">
        <span class="gptr-row-label">{label}</span>
        <small class={entry?.skip ? "gptr-row-skip" : ""}>{remark(entry)}</small>
      </span>
      <Sparkline history={entry?.history ?? []} />
      <span class="gptr-row-latency">{milliseconds(entry?.latency_ms)}</span>
      <span class="gptr-row-actions">
        <IconButton label={`Move ${label} up`} icon="up" isDisabled={index === 0} onClick={() => onMove(index - 1)} />
        <IconButton
          label={`Move ${label} down`}
          icon="down"
          isDisabled={index === count - 1}
          onClick={() => onMove(index + 1)}
        />
        <IconButton label={`Remove ${label}`} icon="remove" isDisabled={false} onClick={onRemove} />
      </span>
    </li>
  );
}

interface IconButtonProps {
  readonly label: string;
  readonly icon: "up" | "down" | "remove";
  readonly isDisabled: boolean;
  readonly onClick: () => void;
}

/** Not `disabled` at the ends of the list: a button that takes the focus away when pressed twice loses its user. */
function IconButton({ label, icon, isDisabled, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class="gptr-icon"
      aria-label={label}
      title={label}
      aria-disabled={isDisabled}
      onClick={() => {
        if (!isDisabled) onClick();
      }}
    >
      <span class={`gptr-glyph gptr-glyph-${icon}`} aria-hidden="true" />
    </button>
  );
}
