"""What came from which address lately is known, bounded, and forgotten when asked."""

from __future__ import annotations

from nordlotse.foundation.entered import Entered


def test_each_address_has_its_own_newest_keys() -> None:
    held = Entered(most=2)
    for address, key in (("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")):
        held.note(address, key)
    assert held.of("a") == ["3", "4"]
    assert held.of("b") == ["2"]
    assert held.of("c") == []


def test_no_address_is_never_held() -> None:
    held = Entered(most=2)
    held.note("", "1")
    assert held.of("") == []


def test_beyond_the_capacity_the_address_not_seen_for_longest_goes() -> None:
    held = Entered(most=2, capacity=2)
    for address in ("a", "b", "a", "c"):
        held.note(address, address)
    assert (held.of("a"), held.of("b"), held.of("c")) == (["a", "a"], [], ["c"])


def test_cleared_nothing_is_known() -> None:
    held = Entered(most=2)
    held.note("a", "1")
    held.clear()
    assert held.of("a") == []
