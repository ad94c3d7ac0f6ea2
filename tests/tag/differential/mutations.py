"""Every fix, switched off: a patch of the bundled sources, and a scenario that must show it."""

from __future__ import annotations

Mutation = tuple[str, str, *tuple[str, ...]]
"""Name of the fix, scenario, then texts in the bundle, each with what takes its place."""

MUTATIONS: list[Mutation] = [
    ("W1", "enable server", "if (writing && t._strategy & COOKIES) {", "if (!t._domain) {"),
    ("W2, W3", "dnt", 'how === "drop"]', "false]"),
    ("W4", "leave the device", "if (was && !is) {", "if (false) {"),
    ("W5", "A CL", "!ANONYMOUS_PARAMETERS.test(key)", "false"),
    (
        "W6",
        "enable session",
        *("(compat ? taken && !(to & SESSION) : changed)", "(false)"),
        *("!t._config.upstreamCompat && t._level || 0", "0"),
    ),
    ("W7", "A CL", "if (!duid) return", "if (false) return"),
    ("W8", "enable session", "(compat || from & ANONYMOUS && !taken)", "true"),
    ("W9", "opt out", "if (!duid) return", "if (false) return"),
    ("W10", "AV CL", 'server ? "no-referrer"', 'false ? "no-referrer"'),
    ("W11", "A CL", 'const [bare, rest = ""] =', 'return url; const [bare, rest = ""] ='),
    ("W12", "AS CL", '"as"', '"id"'),
    (
        "W13",
        "malformed cookie",
        "attempt(() => decodeURIComponent(text)) ?? text",
        "decodeURIComponent(text)",
    ),
    ("W14", "enable server", "resolve(options ?? true, t._wanted)", "resolve(options ?? true)"),
    ("W15", "enable nothing", "if (options === false)", "if (false)"),
    ("W16", "stale", "moved && from & IDENTIFIED", "false"),
    ("W17", "clear", "_purge() {", "_purge() { return 0;"),
    ("W18", "id service", "t._level & IDENTIFIED && items[0]", "items[0]"),
    ("W19", "A CL", "!IDENTIFYING_KEYS.test(", "!/^$/.test("),
    ("W20", "gpc", "respectGlobalPrivacyControl ?? true", "respectGlobalPrivacyControl ?? false"),
    ("W22", "A C", "t._level & (IDENTIFIED | SESSION)", "t._level & 15"),
    ("W23", "wait", "if (taken) demote(true);", ""),
    ("W24", "A CL", 't._config.anonymousFields === "full" : t._config.upstreamCompat', "0 : true"),
    ("W25", "I N", "contexts?.session && t._strategy && !inApp", "contexts?.session && !inApp"),
    ("W26", "wrong cookie", '.test(text) ? text : ""', ' ? text : ""'),
    ("W27", "told", "session !== t._told", "session"),
    ("W29", "beacon", '_get: method === "get"', '_get: method !== "post"'),
    ("contract 1", "AS N", "t._unusable || !t._strategy ?", "t._unusable ?"),
    ("R137", "I CL", "storage.removeItem(key)", 'storage.setItem(key, "[]")'),
]
