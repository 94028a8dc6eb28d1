/**
 * Bundles `src/` into `../gptrouter_notebook/static/`: the widget, its stylesheet, and the parts it asks for when an
 * answer needs them. Each is one ES module without code splitting: they are imported from blobs, where `./chunk.js`
 * leads nowhere.
 *
 *   node build.mjs            once, minified
 *   node build.mjs --watch    again at every change, for hot reload
 */
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

/** The same for the same sources and libraries. */
async function digest() {
  const sources = (await readdir(here("src"), { recursive: true })).filter((name) => /\.tsx?$/.test(name)).sort();
  const total = createHash("sha256");
  for (const name of ["package-lock.json", ...sources.map((name) => `src/${name}`)]) {
    total.update(await readFile(here(name)));
  }
  return total.digest("hex").slice(0, 12);
}

/** Writes what the licences of the bundled libraries ask to be handed on. */
async function writeLicences(inputs, file) {
  const packages = new Set(inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []));
  const texts = [...packages].sort().map(async (name) => {
    const folder = here(`node_modules/${name}`);
    const found = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (found === undefined) throw new Error(`${name} is bundled and has no licence.`);
    return `${name}\n\n${(await readFile(join(folder, found), "utf8")).trim()}\n`;
  });
  await writeFile(file, (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`));
}

const version = await packageVersion();
const banner = `/* gptrouter-notebook ${version} */`;

/** @type {import("esbuild").BuildOptions} */
const options = {
  entryPoints: {
    widget: here("src/widget.ts"),
    markdown: here("src/markdown/live-document.ts"),
    highlight: here("src/markdown/highlight.ts"),
    math: here("src/markdown/math.ts"),
  },
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
  // While watching, each reload is a build of its own: a blob's address is never used twice.
  define: { GPTR_BUILD: watching ? "import.meta.url" : JSON.stringify(`${version} ${await digest()}`) },
  logLevel: "info",
};

if (watching) {
  await (await context(options)).watch();
} else {
  const { metafile } = await build({ ...options, metafile: true });
  await writeLicences(Object.keys(metafile.inputs), join(options.outdir, "LICENSES.txt"));
}
