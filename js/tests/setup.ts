/** What jsdom lacks of a browser, and the parts that a kernel would have sent. Nothing of ours is replaced here. */
import { installPart } from "../src/parts";

if (typeof window !== "undefined") {
  window.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  window.matchMedia ??= (media: string) =>
    Object.assign(new EventTarget(), { matches: false, media, onchange: null, addListener() {}, removeListener() {} });
  globalThis.CSS ??= { supports: () => false } as unknown as typeof CSS;
  installPart("markdown", await import("../src/markdown/live-document"));
  installPart("highlight", await import("../src/markdown/highlight"));
  installPart("math", await import("../src/markdown/math"));
}
