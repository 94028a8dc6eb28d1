/** A growing Markdown text. Preact owns the box, `LiveDocument` all that is in it. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { copyText } from "../dom/clipboard";
import { LiveDocument } from "../markdown/live-document";
import { COPIED_MS } from "./CopyButton";

interface Props {
  readonly text: string;
  readonly isStreaming: boolean;
}

export function Markdown({ text, isStreaming }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const live = useRef<LiveDocument | null>(null);
  useLayoutEffect(() => {
    if (box.current === null) return;
    live.current ??= new LiveDocument(box.current);
    live.current.update(text, !isStreaming);
  }, [text, isStreaming]);
  // The copy buttons of code blocks are not Preact's: one listener for all of them.
  useEffect(() => {
    const view = new AbortController();
    box.current?.addEventListener("click", copyCode, { signal: view.signal });
    return () => view.abort();
  }, []);
  return <div ref={box} class={`gptr-markdown ${isStreaming ? "gptr-is-streaming" : ""}`} />;
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
