/** A transport over anywidget's model: the one file that speaks of traits, `msg:custom` and `save_changes`. */
import type { AnyModel } from "@anywidget/types";
import { isConversation, isDelta, isKernelMessage, isModelList, isStatus } from "./guards";
import type { Traits } from "./protocol";
import type { Incoming, Transport } from "./transport";

/** Every trait is `unknown` until a guard has seen it. */
type Model = Pick<AnyModel<Record<keyof Traits, unknown>>, "get" | "set" | "on" | "off" | "save_changes" | "send">;

/** Speaks through this model until the signal is aborted. */
export function modelTransport(model: Model, signal: AbortSignal): Transport {
  const conversation = model.get("conversation");
  const status = model.get("status");
  const models = model.get("models_priority_list");
  return {
    initial: {
      conversation: isConversation(conversation) ? conversation : { turns: [] },
      status: isStatus(status) ? status : "idle",
      models: isModelList(models) ? models : [],
    },
    signal,
    subscribe: (listener) => subscribe(model, signal, listener),
    send: (command) => reaches(() => model.send(command)),
    writeModels: (list) =>
      reaches(() => {
        model.set("models_priority_list", [...list]);
        model.save_changes();
      }),
  };
}

function subscribe(model: Model, signal: AbortSignal, listener: (incoming: Incoming) => void): void {
  const onMessage = (content: unknown) => {
    if (isKernelMessage(content)) listener(content);
  };
  const onTrait = {
    "change:delta": () => {
      const delta = model.get("delta");
      if (isDelta(delta)) listener({ kind: "delta", ...delta });
    },
    "change:conversation": () => {
      const conversation = model.get("conversation");
      if (isConversation(conversation)) listener({ kind: "conversation", conversation });
    },
    "change:status": () => {
      const status = model.get("status");
      if (isStatus(status)) listener({ kind: "status", status });
    },
    "change:models_priority_list": () => {
      const models = model.get("models_priority_list");
      if (isModelList(models)) listener({ kind: "priority", models });
    },
  };
  model.on("msg:custom", onMessage);
  for (const [event, callback] of Object.entries(onTrait)) model.on(event, callback);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", onMessage);
    for (const [event, callback] of Object.entries(onTrait)) model.off(event, callback);
  });
}

/** After a restart of the kernel the model is still there, but its comm throws "Cannot send". */
function reaches(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
