"""A live store with a policy of seconds: the same lifecycles on real timers, whatever is killed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support import shop as shops
from tests.support.machines import Serving
from tests.support.rapid import bought
from tests.support.shop import Shop, eventually
from tests.support.stores import SandboxStore


@pytest.fixture
def shop(machine: Serving, store: Callable[..., SandboxStore]) -> Iterator[Shop]:
    """A store without a test clock."""
    opened = shops.shop_of(store("rapid"), machine)
    yield opened
    shops.close(opened)


@pytest.mark.rule("D16", "D17", "G2")
@pytest.mark.timeout(180)
def test_what_comes_first_may_go_away_and_what_comes_later_still_comes(shop: Shop) -> None:
    """A timer is set for a reminder that becomes unnecessary; the renewal still takes place."""
    order, subscription = bought(shop)
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: order.status == "completed", "active")
    eventually(lambda: subscription["term_number"] == 1, "the renewal", within=60)
    assert "activation_reminder" not in shop.templates()


@pytest.mark.rule("G8", "D14")
@pytest.mark.timeout(300)
def test_a_mail_server_that_is_away_holds_no_renewal_up(shop: Shop) -> None:
    order, subscription = bought(shop)
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: (order.status, subscription.status) == ("completed", "active"), "active")
    shop.mailbox.fail("refuse_451", to=shop.email, count=1000)
    # An overdue entry waits half a minute at most for an effect under way: the notice, the cutoff and the term's end each do.
    eventually(lambda: subscription.charged == [1200] * 2, "the renewal's charge", within=150)
    assert (subscription["term_number"], shop.templates().count("renewed")) == (1, 0)
    shop.mailbox.mend()
    eventually(lambda: shop.templates().count("renewed") >= 1, "what was held back", within=120)
    arrived = [each["message_id"] for each in shop.mails()]
    assert len(arrived) == len(set(arrived))
    assert {each["copies"] for each in shop.mails()} == {1}
