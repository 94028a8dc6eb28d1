/** Follows the end of a growing list, but only for a reader who is there. */

/** Closer to the end than this counts as being there: fractions of pixels, a half line. */
const AT_END_PX = 24;

export interface Follower {
  /** Goes to the end, and follows from there. */
  jump(): void;
}

/** Follows `content` inside the scrolling `box`; `onChange` hears whether the reader is at the end. */
export function followEnd(
  box: HTMLElement,
  content: HTMLElement,
  signal: AbortSignal,
  onChange: (isAtEnd: boolean) => void,
): Follower {
  let isAtEnd = true;
  let lastTop = box.scrollTop;
  const toEnd = () => {
    box.scrollTop = box.scrollHeight;
    lastTop = box.scrollTop;
  };
  const note = (next: boolean) => {
    if (next !== isAtEnd) onChange(next);
    isAtEnd = next;
  };
  // Only a scroll upwards is the reader leaving: content that shrinks under a scrolled box fires this as well.
  const onScroll = () => {
    const isNear = box.scrollHeight - box.scrollTop - box.clientHeight <= AT_END_PX;
    if (isNear) note(true);
    else if (box.scrollTop < lastTop) note(false);
    lastTop = box.scrollTop;
  };
  box.addEventListener("scroll", onScroll, { signal, passive: true });
  const sizes = new ResizeObserver(() => {
    if (isAtEnd) toEnd();
  });
  sizes.observe(content);
  sizes.observe(box);
  signal.addEventListener("abort", () => sizes.disconnect());
  return {
    jump() {
      note(true);
      toEnd();
    },
  };
}
