// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import type { Extras, Need } from "../../src/markdown/extras";
import { highlight } from "../../src/markdown/highlight";
import { LiveDocument } from "../../src/markdown/live-document";
import { toMathML } from "../../src/markdown/math";

const EXTRAS: Extras = { highlight: { highlight }, math: { toMathML } };
const have: Need = (name) => EXTRAS[name];

function draw(text: string, need: Need = have): HTMLElement {
  const box = document.createElement("div");
  new LiveDocument(box, need).update(text, true);
  return box;
}

/** The text of a box, with a sign for each formula that is drawn. */
function seen(box: HTMLElement): string {
  const copy = box.cloneNode(true) as HTMLElement;
  for (const head of copy.querySelectorAll(".gptr-code-head")) head.remove();
  for (const math of copy.querySelectorAll("math")) math.replaceWith("∎");
  return (copy.textContent ?? "").replace(/\s+/g, " ").trim();
}

describe("formulas are drawn", () => {
  it.each([
    ["$…$", "Let $x^2$ be.", "Let ∎ be."],
    ["$$…$$", "Let $$x^2$$ be.", "Let ∎ be."],
    ["\\(…\\)", "Let \\(x^2\\) be.", "Let ∎ be."],
    ["\\[…\\]", "Let \\[x^2\\] be.", "Let ∎ be."],
    ["on lines of their own", "So:\n$$\nx\n\n+ y\n$$\nwhere.", "So: ∎ where."],
    ["with a full stop", "$$x$$.\n\n\\[y\\],\n", "∎. ∎,"],
    ["in a list", "1. a $x$\n\n   $$\n   y\n\n   z\n   $$\n2. $w$", "a ∎ ∎ ∎"],
    ["in a list without a blank line", "1. First:\n$$\nx = 1\n$$\n2. Second", "First:∎ Second"],
    ["in a table", "| a | b |\n|---|---|\n| $x$ | $5 |\n| $y_1$ | $6 |", "a b ∎ $5 ∎ $6"],
    ["in bold", "**sum $x^*$ of** it, *$a*b$ and c*", "sum ∎ of it, ∎ and c"],
    ["in a quote", "> $$\n> x\n> $$\n>\n> $y$", "∎ ∎"],
    ["in a heading", "## On $x_1$\n\ntext", "On ∎ text"],
    ["in a link's text", "[the $x$](https://example.org/)", "the ∎"],
    ["with signs of Markdown and HTML in them", "$a_1 * b_2 * c$, $x<y>z$ and $[a](b)$", "∎, ∎ and ∎"],
  ])("%s", (_name, text, expected) => {
    expect(seen(draw(text))).toBe(expected);
  });

  it("inline and on a line of their own", () => {
    const box = draw("Let $x$ be.\n\n$$y$$");
    expect([...box.querySelectorAll("math")].map((math) => math.getAttribute("display"))).toEqual([null, "block"]);
    expect(box.querySelector(".gptr-math-display math")?.textContent).toContain("y");
  });

  it("as what they mean", () => {
    const fraction = draw("$\\frac{a}{b}$").querySelector("math mfrac");
    expect([...(fraction?.children ?? [])].map((part) => part.textContent)).toEqual(["a", "b"]);
    expect(draw("$$\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}$$").querySelectorAll("mtr")).toHaveLength(2);
  });
});

