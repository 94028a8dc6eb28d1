/** Latencies of late, as a line; a gap where a health check failed. */

const WIDTH = 64;
const HEIGHT = 18;
const MARGIN = 2;

export function Sparkline({ history }: { readonly history: readonly (number | null)[] }) {
  const measured = history.filter((point) => point !== null);
  if (measured.length < 2) return <span class="gptr-sparkline" />;
  return (
    <svg class="gptr-sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path d={path(history, Math.max(...measured))} />
    </svg>
  );
}

function path(history: readonly (number | null)[], highest: number): string {
  const step = WIDTH / (history.length - 1);
  let isDown = false;
  return history
    .map((point, index) => {
      if (point === null) {
        isDown = false;
        return "";
      }
      const height = highest === 0 ? 0 : (point / highest) * (HEIGHT - 2 * MARGIN);
      const command = isDown ? "L" : "M";
      isDown = true;
      return `${command}${(index * step).toFixed(1)} ${(HEIGHT - MARGIN - height).toFixed(1)}`;
    })
    .join("");
}
