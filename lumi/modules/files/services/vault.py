"""Where files are kept: the one thing of this process that takes them in and hands them out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.disk import free_bytes
from lumi.core.errors import DependencyUnavailable
from lumi.core.http import OutsideFailure
from lumi.core.ids import new_id
from lumi.modules.files import repository, rules
from lumi.modules.files.adapters.ports import Gone, Scanner, Storage
from lumi.modules.files.engine import types
from lumi.modules.files.errors import BytesGone, FileNotFound, KeyReused, LinkExpired, LinkNotFound, NoRoom
from lumi.modules.files.events import RemoveBytes, ScanFile
from lumi.modules.files.services import links
from lumi.modules.files.services.receiving import INCOMING, Received, fresh, received
from lumi.modules.files.values import FileKind, FileState, Limits, Link, Pass, Place, StorageKind, StoredFile, Taken

# Long after any request has ended one way or the other.
LEFT_BEHIND_AFTER = timedelta(hours=1)
LONGEST_LINK = timedelta(days=7)
# A link in a conversation is good for at least so long, and at most twice that.
SHOWN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class VaultRules:
    """What an installation says about its files; `address` is where the outside reaches it.

    `hands_out_unseen`: without a scanner what nobody has looked at is handed out all the same. `keep_free_bytes`: so
    much of the disk under `root` is left to others, a database mostly.
    """

    root: Path
    limits: Limits
    link_seconds: int
    address: str
    hands_out_unseen: bool
    keep_free_bytes: int


class Vault:
    """Takes files in, hands them out, lets them go. Nothing that is not allowed out is ever read for anybody."""

    def __init__(
        self,
        db: Database,
        storages: Mapping[StorageKind, Storage],
        home: StorageKind,
        scanner: Scanner | None,
        says: VaultRules,
    ) -> None:
        """New files go `home`; the other storages keep what they have. Without a scanner nobody looks."""
        self.db = db
        self.scanner = scanner
        self._storages = storages
        self._home = home
        self._says = says

    async def store(
        self,
        ctx: Context,
        *,
        name: str,
        chunks: AsyncIterator[bytes],
        declared: str | None = None,
        key: str | None = None,
    ) -> StoredFile:
        """Keep a file. Until somebody has looked at it, it is PENDING; where nobody looks, UNSCANNED.

        Refuses EmptyFile, FileTooLarge, TypeRefused, TypeContradicted, and NoRoom on a full disk. The same `key`
        of the same actor gives the same file; with another content or name it is refused (KeyReused).
        """
        root, limits = self._says.root, self._says.limits
        if not await self.has_room():
            raise NoRoom
        async with received(root, limits, name=name, chunks=chunks, declared=declared) as got:
            file = self._new(ctx, got)
            await self._remove_unless_stored(ctx.tenant_id, file)
            # Before the first statement of this transaction: none is held while bytes travel.
            with outside():
                await self.storage(file.place).put(file.place.key, got.path, sha256=got.sha256)
            if not await repository.add(ctx.session, ctx.tenant_id, file, request_key=key):
                return await self._known(ctx, key or "", got)
        detail = {"kind": file.kind, "mime": file.mime, "bytes": file.size_bytes, "state": file.state}
        await audit(ctx, "files.stored", target=f"file:{file.id}", detail=detail)
        if self.scanner is not None:
            await ctx.defer(ScanFile(file.id), key=str(file.id))
        return file

    async def has_room(self) -> bool:
        """Whether the disk of its folder takes another file: those on their way to a bucket lie there first."""
        return await asyncio.to_thread(free_bytes, self._says.root) >= self._says.keep_free_bytes

    async def get(self, ctx: Context, file_id: UUID, *, still: bool = False) -> StoredFile:
        """What is known of a file; raises FileNotFound. `still`: nobody changes it until this transaction has ended."""
        found = await repository.find(ctx.session, ctx.tenant_id, file_id, still=still)
        if found is None:
            raise FileNotFound
        return found

    async def get_open(self, ctx: Context, file_id: UUID) -> StoredFile:
        """The same of one that may be handed out; else raises NotScanned, NoScanner, ScanFailed or Infected too."""
        found = await self.get(ctx, file_id)
        self._refuse_closed(found)
        return found

    async def get_for_us(self, ctx: Context, file_id: UUID) -> StoredFile:
        """The same of one whose bytes Lumi itself may read and hands to nobody: also of one that nobody looks at."""
        found = await self.get(ctx, file_id)
        self._refuse_closed(found, unseen=True)
        return found

    async def read(self, ctx: Context, file_id: UUID) -> bytes:
        """All of a file that may be handed out; raises what `get_open` and `begin` raise."""
        file = await self.get_open(ctx, file_id)
        return b"".join([chunk async for chunk in await self.begin(file)])

    async def begin(self, file: StoredFile, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """The bytes of a file from `get_open` or `get_for_us`, or some of them, the first already read.

        Raises BytesGone, and DependencyUnavailable when the storage does not answer.
        """
        most = file.size_bytes - start if length is None else length
        chunks = self.storage(file.place).chunks(file.place.key, start, most)
        with outside():
            try:
                first = await anext(chunks)
            except (Gone, StopAsyncIteration):
                raise BytesGone from None
        return _joined(first, chunks)

    @asynccontextmanager
    async def lend(self, file: StoredFile) -> AsyncGenerator[Path]:
        """The bytes of a file from `get_open` in a place of their own, while the block lasts: wherever they are kept,
        what reads them there is not interrupted. Raises what `begin` raises, and OSError on a full disk.
        """
        chunks = await self.begin(file)
        path = await asyncio.to_thread(fresh, self.incoming)
        try:
            with outside():
                async for chunk in chunks:
                    await asyncio.to_thread(_append, path, chunk)
            yield path
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def link(self, ctx: Context, file_id: UUID, *, seconds: int | None = None) -> Link:
        """A URL under which anybody has this file for so many seconds; raises what `get_open` raises."""
        file = await self.get_open(ctx, file_id)
        life = min(timedelta(seconds=seconds or self._says.link_seconds), LONGEST_LINK)
        expires_at = (now() + life).replace(microsecond=0)
        granted = Pass(ctx.tenant_id, file.id, expires_at)
        await audit(ctx, "files.linked", target=f"file:{file.id}", detail={"expires_at": expires_at.isoformat()})
        return Link(f"{self._says.address}/files/{links.token(granted)}", expires_at)

    def passing(self, tenant_id: UUID, file_id: UUID, state: FileState) -> Link | None:
        """A link for somebody who is shown this file anyway; None of one that is not handed out.

        It is the same for some hours, so that a browser which shows it again need not fetch it again.
        """
        if self._why_closed(state, unseen=self._says.hands_out_unseen) is not None:
            return None
        stretch = SHOWN_SECONDS
        ends = (int(now().timestamp()) // stretch + 2) * stretch
        granted = Pass(tenant_id, file_id, datetime.fromtimestamp(ends, UTC))
        return Link(f"{self._says.address}/files/{links.token(granted)}", granted.expires_at)

    async def by_link(self, token: str) -> tuple[StoredFile, Pass]:
        """The file a link leads to. Raises LinkNotFound, LinkExpired, and what `get_open` raises."""
        granted = links.read(token)
        if granted is None:
            raise LinkNotFound
        if granted.expires_at <= now():
            raise LinkExpired
        async with self.db.transaction(granted.tenant_id) as session:
            found = await repository.find(session, granted.tenant_id, granted.file_id)
        if found is None:
            raise LinkNotFound
        self._refuse_closed(found)
        return found, granted

    async def delete(self, ctx: Context, file_id: UUID) -> None:
        """Let a file go at once; its bytes are removed soon after. Raises FileNotFound."""
        file = await self.get(ctx, file_id)
        if not await repository.mark_deleted(ctx.session, ctx.tenant_id, file_id, at=ctx.now, by=ctx.actor.id):
            raise FileNotFound
        await audit(ctx, "files.deleted", target=f"file:{file_id}")
        await ctx.defer(RemoveBytes(file.id, file.place.storage, file.place.key))

    def takes(self) -> Sequence[Taken]:
        """What is taken of each kind, and how large it may be."""
        return [Taken(kind, self._says.limits.of(kind), *types.of_kind(kind)) for kind in FileKind]

    async def probe(self) -> None:
        """Nothing, when a new file could be kept now; raises one of core.http's failures, or OSError."""
        await self._storages[self._home].probe()

    @property
    def opens_new(self) -> bool:
        """Whether what is kept now may be handed out one day; else NoScanner is all that anybody will hear of it."""
        return self.scanner is not None or self._says.hands_out_unseen

    @property
    def has_tls(self) -> bool:
        """Whether its links can be followed by somebody who asks for TLS."""
        return self._says.address.startswith("https://")

    @property
    def incoming(self) -> Path:
        """Where files lie while they arrive."""
        return self._says.root / INCOMING

    def storage(self, place: Place) -> Storage:
        """Who keeps what lies there; raises DependencyUnavailable when the settings no longer name it."""
        found = self._storages.get(place.storage)
        if found is None:
            raise DependencyUnavailable("The storage of this file is not configured.")
        return found

    def _refuse_closed(self, file: StoredFile, *, unseen: bool = False) -> None:
        why = self._why_closed(file.state, unseen=unseen or self._says.hands_out_unseen)
        if why is not None:
            raise why

    def _why_closed(self, state: FileState, *, unseen: bool) -> Exception | None:
        return rules.refusal(state, scanning=self.scanner is not None, unseen=unseen)

    def _new(self, ctx: Context, got: Received) -> StoredFile:
        file_id = new_id()
        return StoredFile(
            id=file_id, name=got.name, kind=got.type.kind, mime=got.type.mime, size_bytes=got.size_bytes,
            sha256=got.sha256, state=FileState.PENDING if self.scanner is not None else FileState.UNSCANNED, note=None,
            created_at=ctx.now, created_by=ctx.actor.id, scanned_at=None,
            place=Place(self._home, rules.storage_key(ctx.tenant_id, file_id)),
        )  # fmt: skip

    async def _known(self, ctx: Context, key: str, got: Received) -> StoredFile:
        """What this request key made before; what was kept again is removed unless it is stored."""
        known = await repository.find_by_request(ctx.session, ctx.tenant_id, ctx.actor.id, key)
        if known is None or known[1] or (known[0].sha256, known[0].name) != (got.sha256, got.name):
            raise KeyReused
        return known[0]

    async def _remove_unless_stored(self, tenant_id: UUID, file: StoredFile) -> None:
        """Committed before the first byte is kept: whatever becomes of the request, no bytes stay that nobody names."""
        async with self.db.transaction(tenant_id) as session:
            task = RemoveBytes(file.id, file.place.storage, file.place.key)
            await Context(session, tenant_id).defer(task, run_at=now() + LEFT_BEHIND_AFTER)


@contextmanager
def outside() -> Generator[None]:
    """A failure of the storage inside this block is DependencyUnavailable."""
    try:
        yield
    except OutsideFailure as error:
        raise DependencyUnavailable from error


def _append(path: Path, chunk: bytes) -> None:
    with path.open("ab") as file:
        file.write(chunk)


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
