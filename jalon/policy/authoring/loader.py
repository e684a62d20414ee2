"""Reads store files as policies and reports every fault at once, by line and key."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path as FilePath

from jalon.policy.authoring.consistency import check_consistency
from jalon.policy.authoring.faults import Fault, FaultList, StoreFileFaults
from jalon.policy.authoring.lines import LineIndex, Path
from jalon.policy.authoring.merging import Table, laid_over, layered
from jalon.policy.authoring.parsed_file import ParsedFile, canonical_json, read_parsed_file
from jalon.policy.authoring.proportions import check_proportions
from jalon.policy.authoring.resolution import resolve
from jalon.policy.authoring.syntax import syntax_fault
from jalon.policy.authoring.texts import with_texts_of_files
from jalon.policy.model.sections import PaymentPolicy, Rules
from jalon.policy.model.store_policy import StorePolicy
from jalon.policy.suggestions import nearest

DEFAULTS = FilePath(__file__).with_name("defaults.toml")


def load_stores(
    folder: FilePath,
    payment_providers: Collection[str] | None = None,
    opened: Collection[str] | None = None,
) -> dict[str, StorePolicy]:
    """The policies of every `*.toml` of a folder, by store id. Raises StoreFileFaults with the faults of all files.

    `payment_providers`, if given, are the valid values of `payment.provider`; `opened`, if given, those of them that the installation
    opens.
    """
    stores: dict[str, StorePolicy] = {}
    faults: list[Fault] = []
    files = sorted(folder.glob("*.toml"))
    if not files:
        faults.append(Fault(0, "", "holds no store file (*.toml)", str(folder)))
    for path in files:
        try:
            policy = load_store(path, payment_providers, opened)
        except StoreFileFaults as invalid:
            faults.extend(invalid.faults)
            continue
        if policy.id in stores:
            faults.append(
                Fault(
                    _line_of_id(path),
                    "store.id",
                    f'"{policy.id}" is already another file\'s store',
                    str(path),
                )
            )
        stores[policy.id] = policy
    if faults:
        raise StoreFileFaults(folder, faults)
    return stores


def load_store(
    path: FilePath,
    payment_providers: Collection[str] | None = None,
    opened: Collection[str] | None = None,
) -> StorePolicy:
    """The policy of one store file, laid over the defaults. Raises StoreFileFaults with every fault.

    `payment_providers`, if given, are the valid values of `payment.provider`; `opened`, if given, those of them that the installation
    opens.
    """
    text = _text(path)
    written = _toml(path, text)
    faults = FaultList(str(path), LineIndex(text), written)
    merged = with_texts_of_files(_over_defaults(written, faults), path, faults)
    parsed = read_parsed_file(merged, faults)
    check_consistency(parsed, faults)
    _check_provider(parsed, payment_providers, opened, faults)
    refined = resolve(parsed, faults)
    check_proportions(parsed, refined, faults)
    if faults.found or parsed.store is None or parsed.routes is None:
        raise StoreFileFaults(path, faults.found)
    return StorePolicy(
        store=parsed.store,
        routes=parsed.routes,
        audiences=parsed.audiences,
        rules=Rules.model_validate(dict(parsed.rules)),
        products={product.sku: product for product in parsed.products.values()},
        documents=tuple(parsed.documents.values()),
        refined=refined,
        policy_hash=hashlib.sha256(canonical_json(merged)).hexdigest(),
    )


def _text(path: FilePath) -> str:
    try:
        return path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except OSError as unreadable:
        raise StoreFileFaults(
            path, [Fault(0, "", f"cannot be read: {unreadable.strerror}", str(path))]
        ) from None
    except UnicodeDecodeError as not_utf8:
        line = path.read_bytes()[: not_utf8.start].count(b"\n") + 1
        raise StoreFileFaults(path, [Fault(line, "", "is not UTF-8 text", str(path))]) from None


def _toml(path: FilePath, text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as not_toml:
        raise StoreFileFaults(path, [syntax_fault(str(path), text, not_toml)]) from None


def _over_defaults(written: Table, faults: FaultList) -> dict[str, object]:
    merged = laid_over(_defaults(), written)
    every_product = merged.pop("every_product")
    path: Path = ("every_product",)
    if not isinstance(every_product, Mapping):
        faults.add(path, "must be a table")
    elif "overrides" in every_product:
        faults.add(
            (*path, "overrides"), "what holds for every product is written in the store's own sections"
        )
    products = merged.get("products")
    if isinstance(products, list):
        merged["products"] = [layered(every_product, product) for product in products]
    return merged


@cache
def _defaults() -> Table:
    return tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))


def _check_provider(
    parsed: ParsedFile, known: Collection[str] | None, opened: Collection[str] | None, faults: FaultList
) -> None:
    payment = parsed.rules.get("payment")
    if known is None or not isinstance(payment, PaymentPolicy):
        return
    name = payment.provider
    if name not in known:
        hint = nearest(name, known) or f"; known: {', '.join(sorted(known))}"
        faults.add(("payment", "provider"), f'"{name}" is no payment provider{hint}')
    elif opened is not None and name not in opened:
        store = parsed.store.id if parsed.store else "?"
        faults.add(
            ("payment", "provider"),
            f'store "{store}" is paid through "{name}", which this installation does not open; give "{name}" its settings in '
            f"JALON_PAYMENT_PROVIDERS, or name one that is opened: {', '.join(sorted(opened))}",
        )


def _line_of_id(path: FilePath) -> int:
    return LineIndex(_text(path)).nearest(("store", "id"))
