"""Which sites send visitors, and what kind of site each is: a small list of our own (B-67).

Sites that most people know. One that is not here is `unknown`, which is no fault: its host stands
in `refr_urlhost`.
"""

from __future__ import annotations

from typing import NamedTuple

SEARCH, SOCIAL, EMAIL, CHATBOT, PAID = "search", "social", "email", "chatbot", "paid"


class Site(NamedTuple):
    """A kind of site, its name, and the parameters that hold what was searched for there."""

    medium: str
    source: str
    terms: tuple[str, ...] = ()


_Q = ("q",)
_SEARCH: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("AOL", _Q, ("search.aol.com", "search.aol.co.uk")),
    ("Ask", _Q, ("ask.com",)),
    ("Baidu", ("wd", "word"), ("baidu.com",)),
    ("Bing", _Q, ("bing.com",)),
    ("Brave", _Q, ("search.brave.com",)),
    ("Coc Coc", ("query",), ("coccoc.com",)),
    ("Daum", _Q, ("search.daum.net",)),
    ("Dogpile", _Q, ("dogpile.com",)),
    ("DuckDuckGo", _Q, ("duckduckgo.com",)),
    ("Ecosia", _Q, ("ecosia.org",)),
    ("Google", _Q, ("com.google.android.googlequicksearchbox",)),
    ("Haosou", _Q, ("so.com",)),
    ("Kagi", _Q, ("kagi.com",)),
    ("Lilo", _Q, ("search.lilo.org",)),
    ("Lycos", _Q, ("search.lycos.com",)),
    ("MetaGer", ("eingabe",), ("metager.de", "metager.org")),
    ("Mojeek", _Q, ("mojeek.com",)),
    ("MSN", _Q, ("search.msn.com",)),
    ("Naver", ("query",), ("search.naver.com", "naver.com")),
    ("Petal", ("query",), ("petalsearch.com",)),
    ("Qwant", _Q, ("qwant.com",)),
    ("Seznam", _Q, ("search.seznam.cz", "seznam.cz")),
    ("Sogou", ("query",), ("sogou.com",)),
    ("Startpage", ("query", "q"), ("startpage.com",)),
    ("Swisscows", ("query",), ("swisscows.com", "swisscows.ch")),
    ("T-Online", _Q, ("suche.t-online.de",)),
    ("Web.de", _Q, ("suche.web.de",)),
    ("GMX", _Q, ("suche.gmx.net",)),
    ("Yahoo!", ("p",), ("search.yahoo.com", "search.yahoo.co.jp")),
    ("Yep", _Q, ("yep.com",)),
)
_OTHERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (SOCIAL, "Bluesky", ("bsky.app", "bsky.social")),
    (SOCIAL, "Discord", ("discord.com", "discord.gg")),
    (SOCIAL, "Facebook", ("facebook.com", "fb.com", "fb.me", "com.facebook.katana")),
    (SOCIAL, "Flickr", ("flickr.com",)),
    (SOCIAL, "Hacker News", ("news.ycombinator.com",)),
    (SOCIAL, "Instagram", ("instagram.com", "com.instagram.android")),
    (SOCIAL, "KakaoTalk", ("kakao.com",)),
    (SOCIAL, "LINE", ("line.me",)),
    (SOCIAL, "LinkedIn", ("linkedin.com", "lnkd.in", "com.linkedin.android")),
    (SOCIAL, "Lobsters", ("lobste.rs",)),
    (SOCIAL, "Mastodon", ("mastodon.social", "mastodon.online", "mstdn.social")),
    (SOCIAL, "Messenger", ("messenger.com",)),
    (SOCIAL, "Odnoklassniki", ("ok.ru",)),
    (SOCIAL, "Pinterest", ("pinterest.com", "pin.it", "com.pinterest")),
    (SOCIAL, "Quora", ("quora.com",)),
    (SOCIAL, "Reddit", ("reddit.com", "redd.it", "com.reddit.frontpage")),
    (SOCIAL, "Snapchat", ("snapchat.com",)),
    (SOCIAL, "Telegram", ("t.me", "telegram.org", "telegram.me", "org.telegram.messenger")),
    (SOCIAL, "Threads", ("threads.net", "threads.com")),
    (SOCIAL, "TikTok", ("tiktok.com",)),
    (SOCIAL, "Tumblr", ("tumblr.com",)),
    (SOCIAL, "Twitch", ("twitch.tv",)),
    (SOCIAL, "Twitter", ("x.com", "twitter.com", "t.co", "com.twitter.android")),
    (SOCIAL, "Viber", ("viber.com",)),
    (SOCIAL, "Vimeo", ("vimeo.com",)),
    (SOCIAL, "VKontakte", ("vk.com", "vkontakte.ru")),
    (SOCIAL, "Weibo", ("weibo.com", "weibo.cn")),
    (SOCIAL, "WhatsApp", ("whatsapp.com", "wa.me")),
    (SOCIAL, "Xing", ("xing.com",)),
    (SOCIAL, "YouTube", ("youtube.com", "youtu.be", "com.google.android.youtube")),
    (SOCIAL, "Zhihu", ("zhihu.com",)),
    (EMAIL, "AOL Mail", ("mail.aol.com",)),
    (EMAIL, "Fastmail", ("fastmail.com",)),
    (EMAIL, "freenet", ("email.freenet.de",)),
    (EMAIL, "Gmail", ("mail.google.com", "com.google.android.gm")),
    (EMAIL, "GMX", ("navigator.gmx.net", "bap.navigator.gmx.net", "mail.gmx.com")),
    (EMAIL, "Mail.ru", ("e.mail.ru", "touch.mail.ru")),
    (EMAIL, "mailbox.org", ("office.mailbox.org",)),
    (EMAIL, "Naver Mail", ("mail.naver.com",)),
    (EMAIL, "Orange Webmail", ("webmail.orange.fr",)),
    (
        EMAIL,
        "Outlook",
        ("outlook.live.com", "outlook.office.com", "outlook.office365.com", "mail.live.com"),
    ),
    (EMAIL, "Posteo", ("posteo.de",)),
    (EMAIL, "Proton Mail", ("mail.proton.me", "mail.protonmail.com")),
    (EMAIL, "QQ Mail", ("mail.qq.com",)),
    (EMAIL, "T-Online", ("email.t-online.de",)),
    (EMAIL, "Tuta", ("app.tuta.com", "mail.tutanota.com")),
    (EMAIL, "Web.de", ("navigator.web.de", "bap.navigator.web.de")),
    (EMAIL, "Yahoo! Mail", ("mail.yahoo.com", "mail.yahoo.co.jp")),
    (EMAIL, "Yandex Mail", ("mail.yandex.com", "mail.yandex.ru")),
    (EMAIL, "Zoho Mail", ("mail.zoho.com", "mail.zoho.eu")),
    (CHATBOT, "ChatGPT", ("chatgpt.com", "chat.openai.com")),
    (CHATBOT, "Claude", ("claude.ai",)),
    (CHATBOT, "Copilot", ("copilot.microsoft.com", "copilot.com")),
    (CHATBOT, "DeepSeek", ("chat.deepseek.com",)),
    (CHATBOT, "Duck.ai", ("duck.ai",)),
    (CHATBOT, "Gemini", ("gemini.google.com", "bard.google.com")),
    (CHATBOT, "Grok", ("grok.com",)),
    (CHATBOT, "Le Chat", ("chat.mistral.ai",)),
    (CHATBOT, "Meta AI", ("meta.ai",)),
    (CHATBOT, "Perplexity", ("perplexity.ai",)),
    (CHATBOT, "Phind", ("phind.com",)),
    (CHATBOT, "Poe", ("poe.com",)),
    (CHATBOT, "Qwen", ("chat.qwen.ai",)),
    (CHATBOT, "You.com", ("you.com",)),
    (PAID, "Criteo", ("criteo.com", "criteo.net")),
    (PAID, "DoubleClick", ("doubleclick.net",)),
    (PAID, "Google", ("googleadservices.com", "googlesyndication.com")),
    (PAID, "Outbrain", ("outbrain.com",)),
    (PAID, "Taboola", ("taboola.com",)),
)

SITES: dict[str, Site] = {
    **{host: Site(SEARCH, name, terms) for name, terms, hosts in _SEARCH for host in hosts},
    **{host: Site(medium, name) for medium, name, hosts in _OTHERS for host in hosts},
}
"""Sites by a host name, for which all hosts below it stand too."""

ANYWHERE: dict[str, Site] = {
    "google": Site(SEARCH, "Google", _Q),
    "yahoo": Site(SEARCH, "Yahoo!", ("p",)),
    "yandex": Site(SEARCH, "Yandex", ("text",)),
    "pinterest": Site(SOCIAL, "Pinterest"),
}
"""Sites that have a domain in very many countries."""

ALONE = frozenset({"www", "m", "search", "images", "news", "scholar", "cse"})
"""The hosts below those domains that are the same site."""
