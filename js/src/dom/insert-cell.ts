/**
 * New cells in the notebook, where the front end lets a page do that.
 *
 * JupyterLab and Notebook 7 show their application to a page when started with `expose_app_in_browser`; nothing else
 * lets an output add a cell.
 */

interface Application {
  readonly commands: {
    hasCommand(id: string): boolean;
    execute(id: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  };
}

const INSERT = "notebook:insert-cell-below";
const FILL = "notebook:replace-selection";

/** Whether cells can be added here. */
export function canInsertCell(): boolean {
  return application() !== null;
}

/** Adds a cell with this code below the active one, which is the one the panel was clicked in. False: not added. */
export async function insertCell(code: string): Promise<boolean> {
  const commands = application()?.commands;
  if (commands === undefined) return false;
  try {
    await commands.execute(INSERT);
    await commands.execute(FILL, { text: code });
    return true;
  } catch {
    return false;
  }
}

function application(): Application | null {
  const { jupyterapp } = globalThis as { readonly jupyterapp?: Application };
  const commands = jupyterapp?.commands;
  return typeof commands?.hasCommand === "function" && commands.hasCommand(INSERT) && commands.hasCommand(FILL)
    ? (jupyterapp ?? null)
    : null;
}
