import { describe, expect, it } from "vitest";
import { highlight } from "../../src/markdown/highlight";

/** The pieces of this colour. */
function coloured(code: string, language: string, colour: string): string[] {
  return (highlight(code, language) ?? []).filter((piece) => piece.colour === colour).map((piece) => piece.text);
}

describe.each([
  ["python", '@cache\ndef f(x): # why\n  return rb\'a\\\'b\' + """c\n\'d\'"""'],
  ["ts", "const f = async (x: number) => `a\n$x`; // why\n/* b */"],
  ["json", '{"a": [1, -2.5e3, true, null, "b"]}'],
  ["bash", 'for f in *.py; do echo "$f" --all # why\ndone'],
  ["sql", "SELECT count(*) FROM t WHERE a = 'it''s' -- why"],
  ["r", "f <- function(x) { sum(x, na.rm = TRUE) } # why"],
  ["yaml", "a: 1\n- b: 'c' # why"],
  ["html", '<a href="x">y</a><!-- z -->'],
  ["diff", "@@ -1 +1 @@\n-old\n+new\n same"],
])("%s", (language, code) => {
  it("loses no character", () => {
    expect(
      highlight(code, language)
        ?.map((piece) => piece.text)
        .join(""),
    ).toBe(code);
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
  expect(coloured(code, "py", "keyword")).toEqual(["def", "self", "return", "if", "else"]);
  expect(coloured(code, "py", "comment")).toEqual(["# if not"]);
  expect(coloured(code, "py", "string")).toEqual(["'for'"]);
  expect(coloured(code, "py", "title")).toEqual(["classes"]);
});

it("knows no language by an unknown name", () => {
  expect(highlight("x", "")).toBeNull();
  expect(highlight("x", "constructor")).toBeNull();
});
