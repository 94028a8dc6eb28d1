/** Texts as models write them, tidy enough that a reader would agree what they mean. */
export const SAMPLES: Readonly<Record<string, string>> = {
  emphasis: "Some **bold words**, *leaning ones*, ***both***, ~~gone~~ and __more__ of _it_; 2 * 3 * 4 and a_b_c stay.",
  code: "Call `f(x)` or ``a ` b`` and then `g`.",
  links: "See [the *guide*](https://example.org/a_(b)) and [the list](https://example.org/x?y=1), [1] and (2).",
  fence: "Before:\n```python\ndef f():\n    return '**not bold**'\n\n\nx = 1\n```\nAfter.",
  fenceInList: "1. First\n\n   ```sh\n   ls -l\n\n   pwd\n   ```\n\n2. Second\n\nEnd.",
  table: "A table:\n\n| a | b |\n|---|--:|\n| 1 | `2` |\n| **3** | 4 |\n\nDone.",
  lists: "- one\n- two\n  - inner\n\n    with a paragraph\n- three\n\nText.\n\n1. first\n2. second\n\n10. tenth\n",
  tasks: "- [x] done\n- [ ] to do\n",
  headings: "# One\n\ntext\n\n## Two\ntext\n\nThree\n=====\n\nmore\n\n---\n\nend",
  quote: "> a quote\n> goes on\n\n> another\n\ntext",
  references:
    "See [docs] and [more][m].\n\nText between.\n\n[docs]: https://example.org/docs\n[m]: https://example.org/m\n",
  html: "Line<br>break and H<sub>2</sub>O.\n\n<details>\n<summary>More</summary>\n\nHidden **text**.\n\n</details>\n\nEnd.",
  tildes: "~~~\na ``` b\n~~~\ntext",
  indented: "Text:\n\n    x = 1\n\n    y = 2\n\nEnd.",
  math: "With $a_1 * b^*$ and **$x^*$ or *y***, \\(E = mc^2\\) holds [1].\n\nSo:\n$$\n\\sum_{i=1}^n i\n\n= \\frac{n(n+1)}{2}\n$$\nwhere $n$ is the count.\n\n\\[\na < b\n\\]\n\nEnd.",
  mathInLists:
    "1. First:\n\n   $$\n   x = 1\n\n   y = 2\n   $$\n\n2. Second with $z$\n   - inner \\(w\\)\n\n> Quoted $q$:\n>\n> $$\n> r\n> $$\n\nEnd.",
  mathInTable: "| name | formula |\n|---|---|\n| sum | $a + b$ |\n| cost | $5 |\n\nDone.",
  money: "It costs $5 and $6, or US$7, $8-$9 (about $10), $HOME/$USER and \\$11.\n\nThe price is $20. Cheap!\n",
  unicode: "Zürich 😀 **数学** `π ≈ 3.14`\n\n日本語の段落。",
};
