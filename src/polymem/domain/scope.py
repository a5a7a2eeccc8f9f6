"""The wall: who a memory belongs to.

A scope names up to four ids. The **partition**, the key that every row starts with, is the tenant and the first id
given of user, agent, run; the other ids are kept on the row and narrow an operation inside the partition.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal, TypeAlias, get_args

from polymem.domain.slotted import dataclass
from polymem.errors import ScopeError

OwnerKind: TypeAlias = Literal["user", "agent", "run"]
DEFAULT_TENANT = "default"
MAX_ID_CHARS = 256
ID_NAMES = ("tenant", "user_id", "agent_id", "run_id")
_OWNER_KINDS: Final[tuple[OwnerKind, ...]] = get_args(OwnerKind)
_UNUSABLE: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def check_id(value: object, *, argument: str) -> str:
    """Return *value* as a usable id.

    Integers and UUIDs are accepted and taken as their text, since applications use both as user ids.

    Raises:
        ScopeError: It is empty, blank, a wildcard, too long, of another type, or holds a control character or
            a lone surrogate.
    """
    kind = type(value).__name__
    if isinstance(value, (bool, bytes, float, list, tuple, dict, set)) or value is None:
        raise ScopeError(f"{argument} must be a string, not {kind}", argument=argument)
    text = str(value).strip()
    if not text:
        raise ScopeError(f"{argument} is empty", argument=argument)
    if not text.strip("*%?"):
        raise ScopeError(f"{argument} is a wildcard; a scope names exactly one owner", argument=argument)
    if len(text) > MAX_ID_CHARS:
        raise ScopeError(f"{argument} is longer than {MAX_ID_CHARS} characters", argument=argument)
    if _UNUSABLE.search(text):
        raise ScopeError(f"{argument} holds a control character or a lone surrogate", argument=argument)
    return text


@dataclass(frozen=True, slots=True)
class Partition:
    """The key that every row starts with.

    Attributes:
        tenant: The tenant's id.
        kind: Which id owns the rows.
        owner: That id.
    """

    tenant: str
    kind: OwnerKind
    owner: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The ids that an operation names; it matches rows that carry ALL of them.

    Example:
        >>> Scope.of(user_id="alice", run_id=7).partition
        Partition(tenant='default', kind='user', owner='alice')
    """

    tenant: str = DEFAULT_TENANT
    user_id: str | None = None
    agent_id: str | None = None
    run_id: str | None = None

    @classmethod
    def of(
        cls, *, user_id: object = None, agent_id: object = None, run_id: object = None, tenant: object = None
    ) -> Scope:
        """Check the ids and make a scope.

        Raises:
            ScopeError: No owner is named, or an id is unusable.
        """
        given = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id, "tenant": tenant}
        ids = {name: check_id(value, argument=name) for name, value in given.items() if value is not None}
        if not ids.keys() - {"tenant"}:
            raise ScopeError("name at least one of user_id, agent_id, run_id", argument="user_id")
        return cls(**ids)

    @property
    def partition(self) -> Partition:
        """The partition in which the scope's rows lie."""
        for kind in _OWNER_KINDS:
            owner: str | None = getattr(self, f"{kind}_id")
            if owner is not None:
                return Partition(self.tenant, kind, owner)
        raise ScopeError("name at least one of user_id, agent_id, run_id", argument="user_id")

    def narrowed(self, **ids: object) -> Scope:
        """Return this scope with further ids; an id that is already bound cannot be changed.

        Raises:
            ScopeError: A bound id was named again with another value, or an id is unusable.
        """
        checked = {name: check_id(value, argument=name) for name, value in ids.items() if value is not None}
        for name, value in checked.items():
            bound = getattr(self, name)
            if bound is not None and bound != value:
                raise ScopeError(f"this handle is bound to another {name}", argument=name)
        return replace(self, **checked)
