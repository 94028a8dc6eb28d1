/**
 * A growing Markdown text. Preact owns the box, `LiveDocument` all that is in it; until the page has that part, the
 * text stands there as it was written.
 */
import { useContext, useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { copyText } from "../dom/clipboard";
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
    if (box.current === null) return;
    if (markdown === null) {
      box.current.textContent = text;
      return;
    }
    live.current ??= new markdown.LiveDocument(box.current, (name) => parts?.get(name) ?? null);
    live.current.update(text, !isStreaming);
  }, [markdown, text, isStreaming]);
  useLayoutEffect(() => live.current?.refresh(), [arrivals]);
  // The copy buttons of code blocks are not Preact's: one listener for all of them.
  useEffect(() => {
    const view = new AbortController();
    box.current?.addEventListener("click", copyCode, { signal: view.signal });
    return () => view.abort();
  }, []);
  const looks = `${markdown === null ? "gptr-plain" : ""} ${isStreaming ? "gptr-is-streaming" : ""}`;
  return <div ref={box} class={`gptr-markdown ${looks}`} />;
}

async function copyCode(event: MouseEvent): Promise<void> {
  if (!(event.target instanceof Element)) return;
  const button = event.target.closest<HTMLElement>("[data-gptr-copy]");
  const code = button?.closest(".gptr-code")?.querySelector("code");
  if (!button || !code) return;
  button.textContent = (await copyText(code.textContent ?? "")) ? "Copied" : "Not copied";
  setTimeout(() => {
    button.textContent = "Copy";
  }, COPIED_MS);
}
