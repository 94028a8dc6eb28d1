"""Conversations that nobody thought of, for property tests."""

from hypothesis import strategies as st
from langchain_core.messages import UsageMetadata
from langchain_core.messages.tool import tool_call

from gptrouter_notebook.answer import Extras, Failure, Meta
from gptrouter_notebook.context import Inserted
from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.routing import GPTRouterModel
from gptrouter_notebook.settings import Settings

# No lone halves of surrogate pairs: they cannot be sent, and never get into a conversation.
SNIPPETS = [
    "```python\nx = 1",
    "# Head\n\n* a\n* b",
    "$x$ and $5",
    "<b>&amp;</b>",
    "|a|\n|-|\n|1|",
    "\r\n\u2028\0",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from([*SNIPPETS, "👩\u200d🚀"])
WORDS = TEXT.filter(str.strip)
NUMBER = st.floats(0, 1e6, allow_nan=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NUMBER | TEXT,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXT, inside, max_size=3),
    max_leaves=5,
)
PICTURE = st.binary(min_size=3, max_size=9).map(lambda data: f"data:image/png;base64,{data.hex()[:4] * 2}")
HOP = st.fixed_dictionaries(
    {
        "model": TEXT,
        "provider": TEXT,
        "outcome": st.sampled_from(["answered", "skipped", "failed"]),
        "reason": st.none() | TEXT,
        "inferred": st.booleans(),
        "seconds": st.none() | NUMBER,
    }
)
COUNT = st.integers(0, 10**6)
META = st.builds(
    Meta,
    model_name=st.none() | WORDS,
    provider=st.none() | WORDS.filter(lambda name: name != "gptrouter"),
    model_id=st.none() | WORDS,
    provider_id=st.none() | WORDS,
    finish_reason=st.none() | WORDS,
    route=st.lists(HOP, max_size=3).map(tuple),
    first_token_s=st.none() | NUMBER,
    total_s=st.none() | NUMBER,
    cost=st.none() | NUMBER,
    usage=st.none() | st.builds(UsageMetadata, input_tokens=COUNT, output_tokens=COUNT, total_tokens=COUNT),
)
EXTRAS = st.builds(
    Extras,
    TEXT,
    st.lists(TEXT | st.fixed_dictionaries({"url": TEXT, "title": TEXT}), max_size=2).map(tuple),
    st.lists(
        st.builds(tool_call, name=WORDS, args=st.dictionaries(TEXT, JSON, max_size=2), id=st.none() | WORDS), max_size=2
    ).map(tuple),
)
QUESTION = st.builds(
    Question,
    TEXT,
    st.none() | WORDS,
    st.lists(PICTURE, max_size=2).map(tuple),
    st.lists(st.builds(Inserted, WORDS, WORDS, COUNT, is_cut=st.booleans()), max_size=2).map(tuple),
).filter(lambda question: question.text.strip() or question.images)
MODELS = st.lists(st.builds(GPTRouterModel, name=st.just("m/1"), provider_name=st.just("p")), min_size=1, max_size=2)
SETTINGS = st.builds(
    Settings,
    st.none() | WORDS,
    st.none() | st.floats(0, 2),
    st.none() | st.integers(1, 10**5),
    st.lists(WORDS, max_size=2).map(tuple),
)


@st.composite
def conversations(draw):
    """Conversations grown as people grow them: ask, edit, ask again, switch, leave out, delete."""
    talk = Conversation()
    for _ in range(draw(st.integers(0, 6))):
        turns = talk.everything()
        what = draw(st.sampled_from(["ask", "ask", "edit", "again", "show", "leave out", "delete"])) if turns else "ask"
        chosen = draw(st.sampled_from(turns)) if turns else None
        if what == "show":
            talk.show(chosen)
        elif what == "leave out":
            chosen.is_left_out = not chosen.is_left_out
        elif what == "delete":
            talk.delete(chosen)
        else:
            asked = {"edit": talk.edit, "again": lambda turn, _: talk.ask_again(turn)}
            turn = asked[what](chosen, draw(QUESTION)) if what in asked else talk.begin(draw(QUESTION))
            _answer(draw, turn)
    return talk


def _answer(draw, turn):
    for _ in range(draw(st.integers(0, 2))):
        turn.answer.append(draw(TEXT))
        turn.answer.break_off(draw(WORDS))
    turn.answer.append(draw(TEXT))
    reason = draw(st.sampled_from(["complete", "stopped", "failed"]))
    error = Failure(draw(WORDS), draw(WORDS), is_too_long=draw(st.booleans())) if reason == "failed" else None
    turn.answer.finish(reason, error=error, meta=draw(st.none() | META), extras=draw(EXTRAS))
