"""The bank's own store: one file, replaced as a whole by every commit."""

from __future__ import annotations

from branchkit.plugins import StoreContext
from branchkit_harbour.settings import Settings
from branchkit_harbour.storage.store import FileStore

__all__ = ["FileStore", "open_file"]


def open_file(context: StoreContext) -> FileStore:
    """Open the store of an address as ``harbour:outlet.json``.

    Raises:
        DecodeError: the settings of the plug-in are none.
        StorageError: the file cannot be read, or is no such store.
    """
    settings = Settings.read(context.settings)
    path = context.url.removeprefix("harbour:")
    return FileStore(path, checkpoint_every=settings.checkpoint_every, patience=settings.patience)
