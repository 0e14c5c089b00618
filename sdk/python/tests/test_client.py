from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import LEAKED, OPENAI_VARIABLES, Recorder

import openai
from weai import DEFAULT_BASE_URL, AsyncWeAI, WeAI, WeAIError

MESSAGES = [{"role": "user", "content": "Hi"}]


async def send(client: WeAI | AsyncWeAI, **request: object) -> None:
    answer = client.chat.completions.create(model="llama3.1-8B", messages=MESSAGES, **request)
    if isinstance(client, AsyncWeAI):
        await answer


def make(recorder: Recorder, kind: str, **options: object) -> WeAI | AsyncWeAI:
    return recorder.sync_client(**options) if kind == "sync" else recorder.async_client(**options)


both = pytest.mark.parametrize("kind", ["sync", "async"])


@both
@pytest.mark.parametrize(
    ("environment", "argument", "expected"),
    [
        (None, None, DEFAULT_BASE_URL),
        ("  ", None, DEFAULT_BASE_URL),
        ("http://environment.example/v1", None, "http://environment.example/v1"),
        ("http://environment.example/v1", "http://argument.example/v1", "http://argument.example/v1"),
    ],
)
async def test_where_requests_go(recorder, monkeypatch, kind, environment, argument, expected):
    if environment is not None:
        monkeypatch.setenv("WEAI_BASE_URL", environment)
    await send(make(recorder, kind, api_key="weai-key", base_url=argument))
    assert [str(request.url) for request in recorder.requests] == [f"{expected}/chat/completions"]


@both
@pytest.mark.parametrize(("argument", "expected"), [(None, "environment-key"), ("argument-key", "argument-key")])
async def test_key(recorder, monkeypatch, kind, argument, expected):
    monkeypatch.setenv("WEAI_API_KEY", "environment-key")
    await send(make(recorder, kind, api_key=argument))
    assert recorder.requests[0].headers["authorization"] == f"Bearer {expected}"


@pytest.mark.parametrize("client_class", [WeAI, AsyncWeAI])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_key_names_its_variable(monkeypatch, client_class, value):
    monkeypatch.setenv("OPENAI_API_KEY", LEAKED)
    if value is not None:
        monkeypatch.setenv("WEAI_API_KEY", value)
    with pytest.raises(WeAIError, match="WEAI_API_KEY") as caught:
        client_class()
    assert isinstance(caught.value, openai.OpenAIError)


@both
@pytest.mark.parametrize("derive", ["new", "copy", "with_options"])
@pytest.mark.parametrize("name", OPENAI_VARIABLES)
async def test_openai_variables_never_reach_a_request(recorder, monkeypatch, kind, derive, name):
    monkeypatch.setenv(name, OPENAI_VARIABLES[name])
    client = make(recorder, kind, api_key="weai-key", default_headers={"x-own": "kept"})
    if derive != "new":
        client = getattr(client, derive)(timeout=5)
    await send(client)
    (request,) = recorder.requests
    assert str(request.url) == f"{DEFAULT_BASE_URL}/chat/completions"
    assert request.headers["authorization"] == "Bearer weai-key"
    assert request.headers["x-own"] == "kept"
    assert LEAKED not in repr(sorted(request.headers.multi_items()))
    assert (client.admin_api_key, client.organization, client.project, client.webhook_secret) == (None,) * 4


@both
async def test_explicit_arguments_survive_with_options(recorder, kind):
    client = make(recorder, kind, api_key="weai-key", base_url="http://one.example/v1", organization="own", project="p")
    copy = client.with_options(max_retries=7, default_headers={"x-added": "1"})
    await send(copy)
    (request,) = recorder.requests
    assert type(copy) is type(client)
    assert copy.max_retries == 7
    assert str(request.url) == "http://one.example/v1/chat/completions"
    assert request.headers["openai-organization"] == "own"
    assert request.headers["openai-project"] == "p"
    assert request.headers["x-added"] == "1"


@both
async def test_extensions_travel_in_the_body(recorder, kind):
    await send(make(recorder, kind, api_key="weai-key"), extra_body={"top_k": 40})
    assert b'"top_k":40' in recorder.requests[0].content.replace(b" ", b"")


def test_importing_does_not_apply_openai_log():
    program = "import logging, weai, os; print(logging.getLogger('openai').level, os.environ['OPENAI_LOG'])"
    environment = {**os.environ, "OPENAI_LOG": "debug"}
    answer = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["0", "debug"]
