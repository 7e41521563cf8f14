"""The tests' own guard: nothing may leave this machine."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_tests_cannot_reach_another_machine(host):
    with pytest.raises(OSError, match="this machine only"):
        socket.create_connection((host, 443), timeout=1)


def test_tests_can_reach_this_machine():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()
