/** A press on a button that moves: what streams above it pushes it away between the pointer's going down and up. */
import { useEffect, useRef } from "preact/hooks";

/** A pointer that moved further than this between down and up has changed its mind. */
const STEADY_PX = 10;

interface Handlers {
  onMouseDown(event: MouseEvent): void;
  onClick(event: MouseEvent): void;
}

/**
 * Handlers for a button: `act` once for each press, by pointer, key or a screen reader's click.
 *
 * The page makes no click of a press whose button was gone at its end, so the press counts here. The second half of a
 * double click does not: it was meant for the button that stood there before.
 */
export function useSteadyPress(act: () => void): Handlers {
  const listening = useRef<AbortController | null>(null);
  const wasPressed = useRef(false);
  useEffect(() => () => listening.current?.abort(), []);
  return {
    onMouseDown(down) {
      wasPressed.current = true;
      listening.current?.abort();
      if (down.button !== 0 || down.detail > 1) return;
      const view = new AbortController();
      listening.current = view;
      const onUp = (up: MouseEvent) => {
        view.abort();
        const moved = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY);
        if (moved <= STEADY_PX) act();
      };
      document.addEventListener("mouseup", onUp, { capture: true, signal: view.signal });
    },
    onClick(event) {
      // What a pointer pressed was heard at its end. Keys count no clicks; assistive technology may count one.
      if (event.detail === 0 || (event.detail === 1 && !wasPressed.current)) act();
      wasPressed.current = false;
    },
  };
}
