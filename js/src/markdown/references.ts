/** Link reference definitions (`[label]: address`), which hold across blocks although blocks are drawn apart. */

/** Definitions by label; the first one of a label counts. */
export type References = ReadonlyMap<string, string>;

const DEFINITION = /^ {0,3}\[([^\]\n]+)\]:[ \t]*\S.*$/gm;
const FENCED = /^\s*(?:```|~~~)/;

/** What these blocks define. */
export function collectReferences(blocks: Iterable<string>): References {
  const references = new Map<string, string>();
  for (const block of blocks) {
    if (!block.includes("]:") || FENCED.test(block)) continue;
    for (const [line, label = ""] of block.matchAll(DEFINITION)) {
      const key = normalised(label);
      if (!references.has(key)) references.set(key, line);
    }
  }
  return references;
}

/** The block, followed by the definitions it refers to. */
export function withReferences(block: string, references: References): string {
  if (references.size === 0 || !block.includes("[")) return block;
  const text = normalised(block);
  const used = [...references].filter(([label]) => text.includes(`[${label}]`)).map(([, line]) => line);
  return used.length === 0 ? block : `${block}\n\n${used.join("\n")}\n`;
}

function normalised(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ");
}
