"""The official clients with WeAI's environment variables in place of OpenAI's."""

from __future__ import annotations

import os
from typing import Any, Awaitable, Callable, Mapping, Optional, TypeVar, Union

from ._openai import openai

DEFAULT_BASE_URL = "https://weai.productscience.ai/v1"

_Key = TypeVar("_Key")


class WeAIError(openai.OpenAIError):
    """What the WeAI client itself refuses, before any request is sent."""


class _FromWeAIEnvironment:
    """The constructor of both clients."""

    def __init__(
        self,
        *,
        api_key: Union[str, Callable[[], str], Callable[[], Awaitable[str]], None] = None,
        base_url: Any = None,
        admin_api_key: Optional[str] = None,
        organization: Optional[str] = None,
        project: Optional[str] = None,
        webhook_secret: Optional[str] = None,
        default_headers: Optional[Mapping[str, str]] = None,
        **options: Any,
    ) -> None:
        super().__init__(
            api_key=_require_key(api_key),
            base_url=base_url or _read_environment("WEAI_BASE_URL") or DEFAULT_BASE_URL,
            default_headers=default_headers,
            **options,
        )
        # None makes the official constructor read the OPENAI_* variable of the same meaning, and it has no switch
        # for OPENAI_CUSTOM_HEADERS: what it found there is replaced by what the caller gave.
        self.admin_api_key = admin_api_key
        self.organization = organization
        self.project = project
        self.webhook_secret = webhook_secret
        self._custom_headers = dict(default_headers or {})
        self._ambient_authorizations = frozenset()


class WeAI(_FromWeAIEnvironment, openai.OpenAI):
    """The official synchronous client, pointed at WeAI.

    `api_key` comes from WEAI_API_KEY and `base_url` from WEAI_BASE_URL where they are not given;
    no OPENAI_* variable has an effect. The other arguments are those of `openai.OpenAI`.
    Raises `WeAIError` when there is no key.
    """


class AsyncWeAI(_FromWeAIEnvironment, openai.AsyncOpenAI):
    """The official asynchronous client, pointed at WeAI; see `WeAI`. A function given as `api_key` is awaited."""


def _require_key(api_key: Optional[_Key]) -> Union[_Key, str]:
    key = api_key or _read_environment("WEAI_API_KEY")
    if not key:
        raise WeAIError("No API key: set the WEAI_API_KEY environment variable, or pass WeAI(api_key=\"…\").")
    return key


def _read_environment(name: str) -> Optional[str]:
    return os.environ.get(name, "").strip() or None
