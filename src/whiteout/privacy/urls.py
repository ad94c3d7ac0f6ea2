r"""URLs without what identifies (B-68, B-69, B-73, F-P4, F-P5; contract 13).

Text from strangers: nothing here raises, the time is proportional to the length, and what cannot be
understood is cut rather than kept. Browsers read `\` as `/`, drop tabs and line feeds, and take
`https:/user@host` for a URL with user info; so does this module.
"""

from __future__ import annotations

import re
from urllib.parse import quote, quote_plus, unquote_plus

from whiteout.privacy.findings import Findings
from whiteout.privacy.identifiers import BY_NAME, Identifier, IdentifierClass
from whiteout.privacy.keys import identifier_of
from whiteout.privacy.words import scrub_words, unquote_fully

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{0,31}:")
_WEB = frozenset({"http:", "https:", "ws:", "wss:", "ftp:"})
_WITHOUT_HOST = frozenset(
    {
        *("about:", "blob:", "data:", "file:", "geo:", "intent:", "javascript:", "mailto:"),
        *("sip:", "sms:", "tel:", "view-source:", "xmpp:"),
    }
)
_URL_INSIDE = re.compile(r"[\\/]{2}|(?:https?|ftp|wss?|mailto|sip|sms|tel|xmpp):", re.IGNORECASE)
_HOST = re.compile(r"(?:[\w.\-~]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{0,5})?")
_CAMPAIGN = re.compile(r"utm_([a-z0-9_]{1,40})")
_SEPARATORS = re.compile("[&;]")
_VALUE_END = re.compile("[&?#;]")
_QUERY_MARKS = re.compile("[?#;]")
_LINKER = "_sp"
_NOBODY = frozenset({"", "undefined", "null"})
_SAFE = "!$&'()*+,=:@~"
_PASSES = 4

_STAYS = "utm_"
_MOST_KNOWN = 512
# Only names that are ordinary words are remembered here.
_roles: dict[str, str] = {}
USUAL_HEAD = r"https?://[A-Za-z0-9.\-]{1,255}+(?::[0-9]{1,5})?+(?:/[\w\-.~!$&'()*+,:]*+)*+"
"""A pattern for a URL that loses nothing but its query and its fragment."""

_USUAL_HEAD = re.compile(USUAL_HEAD)
_USUAL_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]{1,255}(?::[0-9]{1,5})?(?=/|\Z)")
_USUAL_KEY = re.compile(r"[a-z_\-]{1,40}[0-9]{0,2}")
_USUAL_VALUE = re.compile(r"[A-Za-z0-9_.~\-]*")

_SLASHES = r"(?:[\\/]|%(?:25)*(?:2f|5c))"
_FRONT = re.compile(
    r"((?:https?|wss?|ftp):[\\/]*|(?:[a-z][a-z0-9+.\-]{0,31}:)?[\\/]{2,})[^\\/?#]*@", re.IGNORECASE
)
_NESTED = re.compile(rf"(?::|%(?:25)*3a){_SLASHES}{{2,}}", re.IGNORECASE)
_AUTHORITY_END = re.compile(rf"[?#&\s]|{_SLASHES}|%(?:25)*(?:3f|23|26)", re.IGNORECASE)
_AT = re.compile(r"@|%(?:25)*40")


def scrub_url(url: str, *, keep_campaign: bool = True, findings: Findings | None = None) -> str:
    """A URL as an anonymous event may hold it (contract 13).

    Kept: scheme, host, port and path, and of the query the `utm_*` parameters (none of them when
    `keep_campaign` is false). Removed: user info, fragment, path parameters (`;jsessionid=…`), the
    rest of the query, and e-mail addresses and named identifiers in what is kept, also where they
    are percent-encoded. A URL without `//` behind its scheme (`mailto:`, `tel:`, `data:`) keeps
    only the scheme, and so does `file:`. `findings` is told what was found.
    """
    findings = Findings() if findings is None else findings
    for _ in range(_PASSES):
        clean, settled = _scrub(url, findings, keep_campaign=keep_campaign)
        if settled or clean == url:
            return clean
        url = clean
    return ""


def usual_url(url: str, *, keep_campaign: bool, names: set[str]) -> str | None:
    """What `scrub_url` gives for a usual URL; None for any other. `names` gets what was found.

    Nothing is decoded here. Where a value that was found stands in the URL, this must not be asked.
    """
    head, mark, fragment = url.partition("#")
    if mark and "=" in fragment:
        return None
    head, _, query = head.partition("?")
    if _USUAL_HEAD.fullmatch(head) is None or "eyJ" in url:
        return None
    kept = usual_query(query, keep_campaign=keep_campaign, names=names) if query else ""
    return None if kept is None else head + kept


