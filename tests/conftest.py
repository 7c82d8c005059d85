"""How hard the property tests try: a quick profile by day, a deep one on request."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A machine that is busy with something else is no reason to fail, so nothing here is measured in milliseconds.
_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("quick", max_examples=60, **_COMMON)
settings.register_profile("ci", max_examples=60, derandomize=True, print_blob=True, **_COMMON)
settings.register_profile("deep", max_examples=2000, **_COMMON)
settings.load_profile(os.environ.get("BRANCHKIT_HYPOTHESIS") or ("ci" if os.environ.get("CI") else "quick"))
