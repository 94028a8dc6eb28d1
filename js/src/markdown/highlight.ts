/**
 * Colours for finished code: highlight.js' grammars, our own few colours. Pure: code in, pieces with a class out.
 *
 * A part of its own, loaded when a code block appears: the grammars take more room than the whole panel.
 */
import type { Emitter, LanguageFn } from "highlight.js";
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import julia from "highlight.js/lib/languages/julia";
import latex from "highlight.js/lib/languages/latex";
import markdown from "highlight.js/lib/languages/markdown";
import python from "highlight.js/lib/languages/python";
import pythonRepl from "highlight.js/lib/languages/python-repl";
import r from "highlight.js/lib/languages/r";
import rust from "highlight.js/lib/languages/rust";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import type { Piece } from "./extras";

/** Longer code stays plain: what a reader waits for must not hold the page up. */
const LONGEST_CHARACTERS = 50_000;

/** Colours by the grammars' scopes, by whole name or first word; null takes the colour round it off. */
const COLOURS: Readonly<Record<string, Piece["colour"]>> = {
  comment: "comment",
  quote: "comment",
  doctag: "comment",
  meta: "attribute",
  "meta.prompt": "comment",
  string: "string",
  regexp: "string",
  symbol: "string",
  code: "string",
  link: "string",
  subst: null,
  number: "number",
  keyword: "keyword",
  literal: "keyword",
  type: "keyword",
  name: "keyword",
  "selector-tag": "keyword",
  "variable.language": "keyword",
  title: "title",
  built_in: "title",
  section: "title",
  "selector-id": "title",
  "selector-class": "title",
  attr: "attribute",
  attribute: "attribute",
  variable: "attribute",
  "template-variable": "attribute",
  "selector-attr": "attribute",
  "selector-pseudo": "attribute",
  addition: "added",
  deletion: "removed",
};

/** The grammar keeps to the standard, and the standard has no LIMIT. */
const sqlAsSpoken: LanguageFn = (api) => {
  const grammar = sql(api);
  const keywords = grammar.keywords as { keyword: string[] };
  const spoken = "limit offset ilike returning replace if explain analyze index view database schema qualify pivot top";
  keywords.keyword = [...keywords.keyword, ...spoken.split(" ")];
  return grammar;
};

const LANGUAGES = {
  ...{ bash, c, cpp, css, diff, dockerfile, go, ini, java, javascript, json, julia, latex, markdown, python },
  ...{ "python-repl": pythonRepl, r, rust, console: shell, sql: sqlAsSpoken, typescript, xml, yaml },
};
/** As models also write them. */
const ALIASES: Readonly<Partial<Record<keyof typeof LANGUAGES, string[]>>> = {
  // Few of the blocks that say "shell" show a prompt, and without one that grammar colours nothing.
  bash: ["shell", "ksh", "fish"],
  python: ["python3"],
  console: ["terminal"],
  sql: ["postgresql", "postgres", "psql", "mysql", "sqlite", "duckdb", "tsql", "plsql", "bigquery"],
};

/** Gathers pieces where highlight.js would gather HTML. It calls scopes nodes, too, which its types do not tell. */
class PieceEmitter implements Emitter {
  readonly pieces: Piece[] = [];
  readonly #colours: Piece["colour"][] = [];

  startScope(scope: string): void {
    this.#colours.push(colourOf(scope, this.#colours.at(-1) ?? null));
  }

  endScope(): void {
    this.#colours.pop();
  }

  openNode(scope: string): void {
    this.startScope(scope);
  }

  closeNode(): void {
    this.endScope();
  }

  addText(text: string): void {
    this.#add(text, this.#colours.at(-1) ?? null);
  }

  __addSublanguage(emitter: Emitter): void {
    if (!(emitter instanceof PieceEmitter)) return;
    for (const { text, colour } of emitter.pieces) this.#add(text, colour ?? this.#colours.at(-1) ?? null);
  }

  toHTML(): string {
    return "";
  }

  finalize(): void {
    this.#colours.length = 0;
  }

  #add(text: string, colour: Piece["colour"]): void {
    const last = this.pieces.at(-1);
    if (last !== undefined && last.colour === colour)
      this.pieces[this.pieces.length - 1] = { text: last.text + text, colour };
    else if (text !== "") this.pieces.push({ text, colour });
  }
}

const highlighter = hljs.newInstance();
highlighter.configure({ __emitter: PieceEmitter });
for (const [name, grammar] of Object.entries(LANGUAGES)) highlighter.registerLanguage(name, grammar);
for (const [languageName, names] of Object.entries(ALIASES)) highlighter.registerAliases(names, { languageName });

/** The code in pieces; null for a language that is not known here, and for very long code. */
export function highlight(code: string, language: string): readonly Piece[] | null {
  if (code.length > LONGEST_CHARACTERS || highlighter.getLanguage(language) === undefined) return null;
  const { _emitter: emitter } = highlighter.highlight(code, { language, ignoreIllegals: true });
  const pieces = emitter instanceof PieceEmitter ? emitter.pieces : [];
  // A grammar that gave up half way has eaten the rest.
  return pieces.reduce((length, piece) => length + piece.text.length, 0) === code.length ? pieces : null;
}

function colourOf(scope: string, outer: Piece["colour"]): Piece["colour"] {
  const [first = ""] = scope.split(".");
  const colour = COLOURS[scope] ?? COLOURS[first];
  return colour === undefined ? outer : colour;
}
