/**
 * The notebook around the panel, where a front end shows it to its widgets. JupyterLab and Notebook 7 do, through
 * the widget manager; anywhere else there is none, and nothing of this file happens.
 */

/** An output that holds the readable copy of a conversation. */
export interface Copy {
  /** Another object as soon as somebody has written the output anew. */
  readonly identity: unknown;
  /** What it holds, by MIME type. */
  readonly data: Fields;
  replace(data: Fields): void;
}

export interface Notebook {
  /** The outputs that hold the copy with this mark. */
  copies(mark: string): Copy[];
  /** A name for the cell with that copy; the same after the cell has run again. */
  cellOf(mark: string): string | null;
  /** Calls `listener` when the kernel is restarted, or has died. */
  onKernelLost(listener: () => void, signal: AbortSignal): void;
}

type Fields = Readonly<Record<string, unknown>>;

interface Outputs {
  readonly length: number;
  get(index: number): { readonly data?: Fields };
  set(index: number, output: Fields): void;
}

interface Cell {
  readonly id?: unknown;
  readonly outputs?: Outputs;
}

/** What JupyterLab calls the context of a document. */
interface Context {
  readonly path: string;
  readonly model: { readonly cells: Iterable<Cell> };
  readonly sessionContext: {
    readonly statusChanged: {
      connect(slot: (sender: unknown, status: unknown) => void): void;
      disconnect(slot: (sender: unknown, status: unknown) => void): void;
    };
  };
}

const LOST: ReadonlySet<unknown> = new Set(["restarting", "autorestarting", "terminating", "dead"]);
const DISPLAYED = "display_data";

/** The notebook that this widget manager belongs to; null where it tells of none. */
export function notebookOf(manager: unknown): Notebook | null {
  const context = (manager as { readonly context?: Context } | null | undefined)?.context;
  return isContext(context) ? new JupyterNotebook(context) : null;
}

class JupyterNotebook implements Notebook {
  constructor(private readonly context: Context) {}

  copies(mark: string): Copy[] {
    return [...this.#find(mark)].map(({ outputs, index }) => ({
      identity: outputs.get(index),
      data: outputs.get(index).data ?? {},
      replace: (data) => outputs.set(index, { output_type: DISPLAYED, data, metadata: {} }),
    }));
  }

  cellOf(mark: string): string | null {
    for (const { cell } of this.#find(mark)) {
      if (typeof cell.id === "string") return `${this.context.path} ${cell.id}`;
    }
    return null;
  }

  onKernelLost(listener: () => void, signal: AbortSignal): void {
    const { statusChanged } = this.context.sessionContext;
    const slot = (_sender: unknown, status: unknown) => {
      if (LOST.has(status)) listener();
    };
    statusChanged.connect(slot);
    signal.addEventListener("abort", () => statusChanged.disconnect(slot));
  }

  *#find(mark: string): Generator<{ cell: Cell; outputs: Outputs; index: number }> {
    for (const cell of this.context.model.cells) {
      const { outputs } = cell;
      for (let index = 0; index < (outputs?.length ?? 0); index += 1) {
        if (outputs && holds(outputs.get(index).data, mark)) yield { cell, outputs, index };
      }
    }
  }
}

function holds(data: Fields | undefined, mark: string): boolean {
  const html = data?.["text/html"];
  const text = Array.isArray(html) ? html.join("") : html;
  return typeof text === "string" && text.startsWith(`<div data-gptr-chat="${mark}">`);
}

function isContext(context: Context | undefined): context is Context {
  return (
    typeof context?.path === "string" &&
    typeof context.model?.cells?.[Symbol.iterator] === "function" &&
    typeof context.sessionContext?.statusChanged?.connect === "function"
  );
}
