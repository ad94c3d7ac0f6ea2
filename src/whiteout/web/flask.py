"""Flask: an extension that gives each request a tracker, and templates the tag."""

from __future__ import annotations

from typing import Any, Unpack

from whiteout.web.current import CURRENT
from whiteout.web.tracking import Tracking, TrackingOptions
from whiteout.web.wsgi import WsgiMiddleware


class FlaskTracking:
    """Tracking for a Flask application, made with it or later by `init_app`.

    Templates have `whiteout_tag(script, nonce)`. `consent` and `address` are called with the WSGI
    environment.
    """

    def __init__(
        self,
        app: Any = None,
        namespace: str = "",
        endpoint: str = "",
        *,
        tracking: Tracking | None = None,
        **options: Unpack[TrackingOptions],
    ) -> None:
        self.tracking = tracking or Tracking(namespace, endpoint, **options)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Any) -> None:
        """Install the middleware, and the function for templates."""
        app.wsgi_app = WsgiMiddleware(app.wsgi_app, tracking=self.tracking)
        app.extensions["whiteout"] = self.tracking
        app.jinja_env.globals["whiteout_tag"] = self._tag

    def _tag(self, script: str, nonce: str | None = None) -> Html:
        return Html(self.tracking.snippet(CURRENT.get(), script=script, nonce=nonce))


class Html(str):
    """HTML whose values are escaped already, as templates recognise it."""

    __slots__ = ()

    def __html__(self) -> str:
        return self
