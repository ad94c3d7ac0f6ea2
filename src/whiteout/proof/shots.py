"""The requests of the canary proof: well-formed and broken in every way, each full of identifiers.

None of them says whether it is anonymous; that is for the proof to add.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from whiteout.proof.canaries import Canaries
from whiteout.proof.planting import Planter, encoded, envelope
from whiteout.proof.wire import request

TP2 = "/com.snowplowanalytics.snowplow/tp2"
JSON = "application/json; charset=UTF-8"
OVERSIZE = 10 * 1024 * 1024
"""Bytes of a body that is much too large."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One request. `shape` names what is special about it, `statuses` are the answers it may get.

    An empty `statuses` is for requests that are broken off and get no answer.
    """

    shape: str
    method: str
    path: str
    headers: list[tuple[str, str]]
    query: str = ""
    body: bytes | None = None
    statuses: tuple[int, ...] = (200,)

    def raw(self, signal: list[tuple[str, str]], prefix: str, *, host: str = "127.0.0.1") -> bytes:
        """Its bytes, with the headers and the path prefix that say how it is to be treated."""
        target = prefix + self.path + (f"?{self.query}" if self.query else "")
        return request(self.method, target, [*signal, *self.headers], self.body, host=host)


def shots(canaries: Canaries, tag: str) -> Iterator[Shot]:
    """Every request once; `tag` ends the app ids, so that two rounds can be told apart."""
    for make in (well_formed, _broken_bodies, _broken_events, _broken_requests):
        yield from make(canaries, tag)


def _post(
    plant: Planter,
    body: bytes,
    content_type: str = JSON,
    query: str = "",
    path: str = TP2,
    statuses: tuple[int, ...] = (200,),
) -> Shot:
    headers = [*plant.headers(), ("Content-Type", content_type)]
    return Shot(plant.shape, "POST", path, headers, query, body, statuses)


def _get(
    plant: Planter, query: str, path: str, method: str = "GET", statuses: tuple[int, ...] = (200,)
) -> Shot:
    return Shot(plant.shape, method, path, plant.headers(), query, None, statuses)


ANYWHERE = {
    "POST tp2": ("POST", TP2),
    "GET tp2": ("GET", TP2),
    "GET i": ("GET", "/i"),
    "HEAD i": ("HEAD", "/i"),
    "HEAD tp2": ("HEAD", TP2),
}
"""The transports of matrix F.2 that every collector has, by the shape of their request."""

CUSTOM_PATH = "/canary/track"
"""A path of the operator's own that stands for that of POST."""
REDIRECT_HOST = "shop.example.test"
"""Where the redirect leads."""

MATRIX = {
    **ANYWHERE,
    "POST custom path": ("POST", CUSTOM_PATH),
    "GET custom path": ("GET", CUSTOM_PATH),
    "redirect": ("GET", "/r/tp2"),
}
"""All transports of matrix F.2; these need settings."""


def well_formed(canaries: Canaries, tag: str) -> Iterator[Shot]:
    """Valid events by every transport, with entities and self-describing events in both codings."""
    for shape, (method, path) in MATRIX.items():
        plant = Planter(canaries, shape)
        event = plant.event(f"{shape}.{tag}", co=plant.contexts(plant.session_entities()))
        statuses = (200,) if shape in ANYWHERE else (200, 302, 404)
        if shape == "redirect":
            event["u"] = f"https://{REDIRECT_HOST}/next"
        if method == "POST":
            yield _post(plant, envelope(event), path=path, statuses=statuses)
        else:
            yield _get(plant, urlencode(event), path, method, statuses)
    plant = Planter(canaries, "base64")
    event = plant.event(f"base64.{tag}", e="ue", ue_px=encoded(plant.unstruct()))
    event["cx"] = encoded(plant.contexts(plant.session_entities()))
    yield _post(plant, envelope(event, event))
    yield _get(Planter(canaries, "base64 get"), urlencode(event), "/ice.png")
    plant = Planter(canaries, "self-describing")
    event = plant.event(f"self-describing.{tag}", e="ue", ue_pr=plant.unstruct())
    yield _post(plant, envelope(event), query=urlencode(plant.parameters()))
    plant = Planter(canaries, "headers alone")
    event = plant.event(f"headers alone.{tag}")
    for name in plant.parameters():
        del event[name]
    yield _post(plant, envelope(event))
    plant = Planter(canaries, "entities")
    each = [
        plant.event(f"entities.{tag}", co=plant.contexts([entity]))
        for entity in plant.identifying_entities()
    ]
    yield _post(plant, envelope(*each))
    plant = Planter(canaries, "entities in json")
    event = plant.event(
        f"entities in json.{tag}", e="ue", ue_pr=plant.contexts(plant.identifying_entities())
    )
    yield _post(plant, envelope(event))


