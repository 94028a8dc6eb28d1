"""What the benchmark's gateway answers: text in tokens, plain or rich, no I/O."""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

import functools
import itertools
import re

__all__ = ["END", "MODEL", "pieces", "question", "squeezed"]

MODEL = "chat_openai/gpt-4-0613"
END = " ∎"
"""The last token of every answer: what the benchmarks wait for."""

_TOKEN = re.compile(r"\s*\S{1,7}")
_PLAIN = "Paragraph sentence {number} conveys practically nothing, though rather elaborately and eloquently.{gap}"
_RICH = """## {number}. A section with everything in it

The router asks *the first healthy model* of **your list**; see [the guide](https://example.org/{number}) for `why`.
Costs grow with $n$ like $O(n \\log n)$, and money stays money: $5 and $6.

| model | latency | verdict |
|:--|--:|:--|
| `demo/echo-{number}` | {number} ms | **asked** |
| `demo/slow` | 4600 ms | skipped: too slow |
| `demo/down` | – | skipped: unavailable |

```python
def healthy_{number}(models: list[Model], limit_ms: int = 4000) -> list[Model]:
    \"\"\"Those the gateway would ask, in the order of the list.\"\"\"
    return [model for model in models if model.available and model.latency_ms <= limit_ms]
```

- first point, with `code` in it
- second point
  1. nested once
  2. nested twice

$$
P(\\text{{answer}}) = 1 - \\prod_{{i=1}}^{{n}} p_i = {number}
$$

> A quotation that goes on for a while, as quotations do, and ends with a ~~wrong~~ right word.

```sql
SELECT name, latency_ms FROM models WHERE available AND latency_ms <= {number} ORDER BY priority LIMIT 1;
```

"""


def question(kind: str, count: int, rate: int = 0) -> str:
    """What is asked for `count` tokens of a kind of answer.

    Args:
        kind: `plain`, sentences in paragraphs; or `rich`: headings, tables, code, lists, formulas.
        count: How many tokens.
        rate: Tokens per second; 0 is as fast as they are read.
    """
    return f"[[{kind} {count} {rate}]]"


@functools.cache
def pieces(kind: str, count: int) -> tuple[str, ...]:
    """The answer's tokens, the last of which is `END`."""
    found: list[str] = []
    for number in itertools.count(1):
        section = _RICH.format(number=number) if kind == "rich" else _sentence(number)
        found += _TOKEN.findall(section)
        if len(found) >= count:
            return (*found[: count - 1], END)
    raise AssertionError


def squeezed(text: str) -> str:
    """A text without white space, which a page is free to change."""
    return "".join(text.split())


def _sentence(number: int) -> str:
    return _PLAIN.format(number=number, gap="\n\n" if number % 5 == 0 else " ")
