"""What every test stands on: the real price files where they are, and no network."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support.golden import OPTION, Golden
from tests.support.made_files import write_made_files

settings.register_profile("no deadline", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("no deadline")

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that accepts what golden tests get."""
    parser.addoption(
        OPTION, action="store_true", help="write the files in tests/golden anew instead of comparing"
    )


@pytest.fixture(scope="session")
def golden(pytestconfig: pytest.Config) -> Golden:
    """Return the golden files: fills and metrics of shipped configs."""
    return Golden(rewrite=bool(pytestconfig.getoption(OPTION)))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real daily and hourly series, which is not part of the project."""
    if not REAL_DATA.is_dir():
        missing = "no real data: ../shared/data beside the project holds the files this test recomputes"
        if os.environ.get("CI") and not os.environ.get("RAISECASH_NO_REAL_DATA"):
            pytest.fail(
                f"{missing}; CI must have it, or declare RAISECASH_NO_REAL_DATA=1 as a public runner does"
            )
        pytest.skip(missing)
    return REAL_DATA


@pytest.fixture(scope="session")
def made_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder laid out as the one of real series, with made-up ones from 2023 to September 2025."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "market").mkdir()
    write_made_files(folder / "market")
    return folder


@pytest.fixture(scope="session", params=["made", "real"])
def price_data(request: pytest.FixtureRequest) -> Path:
    """Return the folder of made-up series, which is everywhere, and then that of the real ones."""
    folder: Path = request.getfixturevalue("real_data" if request.param == "real" else "made_data")
    return folder


@pytest.fixture(scope="session")
def any_data(request: pytest.FixtureRequest) -> Path:
    """Return the folder of real series where it is, of made-up ones elsewhere: for hundreds of cases, run once."""
    folder: Path = request.getfixturevalue("real_data" if REAL_DATA.is_dir() else "made_data")
    return folder


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every look-up and connection that leaves this machine, except in tests marked live."""
    if request.node.get_closest_marker("live"):
        return
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_beyond_this_machine(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_beyond_this_machine(self.family, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *others: Any, **named: Any) -> Any:
        _refuse_beyond_this_machine(socket.AF_INET, (host,))
        return getaddrinfo(host, *others, **named)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)


def _refuse_beyond_this_machine(family: int, address: Any) -> None:
    """Raise on an address that is not this machine's own."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    if host in (None, "", "localhost"):
        return
    try:
        is_local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = False
    if not is_local:
        raise OSError(f"a test tried to reach {host!r}; tests talk to this machine only")
