"""Much of everything, in a short form; the long one is `benchmarks/load`. Nothing here looks at a clock."""

import asyncio
import gc
import random
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path

import psutil
import pytest
from langchain_core.messages import HumanMessage
from recorded_view import is_idle, streaming_parts
from waiting import PATIENCE_S, wait_until

from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.per_turn import PerTurn
from gptrouter_notebook.pool import _LIMITS
from gptrouter_notebook.worker import shared_worker

BROWSER = Path(__file__).resolve().parents[2] / "benchmarks" / "browser"
sys.path.append(str(BROWSER))
from answers import MODEL, pieces, question  # noqa: E402


class Gateway:
    """A gateway in a process of its own, so that what it keeps is not what we keep."""

    def __init__(self):
        command = [sys.executable, str(BROWSER / "gateway.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip()
        self._port = int(self.url.rpartition(":")[2])

    def close(self):
        self._process.communicate()

    def model(self):
        return GPTRouter(models_priority_list=[MODEL], base_url=self.url, api_key="k", max_retries=0)

    @property
    def sockets(self):
        """How many of ours are connected to it."""
        found = psutil.Process().net_connections("tcp")
        return sum(bool(socket.raddr) and socket.raddr.port == self._port for socket in found)


@pytest.fixture(scope="module")
def outside():
    gateway = Gateway()
    yield gateway
    gateway.close()


def answer(count):
    return "".join(pieces("plain", count))


def tasks():
    """How many tasks there are on the worker's loop, beside the one that counts."""

    async def count():
        return len(asyncio.all_tasks()) - 1

    return shared_worker().submit(count()).result(PATIENCE_S)


def allocated():
    """Pieces of memory that Python holds, once whatever is still on its way is over."""
    wait_until(lambda: tasks() == 0)
    urllib.parse.clear_cache()  # addresses with the time in them, which httpx has it read
    gc.collect()
    return sys.getallocatedblocks()


def ask(panel, count, rate=0):
    reply = panel.ask(question("plain", count, rate)).result(PATIENCE_S)
    assert reply.content == answer(count)
    # What a real front end was sent is gone, too.
    panel.comm.sent.clear()


def test_forty_panels_of_which_eight_stream(open_panel, outside):
    opened = [open_panel(model=outside.model()) for _ in range(40)]
    for number, (_, view) in enumerate(opened):
        view.command("hello", id=number)
    for _, view in opened:
        view.wait_for("catalog")
        view.sent.clear()
    threads = threading.active_count()
    streaming = opened[::5]
    for _, view in streaming:
        view.command("send", id="s", text=question("plain", 400, 500))
    for _, view in streaming:
        view.wait(is_idle(view))
    for _, view in streaming:
        assert streaming_parts(view, 1) == [answer(400)]
        assert view.messages("turn_ended")[0]["reason"] == "complete"
    # None waited for another one: all had begun before any was over.
    begun = [next(at for at, _, data in view.sent if "delta" in data.get("state", {})) for _, view in streaming]
    over = [view.sent[-1][0] for _, view in streaming]
    assert max(begun) < min(over)
    for panel, view in opened:
        assert (panel, view) in streaming or view.sent == []
    assert threading.active_count() <= threads
    wait_until(lambda: tasks() == 0)
    assert outside.sockets <= _LIMITS.max_keepalive_connections


def test_turn_200_sends_the_view_as_much_as_turn_20(open_panel, outside):
    panel, view = open_panel(model=outside.model())
    view.command("hello", id=0)
    view.wait_for("catalog")
    sent = {}
    for number in range(1, 201):
        view.sent.clear()
        view.command("send", id=number, text=question("plain", 5))
        view.wait(is_idle(view))
        told = [data for _, _, data in list(view.sent) if data.get("content", {}).get("kind") != "priced"]
        sent[number] = (len(told), sum(len(str(data)) for data in told))
    assert len(panel.messages) == 400
    # A piece more or less is the clock's choice, and times and numbers have more or fewer digits.
    assert sent[200][0] <= sent[20][0] + 1
    assert sent[200][1] <= 1.3 * sent[20][1]
    # What a page that is loaded anew is sent grows with the conversation, and with nothing else.
    short = len(str(panel.get_state()["conversation"]["turns"][:20]))
    assert len(str(panel.get_state()["conversation"])) <= 11 * short


def test_a_turn_that_says_the_same_is_not_written_again(open_panel, outside):
    panel, _ = open_panel(model=outside.model())
    for _ in range(5):
        ask(panel, 3)
    wait_until(lambda: tasks() == 0)
    shown, saved = panel.conversation["turns"], panel._saved._bundle.write
    first = saved(panel._session.conversation, (), panel.settings())
    ask(panel, 3)
    again = saved(panel._session.conversation, (), panel.settings())
    # The last one may have got its price meanwhile.
    assert [id(turn) for turn in panel.conversation["turns"][:4]] == [id(turn) for turn in shown[:4]]
    mime = "application/vnd.gptrouter.chat.v1+json"
    assert [id(turn) for turn in again[mime]["turns"][:5]] == [id(turn) for turn in first[mime]["turns"]]


def test_a_turn_is_made_again_when_it_says_something_else():
    conversation, made = Conversation(), []
    kept = PerTurn(lambda turn, _: made.append(turn.id))
    for number in range(200):
        kept.of(conversation, conversation)
        conversation.begin(Question(str(number))).answer.finish("complete")
    kept.of(conversation, conversation)
    assert made == list(range(1, 201))
    made.clear()
    turn = conversation.get(7)
    turn.is_left_out = True
    kept.of(conversation, conversation)
    assert made == [7]
    beside = conversation.edit(turn, Question("Other"))
    for _ in range(3):  # it streams
        kept.of(conversation, conversation)
    assert made == [7, *[beside.id] * 3]
    conversation.show(turn)
    made.clear()
    kept.of(conversation, conversation)
    assert made[0] == 7  # of two now
    assert len(kept._kept) == 200
    conversation.clear()
    kept.of(conversation, conversation)
    assert kept._kept == {}


def test_an_answer_that_is_kept_does_not_keep_the_conversation_that_was_asked(open_panel, outside):
    panel, view = open_panel(model=outside.model())
    kept = []
    for _ in range(40):
        kept.append(panel.ask(question("plain", 3)))
        kept[-1].result(PATIENCE_S)
        view.sent.clear()
    wait_until(lambda: tasks() == 0)
    gc.collect()
    # Those of the conversation itself are kept once, for the next question.
    assert sum(isinstance(found, HumanMessage) for found in gc.get_objects()) < 80


def test_200_streams_at_once_on_one_client(outside):
    model = outside.model()

    async def read(count):
        return "".join([str(chunk.content) async for chunk in model.astream(question("plain", count, 200))])

    async def read_all():
        counts = [20 + number % 50 for number in range(200)]
        texts = await asyncio.gather(*map(read, counts))
        assert texts == list(map(answer, counts))
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return outside.sockets - before

    before = outside.sockets
    assert asyncio.run(read_all()) <= _LIMITS.max_keepalive_connections
    wait_until(lambda: outside.sockets <= before)


def test_500_short_turns_leave_nothing_behind(open_panel, outside):
    panel, view = open_panel(model=outside.model())
    view.command("hello", id=0)
    held, counts = [], []
    for _ in range(5):
        for _ in range(100):
            ask(panel, 3)
        panel.clear()
        held.append(allocated())
        counts.append((threading.active_count(), outside.sockets))
    assert panel.messages == []
    assert panel._feed._seqs == {}
    # The first two hundred fill caches. What a turn leaves behind would be here three hundred times.
    assert held[-1] - held[1] < 300, held
    threads, sockets = zip(*counts, strict=True)
    assert max(threads) <= max(threads[:2])
    assert max(sockets) <= _LIMITS.max_keepalive_connections


def test_stop_at_100_random_moments(open_panel, outside):
    panel, view = open_panel(model=outside.model())
    view.command("hello", id=0)
    moments = random.Random(7)  # noqa: S311 - the same ones every time
    reasons = []
    for number in range(100):
        pieces_heard = moments.choice([None, 0, 0, 1, 2, 3])
        asked = panel.ask(question("plain", 60, 1000))
        if pieces_heard is not None:
            view.wait(lambda heard=pieces_heard: len(view.values("delta")) >= heard or is_idle(view)())
        view.command("stop", id=f"stop-{number}", turn=asked.turn)
        reply = asked.result(PATIENCE_S)
        reasons.append(asked.reason)
        assert answer(60).startswith(reply.content)
        assert asked.reason == "stopped" or reply.content == answer(60)
        view.wait(is_idle(view))
        view.sent.clear()
        ask(panel, 3)
        if number % 10 == 9:
            panel.clear()
    assert reasons.count("stopped") > 50
    assert panel.status == "idle"
    wait_until(lambda: tasks() == 0)
    assert outside.sockets <= 3
