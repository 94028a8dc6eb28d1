/** A notebook of paper, as JupyterLab shows it to its widgets: cells with outputs, and a session that may end. */

export type Output = { data: Record<string, unknown> };

export class FakeNotebook {
  readonly cells: { id: string; outputs: FakeOutputs | undefined }[] = [];
  readonly slots = new Set<(sender: unknown, status: unknown) => void>();

  constructor(readonly path = "a.ipynb") {}

  /** What a widget finds of it. */
  get manager(): object {
    return {
      context: {
        path: this.path,
        model: { cells: this.cells },
        sessionContext: {
          statusChanged: {
            connect: (slot: (sender: unknown, status: unknown) => void) => this.slots.add(slot),
            disconnect: (slot: (sender: unknown, status: unknown) => void) => this.slots.delete(slot),
          },
        },
      },
    };
  }

  say(status: string): void {
    for (const slot of [...this.slots]) slot(this, status);
  }

  /** Runs a cell, whose outputs are these then. */
  run(id: string, ...outputs: Output[]): FakeOutputs {
    const shown = new FakeOutputs(outputs);
    const cell = this.cells.find((candidate) => candidate.id === id);
    if (cell) cell.outputs = shown;
    else this.cells.push({ id, outputs: shown });
    return shown;
  }
}

export class FakeOutputs {
  constructor(readonly list: Output[]) {}

  get length(): number {
    return this.list.length;
  }

  get(index: number): Output {
    const found = this.list[index];
    if (!found) throw new RangeError("no such output");
    return found;
  }

  set(index: number, output: Output): void {
    this.list[index] = { ...output };
  }
}

/** The readable copy with this mark. */
export function copy(mark: string, turns: readonly object[], text = "said"): Output {
  return {
    data: {
      "text/html": `<div data-gptr-chat="${mark}">\n${text}</div>\n`,
      "application/vnd.gptrouter.chat.v1+json": { version: 1, models: ["a/b"], turns },
    },
  };
}
