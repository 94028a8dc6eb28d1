/** Notices that a widget has lost its kernel: ipywidgets marks the view's element, and tells nobody else. */
const MARK = "jupyter-widgets-disconnected";

/** Calls `listener` when the mark is set on this element, also if it is set already. */
export function onDisconnected(element: HTMLElement, listener: () => void, signal: AbortSignal): void {
  const look = () => {
    if (element.classList.contains(MARK)) listener();
  };
  const changes = new MutationObserver(look);
  changes.observe(element, { attributes: true, attributeFilter: ["class"] });
  signal.addEventListener("abort", () => changes.disconnect());
  look();
}
