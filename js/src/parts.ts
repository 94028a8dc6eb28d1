/**
 * Parts of the front end too big to travel with every widget: ES modules that the kernel sends on request.
 *
 * A page keeps one copy of each. The registry hangs on `globalThis`, under the build it belongs to: several widgets,
 * each with a bundle of its own, share what the first of them was sent. Whatever goes wrong, the answer stays text.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Extras } from "./markdown/extras";
import type * as markdown from "./markdown/live-document";

/** What each part exports; the names are those of `PARTS` in `gptrouter_notebook/assets.py`. */
export interface PartModules {
  markdown: typeof markdown;
  highlight: Extras["highlight"];
  math: Extras["math"];
}

export type PartName = keyof PartModules;

/** Makes a module of its source. */
export type ImportModule = (source: string) => Promise<unknown>;

/** The server drops messages and tells nobody: after this silence the question is put once more. */
export const RETRY_MS = 2_000;

/** Set by the build: the version, and a digest of the sources, so that a rebuilt widget meets no older part. */
declare const GPTR_BUILD: string;
const KEY = `gptrouter-notebook ${GPTR_BUILD}`;

interface Registry {
  readonly modules: Map<string, unknown>;
  /** What some widget of this page has asked its kernel for. */
  readonly asked: Set<string>;
  readonly listeners: Set<() => void>;
}

export class Parts {
  /** Counts up when a part has come: read it to be drawn again then. */
  readonly arrivals: ReadonlySignal<number>;
  readonly #arrivals: Signal<number> = signal(0);
  readonly #wanted = new Set<PartName>();

  /**
   * `ask` sends the question for a part, false if there is no kernel to hear it; `closing` ends the listening;
   * `importModule` is the page's own unless a test brings another.
   */
  constructor(
    private readonly ask: (name: PartName) => boolean,
    private readonly closing: AbortSignal,
    private readonly importModule: ImportModule = importFromBlob,
  ) {
    this.arrivals = this.#arrivals;
    const onArrival = () => {
      this.#arrivals.value += 1;
    };
    registry().listeners.add(onArrival);
    closing.addEventListener("abort", () => registry().listeners.delete(onArrival));
  }

  /** The part, or null while it is not there; then it is on its way from now on. */
  get<Name extends PartName>(name: Name): PartModules[Name] | null {
    const found = registry().modules.get(name);
    if (found !== undefined) return found as PartModules[Name];
    if (!this.#wanted.has(name)) this.#want(name);
    return null;
  }

  /** A part has come from the kernel. */
  async receive(name: string, source: string): Promise<void> {
    const { modules } = registry();
    if (modules.has(name)) return;
    try {
      const module = await this.importModule(source);
      if (!modules.has(name)) installPart(name, module);
    } catch {
      // A page whose policy forbids it, or half a module: plain text can be read, too.
    }
  }

  #want(name: PartName): void {
    const { modules, asked } = registry();
    // One kernel per page will do. But it may be busy, or gone: who still waits later asks their own.
    if (!asked.has(name) && !this.#ask(name)) return;
    this.#wanted.add(name);
    setTimeout(() => {
      if (!modules.has(name) && !this.closing.aborted) this.#ask(name);
    }, RETRY_MS);
  }

  #ask(name: PartName): boolean {
    const isSent = this.ask(name);
    if (isSent) registry().asked.add(name);
    return isSent;
  }
}

/** Gives a part to every panel of the page. */
export function installPart(name: string, module: unknown): void {
  const { modules, listeners } = registry();
  modules.set(name, module);
  for (const listener of [...listeners]) listener();
}

/** Forgets what the page has; for tests. */
export function forgetParts(): void {
  registry().modules.clear();
  registry().asked.clear();
}

function registry(): Registry {
  const page = globalThis as unknown as Record<string, Registry | undefined>;
  page[KEY] ??= { modules: new Map(), asked: new Set(), listeners: new Set() };
  return page[KEY];
}

async function importFromBlob(source: string): Promise<unknown> {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return await import(/* @vite-ignore */ address);
  } finally {
    URL.revokeObjectURL(address);
  }
}
