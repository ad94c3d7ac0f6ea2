"""The function of the page, events, entities and plugins (chapters 5 to 7)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser

from tests.support.web import prepare
from tests.tag.pages import tab
from tests.tag.stub import Stub, entities, self_describing

pytestmark = pytest.mark.asyncio(loop_scope="session")

PREFERENCES = {
    "basisForProcessing": "consent",
    "consentUrl": "https://shop.example.test/privacy",
    "consentVersion": "2",
    "consentScopes": ["analytics"],
    "domainsApplied": ["shop.example.test"],
    "gdprApplies": None,
}


async def test_commands_before_the_script_run_in_order(
    browser: Browser, url: str, stub: Stub
) -> None:
    """What was called before the script came runs then, in order (R99, R100)."""
    early = (
        "window.snowplow = function () { snowplow.q.push(arguments) }; snowplow.q = [];"
        "window.GlobalSnowplowNamespace = ['snowplow'];"
        f"snowplow('newTracker', 'sp', '{stub.url}');"
        "snowplow('trackPageView', {title: 'one'}); snowplow('trackPageView', {title: 'two'});"
    )
    async with tab(browser, url, stub, before=early, wait=False) as page:
        await page.page.add_script_tag(url="/whiteout.js")
        await page.until(lambda: len(stub.events) == 2)
        assert [event["page"] for event in stub.events] == ["one", "two"]


async def test_names_address_trackers(browser: Browser, url: str, stub: Stub) -> None:
    """A suffix chooses trackers, an unknown one only warns, and names exist once (R2, R102)."""
    async with tab(browser, url, stub) as page:
        for name in ("a", "b", "c", "a"):
            await page.call("newTracker", name, stub.url, {"appId": f"app-{name}"})
        await page.call("trackPageView:a;nobody;c")
        await page.until(lambda: len(stub.events) == 2)
        sent = sorted((e["tna"], e["aid"]) for e in stub.events)
        assert sent == [("a", "app-a"), ("c", "app-c")]
        assert await page.get("sp === undefined")


async def test_mistakes_stay_out_of_the_page(browser: Browser, url: str, stub: Stub) -> None:
    """Unknown methods, wrong arguments and throwing functions are told, not thrown (R107, W39)."""
    async with tab(browser, url, stub) as page:
        await page.start()
        await page.page.evaluate(
            "() => { snowplow(7); snowplow('nonsense'); snowplow('newTracker', 1);"
            " snowplow(() => { throw new Error('mine') }); snowplow('trackStructEvent');"
            " snowplow('addPlugin', {}, 'Nothing'); snowplow('newSession', {}) }"
        )
        assert "duid" in await page.track()
        await page.until(lambda: len(page.troubles) == 3)
        page.troubles.clear()


async def test_calls_from_a_waiting_callback_are_not_lost(
    browser: Browser, url: str, stub: Stub
) -> None:
    """What a callback calls while the waiting calls run comes after them (R104)."""
    early = (
        "window.snowplow = function () { snowplow.q.push(arguments) }; snowplow.q = [];"
        "window.GlobalSnowplowNamespace = ['snowplow'];"
        f"snowplow('newTracker', 'sp', '{stub.url}');"
        "snowplow(() => { snowplow('trackPageView', {title: 'inner'}) });"
        "snowplow('trackPageView', {title: 'outer'});"
    )
    async with tab(browser, url, stub, before=early, wait=False) as page:
        await page.page.add_script_tag(url="/whiteout.js")
        await page.until(lambda: len(stub.events) == 2)
        assert [event["page"] for event in stub.events] == ["outer", "inner"]


async def test_callbacks_get_the_trackers(browser: Browser, url: str, stub: Stub) -> None:
    """A function finds the trackers as `this` and as its last argument (R104)."""
    async with tab(browser, url, stub) as page:
        await page.start()
        found = await page.page.evaluate(
            "() => new Promise((done) => snowplow(function (first, trackers) {"
            " done([first, this === trackers, trackers.sp.id, trackers.sp.namespace]) }, 7))"
        )
        assert found == [7, True, "snowplow_sp", "sp"]


async def test_events_and_their_parameters(browser: Browser, url: str, stub: Stub) -> None:
    """Structured and self-describing events, time stamps and entities (R112, R118-R120)."""
    async with tab(browser, url, stub) as page:
        await page.start(contexts={"webPage": False}, appVersion="1.2", encodeBase64=False)
        thing = {"schema": "iglu:com.acme/thing/jsonschema/1-0-0", "data": {"é": "✓"}}
        await page.call(
            "trackStructEvent",
            {"category": "c", "action": "a", "label": "", "value": 0, "timestamp": 5},
        )
        struct = await page.event(1)
        assert {k: v for k, v in struct.items() if k.startswith("se_")} == {
            "se_ca": "c",
            "se_ac": "a",
            "se_va": "0",
        }
        assert struct["dtm"] == "5"
        await page.call(
            "trackSelfDescribingEvent",
            {"event": thing, "context": [thing], "timestamp": {"type": "ttm", "value": 7}},
        )
        event = await page.event(2)
        assert self_describing(event) == ("thing", {"é": "✓"})
        assert entities(event) == {"thing": {"é": "✓"}, "application": {"version": "1.2"}}
        assert event["ttm"] == "7"
        assert "dtm" not in event
        assert (event["e"], event["p"]) == ("ue", "web")


async def test_base64_is_url_safe(browser: Browser, url: str, stub: Stub) -> None:
    """Entities are base64url of UTF-8, without padding (R121)."""
    async with tab(browser, url, stub) as page:
        await page.start(encodeBase64=True, contexts={"webPage": False})
        thing = {"schema": "iglu:a.b/c/jsonschema/1-0-0", "data": {"k": "é✓?>"}}
        event = await page.track(context=[thing])
        assert entities(event) == {"c": {"k": "é✓?>"}}
        assert not set("+/=") & set(event["cx"])


KINDS = {
    "trackConsentAllow": "allow_all",
    "trackConsentSelected": "allow_selected",
    "trackConsentPending": "pending",
    "trackConsentImplicit": "implicit_consent",
    "trackConsentDeny": "deny_all",
    "trackConsentExpired": "expired",
    "trackConsentWithdrawn": "withdrawn",
}


async def test_consent_preferences(browser: Browser, url: str, stub: Stub) -> None:
    """Each function names its event type, and null is not sent (R160, R161)."""
    async with tab(browser, url, stub) as page:
        await page.start()
        for name, kind in KINDS.items():
            number = len(stub.events) + 1
            await page.call(name, {**PREFERENCES, "eventType": "mine"})
            expected = {**PREFERENCES, "eventType": kind}
            del expected["gdprApplies"]
            event = await page.event(number)
            assert self_describing(event) == ("consent_preferences", expected)


async def test_consent_with_documents(browser: Browser, url: str, stub: Stub) -> None:
    """Granted and withdrawn consent, the banner and the GDPR entity (R162-R167)."""
    async with tab(browser, url, stub) as page:
        await page.start(contexts={"webPage": False})
        await page.call("trackConsentGranted", {"id": "d", "version": "1", "expiry": "2030-01-01"})
        await page.call("trackConsentWithdrawn", {"all": False, "id": "d", "version": "1"})
        await page.call("trackConsentWithdrawn", {"all": True})
        await page.call("trackCmpVisible", {"elapsedTime": 1.5})
        await page.call("enableGdprContext", {"basisForProcessing": "legalObligation"})
        await page.call("trackPageView")
        await page.until(lambda: len(stub.events) == 5)
        granted, some, everything, shown, view = stub.events
        document = {"consent_document": {"id": "d", "version": "1"}}
        assert self_describing(granted) == ("consent_granted", {"expiry": "2030-01-01"})
        assert entities(granted) == document
        assert self_describing(some) == ("consent_withdrawn", {"all": False})
        assert entities(some) == document
        assert self_describing(everything) == ("consent_withdrawn", {"all": True})
        assert entities(everything) == {}
        assert self_describing(shown) == ("cmp_visible", {"elapsedTime": 1.5})
        assert entities(view)["gdpr"] == {
            "basisForProcessing": "legal_obligation",
            "documentId": None,
            "documentVersion": None,
            "documentDescription": None,
        }


RULES: list[tuple[dict[str, Any], bool]] = [
    ({"accept": "iglu:com.acme/thing/jsonschema/1-0-0"}, True),
    ({"accept": ["iglu:com.acme/*/jsonschema/1-*-*"]}, True),
    ({"accept": "iglu:com.acme.*/*/jsonschema/*-*-*"}, False),
    ({"accept": "iglu:com.acme/*/jsonschema/2-*-*"}, False),
    ({"reject": "iglu:com.other/*/jsonschema/*-*-*"}, False),
    (
        {
            "accept": "iglu:com.acme/*/jsonschema/*-*-*",
            "reject": "iglu:com.acme/thing/jsonschema/*-*-*",
        },
        False,
    ),
]


async def test_rules_of_global_contexts(browser: Browser, url: str, stub: Stub) -> None:
    """A ruleset attaches where one rule accepts and none rejects (R153, R154)."""
    extra = {"schema": "iglu:com.acme/extra/jsonschema/1-0-0", "data": {"a": 1}}
    thing = {"schema": "iglu:com.acme/thing/jsonschema/1-0-0", "data": {"a": 1}}
    async with tab(browser, url, stub) as page:
        await page.start(contexts={"webPage": False})
        for rules, applies in RULES:
            number = len(stub.events) + 1
            await page.call("addGlobalContexts", [[rules, extra]])
            await page.call("trackSelfDescribingEvent", {"event": thing})
            await page.call("clearGlobalContexts")
            assert ("extra" in entities(await page.event(number))) is applies, rules


async def test_global_contexts(browser: Browser, url: str, stub: Stub) -> None:
    """Vendor wildcards match, generators see the event, and everything can be removed (W34)."""
    async with tab(browser, url, stub) as page:
        await page.start(contexts={"webPage": False})
        await page.page.evaluate("""() => {
          const make = (name) => ({schema: `iglu:com.acme/${name}/jsonschema/1-0-0`, data: {a: 1}});
          snowplow('addGlobalContexts', [
            make('fixed'),
            (about) => ({...make('generated'), data: about.event.e ? {type: about.eventType} : {}}),
            () => { throw new Error() },
            [(about) => about.eventType === 'pv', make('filtered')],
            [{accept: 'iglu:com.acme.*/*/jsonschema/*-*-*'}, make('wild')],
            {schema: 7}, () => 'nonsense',
          ]);
          snowplow('addGlobalContexts', {mine: make('named')});
        }""")
        event = await page.track()
        assert entities(event).keys() == {"fixed", "generated", "filtered", "named"}
        assert entities(event)["generated"] == {"type": "pv"}
        thing = {"schema": "iglu:com.acme.shop/thing/jsonschema/1-0-0", "data": {"a": 1}}
        await page.call("trackSelfDescribingEvent", {"event": thing})
        assert entities(await page.event(2)).keys() == {"fixed", "generated", "named", "wild"}
        fixed = {"schema": "iglu:com.acme/fixed/jsonschema/1-0-0", "data": {"a": 1}}
        await page.call("removeGlobalContexts", [fixed, "mine"])
        assert entities(await page.track()).keys() == {"generated", "filtered"}
        await page.call("clearGlobalContexts")
        assert entities(await page.track()) == {}


async def test_plugins_take_part(browser: Browser, url: str, stub: Stub) -> None:
    """Every member of a plugin is called in its place, exceptions stay inside (R108, R157)."""
    async with tab(browser, url, stub) as page:
        await page.start(contexts={"webPage": False})
        await page.page.evaluate("""() => {
          window.heard = [];
          const say = (name) => (argument) => { heard.push(name) };
          snowplow('addPlugin', {P: (word) => ({
            activateCorePlugin: say('core'), activateBrowserPlugin: say(`browser ${word}`),
            logger: say('logger'), afterTrack: (payload) => heard.push(`after ${payload.e}`),
            beforeTrack: (builder) => {
              builder.add('se_la', 'added');
              builder.addContextEntity({schema: 'iglu:com.acme/added/jsonschema/1-0-0', data: {}});
            },
            contexts: () => { throw new Error('inside') },
            filter: (payload) => payload.se_ca !== 'no',
          }), another: (argument, ids) => heard.push(`${argument.a} ${ids}`)}, 'P', ['word']);
          snowplow('another', {a: 1});
          snowplow('trackStructEvent', {category: 'no', action: 'a'});
          snowplow('trackStructEvent', {category: 'yes', action: 'a'});
        }""")
        event = await page.event()
        assert (event["se_ca"], event["se_la"]) == ("yes", "added")
        assert entities(event) == {"added": {}}
        heard = await page.page.evaluate("heard")
        assert heard == ["logger", "core", "browser word", "1 snowplow_sp", "after se"]
        await page.until(lambda: len(page.troubles) == 2)
        page.troubles.clear()


async def test_builders_of_the_official_library_are_accepted(
    browser: Browser, url: str, stub: Stub
) -> None:
    """`core.track` takes the payload builders that existing plugins bring along (R157)."""
    prepare()
    async with tab(browser, url, stub) as page:
        await page.start(anonymousTracking=True, contexts={"webPage": True})
        await page.page.evaluate("""() => snowplow(({sp}) => {
          const payload = {}, json = [], entities = []; let process;
          const builder = {
            add: (k, v) => { if (v != null && v !== '') payload[k] = v },
            addDict: (d) => { for (const k in d) builder.add(k, d[k]) },
            addJson: (a, b, j) => json.push({keyIfEncoded: a, keyIfNotEncoded: b, json: j}),
            addContextEntity: (e) => entities.push(e), getPayload: () => payload,
            getJson: () => json, withJsonProcessor: (p) => { process = p },
            build: () => { process?.(builder, json, entities); return payload },
          };
          builder.addDict({e: 'se', se_ca: 'c', se_ac: 'a', uid: 'bob'});
          window.returned = sp.core.track(builder,
            [{schema: 'iglu:com.acme/one/jsonschema/1-0-0', data: {a: 1}}], 9);
        })""")
        event = await page.event()
        assert (event["se_ca"], event["dtm"], "uid" in event) == ("c", "9", False)
        assert entities(event).keys() == {"one", "web_page"}
        assert await page.page.evaluate("returned.eid") == event["eid"]


async def test_page_view_ids_and_urls(browser: Browser, url: str, stub: Stub) -> None:
    """Single-page applications: ids rotate, the referrer is where one came from (R79, R115)."""
    async with tab(browser, f"{url}?referer=https%3A%2F%2Ffrom.example.test%2F%GG", stub) as page:
        await page.start()
        await page.call("trackStructEvent", {"category": "c", "action": "a"})
        await page.event()
        first = await page.track()
        assert first["refr"].startswith("https")
        await page.page.evaluate("() => history.pushState({}, '', '/next#hash')")
        await page.call("discardHashTag", True)
        second = await page.track()
        views = [entities(e)["web_page"]["id"] for e in (*stub.events,)]
        assert views[0] == views[1] != views[2]
        assert second["url"] == f"{url}next"
        assert "referer" in second["refr"]
        await page.call("setCustomUrl", "/custom")
        await page.call("setDocumentTitle", "Mine")
        third = await page.track()
        assert (third["url"], third["page"]) == (f"{url}custom", "Mine")
        await page.call("preservePageViewId")
        fourth = await page.track(title="Own")
        assert fourth["page"] == "Own"
        assert entities(third)["web_page"] == entities(fourth)["web_page"]


async def test_user_ids_from_elsewhere(browser: Browser, url: str, stub: Stub) -> None:
    """The user id can come from the URL, the referrer and a cookie (R88)."""
    async with tab(browser, f"{url}?u=from%20url", stub) as page:
        await page.page.evaluate("() => { document.cookie = 'u=from-cookie' }")
        await page.start()
        await page.call("setUserIdFromLocation", "u")
        assert (await page.track())["uid"] == "from url"
        await page.call("setUserIdFromCookie", "u")
        assert (await page.track())["uid"] == "from-cookie"
        await page.call("setUserIdFromReferrer", "u")
        assert "uid" not in await page.track()


async def test_a_plugins_script_holds_commands_back_once(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Commands wait for a plugin's script and run once, also after the next script (W28)."""
    async with tab(browser, url, stub) as page:
        await page.start()
        await page.context.route(
            "**/plugin.js", lambda route: route.fulfill(body="window.lib = {P: () => ({})}")
        )
        for title in ("one", "two"):
            await page.page.evaluate(
                "(title) => { snowplow('addPlugin', '/plugin.js', ['lib', 'P']);"
                " snowplow('trackPageView', {title}) }",
                title,
            )
        await page.until(lambda: len(stub.events) >= 2)
        await page.quiet(0.2)
        assert [event["page"] for event in stub.events] == ["one", "two"]


async def test_the_configuration_is_copied(browser: Browser, url: str, stub: Stub) -> None:
    """A tracker neither changes what it was given nor notices later changes (R5, W40)."""
    async with tab(browser, url, stub) as page:
        await page.page.evaluate(
            "(url) => { window.given = {appId: 'one', contexts: {webPage: false}};"
            " window.before = JSON.stringify(given); snowplow('newTracker', 'sp', url, given);"
            " snowplow('enableAnonymousTracking', {stateStorageStrategy: 'none'});"
            " window.after = JSON.stringify(given);"
            " given.appId = 'two'; given.contexts.webPage = true }",
            stub.url,
        )
        event = await page.track()
        assert (event["aid"], entities(event)) == ("one", {})
        assert await page.page.evaluate("before === after")