describe("it stays as typed", () => {
  it.each(["It costs $5 and $6.", "US$7, $8-$9 or 10$", "$HOME/$USER"])("%j", (text) => {
    const box = draw(text);
    expect(box.querySelector("math, .gptr-math")).toBeNull();
    expect(seen(box)).toBe(text);
  });

  it("code, and escaped dollars", () => {
    const box = draw("`$x$` costs \\$x\\$:\n\n```sh\necho $a$\n```\n\n    $b$\n");
    expect(box.querySelector(".gptr-math")).toBeNull();
    expect(seen(box)).toBe("$x$ costs $x$: echo $a$ $b$");
  });

  it("what cannot be read, set as code", () => {
    for (const raw of ["$\\frac{a$", "$\\undefinedcommand{x}$", "$$\\begin{matrix} a$$", `$x^{${"{".repeat(60)}$`]) {
      const box = draw(`See ${raw} here.`);
      expect(box.querySelector("math")).toBeNull();
      expect(box.querySelector(".gptr-math > code")?.textContent, raw).toBe(raw);
      expect(seen(box)).toBe(`See ${raw} here.`);
    }
  });

  it("as long as nothing can draw it, and is drawn in its place then", () => {
    const box = document.createElement("div");
    let need: Need = () => null;
    const live = new LiveDocument(box, (name) => need(name));
    live.update("Let $x$ be.", true);
    const place = box.querySelector(".gptr-math-waiting");
    expect(place?.textContent).toBe("$x$");
    need = have;
    live.refresh();
    expect(box.querySelector(".gptr-math")).toBe(place);
    expect(place?.classList.contains("gptr-math-waiting")).toBe(false);
    expect(seen(box)).toBe("Let ∎ be.");
  });
});

