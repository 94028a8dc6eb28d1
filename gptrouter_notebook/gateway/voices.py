"""What the demo models say. Every answer says that a demo model speaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from gptrouter_notebook.gateway import tokens

if TYPE_CHECKING:
    from gptrouter_notebook.gateway.question import Question

LONG_TOKENS = 20_000
_I_AM = "I am a demo model: "
_GUIDE_PROMPT = "Translate this sentence from English to French. I love programming."

Voice = Callable[["Question"], str]


def echo(question: Question) -> str:
    """Say back what was asked; tell of tool results and pictures."""
    return _seen(question) or f"{_I_AM}you said “{question.text}”."


def standing_in(full_name: str) -> Voice:
    """The voice of a demo model under a real model's name.

    Args:
        full_name: `provider/name`.
    """
    i_am = f"I am a demo model standing in for {full_name}: "

    def speak(question: Question) -> str:
        seen = _seen(question, i_am)
        if seen:
            return seen
        if _same(question.text, _GUIDE_PROMPT):
            return f"{i_am}“I love programming.” is “J'aime programmer.” in French, as every demo knows by heart."
        return f"{i_am}you said “{question.text}”. The real one would have thought about it."

    return speak


def markdown(question: Question) -> str:
    """Rich Markdown: what a renderer must get right."""
    return _seen(question) or _MARKDOWN


def long(question: Question) -> str:
    """Exactly 20,000 tokens, a numbered sentence after the other."""
    text = _seen(question)
    if text:
        return text
    pieces = tokens.split(f"{_I_AM}I count to twenty thousand tokens and mean nothing by it.\n\n")
    number = 0
    while len(pieces) < LONG_TOKENS:
        number += 1
        ending = "\n\n" if number % 8 == 0 else ""
        pieces += tokens.split(f" Sentence {number} is here only to make this answer longer.{ending}")
    return "".join(pieces[:LONG_TOKENS])


def slow(question: Question) -> str:
    """The answer of a model that health rows keep out."""
    return _aside(question, "my health checks take 4.6 seconds, so the gateway usually asks somebody else")


def never_checked(question: Question) -> str:
    """The answer of a model without health rows."""
    return _aside(question, "nobody ever checked my health, so the gateway should not have asked me")


def breaks(question: Question) -> str:
    """An answer that will not be finished."""
    return _aside(question, "in a moment my connection breaks, and you will never read the end of this sentence")


def ends_early(question: Question) -> str:
    """An answer that will stop without a word about it."""
    return _aside(question, "in a moment I stop as if I had finished, though this sentence clearly goes on")


def stalls(question: Question) -> str:
    """An answer that will fall silent."""
    return _aside(question, "and then I fall silent for as long as you care to wait")


def _aside(question: Question, words: str) -> str:
    return f"{_I_AM}{words}. You said “{question.text}”."


def _seen(question: Question, i_am: str = _I_AM) -> str:
    if question.results:
        said = "; ".join(f"{name} said {words}" for name, words in question.results)
        return f"{i_am}{said}."
    pictures = question.pictures
    if pictures:
        many = "1 picture" if len(pictures) == 1 else f"{len(pictures)} pictures"
        asked = f" You said “{question.text}”." if question.text else ""
        return f"{i_am}I received {many}: {'; '.join(pictures)}.{asked} I cannot see."
    return ""


def _same(one: str, other: str) -> bool:
    return re.sub(r"\s+", " ", one).strip() == other


_MARKDOWN = """I am a demo model: nothing here was thought up by an AI. This page was written beforehand, so that \
you can watch Markdown arrive piece by piece. 🚀

## How a question finds its model

You send a **priority list**. The gateway walks down it and asks the first model whose newest health check \
is *good* and took at most `4000 ms`. If that one fails in the middle of things, **you** ask the next: the \
gateway does not.

| model | newest check | latency | what happens |
|:--|:-:|--:|:--|
| `demo/down` | failed | 0 ms | skipped: unavailable |
| `demo/slow` | good | 4600 ms | skipped: too slow |
| `demo/never-checked` | none | – | skipped: no health check |
| `demo/markdown` | good | 180 ms | **answers** ✅ |

### The rule in three languages

In Python:

```python
def first_available(models: list[Model]) -> Model | None:
    \"\"\"The first model whose newest check lets it through.\"\"\"
    return next((m for m in models if m.available and m.latency_ms <= 4000), None)
```

In TypeScript, where nothing found is `undefined`:

```typescript
const firstAvailable = (models: Model[]): Model | undefined =>
  models.find((m) => m.available && m.latencyMs <= 4000);
```

And as a question to a database:

```sql
SELECT name FROM models
WHERE available AND latency_ms <= 4000
ORDER BY priority
LIMIT 1;
```

### A little arithmetic

If each of $n$ models is out with probability $p$, all of them are out together with $p^n$. So the chance of \
an answer is

$$
P(\\text{answer}) = 1 - p^{n}, \\qquad \\text{e.g. } 1 - 0.1^{3} = 0.999
$$

> Three mediocre models in a row beat one good model alone, provided they do not fail *together*.

### Things to try

- [x] Read a streamed answer
- [ ] Put `demo/breaks` first and see who finishes the sentence
- [ ] Put `demo/stalls` first and press **Stop**
- [ ] Ask `demo/long` for 20,000 tokens and scroll while they arrive

1. Choose models in the panel.
2. Ask something.
   - Nested points keep their place,
   - even with `code` in them.
3. Open the line under the answer: it names who was asked, skipped and heard.

Some ~~perfect~~ honest typography to end with: naïve café, 日本語, עברית, 👩‍🚀 and a [link](https://example.org).
"""
