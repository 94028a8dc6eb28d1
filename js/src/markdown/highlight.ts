/**
 * Colours for finished code, from one pattern per language. Pure: code in, pieces with a class out.
 *
 * A grammar library takes three times the room of everything else here; for reading an answer, comments, strings,
 * numbers, keywords and calls are enough. A language not listed stays plain.
 */
export type Colour = "comment" | "string" | "number" | "keyword" | "title" | "attribute" | "added" | "removed";

export interface Piece {
  readonly text: string;
  readonly colour: Colour | null;
}

interface Grammar {
  readonly names: readonly string[];
  /** Patterns by colour, tried in this order at each place. */
  readonly patterns: Partial<Record<Colour, string>>;
  readonly flags?: string;
}

const DOUBLE_QUOTED = String.raw`"(?:\\.|[^"\\\n])*"`;
const SINGLE_QUOTED = String.raw`'(?:\\.|[^'\\\n])*'`;
const QUOTED = `${DOUBLE_QUOTED}|${SINGLE_QUOTED}`;
const NUMBER = String.raw`\b(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)\b`;
const CALL = String.raw`\b[A-Za-z_]\w*(?=\()`;
const END = String.raw`$(?![\s\S])`;
const SLASH_COMMENT = String.raw`\/\/.*|\/\*[\s\S]*?(?:\*\/|${END})`;

const GRAMMARS: readonly Grammar[] = [
  {
    names: ["python", "py", "python3", "ipython"],
    patterns: {
      comment: "#.*",
      string: String.raw`(?:\b[rbfuRBFU]{1,2})?(?:"""[\s\S]*?(?:"""|${END})|'''[\s\S]*?(?:'''|${END})|${QUOTED})`,
      attribute: String.raw`^[ \t]*@[\w.]+`,
      keyword: words(
        "and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield",
      ),
      number: NUMBER,
      title: CALL,
    },
  },
  {
    names: ["javascript", "js", "jsx", "mjs", "typescript", "ts", "tsx"],
    patterns: {
      comment: SLASH_COMMENT,
      string: `${QUOTED}|${String.raw`\`(?:\\[\s\S]|[^\`\\])*\``}`,
      keyword: words(
        "any as async await boolean break case catch class const continue default delete do else enum export extends false finally for from function if implements import in instanceof interface keyof let new null number of private public readonly return static string super switch this throw true try type typeof undefined unknown var void while yield",
      ),
      number: NUMBER,
      title: CALL,
    },
  },
  {
    names: ["json", "jsonc", "json5"],
    patterns: {
      comment: SLASH_COMMENT,
      attribute: String.raw`${DOUBLE_QUOTED}(?=\s*:)`,
      string: DOUBLE_QUOTED,
      keyword: words("true false null"),
      number: `-?${NUMBER}`,
    },
  },
  {
    names: ["bash", "sh", "shell", "zsh", "console"],
    patterns: {
      comment: String.raw`(?:^|(?<=\s))#.*`,
      string: String.raw`"(?:\\[\s\S]|[^"\\])*"|'[^']*'`,
      attribute: String.raw`\$(?:\{[^}]*\}|\w+|[@#?*!$-])|(?<=\s)--?[A-Za-z][\w-]*`,
      keyword: words(
        "case cd do done echo elif else esac exit export fi for function if in local return set source sudo then unset until while",
      ),
      number: NUMBER,
    },
  },
  {
    names: ["sql", "postgresql", "mysql", "sqlite"],
    flags: "i",
    patterns: {
      comment: String.raw`--.*|\/\*[\s\S]*?\*\/`,
      string: "'(?:''|[^'])*'",
      keyword: words(
        "all alter and as asc between by case create cross default delete desc distinct drop else end exists false foreign from full group having in index inner insert into is join key left like limit not null on or order outer over partition primary references select set table then true union unique update using values view when where with",
      ),
      number: NUMBER,
      title: CALL,
    },
  },
  {
    names: ["r"],
    patterns: {
      comment: "#.*",
      string: QUOTED,
      keyword: words("break else FALSE for function if in Inf library NA NaN next NULL repeat return TRUE while"),
      number: NUMBER,
      title: String.raw`\b[A-Za-z_.][\w.]*(?=\()`,
    },
  },
  {
    names: ["yaml", "yml"],
    patterns: {
      comment: String.raw`(?:^|(?<=\s))#.*`,
      attribute: String.raw`^[ \t]*(?:- +)*[\w./-]+(?=:(?:\s|$))`,
      string: QUOTED,
      keyword: words("true false null yes no on off"),
      number: NUMBER,
    },
  },
  {
    names: ["html", "xml", "svg", "xhtml"],
    patterns: {
      comment: "<!--[\\s\\S]*?-->",
      keyword: String.raw`<\/?[\w:-]+|\/?>`,
      attribute: String.raw`[\w:@-]+(?==["'])`,
      string: QUOTED,
    },
  },
  {
    names: ["diff", "patch"],
    patterns: { comment: "^(?:@@|---|\\+\\+\\+|diff ).*", added: "^\\+.*", removed: "^-.*" },
  },
];

/** The code in pieces; null for a language that has no grammar here. */
export function highlight(code: string, language: string): readonly Piece[] | null {
  const name = language.toLowerCase();
  const grammar = GRAMMARS.find((candidate) => candidate.names.includes(name));
  return grammar === undefined ? null : pieces(code, pattern(grammar));
}

function pieces(code: string, tokens: RegExp): readonly Piece[] {
  const result: Piece[] = [];
  let end = 0;
  for (const found of code.matchAll(tokens)) {
    if (found[0] === "") continue;
    if (found.index > end) result.push({ text: code.slice(end, found.index), colour: null });
    const [colour] = Object.entries(found.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    result.push({ text: found[0], colour: (colour as Colour | undefined) ?? null });
    end = found.index + found[0].length;
  }
  if (end < code.length) result.push({ text: code.slice(end), colour: null });
  return result;
}

function pattern({ patterns, flags = "" }: Grammar): RegExp {
  const groups = Object.entries(patterns).map(([colour, source]) => `(?<${colour}>${source})`);
  return new RegExp(groups.join("|"), `gm${flags}`);
}

function words(list: string): string {
  return `\\b(?:${list.replaceAll(" ", "|")})\\b`;
}
