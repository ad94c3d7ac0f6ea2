"""The other names that a full tag answers to (R98), and the official plugins as guests."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.support.site import HTML, SCRIPT, Site
from tests.tag import official
from tests.tag.pages import Tab, html, plugins, prompt, tab
from tests.tag.stub import Stub, self_describing
from tests.tag.tables import table

pytestmark = pytest.mark.asyncio(loop_scope="session")

BODY = """
<a id="outside" class="out bound" target="_self" href="/shop/?q=1">to the <b>shop</b></a>
<a id="bare" href="#bare"><i id="inner">bare</i></a>
<a id="script" href="javascript:void 0">script</a>
<button id="buy" name="b" class="big">Buy</button>
<button id="label" data-sp-button-label="own">Text</button>
<input id="typed" type="button" value="Typed">
<form id="f" class="login" onsubmit="return false">
  <input name="who"><input type="password" name="pass"><textarea id="note" class="wide"></textarea>
  <input type="checkbox" name="yes"><input type="radio" name="r" value="1">
  <select name="s"><option>a</option><option>b</option></select>
  <input type="submit" id="send" value="Send">
</form>
"""

PRODUCT = {"id": "1", "name": "n", "category": "c", "price": 9, "currency": "EUR", "size": None}
CONTEXT = [{"schema": "iglu:com.acme/mine/jsonschema/1-0-0", "data": {"a": 1}}]
AD = {"cost": 1, "costModel": "cpc", "targetUrl": "u", "bannerId": "b", "zoneId": "z", "other": 1}

CLICK = "for (const id of %s) document.getElementById(id).click()"
PRESS = """
for (const type of ['mousedown', 'mouseup', 'click']) {
  const event = new MouseEvent(type, {button: 1, bubbles: true, composed: true});
  document.getElementById('bare').dispatchEvent(event);
}
"""
FILL_IN = """
const fire = (field, type) => field.dispatchEvent(new Event(type, {bubbles: true}));
for (const field of document.forms.f.elements) {
  if (field.type === 'checkbox') field.checked = true;
  else if (!/submit|select|radio/.test(field.type)) field.value = field.name + '!';
  fire(field, 'focus');
  if (field.type !== 'submit') fire(field, 'change');
}
document.forms.f.requestSubmit();
"""
STAY = """
addEventListener('click', (event) => event.target.closest('a') && event.preventDefault());
"""

Step = tuple[str, *tuple[Any, ...]]
"""A method and its argument, or `!` and a script."""

CASES: dict[tuple[str, str], list[Step]] = {
    ("ads", "AdTrackingPlugin"): [
        ("trackAdImpression", {**AD, "impressionId": "i", "context": CONTEXT, "timestamp": 5}),
        ("trackAdClick", {**AD, "clickId": "k", "advertiserId": "a", "campaignId": "p"}),
        ("trackAdConversion", {**AD, "conversionId": "v", "category": "c", "initialValue": 2}),
    ],
    ("site", "SiteTrackingPlugin"): [
        ("trackSocialInteraction", {"action": "like", "network": "n", "target": "t"}),
        ("trackSiteSearch", {"terms": ["a"], "filters": {"f": 1}, "totalResults": 3}),
        ("trackTiming", {"category": "c", "variable": "v", "timing": 5, "label": "l"}),
    ],
    ("consent", "ConsentPlugin"): [
        ("trackConsentGranted", {"id": "d", "version": "1", "name": "n", "expiry": "2030-01-01"}),
        ("trackConsentWithdrawn", {"all": False, "id": "d", "version": "1", "context": CONTEXT}),
        ("enableGdprContext", {"basisForProcessing": "vitalInterests", "documentId": "d"}),
        ("trackPageView",),
    ],
    ("errors", "ErrorTrackingPlugin"): [
        ("trackError", {"message": "m" * 3000, "filename": "f", "lineno": 1, "colno": 2}),
        ("trackError", {"message": "m", "error": {"stack": "s" * 9000}, "context": CONTEXT}),
        ("enableErrorTracking", {"context": CONTEXT}),
        ("!", "dispatchEvent(new ErrorEvent('error', {message: 'oops', lineno: 3}))"),
    ],
    ("links", "LinkClickTrackingPlugin"): [
        ("trackLinkClick", {"targetUrl": "u", "elementId": "i", "elementClasses": ["c"]}),
        ("enableLinkClickTracking", {"options": {"denylist": ["no"]}, "trackContent": True}),
        ("!", CLICK % ["outside", "inner", "script"]),
        ("refreshLinkClickTracking",),
        ("disableLinkClickTracking",),
        ("!", CLICK % ["outside"]),
        ("enableLinkClickTracking", {"options": {"allowlist": ["bound"]}, "context": CONTEXT}),
        ("!", CLICK % ["outside", "inner"]),
        ("enableLinkClickTracking", {"pseudoClicks": True}),
        ("!", PRESS),
    ],
    ("buttons", "ButtonClickTrackingPlugin"): [
        ("trackButtonClick", {"label": "l", "id": "i", "classes": ["c"], "name": "n"}),
        ("enableButtonClickTracking", {"context": CONTEXT}),
        ("!", CLICK % ["buy", "label", "typed"]),
        ("disableButtonClickTracking",),
        ("!", CLICK % ["buy"]),
        ("enableButtonClickTracking", {"filter": {"allowlist": ["big"]}}),
        ("!", CLICK % ["buy", "label", "typed"]),
    ],
    ("forms", "FormTrackingPlugin"): [
        ("enableFormTracking", {"context": CONTEXT}),
        ("!", FILL_IN),
        ("disableFormTracking",),
        ("!", "document.forms.f.requestSubmit()"),
        (
            "enableFormTracking",
            {
                "options": {
                    "forms": {"allowlist": ["login"]},
                    "fields": {"denylist": ["who"]},
                    "events": ["submit_form"],
                }
            },
        ),
        ("!", "document.forms.f.requestSubmit(); document.forms.f.who.focus()"),
    ],
    ("orders", "EcommercePlugin"): [
        ("addTrans", {"orderId": "o", "total": 5, "affiliation": "a", "tax": 1, "currency": "EUR"}),
        ("addItem", {"orderId": "o", "sku": "s", "price": 2, "quantity": 3, "context": CONTEXT}),
        ("addItem", {"orderId": "o", "sku": "t", "price": 4, "quantity": 1, "name": "n"}),
        ("trackTrans",),
        ("trackTrans",),
        ("trackAddToCart", {"sku": "s", "quantity": 1, "unitPrice": 2, "currency": "EUR"}),
        ("trackRemoveFromCart", {"sku": "s", "quantity": 1, "name": "n"}),
    ],
    ("shop", "SnowplowEcommercePlugin"): [
        ("trackProductView", {**PRODUCT, "context": CONTEXT}),
        ("trackProductListView", {"products": [PRODUCT, PRODUCT], "name": "list"}),
        ("trackProductListClick", {"product": PRODUCT, "name": "list"}),
        ("trackAddToCart", {"products": [PRODUCT], "total_value": 9, "currency": "EUR"}),
        ("trackRemoveFromCart", {"products": [PRODUCT], "total_value": 9, "currency": "EUR"}),
        ("trackCheckoutStep", {"step": 1, "coupon_code": "c"}),
        ("trackTransaction", {"transaction_id": "t", "revenue": 9, "products": [PRODUCT]}),
        ("trackTransaction", {"transaction_id": "t", "revenue": 9, "payment_method": "p"}),
        ("trackRefund", {"transaction_id": "t", "refund_amount": 3, "products": [PRODUCT]}),
        ("setPageType", {"type": "product", "language": "en"}),
        ("trackTransactionError", {"transaction": {"transaction_id": "t"}, "error_code": "e"}),
        ("setEcommerceUser", {"id": "u", "is_guest": False}),
        ("setPageType", {"type": "promotion"}),
        ("trackPromotionView", {"id": "p", "product_ids": ["1"]}),
        ("trackPromotionClick", {"id": "p"}),
    ],
}
PREFERENCES = {
    *("trackConsentAllow", "trackConsentSelected", "trackConsentPending", "trackConsentImplicit"),
    *("trackConsentDeny", "trackConsentExpired", "trackConsentWithdrawn", "trackCmpVisible"),
}
"""Names that the registry has no plugin for; `test_api.py` tests what they send."""

R98 = set(
    re.findall(
        r"\w+",
        """
