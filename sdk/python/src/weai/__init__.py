"""WeAI's client: `from weai import WeAI, AsyncWeAI`."""

from __future__ import annotations

from ._client import DEFAULT_BASE_URL, AsyncWeAI, WeAI, WeAIError

# After _openai, which keeps OPENAI_LOG away from this import.
from openai import (
    NOT_GIVEN,
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AsyncStream,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ContentFilterFinishReasonError,
    DefaultAsyncHttpxClient,
    DefaultHttpxClient,
    InternalServerError,
    LengthFinishReasonError,
    NotFoundError,
    NotGiven,
    OpenAIError,
    PermissionDeniedError,
    RateLimitError,
    Stream,
    Timeout,
    UnprocessableEntityError,
    pydantic_function_tool,
    types,
)

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_BASE_URL",
    "NOT_GIVEN",
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncStream",
    "AsyncWeAI",
    "AuthenticationError",
    "BadRequestError",
    "ConflictError",
    "ContentFilterFinishReasonError",
    "DefaultAsyncHttpxClient",
    "DefaultHttpxClient",
    "InternalServerError",
    "LengthFinishReasonError",
    "NotFoundError",
    "NotGiven",
    "OpenAIError",
    "PermissionDeniedError",
    "RateLimitError",
    "Stream",
    "Timeout",
    "UnprocessableEntityError",
    "WeAI",
    "WeAIError",
    "__version__",
    "pydantic_function_tool",
    "types",
]
