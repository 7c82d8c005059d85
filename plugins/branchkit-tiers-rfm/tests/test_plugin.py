"""The plug-in in its place: settings in a configuration, and the policy in the place of a scheme."""

from __future__ import annotations

import pytest
from branchkit_tiers_rfm import plugin

from branchkit import Branch
from branchkit.errors import PluginError
from branchkit.kit import RuleBook
from branchkit.kit.core import CorePlugin
from branchkit.plugins import Plugins
from branchkit.plugins.config import Config
from branchkit.testing.checking import check_plugin

USE = """
[[use]]
what = "tier_policy"
key = "tiers_rfm.points"
tier_scheme = "vip-admission"
"""
SETTINGS = """
[[plugin]]
name = "tiers_rfm"
settings = { currency = "CNY", scheme = "vip-admission", tiers = [{ code = "standard" }, { code = "vip", points = 8 }] }
"""


def rules(text: str) -> RuleBook:
    """Return core's rules with the plug-in, told some settings."""
    config = Config.from_toml(f'schema = "branchkit.config/1"\n{text}')
    loaded = Plugins.load(builtin=(CorePlugin(),), extra=(plugin,), entry_points=False, settings=config.settings)
    return RuleBook.load(config, plugins=loaded)


def test_it_stands_in_for_a_scheme() -> None:
    """Where the configuration says so, the policy tiers customers under the scheme's own tiers."""
    found = rules(USE + SETTINGS)
    policy = found.tier_policy_for("vip-admission", Branch("B-1"), lambda unit: None)

    assert ("tiers_rfm.points", "vip-admission", ("standard", "vip")) == (policy.id, policy.scheme, policy.tiers)
    assert "lobby-identification" == found.tier_policy_for("lobby-identification", Branch("B-1"), lambda unit: None).id


def test_every_law_holds_as_it_is_installed() -> None:
    """`branchkit plugins check` finds nothing broken."""
    verdicts = list(check_plugin(rules(SETTINGS.replace("CNY", "XTS")), "tiers_rfm"))

    assert {"tier_policy"} == {one.kind for one in verdicts}
    assert [] == [one for one in verdicts if one.verdict == "broken"]
    assert 1 >= sum(one.verdict == "skipped" for one in verdicts)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("{ currency = 'yuan' }", "three capital letters"),
        ("{ tiers = [] }", "two tiers or more"),
        ("{ recent = 3 }", "Unknown key 'recent'"),
        ("{ value = { enter = ['1'], keep = ['1'] } }", "back and forth"),
    ],
)
def test_settings_that_are_wrong_stop_the_plug_in_with_the_reason(settings: str, message: str) -> None:
    """A mistake in the limits is found when the plug-in is loaded."""
    with pytest.raises(PluginError) as caught:
        rules(f'[[plugin]]\nname = "tiers_rfm"\nsettings = {settings}')

    assert message in str(caught.value)
