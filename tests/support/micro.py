"""Key sets of the answers of `/micro` (D-14, D-18), as suites of others know them."""

from __future__ import annotations

RAW_EVENT = {"api", "parameters", "contentType", "source", "context"}
PAYLOAD = {"api", "querystring", "contentType", "body", "source", "context"}
SOURCE = {"name", "encoding", "hostname"}
CONTEXT = {"timestamp", "ipAddress", "useragent", "refererUri", "headers", "userId"}
GOOD = {"rawEvent", "eventType", "schema", "contexts", "event", "incomplete"}
BAD = {"collectorPayload", "rawEvent", "errors"}
