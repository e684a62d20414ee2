"""`jalon stores check FILE`: validates a store file and prints its faults line by line."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path

from jalon.policy.authoring.faults import StoreFileFaults
from jalon.policy.authoring.loader import load_store
from jalon.policy.model.store_policy import StorePolicy

_HASH_SHOWN = 12


def check_file(path: Path, payment_providers: Collection[str] | None = None) -> int:
    """Prints `file:line: key: message` for each fault, or a summary. The exit code is 1 with faults, else 0."""
    try:
        policy = load_store(path, payment_providers)
    except StoreFileFaults as invalid:
        sys.stdout.write(f"{invalid}\n{_count(len(invalid.faults), 'fault')}: the store cannot be served\n")
        return 1
    sys.stdout.write(summary(path, policy))
    return 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(path: Path, policy: StorePolicy) -> str:
    """A summary of a valid file for its author."""
    store = policy.store
    online = [product for product in policy.products.values() if product.buyable]
    terms = dict.fromkeys(term for product in online for term in product.terms)
    return (
        f"{path}: {store.id} is good\n"
        f"  {store.name}, {store.clock} clock, {store.zone}, {', '.join(store.languages)}\n"
        f"  {_count(len(policy.products), 'product')}, {len(online)} sold online"
        f" for {', '.join(terms)} in {', '.join(store.currencies)}\n"
        f"  audiences {', '.join(policy.audiences)}; {_count(len(policy.documents), 'terms document')}\n"
        f"  policy {policy.policy_hash[:_HASH_SHOWN]}\n"
        f"{_advice(policy)}"
    )


def _advice(policy: StorePolicy) -> str:
    """What a store can be served without and should not be: a contract names its parties."""
    if policy.store.vendor is not None:
        return f"  vendor {policy.vendor.legal_name}\n"
    return (
        f'  store.vendor is missing: contracts and pages name "{policy.store.name}" alone as the vendor; '
        "write [store.vendor] with legal_name and address\n"
    )
