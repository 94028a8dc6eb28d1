/** The way to the kernel, without its widgets' vocabulary. `model-transport.ts` builds one over anywidget's model. */
import type { Notebook } from "./notebook";
import type {
  ConversationView,
  Delta,
  KernelMessage,
  ModelRef,
  Settings,
  Status,
  ViewMessage,
  WritableTraits,
} from "./protocol";

/** Whatever comes from the kernel, by message or by trait. */
export type Incoming =
  | KernelMessage
  | ({ readonly kind: "delta" } & Delta)
  | { readonly kind: "conversation"; readonly conversation: ConversationView }
  | { readonly kind: "status"; readonly status: Status }
  | { readonly kind: "priority"; readonly models: readonly ModelRef[] }
  | { readonly kind: "settings"; readonly settings: Partial<Settings> }
  /** The kernel was restarted, or has died. */
  | { readonly kind: "kernel_lost" };

export interface Transport {
  /** What the traits hold when the panel is made; also there when no kernel is. */
  readonly initial: {
    readonly conversation: ConversationView;
    readonly status: Status;
    readonly models: readonly ModelRef[];
    readonly settings: Settings;
  };
  /** The notebook around, where a widget is shown it. */
  readonly notebook: Notebook | null;
  /** What the readable copy of the conversation is known by in it. */
  readonly mark: string;
  /** Aborted when nothing shall be heard or said any more. */
  readonly signal: AbortSignal;
  /** Calls `listener` with everything that passes the door, in the order in which it came. */
  subscribe(listener: (incoming: Incoming) => void): void;
  /** Sends a command. False: there is no kernel to hear it. */
  send(command: ViewMessage): boolean;
  /** Writes traits, on both sides. False: there is no kernel to hear it. */
  write(traits: WritableTraits): boolean;
  /** Has this saved with the notebook, where widgets are: to a page that follows, the kernel does not send it whole. */
  keep(conversation: ConversationView): void;
}
