"""Reads terms of sale from the files beside a store file into the merged store file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath

from jalon.policy.authoring.faults import FaultList
from jalon.policy.authoring.lines import Path
from jalon.policy.authoring.merging import Table, laid_over

_UNREADABLE = "-"


def with_texts_of_files(merged: Table, store_file: FilePath, faults: FaultList) -> dict[str, object]:
    """`merged` with each document's `file.LANGUAGE` replaced by `text.LANGUAGE`. A file that cannot be read is a fault."""
    documents = merged.get("documents")
    if not isinstance(documents, list):
        return dict(merged)
    read = [_with_texts(document, index, store_file, faults) for index, document in enumerate(documents)]
    return {**merged, "documents": read}


def _with_texts(document: object, index: int, store_file: FilePath, faults: FaultList) -> object:
    if not isinstance(document, Mapping) or not isinstance(document.get("file"), Mapping):
        return document
    texts: dict[str, object] = {}
    for language, name in document["file"].items():
        path: Path = ("documents", index, "file", language)
        text = document.get("text")
        if isinstance(text, Mapping) and language in text:
            faults.add(path, f"the text in {language} is already in the store file: keep one of the two")
            continue
        texts[language] = _text(name, store_file, path, faults)
    without_files = {key: value for key, value in document.items() if key != "file"}
    return laid_over(without_files, {"text": texts})


def _text(name: object, store_file: FilePath, path: Path, faults: FaultList) -> str:
    folder = store_file.parent.resolve()
    file = (folder / str(name)).resolve()
    if not file.is_relative_to(folder):
        faults.add(path, f'"{name}" is outside the folder of the store file')
        return _UNREADABLE
    try:
        return file.read_text(encoding="utf-8").replace("\r\n", "\n")
    except OSError as unreadable:
        faults.add(path, f'"{name}" cannot be read: {unreadable.strerror}')
    except UnicodeDecodeError:
        faults.add(path, f'"{name}" is not UTF-8 text')
    return _UNREADABLE
