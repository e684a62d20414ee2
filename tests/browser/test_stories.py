"""A day in support and a night in ops, each as one run in a real browser; what is done is asked of the API and of its audit afterwards."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.api.test_isolation import key_for
from tests.browser.conftest import OpenPage
from tests.browser.staff import act, audited, enter, looked_at, said_of
from tests.support.machines import Serving
from tests.support.repairs import stopped_orders
from tests.support.shop import Answer, OpenShop, Order, Shop, Subscription, eventually

SALOME = ("Salomé Support", "support")
NIGHT = "Nuria Ops"


async def find(page: Page, typed: str, number: str) -> None:
    """Finds and opens an order without a mouse."""
    await page.keyboard.press("/")
    await page.keyboard.type(typed)
    await expect(page.get_by_role("link", name=number)).to_be_visible()
    await looked_at(page, "support-1-found")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("link", name=number)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(number)


async def note(page: Page, text: str) -> None:
    """Writes a note without a mouse."""
    summary = page.get_by_text("Write a note", exact=True).first
    while not await summary.evaluate("each => each === document.activeElement"):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type(text)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Done: Write a note.")
    await expect(page.get_by_text(text)).to_be_visible()


async def send_again(page: Page, shop: Shop, line: Subscription, to: str) -> None:
    """Looks at the e-mail that did not arrive, and sends it once more."""
    await page.get_by_role("link", name="E-mails", exact=True).click()
    await expect(page.get_by_role("link", name="E-mails", exact=True)).to_have_attribute(
        "aria-current", "true"
    )
    mail = page.get_by_role("listitem").filter(has_text="contract")
    await mail.get_by_text("why").first.click()
    await mail.get_by_role("link", name="Show the e-mail").first.click()
    await expect(page.frame_locator("iframe").get_by_text("activer").first).to_be_attached()
    await looked_at(page, "support-4-mail")
    await page.get_by_label("Reason").fill("The customer finds no e-mail.")
    await page.get_by_role("button", name="Send it once more").click()
    await expect(page.get_by_role("status")).to_contain_text("Done: Send the e-mail again.")
    eventually(lambda: len(shop.mails("contract_ready", to)) == 2 or None, "the e-mail arrives once more")
    assert said_of(audited(shop, line.id, "resend_mail")) == (
        *SALOME, "The customer finds no e-mail.", {"sent_again": 0}, {"sent_again": 1},
    )  # fmt: skip


async def extend(page: Page, shop: Shop, line: Subscription) -> None:
    """Reads what the extension of a deadline does, and extends it."""
    due = line.due("activation_window")
    await page.get_by_text("Extend a deadline", exact=True).first.click()
    await expect(page.get_by_text("and the customer is told the new date").first).to_be_visible()
    await looked_at(page, "support-5-extend")
    await page.get_by_text("Extend a deadline", exact=True).first.click()
    await act(page, "Extend a deadline", {"Or by so many days": "14", "Reason": "The signer is abroad."})
    later, entry = line.due("activation_window"), audited(shop, line.id, "extend_deadline")
    assert (due is not None, later is not None) == (True, True)
    assert said_of(entry)[:3] == (*SALOME, "The signer is abroad.")
    assert [entry["before"]["due_at"], entry["after"]["due_at"]] == [
        str(each).replace(" ", "T") for each in (due, later)
    ]


async def look_as_the_customer(page: Page, shop: Shop, line: Subscription) -> None:
    """Opens the page that the customer sees, in which nothing acts."""
    async with page.expect_popup() as opening:
        await page.get_by_role("link", name="See what the customer sees").click()
    seen = await opening.value
    await expect(seen.get_by_role("heading", level=1)).to_be_visible()
    assert await seen.get_by_role("button", disabled=False).count() == 0
    await looked_at(seen, "support-7-as-customer", judged=False)
    await seen.close()
    assert audited(shop, line.id, "view_as_customer")["actor"] == SALOME[0]


async def test_a_day_in_support(open_page: OpenPage, machine: Serving, shop: Shop) -> None:
    typed = f"margerite@{shop.id}.example.com"
    buyer = {
        "email": typed.replace("margerite", "marguerite"),
        "name": "Marguerite Delorme",
        "language": "fr",
    }
    order = shop.order("anchor-design-premium", buyer=buyer).buy()
    line, told = order.subscription, f"/v1/support/entities/{order.id}"
    page = await open_page("en", 1280)
    await enter(page, machine)

    await find(page, typed, order["number"])
    await looked_at(page, "support-2-order")
    sentence = Answer.of(shop.store.get(told, role="support", lang="en")).ok["sentence"]
    await expect(page.get_by_text(sentence)).to_be_visible()
    await expect(page.locator("blockquote [lang=fr]")).to_contain_text("La commande")
    await page.get_by_role("link", name="Premium").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(line["number"])
    await looked_at(page, "support-3-subscription")

    await send_again(page, shop, line, buyer["email"])
    await note(page, "Calls back on Monday.")
    assert audited(shop, line.id, "write_note")["actor"] == SALOME[0]

    await extend(page, shop, line)
    moved = f"m.delorme@{shop.id}.example.com"
    await act(page, "Correct the contact address", {"New e-mail address": moved, "Reason": "She spelled it."})
    assert line["admin"]["email"] == moved
    assert said_of(audited(shop, line["admin"]["id"], "change_person")) == (
        *SALOME, "She spelled it.", {"email": buyer["email"]}, {"email": moved},
    )  # fmt: skip
    await looked_at(page, "support-6-corrected")
    await look_as_the_customer(page, shop, line)

    assert line.activate().ok
    await expect(page.get_by_role("listitem").filter(has_text="Activate").first).to_be_visible()
    await page.get_by_role("link", name=order["number"]).first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(order["number"])
    await act(page, "Cancel the order", {"Reason": "The customer changed her mind."})
    await expect(page.get_by_text("cancelled", exact=True).first).to_be_visible()
    await looked_at(page, "support-8-cancelled")
    assert order.status == "cancelled"
    assert said_of(audited(shop, order.id, "cancel")) == (
        *SALOME, "The customer changed her mind.",
        {"status": "processing", "cancel_requested": False}, {"status": "processing", "cancel_requested": True},
    )  # fmt: skip


async def plan_of(page: Page, number: str) -> None:
    """Goes from what is stuck to the plan of its repair. A skip without evidence is refused on the way, and keeps what was typed."""
    await page.get_by_role("link", name="Stuck", exact=True).click()
    await looked_at(page, "ops-1-stuck")
    await page.get_by_role("main").get_by_role("listitem").get_by_role("link").click()
    await expect(page.get_by_role("link", name=number)).to_be_visible()
    await looked_at(page, "ops-2-cause")
    await page.get_by_label("Or until so many more").fill("50")
    await page.get_by_label("Reason").last.fill("Known.")
    await page.get_by_role("button", name="Ignore for a while").click()
    await expect(page.get_by_text(f"{NIGHT} has this ignored: Known.")).to_be_visible()
    await page.get_by_role("button", name="Mind it again").click()
    await page.get_by_label("Name it after the incident").fill("INC-2026-014")
    await page.get_by_label("Reason").first.fill("The provider answers again.")
    await page.get_by_label("Action").select_option(label="Skip, done outside")
    await page.get_by_role("button", name="Plan the repair").click()
    await expect(page.get_by_text("Reference")).to_be_visible()
    await looked_at(page, "ops-3-refused")
    await page.get_by_label("Action").select_option(label="Retry")
    await page.get_by_role("button", name="Plan the repair").click()


async def repaired(page: Page, shop: Shop, orders: list[Order]) -> str:
    """Reads the plan, starts it, and waits until the page says what healed. Returns the repair's id."""
    await expect(page.get_by_role("heading", name="Already took effect, not repeated")).to_be_visible()
    await expect(page.get_by_role("main")).to_contain_text("3,360.00")
    await looked_at(page, "ops-4-plan")
    await page.get_by_role("button", name="Start for 6 steps").click()
    await expect(page.get_by_text("done", exact=True)).to_be_visible(timeout=30_000)
    await expect(page.get_by_text("Parked again (1)")).to_be_visible()
    await expect(page.get_by_role("link", name=orders[-1]["number"])).to_be_visible()
    await page.get_by_text("Healed (5)").click()
    await expect(page.get_by_role("link", name=orders[0]["number"])).to_be_visible()
    await looked_at(page, "ops-5-repair")
    repair = page.url.rpartition("/")[2]
    found = Answer.of(shop.store.get(f"/v1/ops/repairs/{repair}", role="ops")).ok
    assert (found["canary"], found["counts"]["healed"], found["counts"]["parked_again"]) == (3, 5, 1)
    await page.get_by_role("button", name="Copy", exact=True).click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == found["report"]
    assert "| healed | 5 |" in copied
    return repair


