"""Every language model of the package passes the suite of language models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from polymem.models.connection import Connection
from polymem.models.llms.chat import ChatModel, OutputForm
from polymem.models.patience import Patience
from polymem.testing.llm import LanguageModelSuite
from polymem.testing.models import ScriptedModel
from tests.wire.server import KEY, ScriptedServer, openai, openai_tool

SHANGHAI = {"city": "上海", "sure": True}


class TestScriptedModel(LanguageModelSuite):
    """The fake keeps what the adapters promise."""

    @pytest.fixture
    def model(self) -> ScriptedModel:
        return ScriptedModel(lambda _asked: SHANGHAI)

    @pytest.fixture
    def broken(self) -> ScriptedModel:
        return ScriptedModel(lambda _asked: {"town": "芝麻开门"})


class TestChatModel(LanguageModelSuite):
    """pydantic-ai, by the grammar of the server."""

    output: OutputForm = "native"

    @pytest.fixture
    def model(self) -> Iterator[ChatModel]:
        form = openai_tool if self.output == "tool" else openai
        with ScriptedServer(lambda _seen: SHANGHAI, form=form) as server:
            yield self.at(server)

    @pytest.fixture
    def broken(self) -> Iterator[ChatModel]:
        with ScriptedServer(lambda _seen: "芝麻开门") as server:
            yield self.at(server)

    def at(self, server: ScriptedServer) -> ChatModel:
        connection = Connection("openai", "scripted", server.url, api_key=KEY)
        return ChatModel(connection, patience=Patience(backoff_s=0.01), output=self.output)


class TestChatModelByTool(TestChatModel):
    """pydantic-ai, as the arguments of a tool."""

    output: OutputForm = "tool"


class TestChatModelByPrompt(TestChatModel):
    """pydantic-ai, by asking for it."""

    output: OutputForm = "prompted"
