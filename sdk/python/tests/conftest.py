from __future__ import annotations

import pytest

try:
    import httpx2 as httpx  # the transport of openai 3
except ImportError:
    import httpx  # and of openai 2

from weai import AsyncWeAI, WeAI

LEAKED = "openai-environment-value"
OPENAI_VARIABLES = {
    "OPENAI_API_KEY": LEAKED,
    "OPENAI_ADMIN_KEY": LEAKED,
    "OPENAI_BASE_URL": f"https://{LEAKED}.example/v1",
    "OPENAI_ORG_ID": LEAKED,
    "OPENAI_PROJECT_ID": LEAKED,
    "OPENAI_WEBHOOK_SECRET": LEAKED,
    "OPENAI_CUSTOM_HEADERS": f"x-{LEAKED}: {LEAKED}\nauthorization: Bearer {LEAKED}",
    "OPENAI_LOG": "debug",
    "OPENAI_API_TYPE": "azure",
    "OPENAI_API_VERSION": LEAKED,
}


class Recorder:
    """Answers every request and keeps what would have gone over the wire."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "llama3.1-8B", "choices": []}
        return httpx.Response(200, json=body)

    def sync_client(self, **options: object) -> WeAI:
        return WeAI(http_client=httpx.Client(transport=httpx.MockTransport(self._answer)), **options)

    def async_client(self, **options: object) -> AsyncWeAI:
        return AsyncWeAI(http_client=httpx.AsyncClient(transport=httpx.MockTransport(self._answer)), **options)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["WEAI_API_KEY", "WEAI_BASE_URL", *OPENAI_VARIABLES]:
        monkeypatch.delenv(name, raising=False)
