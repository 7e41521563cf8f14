"""Finding strategies by name, module and file."""

from __future__ import annotations

import pickle
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import raisecash.strategy.discovery as discovery
from raisecash.errors import ConfigError
from strategies.cash import Cash

TWENTY_LINES = '''
from raisecash import Field, Strategy


class Half(Strategy):
    """Hold half of everything."""

    share: float = Field(0.5, ge=0, le=1, description="invested share")

    def target_weights(self, market):
        return market.equal_weights() * self.share
'''


def find(use, base_dir=Path()):
    return discovery.find_strategy(use, base_dir=base_dir, where="a.toml: [[strategy]] x")


def test_every_file_of_the_folder_is_found_by_class_name():
    assert {"BuyAndHold", "Cash", "FixedMix", "RallyThenRaiseCash", "SellInMay"} <= set(discovery.discover())
    assert find("Cash") is Cash
    assert find("strategies.cash:Cash") is Cash


def test_a_file_is_loaded_once_and_its_strategies_can_be_pickled(tmp_path):
    (tmp_path / "half.py").write_text(TWENTY_LINES)
    half = find("half.py:Half", tmp_path)
    assert find(f"{tmp_path / 'half.py'}:Half") is half
    assert pickle.loads(pickle.dumps(half(share=0.25))) == half(share=0.25)


def test_an_installed_package_offers_strategies_through_the_entry_point_group(monkeypatch, tmp_path):
    (tmp_path / "elsewhere.py").write_text(TWENTY_LINES)
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint(name="half", value="elsewhere:Half", group=discovery.ENTRY_POINTS)
    monkeypatch.setattr(discovery, "entry_points", lambda group: [entry])
    assert find("Half").__name__ == "Half"


def test_two_strategies_of_one_name_are_refused(monkeypatch, tmp_path):
    (tmp_path / "elsewhere_too.py").write_text(TWENTY_LINES.replace("Half", "Cash"))
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint(name="cash", value="elsewhere_too:Cash", group=discovery.ENTRY_POINTS)
    monkeypatch.setattr(discovery, "entry_points", lambda group: [entry])
    with pytest.raises(ConfigError, match="two strategies are called Cash"):
        discovery.discover()


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (
            "RallyThenRaseCash",
            "a.toml: .* no strategy 'RallyThenRaseCash'; did you mean 'RallyThenRaiseCash'",
        ),
        ("Zzz", "no strategy 'Zzz'; there are BuyAndHold, Cash"),
        ("strategies.cash:Money", "strategies.cash has no strategy class 'Money'; its strategies: Cash"),
        ("no.such.module:Money", "no module 'no.such.module'"),
        ("nowhere.py:Money", "no file nowhere.py"),
    ],
)
def test_what_cannot_be_found_is_named_with_the_nearest(use, message):
    with pytest.raises(ConfigError, match=message):
        find(use)


def test_a_module_that_does_not_import_raises_with_its_own_traceback(tmp_path):
    (tmp_path / "broken.py").write_text("import a_library_that_is_not_installed\n")
    with pytest.raises(ModuleNotFoundError, match="a_library_that_is_not_installed"):
        find("broken.py:Half", tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_library_that_is_not_installed"):
        find("broken.py:Half", tmp_path)  # the first try left nothing half-loaded behind
