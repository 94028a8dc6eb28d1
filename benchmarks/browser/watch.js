// What is seen from within the page: the kernel's messages, long tasks, gaps between frames, and when a text was shown.
// It is there before anything of the page is.
(() => {
  const watched = { messages: [], longTasks: [], gaps: [] };
  window.watched = watched;

  const decoder = new TextDecoder();

  /** Jupyter's binary form: how many offsets, the offsets, then channel, header, parent, metadata, content. */
  function headOf(data) {
    const view = new DataView(data);
    const offset = (index) => Number(view.getBigUint64(8 * (index + 1), true));
    const part = (index, most = Infinity) => {
      const end = Math.min(offset(index + 1), offset(index) + most);
      return decoder.decode(new Uint8Array(data, offset(index), end - offset(index)));
    };
    const { msg_type, date } = JSON.parse(part(1));
    const kind = msg_type === "comm_msg" && part(4, 200).includes('"delta"') ? "delta" : msg_type;
    return { kind, sent: Date.parse(date) };
  }

  window.WebSocket = class extends WebSocket {
    constructor(address, ...more) {
      super(address, ...more);
      if (!String(address).includes("/channels")) return;
      this.addEventListener("message", ({ data }) => {
        watched.messages.push({ at: performance.now(), bytes: data.byteLength, ...headOf(data) });
      });
    }
  };

  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) watched.longTasks.push({ at: startTime, ms: duration });
  }).observe({ type: "longtask", buffered: true });

  let last = performance.now();
  const onFrame = (now) => {
    if (now - last > 25) watched.gaps.push({ at: now, ms: now - last });
    last = now;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);

  /** Resolves when for so long the kernel has said nothing, and the page has had no long task. */
  watched.quiet = async (ms) => {
    const began = performance.now();
    const task = () => (watched.longTasks.at(-1)?.at ?? 0) + (watched.longTasks.at(-1)?.ms ?? 0);
    while (performance.now() - Math.max(began, watched.messages.at(-1)?.at ?? 0, task()) < ms) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  /** Forgets what was seen so far. */
  watched.forget = () => {
    for (const list of [watched.messages, watched.longTasks, watched.gaps]) list.length = 0;
    last = performance.now();
  };

  /** Resolves once the end of what `selector` finds last holds this text, after it was painted; in ms of the wall clock. */
  watched.shown = (root, selector, text) => {
    const isThere = () => [...root.querySelectorAll(selector)].at(-1)?.textContent.includes(text);
    return new Promise((resolve) => {
      const look = () => {
        if (!isThere()) return;
        changes.disconnect();
        // A task after the frame: by then it is painted.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve(performance.timeOrigin + performance.now());
          port2.postMessage(null);
        });
      };
      const changes = new MutationObserver(look);
      changes.observe(root, { subtree: true, childList: true, characterData: true });
      look();
    });
  };
})();
