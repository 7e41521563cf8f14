"""Finding strategies by name, module and file."""

from __future__ import annotations

import pickle
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


def installed(folder: Path, module: str, class_name: str) -> None:
    """Write a package that offers a strategy, as an installer would leave it."""
    (folder / f"{module}.py").write_text(TWENTY_LINES.replace("Half", class_name))
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[raisecash.strategies]\nany = {module}:{class_name}\n")


def test_an_installed_package_offers_strategies_through_the_entry_point_group(monkeypatch, tmp_path):
    installed(tmp_path, "elsewhere", "Quarter")
    with pytest.raises(ConfigError, match="no strategy 'Quarter'"):
        find("Quarter")
    monkeypatch.syspath_prepend(tmp_path)
    assert find("Quarter").__name__ == "Quarter"
    assert "Quarter" in discovery.discover()


def test_two_strategies_of_one_name_are_refused(monkeypatch, tmp_path):
    installed(tmp_path, "elsewhere_too", "Cash")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="two strategies are called Cash"):
        discovery.discover()
    with pytest.raises(ConfigError, match="two strategies are called Cash"):
        find("Cash")


def test_a_strategy_that_is_written_or_mended_later_is_found_in_the_same_process(monkeypatch, tmp_path):
    folder = tmp_path / "strategies"
    folder.mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert "Eighth" not in discovery.discover()
    (folder / "eighth_of_all.py").write_text("class Eighth(:\n    pass\n")
    with pytest.raises(ConfigError, match=r"eighth_of_all\.py: raised SyntaxError"):
        find("Eighth")
    (folder / "eighth_of_all.py").write_text(TWENTY_LINES.replace("Half", "Eighth"))
    assert find("Eighth").__module__ == "strategies.eighth_of_all"
    assert find("Eighth") is discovery.discover()["Eighth"]
    assert find("Cash") is Cash


def test_what_discover_returns_is_the_caller_s_to_change():
    discovery.discover().clear()
    assert discovery.discover()["Cash"] is Cash


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
