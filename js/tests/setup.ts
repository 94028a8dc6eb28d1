/** What jsdom lacks of a browser. Nothing of ours is replaced here. */
if (typeof window !== "undefined") {
  window.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  window.matchMedia ??= (media: string) =>
    Object.assign(new EventTarget(), { matches: false, media, onchange: null, addListener() {}, removeListener() {} });
  globalThis.CSS ??= { supports: () => false } as unknown as typeof CSS;
}

export {};
