"""Chunks at a bounded rate: the same answer in fewer pieces, nothing held back, nothing left open."""

import asyncio
from contextlib import aclosing, closing

import pytest
from pydantic import ValidationError
from waiting import wait_until

from gptrouter_notebook import GPTRouter
from gptrouter_notebook.errors import StreamInterrupted
from gptrouter_notebook.pacing import apaced, paced
from gptrouter_notebook.sse import End, Meta, TextDelta
from gptrouter_notebook.worker import shared_worker

LONG = 3600.0
"""Longer than any test: what comes before it has passed was not waited for."""


def model(gateway, *names, **options):
    options = {"stream_interval": 0.02, "max_retries": 0, **options}
    return GPTRouter(models_priority_list=list(names), base_url=gateway.url, api_key=gateway.key, **options)


def streamed(chat, how, question="What can you do?"):
    if how == "stream":
        return list(chat.stream(question))

    async def gather():
        return [chunk async for chunk in chat.astream(question)]

    return asyncio.run(gather())


def whole(chunks):
    answer = chunks[0]
    for chunk in chunks[1:]:
        answer += chunk
    return answer


@pytest.fixture(params=["stream", "astream"])
def how(request):
    return request.param


def test_the_answer_is_the_same_in_fewer_chunks(gateway, how):
    singly = streamed(model(gateway, "demo/markdown", stream_interval=0), how)
    joined = streamed(model(gateway, "demo/markdown"), how)
    one, other = whole(singly), whole(joined)
    assert other.content == one.content
    assert other.usage_metadata == one.usage_metadata
    assert other.response_metadata["finish_reason"] == one.response_metadata["finish_reason"]
    assert len(joined) < len(singly) / 3


def test_an_answer_that_breaks_off_hands_out_what_there_was(gateway, how):
    pieces = []

    def read():
        for chunk in model(gateway, "demo/breaks").stream("Tell me."):
            pieces.append(chunk.content)  # noqa: PERF401 - kept also when it raises

    async def aread():
        async for chunk in model(gateway, "demo/breaks").astream("Tell me."):
            pieces.append(chunk.content)  # noqa: PERF401 - kept also when it raises

    with pytest.raises(StreamInterrupted) as caught:
        read() if how == "stream" else asyncio.run(aread())
    assert "".join(pieces) == caught.value.partial != ""


def test_closing_the_iterator_closes_the_connection(gateway):
    with closing(model(gateway, "demo/long").stream("Go on.")) as chunks:
        next(chunks)
        assert gateway.open_streams == 1
    wait_until(lambda: gateway.open_streams == 0)


def test_leaving_the_async_iterator_closes_the_connection(gateway):
    async def read():
        async with aclosing(model(gateway, "demo/long").astream("Go on.")) as chunks:
            await anext(chunks)
            assert gateway.open_streams == 1
        # LangChain leaves our generator to the loop, which closes it in a task.
        async with asyncio.timeout(30):
            while asyncio.all_tasks() - {asyncio.current_task()}:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.001)

    asyncio.run(read())
    wait_until(lambda: gateway.open_streams == 0)


def test_what_is_held_is_handed_on_while_the_stream_is_silent():
    async def read():
        silence = asyncio.Event()

        async def events():
            yield TextDelta("a")
            yield TextDelta("b")
            yield TextDelta("c")
            await silence.wait()
            yield End()

        paced_events = apaced(events(), 0.01)
        assert await anext(paced_events) == TextDelta("a")
        assert await anext(paced_events) == TextDelta("bc")
        silence.set()
        assert await anext(paced_events) == End()
        assert [event async for event in paced_events] == []

    asyncio.run(asyncio.wait_for(read(), 30))


def test_the_first_text_and_the_end_wait_for_no_interval():
    async def read():
        async def events():
            for text in "abcd":
                yield TextDelta(text)
            yield End()

        return [event async for event in apaced(events(), LONG)]

    assert asyncio.run(asyncio.wait_for(read(), 30)) == [TextDelta("a"), TextDelta("bcd"), End()]


def test_only_plain_text_is_joined():
    call = TextDelta("", tool_calls=({"index": 0},))
    last = TextDelta("d", finish_reason="stop")
    events = [TextDelta("a"), TextDelta("b"), call, call, TextDelta("c"), last, Meta("abcd", None, None)]

    async def read():
        async def source():
            for event in [TextDelta("first"), *events]:
                yield event

        return [event async for event in apaced(source(), LONG)]

    joined = [TextDelta("ab"), *events[2:]]
    assert asyncio.run(asyncio.wait_for(read(), 30)) == [TextDelta("first"), *joined]


def test_an_error_comes_after_what_was_before_it():
    async def events():
        yield TextDelta("a")
        yield TextDelta("b")
        raise StreamInterrupted("It broke.")

    seen = []
    with pytest.raises(StreamInterrupted):
        seen.extend(paced(events, LONG))
    stream = paced(events, LONG)
    assert [next(stream), next(stream)] == [TextDelta("a"), TextDelta("b")]


def test_the_thread_that_reads_is_not_made_to_wait_for_itself(gateway):
    async def read():
        return list(model(gateway, "demo/echo").stream("Hello"))

    with pytest.raises(RuntimeError, match="cannot be waited for"):
        shared_worker().submit(read()).result(30)


@pytest.mark.parametrize("interval", [-0.1, float("inf"), float("nan")])
def test_an_impossible_interval_is_refused(interval):
    with pytest.raises(ValidationError, match="stream_interval"):
        GPTRouter(models_priority_list=["demo/echo"], stream_interval=interval)
