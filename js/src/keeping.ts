/** What is kept of the conversation outside of the panel: files, the readable copy, and it itself past its kernel. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { ChatFiles } from "./chat-files";
import { KeptCopy } from "./kept-copy";
import { findLostChat, forgetLostChat, keepLostChat, type LostChat } from "./lost-chats";
import type { CommandId, ViewRequest } from "./protocol";
import type { Turn } from "./state";
import type { Incoming, Transport } from "./transport";

type Around = Pick<Transport, "notebook" | "mark">;

export class Keeping {
  readonly files: ChatFiles;
  /** What the readable copy is known by. */
  readonly mark: string;
  /** A conversation that lost its kernel in this cell, to go on with. */
  readonly lostChat: ReadonlySignal<LostChat | null>;
  readonly #lostChat: Signal<LostChat | null> = signal(null);
  readonly #copy: KeptCopy;

  /** `ask` sends a command, null if there is no kernel to hear it. */
  constructor(
    private readonly around: Around,
    private readonly ask: (request: ViewRequest) => CommandId | null,
  ) {
    this.mark = around.mark;
    this.lostChat = this.#lostChat;
    this.files = new ChatFiles(ask);
    this.#copy = new KeptCopy(around.notebook, around.mark, () => ask({ kind: "copy" }));
  }

  /** Shows the conversation that lost its kernel in this cell. */
  goOn(): void {
    const lost = this.#lostChat.value;
    if (lost !== null) this.ask({ kind: "import", file: lost.file });
  }

  /** Follows what comes from the kernel; `turns` are those shown after it. */
  receive(incoming: Incoming, turns: readonly Turn[]): void {
    if (incoming.kind === "saved") this.#copy.check();
    if (incoming.kind === "copy") this.#copy.receive(incoming.data, incoming.reply_to);
    if (incoming.kind === "exported") void this.files.receive(incoming, incoming.reply_to);
    if (incoming.kind === "kernel_lost") keepLostChat(this.around.notebook, this.mark, turns);
    if (incoming.kind === "snapshot") this.#lookForLostChat(turns);
  }

  #lookForLostChat(turns: readonly Turn[]): void {
    // Whoever begins anew in that cell does not want the old one.
    if (turns.length > 0) forgetLostChat(this.around.notebook, this.mark);
    this.#lostChat.value = findLostChat(this.around.notebook, this.mark);
  }
}
