from __future__ import annotations

import time

import openai
import pytest
from conftest import MODEL, ask

REQUEST = {"model": MODEL, "messages": ask("Hi"), "max_completion_tokens": 2}
LONG = {"model": MODEL, "messages": ask("A story:"), "max_completion_tokens": 2000, "extra_body": {"ignore_eos": True}}


@pytest.mark.parametrize(
    ("change", "error_class", "code", "param"),
    [
        ({"model": "gpt-9"}, openai.NotFoundError, "model_not_found", "model"),
        ({"temperature": 5}, openai.BadRequestError, None, "temperature"),
        ({"messages": []}, openai.BadRequestError, None, "messages"),
        ({"extra_body": {"surprise": 1}}, openai.BadRequestError, None, "surprise"),
        ({"messages": ask("word " * 150_000)}, openai.BadRequestError, "context_length_exceeded", "messages"),
    ],
)
def test_error_classes(client, change, error_class, code, param):
    with pytest.raises(error_class) as caught:
        client.chat.completions.create(**{**REQUEST, **change})
    assert type(caught.value) is error_class
    assert caught.value.param == param
    assert caught.value.code == (code or caught.value.code)
    assert caught.value.code
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id


def test_wrong_key(client):
    with pytest.raises(openai.AuthenticationError) as caught:
        client.with_options(api_key="weai-wrong").models.list()
    assert caught.value.code == "invalid_api_key"


def test_unknown_path_and_method(client):
    with pytest.raises(openai.NotFoundError):
        client.get("/no-such-thing", cast_to=object)
    with pytest.raises(openai.APIStatusError) as caught:
        client.delete("/chat/completions", cast_to=object)
    assert caught.value.status_code == 405


def test_timeout_then_the_server_goes_on(client):
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.2).chat.completions.create(**LONG)
    assert client.chat.completions.create(**REQUEST).choices


def test_leaving_a_stream_frees_the_engine(client):
    for _ in range(4):
        with client.chat.completions.create(**LONG, stream=True) as stream:
            for _chunk in stream:
                break
    started = time.monotonic()
    assert client.chat.completions.create(**REQUEST).choices
    assert time.monotonic() - started < 5


def test_nobody_there(client):
    with pytest.raises(openai.APIConnectionError):
        client.with_options(base_url="http://127.0.0.1:9/v1").models.list()
