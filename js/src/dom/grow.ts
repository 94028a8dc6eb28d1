/** A text box as tall as its text. `field-sizing: content` does the same where browsers have it. */

/** Fits the height to the text; the stylesheet's `max-height` ends the growth. */
export function fitHeight(box: HTMLTextAreaElement): void {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}
