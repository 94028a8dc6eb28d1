"""Turns, answers and parts, and what of them models are told."""

from langchain_core.messages import AIMessage, HumanMessage

from gptrouter_notebook.answer import Failure, Meta
from gptrouter_notebook.conversation import Conversation, Question


def answered(conversation, user, *pieces, reason="complete", **known):
    turn = conversation.begin(Question(user))
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
    turn = conversation.begin(Question("Tell"))
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


def test_asking_again_keeps_the_old_answer_as_a_branch():
    conversation = Conversation()
    first = answered(conversation, "One", "1")
    answered(conversation, "Two", "2")
    again = conversation.ask_again(first)
    assert again.question is first.question
    assert conversation.branch(again) == conversation.branch(first) == (first.id, again.id)
    assert list(conversation) == [again]
    assert conversation.messages(before=again) == []


def test_asking_again_replaces_an_answer_that_never_had_text():
    conversation = Conversation()
    turn = answered(conversation, "One", reason="failed", error=Failure("No.", "RateLimited"))
    assert conversation.ask_again(turn) is turn
    assert conversation.branch(turn) == (turn.id,)
    assert turn.answer.error is None


def texts(conversation):
    return [turn.user for turn in conversation]


def test_every_branch_keeps_what_followed_it():
    conversation = Conversation()
    one = answered(conversation, "One", "1")
    two = answered(conversation, "Two", "2")
    answered(conversation, "Three", "3")
    other = conversation.edit(two, Question("Two!"))
    answered(conversation, "Three!", "3!")
    assert texts(conversation) == ["One", "Two!", "Three!"]
    conversation.show(two)
    assert texts(conversation) == ["One", "Two", "Three"]
    assert (conversation.is_active(two), conversation.is_active(other)) == (True, False)
    conversation.show(other)
    assert texts(conversation) == ["One", "Two!", "Three!"]
    assert [turn.user for turn in conversation.everything()] == ["One", "Two", "Three", "Two!", "Three!"]
    assert conversation.branch(one) == (one.id,)


def test_what_followed_a_deleted_turn_follows_the_one_before_it():
    conversation = Conversation()
    answered(conversation, "One", "1")
    two = answered(conversation, "Two", "2")
    three = answered(conversation, "Three", "3")
    conversation.delete(two)
    assert texts(conversation) == ["One", "Three"]
    conversation.edit(three, Question("Three!"))
    assert texts(conversation) == ["One", "Three!"]


def test_deleting_a_branch_shows_the_one_beside_it():
    conversation = Conversation()
    first = answered(conversation, "One", "1")
    other = answered_in(conversation, conversation.edit(first, Question("One!")), "1!")
    third = answered_in(conversation, conversation.edit(first, Question("One?")), "1?")
    conversation.show(other)
    conversation.delete(other)
    assert texts(conversation) == ["One"]
    conversation.delete(first)
    assert texts(conversation) == ["One?"]
    conversation.delete(third)
    assert (texts(conversation), conversation.last) == ([], None)


def answered_in(conversation, turn, text):
    assert turn in conversation
    turn.answer.append(text)
    turn.answer.finish("complete")
    return turn


def test_deleting_a_hidden_branch_changes_nothing_that_is_shown():
    conversation = Conversation()
    first = answered(conversation, "One", "1")
    answered(conversation, "Two", "2")
    conversation.edit(first, Question("One!"))
    conversation.delete(first)
    assert texts(conversation) == ["One!"]
    assert [turn.user for turn in conversation.everything()] == ["Two", "One!"]


def test_models_are_not_told_what_is_left_out():
    conversation = Conversation()
    answered(conversation, "One", "1").is_left_out = True
    answered(conversation, "Two", "2")
    assert [message.content for message in conversation.messages()] == ["Two", "2"]


def test_models_are_told_the_values_and_the_pictures_of_a_question():
    picture = "data:image/png;base64,iVBORw0KGgo="
    conversation = Conversation()
    turn = conversation.begin(Question("What is {df}?", "What is 7?", (picture,)))
    turn.answer.append("A number")
    assert turn.user == "What is {df}?"
    assert conversation.messages()[0].content == [
        {"type": "text", "text": "What is 7?"},
        {"type": "image_url", "image_url": {"url": picture}},
    ]
    assert Question("a {x}", "a 7").message().content == "a 7"
    assert [part["type"] for part in Question("", images=(picture,)).message().content] == ["image_url"]


def test_numbers_go_on_after_a_clear():
    conversation = Conversation()
    first = conversation.begin(Question("a")).id
    conversation.clear()
    assert conversation.last is None
    assert conversation.begin(Question("b")).id == first + 1


def test_a_long_answer_is_kept_in_pieces_until_it_ends():
    turn = Conversation().begin(Question("Long"))
    for _ in range(20_000):
        turn.answer.append("word ")
    assert len(turn.answer.parts[0]._pieces) == 20_000
    turn.answer.finish("complete")
    assert turn.answer.parts[0]._pieces == ["word " * 20_000]
