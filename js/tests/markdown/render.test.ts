// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { renderMarkdown } from "../../src/markdown/render";

function draw(source: string): HTMLElement {
  const box = document.createElement("div");
  box.append(renderMarkdown(source, { isFinished: true }));
  return box;
}

describe("nothing of a model's runs or reaches out", () => {
  it.each([
    "<script>window.hit = 1</script>",
    '<img src="x" onerror="window.hit = 1">',
    '<a href="javascript:window.hit=1">x</a>',
    "[x](javascript:window.hit=1)",
    "[x](data:text/html,<script>1</script>)",
    "[x](vbscript:x)",
    '<iframe src="https://example.org"></iframe>',
    '<form action="https://example.org"><input name="a"><button>go</button></form>',
    '<svg><a xlink:href="javascript:1"><text>x</text></a></svg>',
    '<math><mtext><img src="x" onerror="1"></mtext></math>',
    '<style>body { background: url("https://example.org") }</style>',
    '<div style="position:fixed;inset:0">x</div>',
    '<p id="x" class="jp-Cell" data-gptr-copy name="y">x</p>',
    '<video src="https://example.org/v"></video><object data="https://example.org"></object>',
    '<link rel="stylesheet" href="https://example.org/x.css"><meta http-equiv="refresh" content="0"><base href="//x">',
    "![x](javascript:1)",
    '![x](data:image/svg+xml;base64,PHN2Zz4=) <img srcset="https://example.org/a 1x">',
  ])("%s", (source) => {
    const box = draw(source);
    expect(
      box.querySelector(
        "script,style,iframe,form,svg,math,object,video,link,meta,base,[style],[id],[name],[srcset],[onerror]",
      ),
    ).toBeNull();
    expect(box.querySelector('img, [class^="jp-"], p[data-gptr-copy], input')).toBeNull();
    for (const link of box.querySelectorAll("a[href]")) expect(link.getAttribute("href")).toMatch(/^(https?|mailto):/);
  });
});

describe("links", () => {
  it("open elsewhere, tell nothing, and show where they go", () => {
    const link = draw('[docs](https://example.org/docs "click me")').querySelector("a");
    expect(link?.target).toBe("_blank");
    expect(link?.rel).toBe("noopener noreferrer");
    expect(link?.title).toBe("https://example.org/docs");
  });

  it("that lead nowhere on the web lose their address", () => {
    expect(draw("[a](/lab/tree) [b](#x) [c](file:///etc/passwd)").querySelector("[href]")).toBeNull();
  });
});

describe("pictures", () => {
  it("from elsewhere wait for a click", () => {
    const box = draw("![A plot](https://example.org:8080/p.png)");
    expect(box.querySelector("img")).toBeNull();
    const button = box.querySelector("button");
    expect(button?.textContent).toBe("Load image from example.org:8080");
    button?.click();
    const picture = box.querySelector("img");
    expect(picture?.src).toBe("https://example.org:8080/p.png");
    expect(picture?.alt).toBe("A plot");
    expect(picture?.referrerPolicy).toBe("no-referrer");
  });

  it("in the text itself are shown", () => {
    expect(draw("![dot](data:image/png;base64,iVBORw0KGgo=)").querySelector("img")?.alt).toBe("dot");
  });
});

describe("structure", () => {
  it("frames code with its language and buttons to use it", () => {
    const box = draw("```python\nx = 1\n```");
    expect(box.querySelector(".gptr-code-language")?.textContent).toBe("python");
    const names = [...box.querySelectorAll("button")].map((button) => button.getAttribute("aria-label"));
    expect(names).toEqual(["Insert below: python code", "Copy python code"]);
    expect(box.querySelector("code")?.textContent).toBe("x = 1");
  });

  it("leaves code in an unknown language, or none, plain", () => {
    expect(draw("```brainfuck\n+[->+<]\n```").querySelector("code")?.innerHTML).toBe("+[-&gt;+&lt;]");
    expect(draw("    x <b>1</b>").querySelector("code")?.textContent).toBe("x <b>1</b>");
  });

  it("lets tables scroll in a box of their own, aligned as written", () => {
    const box = draw("| a | b |\n|---|--:|\n| 1 | 2 |");
    expect(box.querySelector(".gptr-table > table")).not.toBeNull();
    expect(box.querySelectorAll("th")[1]?.getAttribute("align")).toBe("right");
  });

  it("draws task lists with boxes that cannot be ticked", () => {
    const boxes = [...draw("- [x] done\n- [ ] to do").querySelectorAll("input")];
    expect(boxes.map((box) => [box.checked, box.disabled, box.getAttribute("aria-label")])).toEqual([
      [true, true, "done"],
      [false, true, "to do"],
    ]);
  });

  it("goes on counting a list where it was broken off", () => {
    expect(draw("3. c\n4. d").querySelector("ol")?.getAttribute("start")).toBe("3");
  });

  it("leaves dollars alone", () => {
    expect(draw("It costs $5 to $10, or $x^2$.").textContent?.trim()).toBe("It costs $5 to $10, or $x^2$.");
  });
});
