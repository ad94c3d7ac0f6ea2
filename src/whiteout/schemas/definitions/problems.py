"""Errors of applications."""

from __future__ import annotations

from whiteout.protocol.iglu import SNOWPLOW as VENDOR
from whiteout.schemas.definitions.fields import Field, flag, members, one_of, or_null, text, whole

__all__ = ["SCHEMAS", "VENDOR"]

_REQUIRED = {
    "programmingLanguage": one_of(
        "JAVA",
        "SCALA",
        "KOTLIN",
        "GROOVY",
        "RUBY",
        "GOLANG",
        "JAVASCRIPT",
        "PHP",
        "PYTHON",
        "OBJECTIVEC",
        "SWIFT",
        "C",
        "CPLUSPLUS",
        "CSHARP",
        "ACTIONSCRIPT",
        "LUA",
        "RUST",
        "HASKELL",
        "CLOJURE",
        "ERLANG",
        "ELIXIR",
        "CRYSTAL",
        "PONY",
        "NIM",
    ),
    "message": text(2048),
}
_NAME = or_null(text(1024))
_TRACE = or_null(text(8192))
_COUNT = or_null(whole())
_OPTIONAL = {
    "threadName": _NAME,
    "threadId": _COUNT,
    "stackTrace": _TRACE,
    "lineNumber": _COUNT,
    "className": _NAME,
    "exceptionName": _NAME,
    "isFatal": or_null(flag()),
}
_PLACE = {"lineColumn": _COUNT, "fileName": _NAME}

SCHEMAS: dict[str, Field] = {
    "application_error/jsonschema/1-0-0": members(_REQUIRED, _OPTIONAL),
    "application_error/jsonschema/1-0-1": members(_REQUIRED, {**_OPTIONAL, **_PLACE}),
    "application_error/jsonschema/1-0-2": members(
        _REQUIRED, {**_OPTIONAL, **_PLACE, "causeStackTrace": _TRACE}
    ),
}
"""Each schema by name, format and version."""
