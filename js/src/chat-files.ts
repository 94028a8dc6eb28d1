/** The conversation as a file: saved, copied, loaded. The kernel writes and reads it; the page hands it on. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { copyText } from "./dom/clipboard";
import { download } from "./dom/download";
import type { CommandId, ExportForm, ViewRequest } from "./protocol";

type What = "save" | "copy";

export interface ChatFile {
  readonly name: string;
  readonly mime: string;
  readonly text: string;
}

export class ChatFiles {
  /** What came of the last one, in a few words; empty before. */
  readonly said: ReadonlySignal<string>;
  readonly #said: Signal<string> = signal("");
  readonly #asked = new Map<CommandId, What>();

  /** `ask` sends a command, null if there is no kernel to hear it. */
  constructor(private readonly ask: (request: ViewRequest) => CommandId | null) {
    this.said = this.#said;
  }

  /** Saves the conversation as a file. */
  save(form: ExportForm): void {
    this.#export(form, "save");
  }

  /** Copies the conversation as Markdown. */
  copy(): void {
    this.#export("markdown", "copy");
  }

  /** Shows the conversation in this file. */
  async load(file: Blob): Promise<void> {
    this.#said.value = "";
    this.ask({ kind: "import", file: await file.text() });
  }

  /** A file has come; every page hears it, and the one that asked does something with it. */
  async receive(file: ChatFile, replyTo: CommandId): Promise<void> {
    const what = this.#asked.get(replyTo);
    this.#asked.delete(replyTo);
    if (what === "copy") this.#said.value = (await copyText(file.text)) ? "Copied" : "Not copied";
    if (what === "save") {
      download(file);
      this.#said.value = `Saved ${file.name}`;
    }
  }

  #export(form: ExportForm, what: What): void {
    this.#said.value = "";
    const id = this.ask({ kind: "export", form });
    if (id !== null) this.#asked.set(id, what);
  }
}
