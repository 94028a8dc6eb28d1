/**
 * Gives the focus a place when what had it goes away or can no longer be used.
 *
 * A browser would leave it to the page's body: in JupyterLab the next key, perhaps a D, is then the notebook's. And it
 * happens without anybody's doing here: Python clears the conversation, or begins an answer.
 */

const CONTROLS = "button, select, input, textarea, summary";

interface Place {
  readonly element: Element;
  readonly name: string;
  /** Among the controls of the same name. */
  readonly index: number;
}

/** Watches over `root`; where no control of the same name is left, the focus goes to what `fallback` finds. */
export function keepFocus(root: HTMLElement, fallback: () => HTMLElement | null, signal: AbortSignal): void {
  let place: Place | null = null;
  const onFocus = ({ target }: FocusEvent) => {
    place = target instanceof HTMLElement ? placeOf(target, root) : null;
  };
  const onBlur = ({ target }: FocusEvent) => {
    // It is too early to tell whether the element goes away, or the reader.
    queueMicrotask(() => {
      if (place?.element === target && isUsable(place.element, root)) place = null;
    });
  };
  const changes = new MutationObserver(() => {
    if (place === null || isUsable(place.element, root)) return;
    const { activeElement } = document;
    const isLost = activeElement === null || activeElement === document.body || activeElement === place.element;
    const next = isLost ? (twinOf(place, root) ?? fallback()) : null;
    place = null;
    next?.focus({ preventScroll: true });
  });
  root.addEventListener("focusin", onFocus, { signal });
  root.addEventListener("focusout", onBlur, { signal });
  changes.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
  signal.addEventListener("abort", () => changes.disconnect());
}

function placeOf(element: HTMLElement, root: HTMLElement): Place {
  const name = nameOf(element);
  return { element, name, index: controlsCalled(name, root).indexOf(element) };
}

/** The control that has come in its place, or stands next to where it was. */
function twinOf({ name, index }: Place, root: HTMLElement): HTMLElement | undefined {
  const usable = controlsCalled(name, root).filter((control) => isUsable(control, root));
  return usable[Math.min(index, usable.length - 1)];
}

function controlsCalled(name: string, root: HTMLElement): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(CONTROLS)].filter((control) => nameOf(control) === name);
}

function isUsable(element: Element, root: HTMLElement): boolean {
  return root.contains(element) && !element.matches(":disabled");
}

/** Boxes without a label of their own are all alike, and none is another's twin. */
function nameOf(element: HTMLElement): string {
  return element.ariaLabel ?? (element.matches("button, summary") ? (element.textContent ?? "") : element.id);
}
