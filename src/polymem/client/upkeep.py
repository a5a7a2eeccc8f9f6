"""Verbs that concern the store rather than one memory: copies, exchange, checks, figures."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, TextIO

from polymem.client.arguments import check_head
from polymem.client.handle import Handle
from polymem.client.progress import Progress, Reporter
from polymem.client.targets import refuse_stores
from polymem.domain.event import ChainHead
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Partition, Scope
from polymem.errors import ConflictError, InputError, ScopeError
from polymem.ports.files import file_errors, name_fault
from polymem.ports.ledger import Finding, PartitionInfo, Record
from polymem.read.figures import count_kinds, count_within
from polymem.read.selecting import narrows
from polymem.write.add import encode_with


class Upkeep(Handle):
    """The part of the handle that looks after the store."""

    def _optional_scope(self, ids: dict[str, object]) -> Scope | None:
        """Return the scope that *ids* name, the handle's own, or None for the whole store."""
        named = {name: value for name, value in ids.items() if value is not None}
        if self._bound is not None:
            return self._bound.narrowed(**named)
        return Scope.of(**named) if named else None

    def _whole_store(self, verb: str) -> None:
        if self._bound is not None:
            raise ScopeError(
                f"{verb} concerns the whole store; call it on the handle that opened it", argument="scope"
            )

    async def backup(self, path: str | Path) -> None:
        """Write a consistent copy of the store to *path* while it is in use.

        Raises:
            InputError: Something lies at *path* already, or no file can be called so.
            ConflictError: Something was erased meanwhile; nothing is left behind.
            StoreError: The copy could not be written; nothing is left behind.
        """
        self._whole_store("backup")
        n_erased = await self._parts.erasures.n_erased(None)
        await self._parts.ledger.backup(Path(path))
        try:
            await self._refuse_erased(None, n_erased)
        except ConflictError:
            _remove(Path(path))
            raise

    async def _refuse_erased(self, partition: Partition | None, n_erased: int) -> None:
        """Let no copy out of the store that was begun before an erasure: it would bring back what was erased."""
        if await self._parts.erasures.n_erased(partition) != n_erased:
            raise ConflictError("something was erased while it was being copied; do it again")

    async def export(
        self,
        path: str | Path,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        progress: Progress | None = None,
    ) -> int:
        """Write everything of a scope, or of the whole store, as JSON Lines; see ``docs/exchange.md``.

        Args:
            path: The file to write; an existing one is replaced when the export is complete.
            user_id: Narrow to this user.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Narrow to this tenant (with one of the others).
            progress: Called with the number of records written so far, in a thread of its own.

        Returns:
            Number of records.

        Raises:
            InputError: No file can be made at *path*, or a store lies there: this one or any other is never replaced.
            ConflictError: Something of it was erased meanwhile; nothing is left behind.
            StoreError: The file could not be written; nothing is left behind, and what *path* held is still there.
        """
        scope = self._optional_scope(
            {"user_id": user_id, "agent_id": agent_id, "run_id": run_id, "tenant": tenant}
        )
        target, partition = Path(path), None if scope is None else scope.partition
        n_erased, n = await self._parts.erasures.n_erased(partition), 0
        with _replaced(target, store=self._parts.config.path) as file:
            with Reporter(progress) as reporter:
                async for record in self._parts.ledger.export(scope):
                    with file_errors(target):
                        file.write(json.dumps(record, ensure_ascii=False) + "\n")
                    n += 1
                    if n % 500 == 0:
                        reporter.tell(n)
            await reporter.settled()
            await self._refuse_erased(partition, n_erased)
        return n

    async def import_(self, path: str | Path, *, progress: Progress | None = None) -> int:
        """Read what :meth:`export` wrote; embeds anew when the encoder differs. What is already there is skipped.

        Args:
            path: The file.
            progress: Called with the number of records read so far, in a thread of its own. It may use this memory;
                what it writes waits for the import. What it raises ends the import, unless all has been read by then,
                and comes out here.

        Returns:
            Number of items that were new, whatever number of versions and other records came with each.

        Raises:
            InputError: The file is not such an export; nothing was kept. ``error.line`` says where.
        """
        self._whole_store("import_")
        with _opened(Path(path), "r") as file, Reporter(progress) as reporter:
            records = _records(file, reporter)
            if self._parts.redactor is not None:
                records = self._parts.redactor.records(records)
            n = await self._parts.ledger.restore(records)
        await self._embed_pending()
        await reporter.settled()
        return n

    async def _embed_pending(self) -> int:
        return await self._parts.ledger.embed(None, encode_with(self._parts.embedder))

    async def verify(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        expected_head: ChainHead | Mapping[str, Any] | None = None,
    ) -> list[Finding]:
        """Check the faces, the caches and the hash chain against each other; an empty list means that all agree.

        Without ids the whole store is checked, with ids the partition that they name.

        Args:
            user_id: Narrow to this user.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Narrow to this tenant (with one of the others).
            expected_head: What ``chain_head`` returned earlier, or the same as ``{"n": …, "link": …}``: the chain has to go
                through it. Without it a history that was cut short or made anew as a whole cannot be told.

        Raises:
            InputError: *expected_head* is no head of a chain, or no scope is named with it.
        """
        head = None if expected_head is None else check_head(expected_head)
        scope = self._optional_scope(
            {"user_id": user_id, "agent_id": agent_id, "run_id": run_id, "tenant": tenant}
        )
        if head is not None and scope is None:
            raise InputError("name the scope whose chain the head is of", argument="expected_head")
        findings = await self._parts.ledger.verify(None if scope is None else scope.partition, repair=False)
        if head is not None and scope is not None:
            findings += await self._parts.erasures.check_head(scope.partition, head)
        return findings

    async def rebuild(self) -> list[Finding]:
        """Rebuild every face from the ledger, embedding anew if the encoder changed; return what had been wrong."""
        self._whole_store("rebuild")
        findings = await self._parts.ledger.verify(None, repair=True)
        # The vectors that were found lost wait for it too.
        await self._embed_pending()
        return findings

    async def stats(
        self, *, user_id: object = None, agent_id: object = None, run_id: object = None, tenant: object = None
    ) -> dict[str, Any]:
        """Return figures about a scope, or about the whole store.

        Returns:
            ``n_rows``, ``n_indexed``, ``n_pending``, ``n_archived``, ``n_entities``, ``n_relations``, ``n_events``,
            ``encoder`` and ``derivations`` (what is still to be derived, by state: "waiting", "leased", "dead"); for a scope also ``kinds`` (indexed rows by kind) and ``head`` (of the event chain), for the store also
            ``n_scopes``, ``path`` and ``bytes``. Rows, entities and relations are counted as ever stored. Where a scope
            is a part of its owner's memory (a user's run, say), its own are counted that there are now, and
            ``n_events`` and ``head`` are left out: the chain of events is the owner's.
        """
        scope = self._optional_scope(
            {"user_id": user_id, "agent_id": agent_id, "run_id": run_id, "tenant": tenant}
        )
        encoder: dict[str, Any] = {"encoder": self._parts.embedder.name}
        encoder["derivations"] = await self._parts.pool.deriver.queue.count(scope)
        if scope is not None and narrows(scope):
            part = Selection(scope, Visibility(now=self._parts.clock.now()))
            return encoder | await self._parts.ledger.read(
                scope.partition,
                lambda s: {**count_within(s, part), "kinds": count_kinds(s, part.scope)},
            )
        infos = await self._parts.ledger.partitions()
        if scope is not None:
            infos = [info for info in infos if info.partition == scope.partition]
        figures: dict[str, Any] = _sums(infos) | encoder
        if scope is not None:
            kinds = await self._parts.ledger.read(scope.partition, lambda s: count_kinds(s, scope))
            return figures | {"kinds": kinds, "head": infos[0].head if infos else ""}
        path = self._parts.config.path
        files = [path, path.with_name(path.name + "-wal")]
        size = sum(file.stat().st_size for file in files if file.exists())
        return figures | {"n_scopes": len(infos), "path": str(path), "bytes": size}


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _sums(infos: list[PartitionInfo]) -> dict[str, int]:
    names = ("n_rows", "n_indexed", "n_pending", "n_archived", "n_entities", "n_relations", "n_events")
    return {name: sum(getattr(info, name) for info in infos) for name in names}


