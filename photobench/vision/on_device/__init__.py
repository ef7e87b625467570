"""Photos changed on the device, a whole batch at once, by what was drawn for them on the host.

Nothing here asks the device for a number, so nobody waits for it; and each photo is changed by its own numbers alone, whatever else is in
the batch.
"""

from __future__ import annotations

from photobench.vision.on_device.applying import augmented, mixed

__all__ = ["augmented", "mixed"]
