/** A transport over anywidget's model: the one file that speaks of traits, `msg:custom` and `save_changes`. */
import type { AnyModel } from "@anywidget/types";
import { isConversation, isDelta, isKernelMessage, isModelList, isSetting, isStatus } from "./guards";
import { notebookOf } from "./notebook";
import type { Settings, Traits } from "./protocol";
import type { Incoming, Transport } from "./transport";

/** Every trait is `unknown` until a guard has seen it. */
type Model = Pick<
  AnyModel<Record<keyof Traits | typeof MARK, unknown>>,
  "get" | "set" | "on" | "off" | "save_changes" | "send" | "widget_manager"
>;

const MARK = "_transcript_mark";

export const NO_SETTINGS: Settings = { system_prompt: "", temperature: null, max_tokens: null, stop_sequences: [] };
const SETTINGS = Object.keys(NO_SETTINGS) as (keyof Settings)[];

/** Speaks through this model until the signal is aborted. */
export function modelTransport(model: Model, signal: AbortSignal): Transport {
  const conversation = model.get("conversation");
  const status = model.get("status");
  const models = model.get("models_priority_list");
  const notebook = notebookOf(model.widget_manager);
  return {
    notebook,
    mark: String(model.get(MARK) ?? ""),
    initial: {
      conversation: isConversation(conversation) ? conversation : { turns: [] },
      status: isStatus(status) ? status : "idle",
      models: isModelList(models) ? models : [],
      settings: Object.assign({ ...NO_SETTINGS }, ...SETTINGS.map((name) => setting(model, name))),
    },
    signal,
    subscribe: (listener) => {
      subscribe(model, signal, listener);
      notebook?.onKernelLost(() => listener({ kind: "kernel_lost" }), signal);
    },
    send: (command) => reaches(() => model.send(command)),
    write: (traits) =>
      reaches(() => {
        for (const [name, value] of Object.entries(traits)) model.set(name as keyof Traits, value);
        model.save_changes();
      }),
    keep: (said) => {
      const held = model.get("conversation");
      // In place: it is no news, and `set` would tell it to every listener.
      if (isConversation(held)) Object.assign(held, said);
    },
  };
}

function subscribe(model: Model, signal: AbortSignal, listener: (incoming: Incoming) => void): void {
  const onMessage = (content: unknown) => {
    if (isKernelMessage(content)) listener(content);
  };
  const onTrait: Record<string, () => void> = {
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
  for (const name of SETTINGS) {
    onTrait[`change:${name}`] = () => listener({ kind: "settings", settings: setting(model, name) });
  }
  model.on("msg:custom", onMessage);
  for (const [event, callback] of Object.entries(onTrait)) model.on(event, callback);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", onMessage);
    for (const [event, callback] of Object.entries(onTrait)) model.off(event, callback);
  });
}

/** The setting of this name, by its name; nothing when the trait holds something else. */
function setting(model: Model, name: keyof Settings): Partial<Settings> {
  const value = model.get(name);
  return isSetting(name, value) ? { [name]: value } : {};
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
