"""Which photos came and went since they were last looked at. No photo is opened for it."""

from __future__ import annotations

from photobench.errors import PhotobenchError
from photobench.records import Manifest
from photobench.sources.files import NO_FILE
from photobench.words import count, examples
from photobench.workflow.bench import Bench


def changes(bench: Bench, manifest: Manifest) -> list[str]:
    """A sentence on what the manifest that is kept has and this one has not, and the other way round; nothing where they agree."""
    try:
        before = Manifest.read(bench.workspace.manifest_file)
    except PhotobenchError:  # there is none yet, or it is damaged: it is written anew
        return []
    if before.root != manifest.root:
        return []
    then, today = _there(before), _there(manifest)
    gone, new = sorted(then - today), sorted(today - then)
    parts = [f"{_photos(gone)} no longer there ({examples(gone)})"] if gone else []
    parts += [f"{_photos(new)} new ({examples(new)})"] if new else []
    return [f"since the last look at the photos, {' and '.join(parts)}."] if parts else []


def _there(manifest: Manifest) -> set[str]:
    """The paths whose files are there, readable or not."""
    frame = manifest.frame
    return set(frame.loc[frame["reason"] != NO_FILE, "path"])


def _photos(paths: list[str]) -> str:
    return f"{count(len(paths), 'photo')} {'is' if len(paths) == 1 else 'are'}"