def _broken_bodies(canaries: Canaries, tag: str) -> Iterator[Shot]:
    """Bodies that are not what a body should be."""

    def whole(plant: Planter) -> bytes:
        entities = plant.contexts(plant.session_entities())
        return envelope(plant.event(f"{plant.shape}.{tag}", co=entities))

    broken: dict[str, Callable[[bytes], bytes]] = {
        "malformed json": lambda body: body.replace(b'"data"', b'"data",'),
        "truncated json": lambda body: body[: len(body) * 2 // 3],
        "not json": lambda body: b"uid=" + body,
        "text behind json": lambda body: body + body,
        "bad utf-8": lambda body: body.replace(b"Checkout", b"Check\xff\xfeout"),
        "nul bytes": lambda body: body.replace(b"Checkout", b"Check\0out"),
        "utf-16": lambda body: body.decode().encode("utf-16"),
        "json in a string": lambda body: json.dumps(body.decode()).encode(),
        "no envelope": lambda body: json.dumps(json.loads(body)["data"]).encode(),
        "data is an object": lambda body: body.replace(b": [{", b": {", 1).rstrip(b"]}") + b"}}",
        "other envelope": lambda body: body.replace(b"payload_data", b"payload_date"),
        "deep": lambda body: b'{"a":' * 60 + body + b"}" * 60,
        "very deep": lambda body: b"[" * 200_000 + body + b"]" * 200_000,
    }
    for shape, breaking in broken.items():
        plant = Planter(canaries, shape)
        yield _post(plant, breaking(whole(plant)))
    plant = Planter(canaries, "schema of the envelope")
    schema = f"iglu:com.example/{plant.text('schema')}/jsonschema/1-0-0"
    yield _post(plant, json.dumps({"schema": schema, "data": [plant.json()]}).encode())
    plant = Planter(canaries, "oversized")
    start, end = whole(plant), plant.text("end of an oversized body").encode()
    filler = b" " * (OVERSIZE // 2 - len(start))
    yield _post(plant, start + filler + start + filler + end, statuses=(413, 422))
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        plant = Planter(canaries, f"type {content_type}")
        boundary = f"{content_type}; boundary={plant.text('content type')}"
        yield _post(plant, whole(plant), boundary)
        yield _post(plant, urlencode(plant.parameters()).encode(), content_type)
    plant = Planter(canaries, "unknown type")
    yield _post(plant, whole(plant), f"application/{plant.text('content type')}")
    plant = Planter(canaries, "no type")
    yield Shot(plant.shape, "POST", TP2, plant.headers(), "", whole(plant))
    plant = Planter(canaries, "empty body")
    yield _post(plant, b"", query=urlencode(plant.event(f"empty body.{tag}")))


def _broken_events(canaries: Canaries, tag: str) -> Iterator[Shot]:
    """Events with something wrong in them, by POST and where it can be said there by GET."""
    broken: dict[str, Callable[[Planter], dict[str, str]]] = {
        "bad base64": lambda p: {"cx": f"!{p.text('bad base64')}", "ue_px": "%%"},
        "malformed json in base64": lambda p: {
            "cx": encoded(p.contexts(p.session_entities())[:-9])
        },
        "malformed json entities": lambda p: {"co": p.contexts(p.session_entities())[:-9]},
        "deep entities": lambda p: {"co": '{"data":' * 60 + p.contexts([p.json()]) + "}" * 60},
        "entities are a string": lambda p: {"co": json.dumps(p.text("string for entities"))},
        "no schema": lambda p: {
            "co": json.dumps({"data": [p.json()]}),
            "ue_pr": json.dumps(p.json()),
        },
        "unknown schema": lambda p: {"co": p.contexts([_entity("com.example/what/", p)])},
        "odd schema": lambda p: {"co": p.contexts([_entity("Com.Snowplow//x/", p)])},
        "wrong schema": lambda p: {
            "co": p.contexts([_entity("com.snowplowanalytics.snowplow/client_session/", p)])
        },
        "unknown parameter": lambda p: {p.text("name of a parameter"): p.text("unknown parameter")},
        "wrong event": lambda _: {"e": "zz"},
        "wrong values": lambda p: {"sid": p.text("sid"), "vid": p.text("vid"), "ip": p.text("ip")},
        "bad url": lambda p: {"url": f"https://[{p.text('bad url')}", "refr": f"?{p.text('refr')}"},
        "long": lambda p: {"uid": p.text("long uid") * 500, "url": f"/?a={p.text('long') * 1_000}"},
    }
    for shape, breaking in broken.items():
        plant = Planter(canaries, shape)
        event = plant.event(f"{shape}.{tag}", **breaking(plant))
        yield _post(plant, envelope(event, plant.event(f"{shape}.{tag}")))
        yield _get(plant, urlencode(event), TP2)
        yield _get(plant, urlencode(event), "/i", "HEAD")
    plant = Planter(canaries, "wrong types")
    one = plant.event(f"wrong types.{tag}")
    wrong: list[object] = [
        {key: [value] for key, value in one.items()},
        {key: {key: value} for key, value in one.items()},
        {**one, "vid": int(one["vid"]), "co": plant.json(), "uid": True, "duid": None},
        {**one, "co": [plant.json()], "url": {"href": plant.url("url")}},
        plant.text("string for an event"),
        [plant.json()],
        int(plant.number("number for an event")),
        None,
    ]
    yield _post(plant, envelope(*wrong))
    plant = Planter(canaries, "duplicate keys")
    body = envelope(one).replace(b'"uid"', b'"uid": "%s", "uid"' % plant.text("first").encode())
    yield _post(plant, body)
    yield _get(
        plant, f"{urlencode(one)}&uid={plant.text('second')}&duid={plant.uuid('third')}", "/i"
    )


def _entity(kind: str, plant: Planter) -> dict[str, object]:
    return {"schema": f"iglu:{kind}jsonschema/1-0-0", "data": plant.json()}


def _broken_requests(canaries: Canaries, tag: str) -> Iterator[Shot]:
    """Paths, queries and methods that no tracker uses."""
    plant = Planter(canaries, "paths")
    query = urlencode(plant.event(f"paths.{tag}"))
    body = envelope(plant.event(f"paths.{tag}"))
    word = plant.text("path")
    yield _post(plant, body, query=query, path=f"/{word}/{word}")
    yield _get(plant, query, f"/com.example/{word}")
    yield _get(plant, query, f"/{word}/tp2", "HEAD")
    yield _get(plant, query, f"{TP2}%2F{word}", statuses=(200, 404))
    for path in (f"/{word}", f"/a/{word}/c", f"/i/{word}/", f"//{word}", f"/{quote('ä')}{word}"):
        yield _post(plant, body, query=query, path=path, statuses=(200, 404))
        yield _get(plant, query, path, statuses=(200, 404))
    target = f"u=https%3A%2F%2Fexample.test%2F%3F{word}"
    yield _get(plant, f"{target}&{query}", "/r/tp2", statuses=(400, 404))
    for method in ("PUT", "PATCH", "DELETE", "PROPFIND", "OPTIONS"):
        yield Shot("methods", method, TP2, plant.headers(), query, body, (200, 404, 405))
    plant = Planter(canaries, "queries")
    one = urlencode(plant.event(f"queries.{tag}"))
    for bad in (
        f"{one}&uid=%zz{plant.text('bad percent')}",
        f"{one}&uid={{{plant.text('braces')}}}|",
        f"{one};uid={plant.text('semicolon')};",
        f"{plant.text('bare query')}",
        f"&&==&{plant.text('name without a value')}&={plant.text('value without a name')}&",
        "&".join(f"{plant.text('many')}{number}={number}" for number in range(1_200)),
        f"{one}&uid=%ff%fe{plant.text('bad utf-8 in a query')}%00",
        f"cx={plant.text('nothing but cx')}",
        f"%75id={plant.text('encoded name')}&{one}",
    ):
        yield _get(plant, bad, "/i")
        yield _get(plant, bad, TP2, "HEAD")
        yield _post(plant, envelope(plant.event(f"queries.{tag}")), query=bad)
    plant = Planter(canaries, "hostile headers")
    for headers in (
        [("Cookie", f"sp={plant.text('cookie')}\x01; =; ;{plant.text('cookie')}")],
        [("Cookie", f'sp="{plant.text("cookie")}"'), ("cookie", f"sp={plant.uuid('cookie')}")],
        [("User-Agent", f"{plant.text('agent')}\xff" * 300)],
        [("Referer", f"javascript:{plant.text('referer')}")],
        [("Referer", f"//{plant.text('referer')}@example.test/?{plant.text('referer')}")],
        [
            ("Origin", f"null {plant.text('origin')}"),
            ("Origin", f"https://{plant.text('origin')}@x"),
        ],
        [("X-Forwarded-For", f"{plant.text('address')}, unknown, , ::ffff:198.51.100.7")],
        [("Transfer-Encoding", plant.text("coding"))],
        [("Expect", plant.text("expectation"))],
        [("Upgrade", f"websocket, {plant.text('upgrade')}"), ("Sec-WebSocket-Key", "x")],
    ):
        event = urlencode(plant.event(f"hostile headers.{tag}"))
        statuses = (200, 400, 404, 417, 426, 501)
        yield Shot(plant.shape, "GET", "/i", headers, event, None, statuses)


def broken_connections(
    canaries: Canaries, signal: list[tuple[str, str]], prefix: str
) -> Iterator[bytes]:
    """Bytes that are hardly HTTP, or a request that never ends; what comes back does not matter."""
    plant = Planter(canaries, "connections")
    query = urlencode(plant.event("connections"))
    path, head = prefix + TP2, [*signal, *plant.headers()]
    whole = request("POST", f"{path}?{query}", head, envelope(plant.event("x")))
    yield whole[:-200]
    yield whole[: len(whole) // 3]
    yield whole.replace(b"HTTP/1.1", b"HTTP/1.0")
    yield whole.replace(b"HTTP/1.1", b"HTTP/9.9")
    yield whole.replace(b"POST /", b"POST http://%s@127.0.0.1/" % plant.text("user").encode(), 1)
    yield whole.replace(b"\r\nConnection: close", b"\r\n%s" % plant.text("no colon").encode())
    yield whole.replace(b"\r\nConnection", b"\r\n folded-%s" % plant.text("folded").encode())
    yield whole.replace(b"Host: ", b"Host: %s@" % plant.text("host").encode())
    yield whole.replace(b"Connection: close", b"X: %s" % (plant.text("huge").encode() * 40_000))
    yield b"%s\r\n\r\n" % plant.text("not http").encode()
    chunk = envelope(plant.event("chunked"))
    head += [("Transfer-Encoding", "chunked"), ("Content-Type", JSON)]
    yield request("POST", path, head) + b"%x;%s=1\r\n%s\r\n0\r\nX-Trailer: %s\r\n\r\n" % (
        len(chunk),
        plant.text("extension of a chunk").encode(),
        chunk,
        plant.text("trailer").encode(),
    )
    yield request("POST", path, head) + b"zz%s\r\n" % plant.text("bad chunk").encode()
