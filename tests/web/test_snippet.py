"""The HTML that loads the browser tag."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from whiteout.privacy import Anonymity
from whiteout.tracker import Options
from whiteout.web.snippet import tag_options, tag_snippet


@given(st.text(min_size=1), st.text(), st.text(min_size=1))
def test_no_value_breaks_out_of_the_script(namespace: str, app: str, script: str) -> None:
    """Whatever an option holds, it stays text inside the one script element."""
    options = Options.read(namespace, "https://collector.invalid", {"app_id": app})
    html = tag_snippet(options, None, script=script, nonce="a")
    assert html.startswith('<script nonce="a">')
    assert html.endswith("</script>")
    inner = html.removeprefix('<script nonce="a">').removesuffix("</script>")
    assert not set("<>&\u2028\u2029") & set(inner.replace("p[i].q=p[i].q||[]", "")) - set("&")
    call = re.search(r'snowplow\("newTracker",(.*)\);snowplow\("trackPageView"\);', inner)
    assert call is not None
    assert json.loads(f"[{call[1]}]")[0] == namespace


def test_the_page_begins_at_the_level_of_the_visitor() -> None:
    """The tag's options say what the server's say, in the spelling of the tag."""
    options = Options.read(
        "sp",
        "https://collector.invalid",
        {"cookie_domain": "example.test", "opt_out_cookie": "no", "app_id": "shop"},
    )
    found = tag_options(options, Anonymity(anonymous=True, session=True))
    assert found["anonymousTracking"] == {
        "withSessionTracking": True,
        "withServerAnonymisation": False,
    }
    assert (found["cookieDomain"], found["optOutCookie"]) == ("example.test", "no")
    assert tag_options(options, Anonymity(anonymous=True))["anonymousTracking"] is True
    assert tag_options(options, Anonymity(anonymous=False))["anonymousTracking"] is False
