"""Answers that attack their reader, in what is saved and exported: read again as a browser would, nothing is live."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import get_args

import pytest
from hostile_corpus import CASES

from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.exports import Format, export, read
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.transcript import from_dict, to_dict
from gptrouter_notebook.transcript_bundle import TranscriptBundle
from gptrouter_notebook.transcript_html import to_html

LIVE = re.compile(
    "script|style|i?frame|object|embed|applet|form|input|button|select|textarea|base|meta|link|svg|math|video|audio|source"
    "|track|portal|template|noscript|xmp|plaintext|title|body|html|head|dialog|slot"
)


class Reader(HTMLParser):
    """Notes what is live in a page."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.live = []

    def handle_starttag(self, tag, attrs):
        if LIVE.fullmatch(tag):
            self.live.append(f"<{tag}>")
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or name in {"srcset", "formaction", "action", "ping", "background", "id", "name"}:
                self.live.append(f"{tag} {name}")
            elif name == "href" and not address.startswith(("http://", "https://", "mailto:")):
                self.live.append(f"{tag} href={value}")
            elif name == "src" and not address.startswith("data:image/"):
                self.live.append(f"{tag} src={value}")
            elif name == "style" and "url(" in address:
                self.live.append(f"{tag} style={value}")


def talk_of(text):
    talk = Conversation()
    turn = talk.begin(Question(text))
    turn.answer.append(text)
    turn.answer.break_off(text[:1_000])
    turn.answer.append(text)
    turn.answer.finish("complete")
    return talk


@pytest.mark.parametrize("at", range(0, len(CASES), 40))
def test_nothing_in_the_html_is_live(at):
    for text in CASES[at : at + 40]:
        reader = Reader()
        reader.feed(to_html(talk_of(text)))
        reader.close()
        assert reader.live == [], text[:200]


def test_no_export_is_live_and_the_data_of_each_reads_back_the_same():
    for text in CASES:
        files = {form: export(talk_of(text), as_models(["p/m"]), Settings(), form).text for form in get_args(Format)}
        reader = Reader()
        reader.feed(re.sub(r"</?(?:html|head|body|title|meta|style)\b[^>]*>", "", files["html"].partition("<body")[2]))
        reader.close()
        assert reader.live == [], text[:200]
        assert "</script" not in files["html"].lower()
        for form in ("json", "langchain"):
            assert read(files[form]).last.answer.text.endswith(text), (form, text[:200])


def test_a_chat_in_a_notebook_is_not_live_either():
    for text in CASES:
        bundle = TranscriptBundle().write(talk_of(text), as_models(["p/m"]), Settings())
        reader = Reader()
        reader.feed(bundle["text/html"])
        reader.close()
        assert reader.live == [], text[:200]
        assert read(json.dumps({"cells": [{"outputs": [{"data": bundle}]}]})).last.answer.text == text


def test_the_data_reads_back_the_same_and_closes_no_script():
    for text in CASES:
        saved = json.dumps(to_dict(talk_of(text), as_models(["p/m"]), Settings()))
        assert from_dict(json.loads(saved)).conversation.last.answer.text == text
