"""How thoroughly Hypothesis searches here."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "rules", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("rules")
