"""Usual ports, and free ones that are reported where a usual one is in use."""

from __future__ import annotations

import os
import socket

import pytest

from jalon.local.ports import FREE_RANGE, HOST, USUAL_PORTS, choose_ports, free_port, free_ports, is_free


def test_a_taken_port_is_replaced_and_the_reader_is_told() -> None:
    taken = free_port()
    told: list[str] = []
    with socket.create_server((HOST, taken)):
        assert not is_free(taken)
        chosen = choose_ports({**free_ports(), "api": taken}, told.append)
    assert chosen["api"] != taken
    assert told == [f"port {taken} for api is taken, using {chosen['api']}"]


def test_wanted_ports_that_are_free_are_kept_silently() -> None:
    wanted = free_ports()
    told: list[str] = []
    assert choose_ports(wanted, told.append) == wanted
    assert told == []


def test_two_servers_that_want_one_port_get_two() -> None:
    port = free_port()
    chosen = choose_ports({**free_ports(), "api": port, "mailbox": port}, lambda _line: None)
    assert len(set(chosen.values())) == len(USUAL_PORTS)


def test_free_ports_stay_clear_of_outgoing_connections() -> None:
    chosen = free_ports()
    assert set(chosen) == set(USUAL_PORTS)
    assert all(port in FREE_RANGE for port in chosen.values())


def test_a_port_that_is_not_bound_yet_is_not_chosen_again() -> None:
    chosen = [free_port() for _ in range(200)]
    assert len(set(chosen)) == len(chosen)


def test_processes_that_begin_together_choose_different_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    first, chosen = os.getpid(), list[int]()
    for pid in range(first, first + 10):
        monkeypatch.setattr(os, "getpid", lambda pid=pid: pid)
        chosen += [free_port() for _ in range(50)]
    assert len(set(chosen)) == len(chosen)
