"""The one import of the official package, which looks at OPENAI_LOG while it is imported."""

from __future__ import annotations

import os

_log_level = os.environ.pop("OPENAI_LOG", None)
try:
    import openai as openai
finally:
    if _log_level is not None:
        os.environ["OPENAI_LOG"] = _log_level
