"""Archives of XML: what an office file is. Checked before anything of it is unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any, Final

from polymem.documents.limits import ReadLimits
from polymem.documents.media import OLE
from polymem.documents.readers.building import Source, third_party
from polymem.documents.readers.xml_faults import raise_fault
from polymem.errors import ReadError
from polymem.text.lazy import lazy

__all__ = ["Archive"]

_FREE: Final = 16 << 20
_MAX_FILES: Final = 20_000
_DOCTYPE: Final = lazy(
    r"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|E\x00?N\x00?T\x00?I\x00?T\x00?Y)"
)
_EVIL: Final = "has a document type definition, which office files never have"
_UNPACKED: Final = "has a part that cannot be unpacked"
_HEAD: Final = 1 << 16
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


class Archive:
    """An office file.

    Args:
        source: The file.

    Raises:
        ReadError: It is encrypted, damaged, or would unpack to more than the limits allow.
    """

    def __init__(self, source: Source) -> None:
        if source.content.startswith(OLE):
            raise ReadError(
                "encrypted",
                "is encrypted or of the kind before 2007; save it without a password as a new file",
            )
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source.content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise ReadError("damaged", "is no sound office file") from error
        _check(self._zip.infolist(), len(source.content), source.limits)
        self.names = frozenset(self._zip.namelist())

    def bytes_of(self, name: str) -> bytes:
        """Return the content of one file.

        Raises:
            ReadError: It is missing, damaged, or declares a document type (entities, files of other machines).
        """
        try:
            content = self._zip.read(name)
        except KeyError as error:
            raise ReadError("damaged", "lacks a part that office files have") from error
        except _DAMAGED as error:
            raise ReadError("damaged", _UNPACKED) from error
        _forbid(content[:_HEAD])
        return content

    def forbid_entities(self, name: str) -> None:
        """Look into the beginning of a file that something else is going to parse.

        Raises:
            ReadError: It is damaged, or declares a document type (entities, files of other machines).
        """
        try:
            with self._zip.open(name) as file:
                head = file.read(_HEAD)
        except _DAMAGED as error:
            raise ReadError("damaged", _UNPACKED) from error
        _forbid(head)

    def root(self, name: str) -> Any:
        """Return the root element of one small file; None where there is none.

        Raises:
            ReadError: It is damaged or nested too deeply.
        """
        if name not in self.names:
            return None
        etree = third_party("lxml", "lxml.etree")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.fromstring(self.bytes_of(name), parser)
        except etree.XMLSyntaxError as error:
            raise_fault(parser.error_log)
            raise ReadError("damaged", "has a part that is no sound XML") from error

    def core_properties(self) -> dict[str, str]:
        """Return what the file says of itself: its title, creator and the like."""
        root = self.root("docProps/core.xml")
        if root is None:
            return {}
        return {
            str(each.tag).rpartition("}")[2]: (each.text or "").strip()
            for each in root
            if isinstance(each.tag, str)
        }


def _check(files: list[zipfile.ZipInfo], n_packed: int, limits: ReadLimits) -> None:
    if len(files) > _MAX_FILES:
        raise ReadError("expands", f"holds more than {_MAX_FILES} files")
    if any(file.flag_bits & 1 for file in files):
        raise ReadError("encrypted", "is encrypted; save it without a password")
    # What unpacks to more than it declares fails its checksum, and unpacking ends at the declared size.
    total = sum(file.file_size for file in files)
    if total > limits.max_expanded_bytes or total > max(_FREE, n_packed * limits.max_expansion):
        raise ReadError(
            "expands",
            "unpacks to far more than its size; raise max_expansion or max_expanded_bytes to read it",
        )


def _forbid(head: bytes) -> None:
    if _DOCTYPE.search(head.decode("latin-1")):
        raise ReadError("damaged", _EVIL)
