/** Finds out whether the page is dark. Hosts say it in a dozen ways; the colour behind the panel always tells. */

/** Keeps `data-theme` of the element in step with the page. */
export function followTheme(element: HTMLElement, signal: AbortSignal): void {
  const update = () => {
    element.dataset.theme = isDark(element) ? "dark" : "light";
  };
  const changes = new MutationObserver(update);
  for (const root of [document.documentElement, document.body]) {
    changes.observe(root, {
      attributes: true,
      attributeFilter: ["class", "style", "data-jp-theme-name", "data-theme"],
    });
  }
  // JupyterLab puts a theme's stylesheet in after the attribute: what is seen at that moment is the old colour.
  document.head.addEventListener("load", update, { signal, capture: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", update, { signal });
  signal.addEventListener("abort", () => changes.disconnect());
  update();
}

function isDark(element: HTMLElement): boolean {
  for (let behind = element.parentElement; behind !== null; behind = behind.parentElement) {
    const luminance = luminanceOf(getComputedStyle(behind).backgroundColor);
    if (luminance !== null) return luminance < 0.5;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** From 0, black, to 1, white; null for a colour one can see through. */
function luminanceOf(colour: string): number | null {
  const [red, green, blue, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  if (red === undefined || green === undefined || blue === undefined || alpha < 0.5) return null;
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}
