import { describe, expect, it } from "vitest";
import { beginsFormula, findFormulas, formulaAt, maskFormulas } from "../../src/markdown/formulas";

/** The formulas of a text, as they were typed. */
function formulasOf(text: string): string[] {
  return findFormulas(`${text}\n`).finished.map(({ start, end }) => text.slice(start, end));
}

describe("a formula", () => {
  it.each([
    ["$x^2$", "x^2", false],
    ["$$x^2$$", "x^2", true],
    ["\\(x^2\\)", "x^2", false],
    ["\\[ x^2 \\]", "x^2", true],
    ["$$\nx\n\ny\n$$", "x\n\ny", true],
    ["$a \\$ b$", "a \\$ b", false],
    ["$\\text{for all large n}$", "\\text{for all large n}", false],
    ["$$f = \\text{if $x$ then} y$$", "f = \\text{if $x$ then} y", true],
    ["\\[ \\begin{matrix} a \\\\[2pt] b \\end{matrix} \\]", "\\begin{matrix} a \\\\[2pt] b \\end{matrix}", true],
    ["$$\nTrue Positive Rate = \\frac{TP}{TP + FN}\n$$", "True Positive Rate = \\frac{TP}{TP + FN}", true],
  ])("%j", (raw, tex, isDisplay) => {
    expect(formulaAt(raw, 0)).toEqual({ raw, tex, isDisplay });
  });

  it.each([
    ["in words", "Let $n$ be even, and $m = 2n$.", ["$n$", "$m = 2n$"]],
    ["with its ending", "the $n$th of the $k$-means", ["$n$", "$k$"]],
    ["next to other letters", "设$x$为数", ["$x$"]],
    ["over a line break", "so $a +\nb$ holds", ["$a +\nb$"]],
    ["in a quote over a line break", "> so $a +\n> b$ holds", ["$a +\n> b$"]],
    ["with numbers only", "of $1, 2, \\ldots, 9$ and $[0, 1)$", ["$1, 2, \\ldots, 9$", "$[0, 1)$"]],
    ["in brackets", "(see $x$)", ["$x$"]],
    ["in a row of a table", "| $a$ | $b$ |", ["$a$", "$b$"]],
    ["beside code", "`$a$` and $b$ and ``$c`$`` and $d$", ["$b$", "$d$"]],
    ["below a fence", "```sh\necho $a$\n\n$b$\n```\n$c$", ["$c$"]],
    ["below a fence of tildes in a list", "- ~~~\n  $a$\n  ~~~\n  $c$", ["$c$"]],
    ["on lines that begin like a list", "$$\na\n- b\n\n+ c\n$$", ["$$\na\n- b\n\n+ c\n$$"]],
  ])("%s", (_place, text, formulas) => {
    expect(formulasOf(text)).toEqual(formulas);
  });
});

describe("none is", () => {
  it.each([
    "It costs $5 and $6.",
    "between $5-$10, $5–$10 or $5 to $10",
    "US$5 or A$6 and 7$ more",
    "about $20). Next, $30.",
    "a price of $5/month or so, and later 7$",
    "$10 per unit, then 5$",
    "$1,000 for one, 2,000$ for two",
    "prices: $$ is moderate, $$$ is expensive",
    "$HOME/$USER, $PATH:$HOME and $a->$b",
    "$HOME is where the shell begins, $PWD",
    "escaped \\$x\\$ and \\\\(x\\\\)",
    "`$x$`",
    "$ x $ and $x $",
    "$$ $$ \\(\\) \\[ \\]",
    "$a `b` c$",
    "- costs $5\n- or 6$",
    "| $5 | 6$ |",
    "$a\n\nb$",
    "text \\(a\n\nb\\)",
    `$${"x".repeat(6_000)}$`,
    "$$ this is not at all a formula but a sentence $$",
  ])("in %j", (text) => {
    expect(formulasOf(text)).toEqual([]);
  });
});

describe("one without its end", () => {
  it.each([
    ["a $x^2 + ", 2],
    ["a $", 2],
    ["a $x$", 2], // a digit would make it money
    ["a \\(x\\", 2],
    ["a\n\n$$\nx\n\ny", 3],
    ["a $x$ \\[y", 6],
    ["It costs $5", 9],
  ])("%j begins at %i", (text, at) => {
    expect(findFormulas(text).open).toBe(at);
  });

  it.each(["a $x$ ", "It costs $5 and", "a `$x", "```\n$x", "$HOME is the directory", "a $x\n\nb"])(
    "%j has none",
    (text) => {
      expect(findFormulas(text).open).toBeNull();
    },
  );

  it("is a reason to load what draws formulas, unless it may be money", () => {
    for (const text of ["$$x", "\\(x", "\\[", "a $x_", "a $\\a"]) expect(beginsFormula(text), text).toBe(true);
    for (const text of ["It costs $5", "a $x", "a $x$ b", "\\$x_"]) expect(beginsFormula(text), text).toBe(false);
  });
});

it("what once was none never becomes one, letter by letter", () => {
  for (const text of [
    "$5 and $6 are $7 or x$",
    "$HOME is where I put $x$",
    "$$ is what a moderate place to eat would cost $$",
  ]) {
    const first = [...text].findIndex((_, length) => length > 0 && formulaAt(text.slice(0, length), 0) === null);
    expect(first).toBeGreaterThan(0);
    for (let length = first; length <= text.length; length++) expect(formulaAt(text.slice(0, length), 0)).toBeNull();
  }
});

it("is covered letter by letter", () => {
  expect(maskFormulas("*a $b*c$ d*")).toBe("*a aaaaa d*");
});

// Where the time grew with the square of the text, hundreds of thousands of beginnings would take minutes.
it.each(["$x ", "$$\n", "\\[ a ", "`$x", "$1, "])(
  "is looked for in a time that grows with the text only: %o",
  (piece) => {
    expect(findFormulas(piece.repeat(200_000)).finished).toEqual([]);
  },
);