trackAdImpression trackAdClick trackAdConversion trackConsentAllow trackConsentSelected
trackConsentPending trackConsentImplicit trackConsentDeny trackConsentExpired
trackConsentWithdrawn trackCmpVisible trackError enableErrorTracking enableFormTracking
disableFormTracking enableLinkClickTracking disableLinkClickTracking refreshLinkClickTracking
trackLinkClick trackSocialInteraction trackSiteSearch trackTiming enableButtonClickTracking
disableButtonClickTracking trackProductView trackProductListView trackProductListClick
trackAddToCart trackRemoveFromCart trackCheckoutStep trackTransaction trackRefund
trackTransactionError trackPromotionView trackPromotionClick setPageType setEcommerceUser
trackConsentGranted enableGdprContext addTrans addItem trackTrans trackEnhancedEcommerceAction
addEnhancedEcommerceActionContext addEnhancedEcommerceImpressionContext
addEnhancedEcommerceProductContext addEnhancedEcommercePromoContext
trackEnhancedEcommercePromoView trackEnhancedEcommercePromoClick trackEnhancedEcommerceAddToCart
trackEnhancedEcommerceRemoveFromCart trackEnhancedEcommerceProductDetail
trackEnhancedEcommerceProductListView trackEnhancedEcommerceProductListClick
trackEnhancedEcommerceCheckoutStep trackEnhancedEcommercePurchase trackGA4ViewCart
trackGA4ViewPromotion trackGA4SelectPromotion trackGA4AddToCart trackGA4RemoveFromCart
trackGA4ViewItem trackGA4ViewItemList trackGA4SelectItem trackGA4BeginCheckout
trackGA4AddShippingInfo trackGA4AddPaymentOptions trackGA4Transaction
""",
    )
)
"""Names that a full tag answers to: versions 4 and 3."""


@pytest.fixture(scope="module")
def shop() -> Any:
    """A site whose page has something to click on."""
    script = '<script src="/plugins.js"></script>'
    pages = {
        "/": (HTML, html(head=script, body=BODY)),
        "/empty": (HTML, b'<!doctype html><link rel="icon" href="data:,">'),
        "/plugins.js": (SCRIPT, official.plugins()),
        "/whiteout.js": (SCRIPT, prompt()),
        **plugins(),
    }
    with Site(pages) as site:
        yield site


def told(events: list[dict[str, str]]) -> list[dict[str, Any]]:
    """What events say, without what every event says."""
    return [
        {
            name: json.loads(value) if name in {"co", "ue_pr"} else value
            for name, value in event.items()
            if re.fullmatch(r"e|co|ue_pr|tr_\w+|ti_\w+|ttm", name)
        }
        for event in events
    ]


async def steps(page: Tab, case: list[Step]) -> list[dict[str, Any]]:
    """Take the steps, and say what arrived."""
    marks = 0

    async def passed() -> None:
        """Wait for an event that is tracked now, and with it for what a loading method holds up."""
        nonlocal marks
        marks += 1
        await page.call("trackStructEvent", {"category": "mark", "action": f"{marks}"})
        await page.until(lambda: any(e.get("se_ac") == f"{marks}" for e in page.stub.events))

    for name, *arguments in case:
        if name == "!":
            await page.page.evaluate(f"() => {{ {arguments[0]} }}")
        else:
            await page.call(name, *arguments)
        await passed()
    return told([event for event in page.stub.events if event.get("se_ca") != "mark"])


@pytest.mark.parametrize(("subject", "maker"), CASES, ids=lambda value: value)
async def test_ours_send_what_the_official_plugins_send_on_our_tracker(
    browser: Browser, shop: Site, stub: Stub, subject: str, maker: str
) -> None:
    """An npm plugin runs unchanged, and the file loaded on first use sends the same (R98, R157)."""
    case = CASES[(subject, maker)]
    async with tab(browser, shop.url(), stub, before=STAY) as page:
        await page.start(contexts={"webPage": False})
        ours = await steps(page, case)
        await page.again()
        await page.start(contexts={"webPage": False})
        await page.page.evaluate(
            "([subject, maker]) => { snowplow('addPlugin', official[subject], maker) }",
            [subject, maker],
        )
        theirs = await steps(page, case)
        differing = [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
        assert differing == [], "\n".join(map(json.dumps, sum(differing, ())))
        assert ours
        page.troubles[:] = [trouble for trouble in page.troubles if "oops" not in trouble]


async def test_every_name_is_answered_or_has_its_line() -> None:
    """Each name of R98 is called by a test here, or the migration guide says what to do (R98)."""
    called = {name for case in CASES.values() for name, *_ in case} | PREFERENCES
    lines = {
        name
        for row in table("migrating.md", "### Names that need a plugin")
        for name in re.findall(r"`(\w+)`", row["method"])
    }
    assert R98 - called == lines
    documented = {
        name
        for row in table("migrating.md", "### Names that load by themselves")
        for name in re.findall(r"`(\w+)`", row["method"])
    }
    assert (R98 - lines) | {"trackButtonClick"} == documented


async def test_calls_keep_their_order_while_a_file_loads(
    browser: Browser, url: str, stub: Stub
) -> None:
    """What is called after a name that must load first comes after it, for the same trackers."""
    async with tab(browser, url, stub) as page:
        await page.start()
        await page.call("newTracker", "two", stub.url, {})
        await page.page.evaluate(
            "() => { snowplow('trackSiteSearch:sp', {terms: ['a']});"
            " snowplow('trackPageView:sp'); snowplow('trackSiteSearch', {terms: ['b']}) }"
        )
        await page.until(lambda: len(stub.events) == 4)
        heard = [event for event in stub.events if event["tna"] == "sp"]
        assert [event["e"] for event in heard] == ["ue", "pv", "ue"]
        assert self_describing(heard[0]) == ("site_search", {"terms": ["a"]})
        assert self_describing(heard[2]) == ("site_search", {"terms": ["b"]})


async def test_a_file_that_does_not_load_is_told_and_nothing_else_is_lost(
    browser: Browser, url: str, stub: Stub
) -> None:
    """Where our own files are blocked, a warning names the method and later calls go on (R107)."""
    async with tab(browser, url, stub) as page:
        warnings: list[str] = []
        page.page.on("console", lambda m: warnings.append(m.text) if m.type == "warning" else None)
        await page.context.route("**/plugins/**", lambda route: route.abort())
        await page.start()
        await page.page.evaluate(
            "() => { snowplow('trackSiteSearch', {terms: ['a']}); snowplow('trackPageView') }"
        )
        assert (await page.event())["e"] == "pv"
        await page.quiet()
        assert [text for text in warnings if "trackSiteSearch" in text] == [
            "whiteout: Failed to add Plugin: trackSiteSearch"
        ]
        page.troubles[:] = [t for t in page.troubles if "ERR_FAILED" not in t]


async def test_names_that_nobody_knows_are_told(browser: Browser, url: str, stub: Stub) -> None:
    """What no tracker and no file has is warned about, and holds nothing up (R107)."""
    async with tab(browser, url, stub) as page:
        warnings: list[str] = []
        page.page.on("console", lambda m: warnings.append(m.text) if m.type == "warning" else None)
        await page.start()
        await page.page.evaluate("() => { snowplow('nonsense'); snowplow('constructor') }")
        assert "duid" in await page.track()
        await page.quiet()
        assert warnings == [
            "whiteout: nonsense is not an available function",
            "whiteout: constructor is not an available function",
        ]
