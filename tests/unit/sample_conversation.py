"""A conversation with a bit of everything, and who was asked in it."""

from langchain_core.messages import UsageMetadata
from langchain_core.messages.tool import tool_call

from gptrouter_notebook.answer import Extras, Failure, Meta
from gptrouter_notebook.context import Inserted
from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.settings import Settings

MODELS = as_models(["demo/breaks", "demo/echo"])
EXTRAS = Extras("Hm.", ("https://a.b", {"url": "u"}), (tool_call(name="f", args={"x": 1}, id="c1"),))
SETTINGS = Settings("Be short.", 0.5, 300, ("END",))
HOP = {"model": "echo", "provider": "demo", "outcome": "answered", "reason": None, "inferred": False, "seconds": 1.5}


def sample_conversation():
    """Every kind of thing that can be said, and a branch."""
    talk = Conversation()
    first = talk.begin(Question("Hello 😀\n\nthere"))
    first.answer.append("Once")
    first.answer.break_off("demo/breaks broke off; demo/echo was asked instead.")
    first.answer.append("Whole *answer*")
    first.answer.finish(
        "complete",
        meta=Meta(
            model_name="echo",
            provider="demo",
            model_id="1",
            cost=0.002,
            finish_reason="stop",
            route=(HOP,),
            first_token_s=0.31,
            total_s=1.5,
            usage=UsageMetadata(input_tokens=3, output_tokens=4, total_tokens=7),
        ),
    )
    second = talk.begin(
        Question("Again", "Again, with 7", ("data:image/png;base64,AAAA",), (Inserted("x", "int", 1, is_cut=False),))
    )
    second.answer.append("Half")
    second.answer.finish("stopped")
    second.is_left_out = True
    third = talk.ask_again(second)
    third.answer.append("```python\nprint(1)")
    third.answer.finish(
        "failed", error=Failure("demo/echo broke off.", "StreamInterrupted", is_too_long=True), extras=EXTRAS
    )
    return talk
