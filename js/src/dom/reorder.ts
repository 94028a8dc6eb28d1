/** Reordering rows by dragging a grip with mouse, pen or finger. Keys and buttons are the components' business. */

export interface Drag {
  readonly from: number;
  readonly to: number;
}

/**
 * Begins a drag of the row with index `from` among `rows`.
 *
 * `onMove` hears where it would fall, `onDrop` where it fell; Escape, or losing the pointer, drops it where it was.
 */
export function startDrag(
  event: PointerEvent,
  rows: readonly HTMLElement[],
  from: number,
  onMove: (drag: Drag | null) => void,
  onDrop: (drag: Drag) => void,
): void {
  const grip = event.currentTarget;
  if (!(grip instanceof HTMLElement) || event.button !== 0) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  const middles = rows.map((row) => {
    const { top, height } = row.getBoundingClientRect();
    return top + height / 2;
  });
  const over = new AbortController();
  let to = from;
  const end = (isDropped: boolean) => {
    over.abort();
    onMove(null);
    if (isDropped && to !== from) onDrop({ from, to });
  };
  const { signal } = over;
  grip.addEventListener(
    "pointermove",
    (move) => {
      to = middles.filter((middle, index) => index !== from && middle < move.clientY).length;
      onMove({ from, to });
    },
    { signal },
  );
  grip.addEventListener("pointerup", () => end(true), { signal });
  grip.addEventListener("pointercancel", () => end(false), { signal });
  document.addEventListener(
    "keydown",
    (key) => {
      if (key.key === "Escape") end(false);
    },
    { signal, capture: true },
  );
}
