"""Turns, answers and parts, and what of them models are told."""

from langchain_core.messages import AIMessage, HumanMessage

from gptrouter_notebook.conversation import Conversation, Failure, Meta


def answered(conversation, user, *pieces, reason="complete", **known):
    turn = conversation.begin(user)
    for piece in pieces:
        turn.answer.append(piece)
    turn.answer.finish(reason, **known)
    return turn


def test_a_conversation_becomes_messages():
    conversation = Conversation()
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    answered(conversation, "Hi", "Hel", "lo", meta=Meta(model_name="m", provider="p", usage=usage))
    question, answer = conversation.messages()
    assert isinstance(question, HumanMessage)
    assert question.content == "Hi"
    assert isinstance(answer, AIMessage)
    assert answer.content == "Hello"
    assert answer.response_metadata["model_name"] == "m"
    assert answer.response_metadata["model_provider"] == "gptrouter"
    assert answer.usage_metadata == usage


def test_a_stopped_partial_is_kept_as_what_the_model_said():
    conversation = Conversation()
    answered(conversation, "Count", "1, 2", reason="stopped")
    assert [message.content for message in conversation.messages()] == ["Count", "1, 2"]


def test_a_turn_without_text_is_left_out_with_its_question():
    conversation = Conversation()
    answered(conversation, "One?", reason="failed", error=Failure("No.", "NoModelAvailable"))
    answered(conversation, "Two?", reason="stopped")
    answered(conversation, "Three?", "3")
    assert [message.content for message in conversation.messages()] == ["Three?", "3"]


def test_after_a_break_only_the_last_part_with_text_counts():
    conversation = Conversation()
    turn = conversation.begin("Tell")
    turn.answer.append("Once upon")
    turn.answer.break_off("p/a broke off.")
    assert turn.answer.text == "Once upon"
    turn.answer.append("There was")
    turn.answer.finish("failed", error=Failure("p/b broke off.", "StreamInterrupted"))
    assert [(part.text, part.broke) for part in turn.answer.parts] == [
        ("Once upon", "p/a broke off."),
        ("There was", None),
    ]
    assert [message.content for message in conversation.messages()] == ["Tell", "There was"]


def test_messages_before_a_turn_leave_it_out():
    conversation = Conversation()
    answered(conversation, "One", "1")
    second = answered(conversation, "Two", "2")
    assert [message.content for message in conversation.messages(before=second)] == ["One", "1"]


def test_asking_again_keeps_the_old_answer_beside_the_new_one():
    turn = answered(Conversation(), "One", "1")
    again = turn.ask_again()
    assert turn.answer is again
    assert [answer.text for answer in turn.answers] == ["1", ""]
    assert again.reason == "streaming"


def test_asking_again_replaces_an_answer_that_never_had_text():
    turn = answered(Conversation(), "One", reason="failed", error=Failure("No.", "RateLimited"))
    turn.ask_again()
    assert len(turn.answers) == 1
    assert turn.answer.error is None


def test_numbers_go_on_after_a_clear():
    conversation = Conversation()
    first = conversation.begin("a").id
    conversation.clear()
    assert conversation.last is None
    assert conversation.begin("b").id == first + 1


def test_a_long_answer_is_kept_in_pieces_until_it_ends():
    turn = Conversation().begin("Long")
    for _ in range(20_000):
        turn.answer.append("word ")
    assert len(turn.answer.parts[0]._pieces) == 20_000
    turn.answer.finish("complete")
    assert turn.answer.parts[0]._pieces == ["word " * 20_000]