def usual_query(query: str, *, keep_campaign: bool, names: set[str]) -> str | None:
    """What stays of the query of a usual URL, with the mark before it; as `usual_url`."""
    kept: list[str] = []
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        role = _roles.get(key)
        if role is None:
            role = _role(key)
        if role == _STAYS and _USUAL_VALUE.fullmatch(value):
            kept.append(pair)
        elif role is None or role == _STAYS or ";" in value:
            return None
        elif role and value:
            names.add(role)
    return f"?{'&'.join(kept)}" if kept and keep_campaign else ""


def _role(key: str) -> str | None:
    """What is done with a parameter of this name; None when that takes a closer look.

    It stays (`_STAYS`), goes without a word (empty), or goes and is noted as this identifier.
    """
    name = key.lower()
    if _USUAL_KEY.fullmatch(name) is None or name == _LINKER:
        return None
    match = _CAMPAIGN.fullmatch(name)
    identifier = identifier_of(name if match is None else match[1])
    if identifier is None:
        role = "" if match is None else _STAYS
    else:
        role = "" if identifier.kind is IdentifierClass.SESSION else identifier.name
    if len(_roles) >= _MOST_KNOWN:
        _roles.clear()
    _roles[key] = role
    return role


def origin_of(url: str) -> str | None:
    """Scheme, host and port of a URL with a host; None for any other text (B-69)."""
    usual = _USUAL_ORIGIN.match(url)
    if usual is not None:
        return usual.group()
    head, _, _ = _split(url)
    match = _SCHEME.match(head)
    if match is None or not head.startswith("//", match.end()):
        return None
    if match.group().lower() in _WITHOUT_HOST:
        return None
    host = _host(head[match.end() :].lstrip("/").partition("/")[0], Findings())
    return None if host is None else f"{match.group()}//{host}"


def tidy_url(url: str) -> str:
    """A URL as an identified event keeps it: without user info and `_sp` (contract 13, B-73)."""
    for _ in range(_PASSES):
        clean = _tidy(url)
        if clean == url:
            return clean
        url = clean
    return ""


def linker_value(url: str) -> str | None:
    """The value of the cross-domain parameter `_sp` in a URL's query, decoded; None without one."""
    query = url.partition("#")[0].partition("?")[2]
    for pair in _pairs(query):
        if _key(pair) == _LINKER:
            return unquote_plus(pair.partition("=")[2])
    return None


def _tidy(url: str) -> str:
    text = _CONTROLS.sub("", url).strip()
    if "@" in text or "%" in text:
        text = _without_nested_userinfo(_FRONT.sub(r"\1", text, count=1))
    bare, mark, fragment = text.partition("#")
    return f"{_without_linker(bare)}{mark}{_without_linker(fragment)}"


def _split(url: str) -> tuple[str, str, str]:
    """What stands before the query, the query, and the fragment, as a browser would split them."""
    text = url if url.isascii() else url.encode("utf-8", "replace").decode()
    text = _CONTROLS.sub("", text).replace("\\", "/").strip()
    bare, _, fragment = text.partition("#")
    head, _, query = bare.partition("?")
    return head, query, fragment


def _scrub(url: str, findings: Findings, *, keep_campaign: bool) -> tuple[str, bool]:
    """A URL without what identifies, and whether nothing was changed in the parts that stay."""
    head, query, fragment = _split(url)
    kept, settled = _query(query, findings)
    if "=" in fragment:
        _query(fragment.rpartition("?")[2], findings)
    match = _SCHEME.match(head)
    scheme = "" if match is None else match.group()
    name = scheme.lower()
    alone = scheme if name in _WEB or name in _WITHOUT_HOST else ""
    rest = head[len(scheme) :]
    if scheme and (not rest.startswith("//") or name in _WITHOUT_HOST):
        return alone, bool(alone)
    if rest.startswith("//"):
        authority, slash, path = rest.lstrip("/").partition("/")
        host = _host(authority, findings)
        if host is None:
            return alone, bool(alone)
        clean = f"{scheme}//{host}{slash}{_path(path, findings, opens=False)}"
    else:
        slash = rest[:1] if rest.startswith("/") else ""
        clean = slash + _path(rest[len(slash) :], findings, opens=not slash)
    if not keep_campaign or not kept:
        clean = clean.strip()
        return clean, clean == head
    return f"{clean}?{'&'.join(kept)}", settled and clean == head


