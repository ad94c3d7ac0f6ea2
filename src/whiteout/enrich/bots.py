"""Programs that visit pages, by their user agents: a small list of our own (C-35).

Libraries that fetch by HTTP are not in it. They run no script of a page, so what they send is
mostly a tracker on somebody's server, whose events are no visits of a bot.
"""

from __future__ import annotations

import re

_CRAWLERS = (
    # Names without a word that gives them away; `bot`, `crawler` and `spider` find most others.
    *("adsbot", "amazonbot", "applebot", "archive\\.org_bot", "baiduspider", "bingpreview"),
    *("bytespider", "ccbot", "chatgpt-user", "claude-user", "claude-searchbot", "claudebot"),
    *("cohere-ai", "dataforseo", "facebookexternalhit", "facebookcatalog", "feedfetcher"),
    *("google-inspectiontool", "google-read-aloud", "google favicon", "googleother"),
    *("gptbot", "ia_archiver", "mediapartners-google", "meta-externalagent"),
    *("meta-externalfetcher", "oai-searchbot", "perplexity-user", "perplexitybot"),
    *("petalbot", "pinterest/0\\.", "skypeuripreview", "slackbot", "slurp", "snap url preview"),
    *("storebot-google", "telegrambot", "vkshare", "w3c_validator", "whatsapp/", "yahoo! slurp"),
    *("yandexmetrika", "yandeximages"),
)
_ROBOTS = (
    # What drives a browser without a person.
    *("cypress/", "headlesschrome", "headless_shell", "htmlunit", "jsdom"),
    *("phantomjs", "playwright", "prerender", "puppeteer", "rendertron", "selenium", "slimerjs"),
    "webdriver",
)
_WATCHERS = (
    # What watches or measures sites.
    *("ahrefssiteaudit", "bitsightbot", "catchpoint", "checkly", "chrome-lighthouse"),
    *("datadog ?synthetics", "dotbot", "downnotifier", "freshping", "ghostinspector", "gtmetrix"),
    *("hetrixtools", "site24x7", "netcraft", "newrelicpinger", "nodeping", "pagespeed"),
    *("pingdom", "ptst/", "screaming frog", "sitebulb", "statuscake", "updown\\.io"),
    *("uptimerobot", "uptime-kuma", "validator\\.nu", "webpagetest", "wordpress\\.com mshots"),
)
_WORDS = (
    # The phone Cubot is none.
    r"(?<!cu)bot(?![a-z])",
    *("crawl", "spider", "scraper", "archiver", "site ?monitor", "link ?check"),
)
_BOT = re.compile("|".join((*_WORDS, *_CRAWLERS, *_ROBOTS, *_WATCHERS)), re.IGNORECASE)
_COARSE = "Bot; "


def is_bot(user_agent: str) -> bool:
    """Whether a user agent, or its coarse form, is one of a program that visits pages."""
    return user_agent.startswith(_COARSE) or _BOT.search(user_agent) is not None
