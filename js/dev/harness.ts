/** Draws one scene: `?scene=rich&dark&jp`. `jp` sets JupyterLab's variables; without it the panel's own values show. */
import * as highlight from "../src/markdown/highlight";
import * as markdown from "../src/markdown/live-document";
import * as math from "../src/markdown/math";
import { installPart } from "../src/parts";
import widget from "../src/widget";
import { FakeKernel } from "./fake-kernel";
import { SCENES } from "./scenes";

const LIGHT = {
  "--jp-layout-color1": "#fff",
  "--jp-layout-color2": "#eee",
  "--jp-layout-color3": "#bdbdbd",
  "--jp-ui-font-color1": "rgba(0,0,0,.87)",
  "--jp-border-color2": "#e0e0e0",
  "--jp-brand-color1": "#1976d2",
  "--jp-success-color1": "#388e3c",
  "--jp-warn-color1": "#f57c00",
  "--jp-error-color1": "#d32f2f",
};
const DARK = {
  ...LIGHT,
  "--jp-layout-color1": "#212121",
  "--jp-layout-color2": "#424242",
  "--jp-layout-color3": "#616161",
  "--jp-ui-font-color1": "rgba(255,255,255,.87)",
  "--jp-border-color2": "#424242",
  "--jp-brand-color1": "#1e88e5",
};

const wanted = new URLSearchParams(location.search);
const isDark = wanted.has("dark");
document.body.style.background = isDark ? "#111" : "#fff";
if (wanted.has("jp")) {
  for (const [name, value] of Object.entries(isDark ? DARK : LIGHT))
    document.documentElement.style.setProperty(name, value);
}

const scene = SCENES[wanted.get("scene") ?? "rich"];
const element = document.querySelector<HTMLElement>("#panel");
if (scene === undefined || element === null) throw new Error(`Scenes: ${Object.keys(SCENES).join(", ")}`);

installPart("markdown", markdown);
installPart("highlight", highlight);
installPart("math", math);
const kernel = new FakeKernel(scene.traits);
// To play by hand: kernel.delta(2, 2, " more") in the console.
Object.assign(window, { kernel });
const { initialize, render } = widget();
const { signal } = new AbortController();
// anywidget hands over more than this; the panel asks for no more.
const props = { model: kernel.model, el: element, signal } as unknown as Parameters<NonNullable<typeof render>>[0];
await initialize?.(props);
await render?.(props);
for (const message of scene.messages) kernel.say(message);
for (const { turn, seq, text } of scene.deltas ?? []) kernel.delta(turn, seq, text);
requestAnimationFrame(() => {
  for (const name of scene.press ?? []) {
    const button = [...element.querySelectorAll("button")].find((candidate) => candidate.textContent?.trim() === name);
    button?.click();
  }
  document.body.dataset.ready = "true";
});