def _host(authority: str, findings: Findings) -> str | None:
    """Host and port without user info; None when that is no host."""
    plain = unquote_fully(authority) if "%" in authority else authority
    if plain is None:
        return None
    user, _, host = plain.rpartition("@")
    if user:
        findings.note("credentials")
    host = findings.without_values(host.partition(";")[0])
    return host if _HOST.fullmatch(host) else None


def _path(path: str, findings: Findings, *, opens: bool) -> str:
    """The segments of a path, each without what identifies, up to where a query begins after all.

    `opens` tells whether the first segment can be the authority of a URL, user info included.
    """
    kept: list[str] = []
    for segment in path.split("/"):
        clean, ends = _segment(segment, findings, opens=opens)
        kept.append(clean)
        if ends:
            break
        opens = not segment or segment.endswith(":")
    return "/".join(kept)


def _segment(segment: str, findings: Findings, *, opens: bool) -> tuple[str, bool]:
    """A segment without what identifies, and whether a query or a fragment begins in it."""
    plain = unquote_fully(segment) if "%" in segment else segment
    if plain is None:
        return "", True
    ends = "?" in plain or "#" in plain
    if "/" in plain or "\\" in plain:
        clean = scrub_url(plain, keep_campaign=False, findings=findings)
    else:
        clean = _QUERY_MARKS.split(plain, maxsplit=1)[0]
        if opens and "@" in clean:
            findings.note("credentials")
            clean = clean.rpartition("@")[2]
        clean = scrub_words(clean, findings)
    return segment if clean == plain else quote(clean, safe=_SAFE), ends


def _query(query: str, findings: Findings) -> tuple[list[str], bool]:
    """The `utm_*` pairs that stay of a query, and whether each of them stays as it was.

    Tells which identifiers stood in the query; only `_sp` says who sent the event.
    """
    kept: list[str] = []
    settled = True
    for pair in _pairs(query):
        key = _key(pair)
        match = _CAMPAIGN.fullmatch(key)
        identifier = identifier_of(key if match is None else match[1])
        if identifier is not None:
            _note(key, pair.partition("=")[2], identifier, findings)
        elif match is not None:
            clean = _campaign(pair, findings)
            settled = settled and clean == pair
            if clean:
                kept.append(clean)
    return kept, settled


def _note(key: str, value: str, identifier: Identifier, findings: Findings) -> None:
    if key == _LINKER:
        user, *others = unquote_plus(value).split(".")
        business = others[2] if len(others) > 2 else ""
        for name, part in (("domain_userid", user), ("user_id", business)):
            if part not in _NOBODY:
                findings.carries(BY_NAME[name], part)
    if value and identifier.kind is not IdentifierClass.SESSION:
        findings.note(identifier.name)


def _campaign(pair: str, findings: Findings) -> str:
    """A `utm_*` pair without what identifies in its value; empty when nothing stays."""
    key, _, value = pair.partition("=")
    plain = unquote_fully(unquote_plus(value)) or ""
    clean = _VALUE_END.split(plain, maxsplit=1)[0]
    if _URL_INSIDE.search(clean):
        clean = scrub_url(clean, keep_campaign=False, findings=findings)
    else:
        clean = scrub_words(clean, findings)
    if clean == plain and (plain or not value):
        return pair
    return f"{key}={quote_plus(clean)}" if clean else ""


def _pairs(query: str) -> list[str]:
    return [pair for pair in _SEPARATORS.split(query) if pair] if query else []


def _key(pair: str) -> str:
    key = pair.partition("=")[0]
    return (unquote_plus(key) if "%" in key or "+" in key else key).strip().lower()


def _without_linker(text: str) -> str:
    path, mark, query = text.partition("?")
    pairs = _pairs(query)
    kept = [pair for pair in pairs if _key(pair) != _LINKER]
    if len(kept) == len(pairs):
        return text
    return f"{path}{mark}{'&'.join(kept)}" if kept else path


def _without_nested_userinfo(text: str) -> str:
    """Cut user info out of every URL that stands in a text, percent-encoded ones included."""
    kept: list[str] = []
    position = 0
    for match in _NESTED.finditer(text):
        end = _AUTHORITY_END.search(text, match.end())
        stop = len(text) if end is None else end.start()
        last = max((at.end() for at in _AT.finditer(text, match.end(), stop)), default=None)
        if last is not None:
            kept.append(text[position : match.end()])
            position = last
    return "".join((*kept, text[position:]))
