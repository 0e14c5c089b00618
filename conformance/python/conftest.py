"""The clients under test, against the server that WEAI_BASE_URL and WEAI_API_KEY name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import openai
import pytest
from jsonschema import Draft202012Validator

import weai

MODEL = "smollm2-135m"
OPTIONS = {"api_key": os.environ["WEAI_API_KEY"], "base_url": os.environ["WEAI_BASE_URL"], "max_retries": 0, "timeout": 50}


def ask(question: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}]


def read_once(messages: list[dict[str, str]]) -> None:
    """Has the prompt read once, so that all later answers to it start from the same cached prefix.

    The engine reads a new prompt in one batch and a cached one in another; the last bits of the logits differ between
    the two, and now and then two tokens are as close as that.
    """
    with weai.WeAI(**OPTIONS) as client:
        client.chat.completions.create(model=MODEL, messages=messages, max_completion_tokens=1)


@pytest.fixture(params=[openai.OpenAI, weai.WeAI], ids=["openai", "weai"])
def client(request: pytest.FixtureRequest):
    with request.param(**OPTIONS) as made:
        yield made


@pytest.fixture(params=[openai.AsyncOpenAI, weai.AsyncWeAI], ids=["openai", "weai"])
async def async_client(request: pytest.FixtureRequest):
    async with request.param(**OPTIONS) as made:
        yield made


@pytest.fixture(scope="session")
def description_validator():
    """Checks a value against a schema of the API description; checks nothing where WEAI_SCHEMAS names no file."""
    file = os.environ.get("WEAI_SCHEMAS")
    if not file:
        return lambda name, value: None
    components = {"components": {"schemas": json.loads(Path(file).read_text())}}

    def check(name: str, value: object) -> None:
        Draft202012Validator({"$ref": f"#/components/schemas/{name}", **components}).validate(value)

    return check
