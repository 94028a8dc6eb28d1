import { describe, expect, it } from "vitest";
import type { Colour } from "../../src/markdown/extras";
import { highlight } from "../../src/markdown/highlight";

/** The pieces of this colour. */
function coloured(code: string, language: string, colour: Colour): string[] {
  return (highlight(code, language) ?? []).filter((piece) => piece.colour === colour).map((piece) => piece.text);
}

/** Code of each language, and some of the pieces it must have. */
const CODE: readonly [language: string, code: string, pieces: Readonly<Partial<Record<Colour, string>>>][] = [
  [
    "python",
    '@cache\ndef f(x: int): # why\n  return rb\'a\\\'b\' + """c\n\'d\'""" if x > 0.5 else None',
    { keyword: "def", comment: "# why", title: "f", string: "rb'a\\'b'", number: "0.5", attribute: "@cache" },
  ],
  ["pycon", ">>> 1 + 1\n2", { comment: ">>>", number: "1" }],
  ["sql", "SELECT count(*) FROM t WHERE a = 'it''s' -- why", { keyword: "SELECT", comment: "-- why", title: "count" }],
  ["r", 'f <- function(x) { sum(x, "a") } # why', { keyword: "function", string: '"a"', comment: "# why" }],
  ["bash", 'for f in *.py; do echo "$f" # why\ndone', { keyword: "for", title: "echo", comment: "# why" }],
  ["console", "$ ls -l\ntotal 0", { comment: "$ " }],
  ["json", '{"a": [1, -2.5e3, true, null, "b"]}', { attribute: '"a"', string: '"b"', number: "1", keyword: "true" }],
  ["yaml", "a: 1\n- b: 'c' # why", { attribute: "a:", string: "'c'", number: "1", comment: "# why" }],
  ["ini", '[tool.ruff]\nline-length = 120\nname = "x"', { title: "[tool.ruff]", number: "120", string: '"x"' }],
  ["javascript", "const f = async (x) => `a b`; // why", { keyword: "const", string: "`a b`", comment: "// why" }],
  ["typescript", "let f = (x: number): string => 'a';", { keyword: "let", string: "'a'" }],
  ["html", '<a href="x">y</a><!-- z -->', { keyword: "a", attribute: "href", string: '"x"', comment: "<!-- z -->" }],
  ["css", "a.b { color: #fff; /* why */ }", { title: ".b", attribute: "color", comment: "/* why */" }],
  ["diff", "@@ -1 +1 @@\n-old\n+new\n same", { added: "+new", removed: "-old", attribute: "@@ -1 +1 @@" }],
  ["markdown", "# One\n\n*two* `three`", { title: "# One", string: "`three`" }],
  ["java", 'class A { String b = "c"; } // why', { keyword: "class", string: '"c"', comment: "// why" }],
  ["c", "#include <a.h>\nint main() { return 0; }", { keyword: "int", number: "0", title: "main" }],
  ["cpp", "auto f = std::vector<int>{1}; // why", { keyword: "auto", number: "1", comment: "// why" }],
  ["go", 'func f() string { return "a" } // why', { keyword: "func", string: '"a"', comment: "// why" }],
  ["rust", "fn f() -> u8 { 1 } // why", { keyword: "fn", number: "1", comment: "// why" }],
  ["julia", "f(x) = x + 1 # why\nend", { number: "1", comment: "# why", keyword: "end" }],
  ["dockerfile", 'FROM python:3\nRUN pip install "x" # why', { keyword: "FROM" }],
  ["latex", "\\frac{a}{b} % why", { comment: "% why" }],
];

describe.each(CODE)("%s", (language, code, pieces) => {
  it("has its colours", () => {
    for (const [colour, text] of Object.entries(pieces)) {
      expect(coloured(code, language, colour as Colour).map((piece) => piece.trim())).toContain(text.trim());
    }
  });

  it("loses no character, and takes no markup from it", () => {
    const hostile = `${code}\n<img src=x onerror=1>&amp;`;
    for (const source of [code, hostile]) {
      expect(
        highlight(source, language)
          ?.map((piece) => piece.text)
          .join(""),
      ).toBe(source);
    }
  });

  it("stays quick on half of anything", () => {
    const torn = `${code}"'\`/*"""${'a"'.repeat(5_000)}`;
    const began = performance.now();
    highlight(torn, language);
    expect(performance.now() - began).toBeLessThan(500);
  });
});

it("tells words of the language from what only looks like them", () => {
  const code = "def classes(self): # if not\n    return 'for' if x else not_in";
  expect(coloured(code, "py", "keyword")).toEqual(["def", "return", "if", "else"]);
  expect(coloured(code, "py", "comment")).toEqual(["# if not"]);
  expect(coloured(code, "py", "string")).toEqual(["'for'"]);
});

it("knows the words of databases that no standard has", () => {
  expect(coloured("SELECT a FROM t LIMIT 1 OFFSET 2", "sql", "keyword")).toEqual(["SELECT", "FROM", "LIMIT", "OFFSET"]);
});

it("takes the colour of a string off what is put into it", () => {
  expect(highlight("f'a {b} c'", "python")).toEqual([
    { text: "f'a ", colour: "string" },
    { text: "{b}", colour: null },
    { text: " c'", colour: "string" },
  ]);
});

it("colours what is inside another language", () => {
  expect(coloured("<script>let a = 1;</script>", "html", "number")).toEqual(["1"]);
});

it.each([
  "py",
  "Python",
  "python3",
  "sh",
  "shell",
  "zsh",
  "PostgreSQL",
  "ts",
  "tsx",
  "jsx",
  "yml",
  "toml",
  "c++",
  "patch",
])("knows %s", (name) => {
  expect(highlight("x = 1 -- 'a'", name)).not.toBeNull();
});

it.each(["", "constructor", "__proto__", "brainfuck"])("knows no language by the name %j", (name) => {
  expect(highlight("x", name)).toBeNull();
});

it("leaves very long code plain", () => {
  expect(highlight("x = 1\n".repeat(10_000), "python")).toBeNull();
});