def _opened(path: Path, mode: Literal["r", "w"]) -> TextIO:
    if fault := name_fault(path):
        raise InputError(f"the path {fault}", argument="path")
    try:
        return path.open(mode, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be opened: {error.strerror}", argument="path") from error


@contextmanager
def _replaced(target: Path, *, store: Path) -> Generator[TextIO]:
    """Lend a file that takes the place of *target* at the end; after an error it is gone."""
    if not target.name:
        raise InputError(f"{str(target)!r} is not the path of a file", argument="path")
    part = target.with_name(target.name + ".part")
    for name in (target, part):
        refuse_stores(name, store=store)
    file = _opened(part, "w")
    try:
        yield file
        with file_errors(target):
            file.close()
            part.replace(target)
    finally:
        # What could not be written is tried again on closing, and fails again.
        with suppress(OSError):
            file.close()
        part.unlink(missing_ok=True)


def _records(lines: Iterator[str], reporter: Reporter[int]) -> Iterator[Record]:
    for n, line in enumerate(_decoded(lines), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"line {n} is not JSON", argument="records", line=n) from error
        if n % 500 == 0:
            reporter.tell(n)
        yield record


def _decoded(lines: Iterator[str]) -> Iterator[str]:
    try:
        yield from lines
    except UnicodeDecodeError as error:
        raise InputError("the file is not UTF-8 text", argument="records") from error
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror}", argument="path") from error
