/** The entry: all that anywidget calls. It connects a model to a store, and an element to a panel. */
import type { AnyWidget } from "@anywidget/types";
import { mountPanel } from "./components/ChatPanel";
import { onDisconnected } from "./dom/disconnection";
import { modelTransport } from "./model-transport";
import { ChatStore } from "./store";
import "./styles/widget.css";

/**
 * anywidget calls this once per model. The model handed to `render` is not the object handed to `initialize`: only this
 * closure ties them.
 *
 * The first view shows the store that has listened from the start, so that what was typed outlives a view that is drawn
 * anew. A view beside it has a store of its own: who types here does not want it to appear there.
 */
export default function gptrouterWidget(): Exclude<AnyWidget, () => unknown> {
  let first: ChatStore | undefined;
  let isFirstShown = false;

  return {
    /** No awaits in here: after two seconds anywidget drops what the kernel says. */
    initialize({ model, signal }) {
      first = new ChatStore(modelTransport(model, untilEither(signal)));
      signal?.addEventListener("abort", () => {
        first = undefined;
      });
    },
    render({ model, el, signal }) {
      const view = new AbortController();
      const ending = untilEither(signal, view.signal);
      const isFirst = first !== undefined && !isFirstShown;
      const store = isFirst && first ? first : new ChatStore(modelTransport(model, ending));
      if (isFirst) {
        isFirstShown = true;
        ending.addEventListener("abort", () => {
          isFirstShown = false;
        });
      }
      mountPanel(el, store, ending);
      onDisconnected(el, () => store.loseKernel(), ending);
      store.hello();
      return () => view.abort();
    },
  };
}

/** Aborted as soon as one of these is; older versions of anywidget have none to give. */
function untilEither(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
