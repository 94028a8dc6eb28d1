/** Keeps keys pressed in the panel from the notebook, where D D deletes the cell and Enter edits it. */

export function keepKeys(element: HTMLElement, signal: AbortSignal): void {
  // Lumino listens in the capturing phase and looks for this attribute, from what has the focus upwards, until one of
  // its selectors fits: the notebook's fit any focused button. So that which has the focus must carry it, too.
  suppress(element);
  element.addEventListener("focusin", ({ target }) => suppress(target), { signal });
  // Notebook's older handlers want this.
  for (const type of ["keydown", "keyup", "keypress"] as const) {
    element.addEventListener(type, (event) => event.stopPropagation(), { signal });
  }
}

function suppress(element: EventTarget | null): void {
  if (element instanceof HTMLElement) element.dataset.lmSuppressShortcuts = "true";
}
