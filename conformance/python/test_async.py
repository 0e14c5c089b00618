from __future__ import annotations

import asyncio

import openai
import pytest
from conftest import MODEL, ask, read_once

REQUEST = {"model": MODEL, "messages": ask("A story:"), "temperature": 0, "max_completion_tokens": 8}


async def test_plain_and_stream_agree(async_client):
    read_once(REQUEST["messages"])
    # Equal requests may tip a near tie apart when a prefix was read in batches of other sizes: one pair of five must agree.
    for _ in range(5):
        plain = await async_client.chat.completions.create(**REQUEST)
        stream = await async_client.chat.completions.create(**REQUEST, stream=True)
        content = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        if content == plain.choices[0].message.content:
            break
    assert content == plain.choices[0].message.content


async def test_sixteen_at_once(async_client):
    answers = await asyncio.gather(
        *(
            async_client.chat.completions.create(
                model=MODEL,
                messages=ask(f"Number {number}:"),
                max_completion_tokens=4,
                extra_body={"ignore_eos": True},
            )
            for number in range(16)
        )
    )
    assert [answer.usage.completion_tokens for answer in answers] == [4] * 16
    assert len({answer.id for answer in answers}) == 16


async def test_cancelling_a_task_frees_the_engine(async_client):
    long = {**REQUEST, "max_completion_tokens": 2000, "extra_body": {"ignore_eos": True}}
    tasks = [asyncio.create_task(async_client.chat.completions.create(**long)) for _ in range(4)]
    await asyncio.sleep(0.3)
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    await asyncio.wait_for(async_client.chat.completions.create(**REQUEST), timeout=5)


async def test_error_class(async_client):
    with pytest.raises(openai.BadRequestError) as caught:
        await async_client.chat.completions.create(**{**REQUEST, "n": 0})
    assert caught.value.param == "n"


async def test_models(async_client):
    assert MODEL in [model.id async for model in async_client.models.list()]
