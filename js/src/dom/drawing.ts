/**
 * Drawing in slices, for when there is much to draw at once: a long conversation that opens, a part that has come.
 *
 * What was added last is drawn first: that is the end of the conversation, where the reader is. The first slice runs
 * before the page is painted, so that a conversation that fits into it is never seen half drawn.
 */

/** A frame has 16: the page's own work and the layout need the rest. */
export const SLICE_MS = 8;

const waiting = new Set<() => void>();
let isScheduled = false;

/** Draws soon; the same function is drawn once. Gives what takes it back. */
export function drawSoon(draw: () => void): () => void {
  waiting.delete(draw);
  waiting.add(draw);
  if (!isScheduled) {
    isScheduled = true;
    queueMicrotask(drawSlice);
  }
  return () => waiting.delete(draw);
}

function drawSlice(): void {
  const until = performance.now() + SLICE_MS;
  for (const draw of [...waiting].reverse()) {
    waiting.delete(draw);
    try {
      draw();
    } catch (error) {
      reportError(error);
    }
    if (performance.now() >= until) break;
  }
  isScheduled = waiting.size > 0;
  // A task of its own lets the page be painted, and keys be heard, in between.
  if (isScheduled) setTimeout(drawSlice);
}