async def stopped_and_let_go_on(page: Page, shop: Shop) -> None:
    """Stops the charges of the store; an order waits; then they go on."""
    await page.get_by_role("link", name="Stops", exact=True).click()
    await page.get_by_label("Reason").last.fill("The bank asked.")
    await looked_at(page, "ops-6-stops")
    await page.get_by_role("button", name="Stop at once").click()
    await expect(page.get_by_text(f"{shop.id} takes no money.")).to_be_visible()
    await looked_at(page, "ops-7-stopped")
    order = shop.order("drafting-light")
    assert order.place().ok
    assert (order.status, order.charged) == ("submitted", [])
    await page.get_by_text("Let it go on", exact=True).first.click()
    await page.get_by_label("Reason").first.fill("They are done.")
    await page.get_by_role("button", name="Let it go on").click()
    await expect(page.get_by_text("Nothing is stopped.")).to_be_visible()
    eventually(lambda: order.status == "completed" or None, "the order goes on")
    assert order.charged == [56000]
    for action, why, was in (("stop", "The bank asked.", False), ("lift_stop", "They are done.", True)):
        entry = audited(shop, f"stop/{shop.id}/charges", action)
        assert said_of(entry) == (NIGHT, "ops", why, {"stopped": was}, {"stopped": not was})


async def test_a_night_in_ops(open_page: OpenPage, machine: Serving, open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    orders = stopped_orders(shop, 6, stubborn=1)
    token = key_for(shop, "ops", shop.id, person=NIGHT)
    page = await open_page("en", 1280)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await enter(page, machine, "ops", token)

    await plan_of(page, orders[0]["number"])
    repair = await repaired(page, shop, orders)
    planned, started = (audited(shop, f"repair/{repair}", each) for each in ("plan_repair", "start_repair"))
    assert said_of(planned) == (NIGHT, "ops", "The provider answers again.", None, {"state": "planned"})
    assert said_of(started)[3:] == ({"state": "planned"}, {"state": "canary"})
    retried = audited(shop, orders[0].id, "retry")
    assert (retried["actor"], "INC-2026-014" in retried["reason"]) == (NIGHT, True)
    assert [order.charged for order in orders] == [[56000]] * 5 + [[]]
    await stopped_and_let_go_on(page, shop)
