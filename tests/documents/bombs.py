"""PDFs that lie, loop and swell, written by hand; and a cipher of the oldest kind."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from functools import cache

from tests.documents import paper

SAID = b"BT /F1 11 Tf 72 720 Td (Marmalade is made of oranges.) Tj ET\n"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return a stream with its dictionary."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


def page(
    content: bytes = SAID,
    *,
    entries: bytes = b"",
    resources: bytes = b"",
    catalog: bytes = b"",
    said: bytes = b"<< >>",
    font: bytes = FONT,
    more: Sequence[bytes] = (),
) -> bytes:
    """Return a PDF of one page.

    Args:
        content: What the page draws; object 4.
        entries: Of the dictionary of that stream.
        resources: Further ones of the page.
        catalog: Further entries of the catalogue.
        said: What the file says of itself; object 6.
        font: Object 5.
        more: Further objects, from 7 on.
    """
    used = b"<< /Font << /F1 5 0 R >> %s >>" % resources
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources %s >>" % used,
        stream(content, entries),
        font,
        said,
        *more,
    ]
    return paper._file(objects, 1, 6)


@cache
def swollen(n_mib: int, layers: int = 1) -> bytes:
    """Return what unpacks, layer by layer, to so many MiB of blanks after a line of words."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(SAID)]
    blanks = b" " * (1 << 20)
    parts += [packer.compress(blanks) for _ in range(n_mib)]
    packed = b"".join([*parts, packer.flush()])
    for _ in range(layers - 1):
        packed = zlib.compress(packed, 9)
    return packed


def chain(n: int, *, circle: bool) -> bytes:
    """Return a PDF whose page lies below *n* nodes, or whose lowest node is its highest."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    for node in range(n):
        below = 2 if circle and node == n - 1 else node + 3
        above = b"/Parent %d 0 R" % (node + 1) if node else b""
        objects.append(b"<< /Type /Pages /Kids [%d 0 R] /Count 1 %s >>" % (below, above))
    leaf = len(objects) + 1
    objects += [
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources << /Font << /F1 %d 0 R >> >> >>"
        % (leaf - 1, leaf + 1, leaf + 2),
        stream(SAID),
        FONT,
        b"<< >>",
    ]
    return paper._file(objects, 1, len(objects))


def with_cross_reference(entries: bytes) -> bytes:
    """Return a PDF whose table of objects is a stream with these entries, and whose pages lie in a stream of objects."""
    body, places = b"%PDF-1.7\n", dict[int, int]()
    held = b"2 0 << /Type /Pages /Kids [3 0 R] /Count 1 >>"
    node = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
    for number, content in (
        (1, b"<< /Type /Catalog /Pages 2 0 R >>"),
        (3, node),
        (4, stream(SAID)),
        (5, FONT),
        (7, stream(held, b"/Type /ObjStm /N 1 /First 4 /Extends 7 0 R")),
    ):
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    within = {2: 7, 6: 6}  # the sixth lies in itself
    rows = b"".join(
        b"\1" + places[n].to_bytes(4, "big") + b"\0\0"
        if n in places
        else bytes([2 if n in within else 0]) + within.get(n, 0).to_bytes(4, "big") + b"\0\0"
        for n in range(8)
    )
    table = len(body)
    said = b"/Type /XRef /Root 1 0 R /Prev %d %s" % (table, entries)
    return body + b"8 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF" % (stream(rows, said), table)


def encrypted(content: bytes, *, password: bytes) -> bytes:
    """Return a PDF of one page, encrypted for its reader (RC4, 40 bits; PDF 1.7, 7.6.3) under a password."""
    secret, name = (password + _PADDING)[:32], b"0123456789abcdef"
    owner = _rc4(hashlib.md5(secret, usedforsecurity=False).digest()[:5], secret)
    rights = (-4).to_bytes(4, "little", signed=True)
    key = hashlib.md5(secret + owner + rights + name, usedforsecurity=False).digest()[:5]
    of_page = key + (4).to_bytes(3, "little") + b"\0\0"
    drawn = _rc4(hashlib.md5(of_page, usedforsecurity=False).digest()[:10], content)
    plain = page(drawn)
    lock = b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >>" % (
        owner.hex().encode(),
        _rc4(key, _PADDING).hex().encode(),
    )
    ids = b"/ID [<%s> <%s>]" % (name.hex().encode(), name.hex().encode())
    return plain.replace(b"trailer\n<<", b"trailer\n<< /Encrypt %s %s" % (lock, ids))


def _rc4(key: bytes, content: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)
