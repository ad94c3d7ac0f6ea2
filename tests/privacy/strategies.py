"""Events of strangers, and events with one secret planted where an identifier can be."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote

from hypothesis import strategies as st

from whiteout.privacy import IDENTIFIERS, decode_base64url, encode_base64url
from whiteout.privacy.identifiers import EntityField
from whiteout.protocol.parameters import NAMES, PAYLOAD_NAMES

CANARY = "Ca9n4ryX7q2"
"""A word that stands nowhere but where a test plants it."""

SNOWPLOW = "iglu:com.snowplowanalytics.snowplow"
CONTEXTS = f"{SNOWPLOW}/contexts/jsonschema/1-0-0"
UNSTRUCT = f"{SNOWPLOW}/unstruct_event/jsonschema/1-0-0"
UUID = "5c8e1c5e-3a0e-4f0e-9d53-0e6d4a1f7b10"

TEXT_PARAMETERS = ("page", "se_ca", "se_la", "se_pr", "tr_id", "ti_nm", "lang", "aid", "tna")
"""Parameters of free text."""

WHOLE_ENTITIES = [entity for row in IDENTIFIERS for entity in row.entities]
FIELDS: list[EntityField] = [place for row in IDENTIFIERS for place in row.entity_fields]
JSON_KEYS = sorted({key for row in IDENTIFIERS for key in row.json_keys})
JSON_ENDINGS = sorted({ending for row in IDENTIFIERS for ending in row.json_endings})

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
)
json_values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)


def b64(text: str) -> str:
    """Text as base64url."""
    return encode_base64url(text.encode()).decode()


@st.composite
def spelled(draw: st.DrawFn, name: str) -> str:
    """A name in any case, with separators between its letters."""
    parts = []
    for letter in name:
        parts.append(draw(st.sampled_from((letter.lower(), letter.upper()))))
        parts.append(draw(st.sampled_from(("", "", "", "", "_", "-", ".", " ", ":", "$", "__"))))
    return "".join(parts)


@st.composite
def encoded(draw: st.DrawFn, text: str) -> str:
    """Text with its punctuation percent-encoded not at all, once, twice or thrice."""
    for _ in range(draw(st.integers(0, 3))):
        text = quote(text, safe="")
    return text


@st.composite
def secret_urls(draw: st.DrawFn, secret: str) -> str:
    """A URL with a secret in one of the places from which it must go."""
    scheme = draw(st.sampled_from(("https:", "http:", "HTTPS:", "ht\ttps:", "app:", "")))
    slashes = draw(st.sampled_from(("//", "\\\\", "/\\", "///", "//", "//")))
    host = draw(st.sampled_from(("shop.example.com", "[2001:db8::1]", "b\u00fccher.example")))
    port = draw(st.sampled_from(("", ":8080")))
    path = draw(st.sampled_from(("", "/", "/a/b", "/a%20b/\u00e4", "/a//b", "/@bob/x")))
    key = draw(words)
    form = draw(
        st.sampled_from(
            (
                f"{secret}@|",
                f"{secret}:pw@|",
                f"me:{secret}@|",
                f"a@{secret}@|",
                f"{secret}%40|",
                f"{secret}%2540|",
                f"|?{key}={secret}",
                f"|?utm_source=x&{key}={secret}",
                f"|?{secret}",
                f"|?_sp={secret}.1600000000000",
                f"|?utm_email={secret}",
                f"|?utm_source=x%26{key}%3D{secret}",
                f"|?utm_source=x;{key}={secret}",
                f"|?utm_content=https%3A%2F%2F{secret}%40h.example%2F",
                f"|?utm_content=https%253A%252F%252Fh.example%252F%253Fq%253D{secret}",
                f"|?utm_content={secret}%40mail.example",
                f"|#{secret}",
                f"|?a=b#/route?{key}={secret}",
                f"|/p;jsessionid={secret}",
                f"|/p;{key}={secret}/q",
                f"|/p%3B{key}={secret}",
                f"|/p%3F{key}={secret}",
                f"|/p%253F{key}={secret}/more",
                f"|/p%23{secret}",
                f"|/p%3Fnext=/users/{secret}",
                f"|/users/{secret}@mail.example/edit",
                f"|/users/{secret}%40mail.example/edit",
                f"|/users/{secret}%252540mail.example",
                f"|/userId={secret}&x=1",
                f"|/go/https://{secret}@h.example/x",
                f"|/go/https:/{secret}@h.example/x",
                f"|/go/https%3A%2F%2F{secret}%40h.example%2Fx",
                f"|/go/https%3A%2F%2Fh.example%2F%3Fq%3D{secret}",
                f"|//{secret}@h.example",
            )
        )
    )
    front, _, back = form.partition("|")
    return f"{scheme}{slashes}{front}{host}{port}{path}{back}"


odd_urls = st.sampled_from(
    (
        f"https:/{CANARY}@host/p",
        f"https:{CANARY}@host/p",
        f"http:/\\{CANARY}:x@host",
        f"https://user:{CANARY}/w@host/x",
        f"https://{CANARY}:p/w@host/x",
        f"{CANARY}@host/path",
        f"{CANARY}@mail.example/path",
        f"/path?x={CANARY}",
        f"path;jsessionid={CANARY}/x",
        f"?{CANARY}",
        f"#{CANARY}",
        f"mailto:{CANARY}@mail.example",
        f"tel:{CANARY}",
        f"data:text/html,{CANARY}",
        f"javascript://host/%0a{CANARY}",
        f"file:///home/{CANARY}/page.html",
        f"blob:https://{CANARY}@host/x",
        f"view-source:https://host/?{CANARY}",
        f"C:\\Users\\{CANARY}",
        f"{CANARY}:password@host",
        f"https://{CANARY}\N{FULLWIDTH COMMERCIAL AT}host/",
        f"https://ho st/{CANARY}?x",
        f"https://\x00{CANARY}@host/",
        f"h\nttps://x\ty@{CANARY}@host/",
        f"  https://{CANARY}@host/  ",
        "https://host/" + "%" + "25" * 20 + f"3F{CANARY}",
        f"https://host/?utm_term={'%25' * 9}{CANARY}%40mail.example",
    )
)
"""URLs that browsers and people take for others than they look, with the canary in them."""


@st.composite
def secret_texts(draw: st.DrawFn, secret: str) -> str:
    """Ordinary text with a secret in a part of it from which it must go."""
    before = draw(st.sampled_from(("", "see ", "Hello, ", "(", "a=b ", "100% of ", 'href="')))
    after = draw(st.sampled_from(("", " and more", ".", ")", "!", "\n", " 50%")))
    url = draw(secret_urls(secret))
    part = draw(
        st.sampled_from(
            (
                f"https://shop.example/?email={secret}",
                f"page.html?email={secret}",
                f"//{secret}@host.example/x",
                f"{secret}@mail.example",
                f"bob+{secret}@mail.example.co",
                f"{secret}%40mail.example",
                f"mailto:{secret}",
                f"tel:{secret}",
                f"userId={secret}",
                f'user_email="{secret}"',
                f"foo=email={secret}",
                f"_sp_id.1fff={secret}",
                f"https%3A%2F%2Fh.example%2F%3Fq%3D{secret}",
            )
        )
    )
    return draw(st.sampled_from((f"{before}{part}{after}", url)))


@st.composite
def secret_json(draw: st.DrawFn, secret: str) -> Any:
    """JSON with a secret in a place of an identifier, somewhere inside."""
    kind = draw(st.integers(0, 7))
    item: Any
    if kind == 0:
        name = draw(st.sampled_from(JSON_KEYS).flatmap(spelled))
        item = {name: draw(st.sampled_from((secret, [secret], {"x": secret})))}
    elif kind == 1:
        ending = draw(st.sampled_from(JSON_ENDINGS).flatmap(spelled))
        item = {draw(words) + draw(st.sampled_from(("_", "", "."))) + ending: secret}
    elif kind == 2:
        place = draw(st.sampled_from(FIELDS))
        schema = f"iglu:{place.vendor}/{place.name}/jsonschema/1-0-0"
        fields = {draw(spelled(place.field)): secret}
        item = {draw(st.sampled_from(("schema",))): draw(cased(schema)), "data": fields}
        if draw(st.booleans()):
            item = {"schema": schema, **fields}
    elif kind == 3:
        vendor, name = draw(st.sampled_from(WHOLE_ENTITIES))
        schema = f"iglu:{vendor}/{name}/jsonschema/1-0-0"
        item = {"schema": draw(cased(schema)), draw(st.sampled_from(("data", "x"))): {"a": secret}}
    elif kind == 4:
        item = {draw(words) + draw(st.sampled_from(("Url", "_uri", "Href"))): draw(any_url(secret))}
    elif kind == 5:
        item = draw(st.sampled_from(("text", "labels"))), draw(secret_texts(secret))
        item = {item[0]: item[1]}
    elif kind == 6:
        item = {"name": draw(st.sampled_from(("email", "Cookie", "User-Id"))), "value": secret}
    else:
        item = {"payload": json.dumps(draw(secret_json(secret)))}
    for _ in range(draw(st.integers(0, 4))):
        other = draw(json_values)
        item = draw(
            st.sampled_from(([other, item], [item], {"inner": item}, {"a": 1, "b": [item]}))
        )
    return item


def any_url(secret: str) -> st.SearchStrategy[str]:
    """A URL with a secret in it, ordinary or odd."""
    return secret_urls(secret) | odd_urls if secret == CANARY else secret_urls(secret)


def cased(text: str) -> st.SearchStrategy[str]:
    """Text in one of its cases."""
    return st.sampled_from((text, text, text.upper(), text.title(), f" {text}"))


@st.composite
def secret_events(draw: st.DrawFn) -> dict[str, Any]:
    """A flat event with the canary in one or more places of identifiers."""
    event: dict[str, Any] = {"e": "pv", "p": "web", "tv": "py-1.0.0", "eid": UUID}
    identifiers = [p for row in IDENTIFIERS for p in row.parameters]
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.integers(0, 5))
        if kind == 0:
            name = draw(st.sampled_from(identifiers))
            event[name] = draw(st.sampled_from((CANARY, [CANARY], {"a": CANARY})))
        elif kind == 1:
            event[draw(st.sampled_from(("url", "refr")))] = draw(any_url(CANARY))
        elif kind == 2:
            event[draw(st.sampled_from(TEXT_PARAMETERS))] = draw(secret_texts(CANARY))
        elif kind == 3:
            text = json.dumps(draw(secret_json(CANARY)))
            event[draw(st.sampled_from(TEXT_PARAMETERS))] = text
        elif kind == 4:
            event[draw(st.sampled_from(("ua", "unknown", "UID", "user_id")))] = CANARY
        else:
            event.update(draw(nested_parameter(secret_json(CANARY))))
    return event


@st.composite
def nested_parameter(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, str]:
    """One of the four parameters that hold JSON, with some JSON in it."""
    value = draw(inner)
    name = draw(st.sampled_from(("co", "cx", "ue_pr", "ue_px")))
    envelope = (
        {"schema": CONTEXTS, "data": [value]}
        if name in ("co", "cx")
        else {"schema": UNSTRUCT, "data": value}
    )
    text = json.dumps(envelope)
    return {name: b64(text) if name in ("cx", "ue_px") else text}


any_events: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(sorted(NAMES)) | st.text(max_size=6),
    json_values
    | st.text(max_size=60)
    | any_url(CANARY)
    | secret_texts(CANARY)
    | json_values.map(json.dumps)
    | json_values.map(lambda value: b64(json.dumps(value))),
    max_size=8,
)
"""Events of which nothing is right."""

known_names = st.sampled_from((NAMES, PAYLOAD_NAMES))


def everything(parameters: dict[str, str]) -> str:
    """All text of a flat event, in every way in which it can be read, in lower case."""
    decoded = [
        decode_base64url(parameters[name].encode()).decode()
        for name in ("cx", "ue_px")
        if name in parameters
    ]
    together = "\n".join((*parameters, *parameters.values(), *decoded))
    readings = [together, together.replace('\\"', '"')]
    while unquote(readings[-1]) != readings[-1]:
        readings.append(unquote(readings[-1]))
    return "\n".join(readings).lower()
