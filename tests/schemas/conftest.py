"""What is collected here, and how thoroughly Hypothesis searches."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.schemas.published import PUBLISHED

collect_ignore = [] if PUBLISHED.is_dir() else ["test_iglu_central.py"]

settings.register_profile(
    "rules", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("rules")
