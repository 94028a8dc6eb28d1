/**
 * Bundles `src/` into `../gptrouter_notebook/static/`: one ES module and one stylesheet.
 * No code splitting: anywidget imports the module from a blob, where `./chunk.js` leads nowhere.
 *
 *   node build.mjs            once, minified
 *   node build.mjs --watch    again at every change, for hot reload
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const watching = process.argv.includes("--watch");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

async function packageVersion() {
  const project = await readFile(here("../pyproject.toml"), "utf8");
  const version = /^version\s*=\s*"([^"]+)"/m.exec(project)?.[1];
  if (version === undefined) throw new Error('No line `version = "…"` in pyproject.toml.');
  return version;
}

const banner = `/* gptrouter-notebook ${await packageVersion()} */`;

/** @type {import("esbuild").BuildOptions} */
const options = {
  entryPoints: { widget: here("src/widget.ts") },
  outdir: here("../gptrouter_notebook/static"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: !watching,
  charset: "utf8",
  legalComments: "linked",
  jsx: "automatic",
  jsxImportSource: "preact",
  banner: { js: banner, css: banner },
  logLevel: "info",
};

if (watching) {
  await (await context(options)).watch();
} else {
  await build(options);
}
