"""Every exception that Polymem raises, most specific last.

::

    PolymemError
    ├── ConfigError                   a setting is unknown, missing or contradictory
    │   └── MissingExtraError         an optional dependency is not installed (names the pip line)
    ├── InputError                    a caller's argument cannot be used (also a ValueError)
    │   ├── ScopeError                an id is absent, empty, a wildcard or too long
    │   ├── FilterError               a filter is malformed
    │   ├── MetadataError             metadata is not plain JSON
    │   ├── DimensionError            a vector has the wrong size or is not finite
    │   └── DatasetError              a file of evaluation data is not what it should be
    ├── StoreError                    the store could not do what was asked
    │   ├── NotFoundError             no such item in this scope (also a LookupError)
    │   ├── ConflictError             a condition of the write does not hold any more
    │   ├── StoreUnavailableError     the file cannot be opened, written or locked
    │   │   ├── StoreReadOnlyError
    │   │   └── StoreFullError
    │   ├── StoreTimeoutError         waited longer than allowed (also a TimeoutError)
    │   ├── StoreCorruptError         the bytes are not a sound store
    │   ├── SchemaVersionError        the store was written by a newer Polymem
    │   ├── EncoderMismatchError      the store's vectors come from another encoder
    │   ├── QuotaError                the scope holds as much as it may; nothing of the write was kept
    │   └── ClosedError               the handle was closed
    ├── ModelError                    a model did not deliver
    │   ├── EmbeddingError
    │   ├── ModelTimeoutError         (also a TimeoutError)
    │   ├── RateLimitError
    │   ├── RefusalError
    │   ├── InvalidOutputError
    │   └── BudgetError               the budget for models is used up
    ├── DocumentError                 a document could not be taken in or answered from
    │   └── ReadError                 a file could not be read
    └── CapabilityError               this engine or adapter cannot do that

An exception carries its facts as attributes (``error.argument``), never memory text and never a secret.
"""

from __future__ import annotations

__all__ = [
    "BudgetError",
    "CapabilityError",
    "ClosedError",
    "ConfigError",
    "ConflictError",
    "DatasetError",
    "DimensionError",
    "DocumentError",
    "EmbeddingError",
    "EncoderMismatchError",
    "FilterError",
    "InputError",
    "InvalidOutputError",
    "MetadataError",
    "MissingExtraError",
    "ModelError",
    "ModelTimeoutError",
    "NotFoundError",
    "PolymemError",
    "QuotaError",
    "RateLimitError",
    "ReadError",
    "RefusalError",
    "SchemaVersionError",
    "ScopeError",
    "StoreCorruptError",
    "StoreError",
    "StoreFullError",
    "StoreReadOnlyError",
    "StoreTimeoutError",
    "StoreUnavailableError",
]


class PolymemError(Exception):
    """Root of all errors raised by Polymem.

    Args:
        message: What went wrong and what to do next.
        **facts: Machine-readable facts, kept in :attr:`facts` and readable as attributes.
    """

    facts: dict[str, object]

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = facts

    def __getattr__(self, name: str) -> object:
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}") from None

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), self.args, {"facts": self.facts})


class ConfigError(PolymemError):
    """A setting is unknown, missing or contradictory."""


class MissingExtraError(ConfigError):
    """An optional dependency is not installed.

    Args:
        extra: The extra to install, as in ``pip install "polymem[cli]"``.
        package: The distribution that could not be imported.
    """

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(
            f'{package!r} is not installed: pip install "polymem[{extra}]"', extra=extra, package=package
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.facts["extra"], self.facts["package"]))


class InputError(PolymemError, ValueError):
    """A caller's argument cannot be used; ``error.argument`` names it."""


class ScopeError(InputError):
    """An id is absent, empty, blank, a wildcard, too long, or not the one that a handle is bound to."""


class FilterError(InputError):
    """A filter is malformed: unknown operator, wrong operand type, too deep, too many terms."""


class MetadataError(InputError):
    """Metadata is not plain JSON (objects, arrays, strings, finite numbers, booleans, null)."""


class DimensionError(InputError):
    """A vector has the wrong size or contains NaN or infinity."""


class DatasetError(InputError):
    """A file of evaluation data is not what it should be; ``error.path`` and ``error.where`` say which one and where in it."""


class StoreError(PolymemError):
    """The store could not do what was asked."""


class NotFoundError(StoreError, LookupError):
    """No such item in this scope. An item of another scope is reported in the same words."""


class ConflictError(StoreError):
    """A condition of the write does not hold any more; read again and retry."""


class StoreUnavailableError(StoreError):
    """The store's file cannot be opened, written or locked."""


class StoreReadOnlyError(StoreUnavailableError):
    """The store's file or folder is read-only."""


class StoreFullError(StoreUnavailableError):
    """The disk or the quota is full; nothing of the failed write was kept."""


class StoreTimeoutError(StoreError, TimeoutError):
    """The wait for the store was longer than allowed; nothing of the write was kept."""


class StoreCorruptError(StoreError):
    """The bytes are not a sound store."""


class SchemaVersionError(StoreError):
    """The store was written by a newer Polymem; upgrade the package to open it."""


class EncoderMismatchError(StoreError):
    """The store's vectors come from another encoder, or its terms from another tokeniser; ``rebuild()`` makes all anew."""


class QuotaError(StoreError):
    """The scope holds as much as it may; ``error.quota`` and ``error.limit`` say what. Nothing of the write was kept."""


class ClosedError(StoreError):
    """The handle was closed."""


class ModelError(PolymemError):
    """A model did not deliver."""


class EmbeddingError(ModelError):
    """An embedder failed or returned something that is not a matrix of vectors."""


class ModelTimeoutError(ModelError, TimeoutError):
    """A model did not answer in time."""


class RateLimitError(ModelError):
    """A model's provider refused further calls for now."""


class RefusalError(ModelError):
    """A model declined to answer."""


class InvalidOutputError(ModelError):
    """A model's answer does not have the agreed form."""


class BudgetError(ModelError):
    """The configured budget for language models is used up; nothing was asked."""


class DocumentError(PolymemError):
    """A document could not be taken in."""


class ReadError(DocumentError):
    """A file could not be read; ``error.problem`` is a short code, as in :class:`polymem.domain.document.Failure`.

    Args:
        problem: "unreadable", "unsupported", "encrypted", "damaged", "too_large" …
        message: What to do, without any words of the document.
    """

    def __init__(self, problem: str, message: str) -> None:
        super().__init__(message, problem=problem)

    @property
    def problem(self) -> str:
        """The short code."""
        return str(self.facts["problem"])

    @property
    def message(self) -> str:
        """What to do."""
        return str(self.args[0])

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.problem, self.message))


class CapabilityError(PolymemError):
    """This engine or adapter cannot do what was asked; ``error.capability`` names it."""
