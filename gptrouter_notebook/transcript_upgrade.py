"""Conversations saved before branches became turns of their own, as they are saved now; pure.

Then a turn had several `answers` and the place of the one that was `active`; now each of them is a turn beside the
others, and what follows belongs to one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["upgraded"]


def upgraded(turns: Sequence[Any]) -> Sequence[Any]:
    """The saved turns in today's form; as they are when they have it, or none that ever was."""
    if not turns or not all(_is_old(turn) for turn in turns):
        return turns
    return list(_branches(turns))


def _is_old(turn: Any) -> bool:
    return (
        isinstance(turn, Mapping)
        and isinstance(turn.get("id"), int)
        and isinstance(answers := turn.get("answers"), list)
        and turn.get("active") in range(len(answers))
        and "user" in turn
    )


def _branches(turns: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    free = max(turn["id"] for turn in turns) + 1
    parent = None
    for turn in turns:
        for at, answer in enumerate(turn["answers"]):
            is_active = at == turn["active"]
            number = turn["id"] if is_active else free
            free += not is_active
            yield {"id": number, "parent": parent, "is_active": is_active, "user": turn["user"], "answer": answer}
        parent = turn["id"]
