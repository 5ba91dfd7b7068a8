"""A frame that is mostly empty, as a small PNG: the moving marks of a picture and nothing else.

Pillow needs 20 to 30 ms for such a frame, and most of it for colours that hardly differ. Here the
marks alone are looked at, about a hundredth of all pixels, and their colours make a palette.
"""

import struct
import zlib

import numpy as np

FAINT = 8  # an opacity, of 255, below which a pixel counts as empty
FULL = 0.12  # the share of marked pixels above which this is no longer the short way


def overlay_png(pixels: np.ndarray) -> tuple[bytes, int, int] | None:
    """A PNG of what is not transparent in ``pixels`` (height, width, 4), and its left and top.

    Empty bytes where there is nothing; None where so much is there that a photograph is shorter.
    """
    marked = pixels[..., 3] > FAINT
    rows = np.flatnonzero(marked.any(axis=1))
    if not rows.size:
        return b"", 0, 0
    columns = np.flatnonzero(marked[rows[0] : rows[-1] + 1].any(axis=0))
    cut = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    marked = marked[cut]
    if np.count_nonzero(marked) > FULL * pixels[..., 3].size:
        return None
    palette, which = _palette(pixels[cut][marked])
    picture = np.zeros((marked.shape[0], marked.shape[1] + 1), np.uint8)  # a filter byte each row
    picture[:, 1:][marked] = which + 1
    return _png(picture, palette), int(columns[0]), int(rows[0])


def _palette(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(k, 4), at most 255 colours that stand for ``colours`` (n, 4), and (n,) which of them."""
    nearly = (colours.astype(np.int64) + 8) // 17  # 16 shades of red, green, blue and opacity
    key = nearly @ np.array([1, 16, 256, 4096])
    count = np.bincount(key, minlength=65536)
    used = np.flatnonzero(count)
    used = used[np.argsort(-count[used])]
    place = np.zeros(65536, np.int64)
    place[used] = np.arange(len(used))
    which = place[key]
    palette = np.stack([np.bincount(which, colours[:, i]) for i in range(4)], axis=1)
    palette = palette / count[used][:, np.newaxis]
    if len(palette) > 255:  # the rare ones become the one of the others that is nearest
        kept, rare = palette[:255], palette[255:]
        apart = ((rare[:, np.newaxis] - kept) ** 2).sum(axis=-1)
        which = np.concatenate([np.arange(255), apart.argmin(axis=1)])[which]
        palette = kept
    return np.round(palette).astype(np.uint8), which.astype(np.uint8)


def _png(rows: np.ndarray, palette: np.ndarray) -> bytes:
    """A file: ``rows`` of places in the palette, each after a filter byte; 0 is transparent."""
    height, width = rows.shape[0], rows.shape[1] - 1
    shades = np.vstack([np.zeros((1, 4), np.uint8), palette])
    packer = zlib.compressobj(6, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": shades[:, :3].tobytes(),
        b"tRNS": shades[:, 3].tobytes(),
        b"IDAT": packer.compress(rows.tobytes()) + packer.flush(),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts.items()
    )
