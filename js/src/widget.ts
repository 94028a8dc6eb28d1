/** The entry: all that anywidget calls. It connects a model to a store, and an element to a panel. */
import type { AnyModel, AnyWidget } from "@anywidget/types";
import { mountPanel } from "./components/ChatPanel";
import { onDisconnected } from "./dom/disconnection";
import { modelTransport } from "./model-transport";
import { ChatStore } from "./store";
import "./styles/widget.css";

/**
 * anywidget calls this once per model, so the store in it is shared by all views of the model and by nothing else.
 * The model handed to `render` is not the object handed to `initialize`: only this closure ties them.
 */
export default function gptrouterWidget(): Exclude<AnyWidget, () => unknown> {
  let store: ChatStore | undefined;

  /** No awaits in here: after two seconds anywidget drops what the kernel says. */
  function connect(model: AnyModel, signal: AbortSignal | undefined): ChatStore {
    const controller = new AbortController();
    signal?.addEventListener("abort", () => {
      controller.abort();
      store = undefined;
    });
    store = new ChatStore(modelTransport(model, controller.signal));
    return store;
  }

  return {
    initialize({ model, signal }) {
      connect(model, signal);
    },
    render({ model, el, signal }) {
      const view = new AbortController();
      signal?.addEventListener("abort", () => view.abort());
      const shown = store ?? connect(model, signal);
      mountPanel(el, shown, view.signal);
      onDisconnected(el, () => shown.loseKernel(), view.signal);
      shown.hello();
      return () => view.abort();
    },
  };
}
