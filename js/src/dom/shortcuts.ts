/** Keeps keys pressed in the panel from the notebook, where D D deletes the cell and Enter edits it. */

export function keepKeys(element: HTMLElement, signal: AbortSignal): void {
  // Lumino listens in the capturing phase and looks for this attribute; Notebook's older handlers want the second half.
  element.dataset.lmSuppressShortcuts = "true";
  for (const type of ["keydown", "keyup", "keypress"] as const) {
    element.addEventListener(type, (event) => event.stopPropagation(), { signal });
  }
}
