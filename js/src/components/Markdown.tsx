/**
 * A growing Markdown text. Preact owns the box, `LiveDocument` all that is in it; until the page has that part, the
 * text stands there as it was written.
 */
import { useContext, useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { copyText } from "../dom/clipboard";
import { drawSoon } from "../dom/drawing";
import { insertCell } from "../dom/insert-cell";
import type { LiveDocument } from "../markdown/live-document";
import { COPIED_MS } from "./CopyButton";
import { PartsContext } from "./parts-context";

interface Props {
  readonly text: string;
  readonly isStreaming: boolean;
}

export function Markdown({ text, isStreaming }: Props) {
  const parts = useContext(PartsContext);
  const arrivals = parts?.arrivals.value;
  const markdown = parts?.get("markdown") ?? null;
  const box = useRef<HTMLDivElement>(null);
  const live = useRef<LiveDocument | null>(null);
  useLayoutEffect(() => {
    if (box.current === null) return undefined;
    if (markdown === null) {
      box.current.textContent = text;
      return undefined;
    }
    const root = box.current;
    const draw = () => {
      live.current ??= new markdown.LiveDocument(root, (name) => parts?.get(name) ?? null);
      live.current.update(text, !isStreaming);
    };
    if (live.current === null && !isStreaming) {
      root.textContent = text;
      return drawSoon(draw);
    }
    draw();
    return undefined;
  }, [markdown, text, isStreaming]);
  useLayoutEffect(() => (live.current === null ? undefined : drawSoon(() => live.current?.refresh())), [arrivals]);
  // The copy buttons of code blocks are not Preact's: one listener for all of them.
  useEffect(() => {
    const view = new AbortController();
    box.current?.addEventListener("click", takeCode, { signal: view.signal });
    return () => view.abort();
  }, []);
  const looks = `${markdown === null ? "gptr-plain" : ""} ${isStreaming ? "gptr-is-streaming" : ""}`;
  return <div ref={box} class={`gptr-markdown ${looks}`} />;
}

/** What the buttons of a code block do: the words they say while nothing happens, when it is done, and when not. */
const USES = [
  { button: "[data-gptr-copy]", act: copyText, idle: "Copy", done: "Copied", failed: "Not copied" },
  { button: "[data-gptr-insert]", act: insertCell, idle: "Insert below", done: "Inserted", failed: "Not inserted" },
] as const;

async function takeCode(event: MouseEvent): Promise<void> {
  const { target } = event;
  if (!(target instanceof Element)) return;
  for (const { button: selector, act, idle, done, failed } of USES) {
    const button = target.closest<HTMLElement>(selector);
    const code = button?.closest(".gptr-code")?.querySelector("code");
    if (!button || !code) continue;
    button.textContent = (await act(code.textContent ?? "")) ? done : failed;
    setTimeout(() => {
      button.textContent = idle;
    }, COPIED_MS);
  }
}
