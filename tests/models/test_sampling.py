"""What is sent of temperature and thought goes by what the model has a use for."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic_ai.profiles.anthropic import anthropic_model_profile
from pydantic_ai.profiles.openai import openai_model_profile

from polymem.models.llms.chat import Sampling


@pytest.mark.parametrize(
    ("profile", "sampling", "sent"),
    [
        (openai_model_profile("gpt-4o-mini"), Sampling(), {"temperature": 0.0, "thinking": False}),
        (openai_model_profile("gpt-5-mini"), Sampling(), {"thinking": False}),
        (openai_model_profile("gpt-5.6"), Sampling(), {"temperature": 0.0, "thinking": False}),
        (openai_model_profile("gpt-5.6"), Sampling(thinking=True), {"thinking": True}),
        (openai_model_profile("o3-mini"), Sampling(top_p=0.5, seed=1), {"thinking": False, "seed": 1}),
        (anthropic_model_profile("claude-opus-4-8"), Sampling(), {"thinking": False}),
        ({}, Sampling(temperature=None, thinking=None), {}),
        ({}, Sampling(top_p=0.1, seed=3), {"temperature": 0.0, "top_p": 0.1, "seed": 3, "thinking": False}),
    ],
)
def test_what_is_sent(profile: Any, sampling: Sampling, sent: dict[str, Any]) -> None:
    assert sampling.settings(profile or {}) == sent