describe("nothing of a formula runs, reaches out or leaves its place", () => {
  it.each([
    "$\\href{javascript:alert(1)}{x}$",
    "$\\url{https://example.org}$",
    "$\\includegraphics{https://example.org/p.png}$",
    "$\\class{gptr-send}{x}$ $\\id{x}{y}$ $\\style{position:fixed}{x}$ $\\data{a=b}{x}$",
    "$\\htmlClass{jp-Cell}{x} \\htmlStyle{position:fixed}{y}$",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$x</math><img src=x onerror=alert(1)>$",
    "$\\color{url(https://example.org)}{x}$ $\\textcolor{red;position:fixed}{x}$ $\\colorbox{expression(1)}{y}$",
    "$$\\kern-100em x \\hspace{-9000px} y$$ $\\mathllap{\\hspace{-5000pt}x}$",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    '<code class="gptr-formula">$x$<img src=x onerror=alert(1)></code>',
    '<b class="gptr-unseen gptr-math">hidden</b>',
  ])("%s", (text) => {
    const box = draw(text);
    expect(
      box.querySelector("script, img, a[href], iframe, [id], [href], [src], [onerror], [onclick], b[class]"),
    ).toBeNull();
    for (const element of box.querySelectorAll("math *")) {
      expect(element.namespaceURI).toBe("http://www.w3.org/1998/Math/MathML");
      expect(element.getAttribute("class") ?? "gptr-math-").toMatch(/^gptr-math-/);
      expect(element.outerHTML).not.toMatch(/position|url\(|-\d{3}|-9000|expression/);
    }
  });

  it.each([
    "\\href{https://example.org}{x}",
    "\\includegraphics{https://example.org/p.png}",
    "\\class{a}{x}",
    "\\raisebox{-50em}{x}",
    "\\kern-90em x",
    `\\def\\a{${"x".repeat(2_000)}}${"\\a".repeat(400)}`,
    "\\newcommand{\\R}{x}\\R",
  ])("%s is refused where it is read", (tex) => {
    expect(toMathML(tex, false)).toBeNull();
  });

  it("whatever is made of it is not trusted", () => {
    const hostile =
      '<math href="https://example.org"><mi class="tml-left jp-Cell" style="position:fixed;color:red;width:url(x)">x</mi>' +
      '<mrow style="margin-left:-0.1667em"></mrow><mrow style="margin-left:-40em"></mrow>' +
      '<mtext><img src="x" onerror="1"><a href="https://example.org">y</a></mtext><maction onclick="1">z</maction></math>';
    const box = draw(
      "$h$",
      (name) => (name === "math" ? { ...EXTRAS.math, toMathML: () => hostile } : EXTRAS[name]) as never,
    );
    expect(box.querySelector(".gptr-math")?.innerHTML).toBe(
      '<math><mi class="gptr-math-left" style="color:red">x</mi><mrow style="margin-left:-0.1667em"></mrow><mrow></mrow><mtext>y</mtext>z</math>',
    );
  });

  it("sizes have an end", () => {
    const [width] = /width="?:?\s*([\d.]+)em/.exec(draw("$\\rule{9999em}{1em}$").innerHTML)?.slice(1) ?? [];
    expect(Number(width)).toBeLessThanOrEqual(40);
  });

  it("nor does one take for ever", () => {
    const began = performance.now();
    for (const tex of ["\\def\\a{\\a\\a}\\a", `${"\\frac{1}{".repeat(800)}x${"}".repeat(800)}`, "x_".repeat(1_000)]) {
      draw(`$$${tex}$$`);
    }
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe("while a formula is written", () => {
  const TEXTS: readonly string[] = [
    "Let $x^2 + y_1$ be **at most $a^*$** so.\n\nThen \\(z\\) holds, [and $w$](https://example.org/).",
    "So:\n\n$$\nx = 1\n\n+ \\frac{a}{b}\n$$\n\nand \\[ y < 2 \\] then $n$th.",
    "- one $x$\n- two:\n\n  $$\n  y\n  $$\n- three \\(z\\)\n\nEnd $e$.",
    "| a | b |\n|---|---|\n| $x_1$ | \\(y\\) |\n\nDone with $z$.",
    "> quoted $x$\n>\n> $$\n> y\n> $$\n\nend",
  ];

  it.each(TEXTS)("no half of it is ever seen: %j", (text) => {
    const box = document.createElement("div");
    const live = new LiveDocument(box, have);
    let before = "";
    for (let length = 1; length <= text.length; length++) {
      live.update(text.slice(0, length), false);
      const now = seen(box);
      expect(now, JSON.stringify(text.slice(0, length))).not.toMatch(/[$\\^]|frac/);
      expect(now.startsWith(before), `${JSON.stringify(before)} → ${JSON.stringify(now)}`).toBe(true);
      before = now;
    }
    live.update(text, true);
    expect(seen(box)).toBe(before);
  });

  it("money is seen as money, and never as a formula", () => {
    const text = "It costs $5 and then $6 for two, or $7-$8 later. US$9 more.";
    const box = document.createElement("div");
    const live = new LiveDocument(box, have);
    for (let length = 1; length <= text.length; length++) {
      live.update(text.slice(0, length), false);
      expect(box.querySelector(".gptr-math")).toBeNull();
      expect(text.startsWith(seen(box))).toBe(true);
    }
    // What may still be a formula is hidden, but only for a few words.
    live.update(text.slice(0, 16), false);
    expect(seen(box)).toBe("It costs $5 and");
  });

  it("a drawn one is not drawn again by what follows it", () => {
    let count = 0;
    const math: Extras["math"] = {
      toMathML(tex, isDisplay) {
        count += 1;
        return toMathML(tex, isDisplay);
      },
    };
    const live = new LiveDocument(document.createElement("div"), (name) => ({ ...EXTRAS, math })[name]);
    const text = "With $q_{17}$ and then many more words behind it.";
    for (let length = 1; length <= text.length; length++) live.update(text.slice(0, length), false);
    expect(count).toBe(1);
  });

  it("what draws it is asked for when it begins, and not for money", () => {
    const asked = new Set<string>();
    const live = new LiveDocument(document.createElement("div"), (name) => {
      asked.add(name);
      return null;
    });
    live.update("It costs $5 and $6, `$x_1$` and \\$7.\n\nLet ", false);
    expect([...asked]).toEqual([]);
    live.update("It costs $5 and $6, `$x_1$` and \\$7.\n\nLet $x_", false);
    expect([...asked]).toEqual(["math"]);
  });
});
