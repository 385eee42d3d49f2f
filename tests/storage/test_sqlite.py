"""What SQLite alone promises: its schema, its durability, and how it meets a file of another version."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from bot.conversation.ports import Changes
from storage import revisions
from storage.migrations import SchemaUnknown, all_migrations, statements
from storage.sqlite import open_store, open_to_read


async def made(path: Path) -> None:
    store = await open_store(path)
    await store.close()


async def test_a_new_file_has_the_whole_schema_and_opening_it_again_changes_nothing(tmp_path: Path):
    path = tmp_path / "new.sqlite"
    await made(path)
    before = _schema(path)
    await made(path)

    assert _schema(path) == before
    assert [row[0] for row in _rows(path, "SELECT number FROM schema_version")] == [
        migration.number for migration in all_migrations()
    ]


async def test_a_file_of_a_newer_program_is_refused_untouched(tmp_path: Path):
    path = tmp_path / "newer.sqlite"
    await made(path)
    _run(path, "INSERT INTO schema_version VALUES (9999, '9999_later.sql', 'x')")
    before = path.read_bytes()

    with pytest.raises(SchemaUnknown, match="newer than this program"):
        await open_store(path)
    assert path.read_bytes() == before


async def test_a_file_whose_migration_was_another_one_is_refused(tmp_path: Path):
    path = tmp_path / "other.sqlite"
    await made(path)
    _run(path, "UPDATE schema_version SET checksum = 'of another text' WHERE number = 1")

    with pytest.raises(SchemaUnknown, match="differs from this program's"):
        await open_store(path)


async def test_a_migration_that_fails_leaves_no_half_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "half.sqlite"
    good = statements(all_migrations()[0].sql)

    def broken(_sql: str) -> list[str]:
        return [*good[:3], "CREATE TABLE broken (", *good[3:]]

    monkeypatch.setattr("storage.migrations.statements", broken)
    with pytest.raises(sqlite3.OperationalError):
        await open_store(path)
    assert _rows(path, "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'") == []

    monkeypatch.undo()
    await made(path)
    assert _rows(path, "SELECT count(*) FROM schema_version") == [(len(all_migrations()),)]


async def test_a_file_of_before_revisions_knows_afterwards_which_sessions_need_which(tmp_path: Path):
    path = tmp_path / "first.sqlite"
    database = sqlite3.connect(path)
    columns = "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"
    database.execute(f"CREATE TABLE schema_version {columns}")
    before = [migration for migration in all_migrations() if "revision" not in migration.name]
    for migration in before:
        for statement in statements(migration.sql):
            database.execute(statement)
        row = (migration.number, migration.name, migration.checksum)
        database.execute("INSERT INTO schema_version VALUES (?, ?, ?)", row)
    database.execute("INSERT INTO unit VALUES ('ada', 'person', 1, ?)", (b'{"id": "ada"}',))
    for name, is_open in (("talk", 1), ("over", 0)):
        body = f'{{"id": "{name}", "revision": "r-{name}"}}'.encode()
        database.execute("INSERT INTO session VALUES (?, 'ada', ?, 0, ?)", (name, is_open, body))
    database.commit()
    database.close()

    store = await open_store(path)
    async with store.transaction() as tx:
        assert await tx.revisions.needed() == {"r-talk"}
        assert await tx.revisions.sessions("r-talk") == ["talk"]
    await store.close()


async def test_a_file_that_is_opened_to_read_is_not_changed(tmp_path: Path):
    path = tmp_path / "read.sqlite"
    store = await open_store(path)
    async with store.transaction() as tx:
        await tx.write(Changes(event_id="e1", at=5))
    await store.close()
    before = path.read_bytes()

    reader = await open_to_read(path)
    async with reader.transaction() as tx:
        assert await tx.last_event_at() == 5
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        async with reader.transaction() as tx:
            await tx.write(Changes(event_id="e2", at=6))
    await reader.close()
    assert path.read_bytes() == before


async def test_a_file_that_is_read_while_it_is_in_use_shows_what_was_committed(tmp_path: Path):
    path = tmp_path / "busy.sqlite"
    store = await open_store(path)
    reader = await open_to_read(path)
    async with store.transaction() as tx:
        await tx.write(Changes(event_id="e1", at=5))
        async with reader.transaction() as looking:
            assert await looking.last_event_at() == 0
    async with reader.transaction() as looking:
        assert await looking.last_event_at() == 5
    await reader.close()
    await store.close()


async def test_a_file_of_an_older_program_is_not_read(tmp_path: Path):
    path = tmp_path / "older.sqlite"
    await made(path)
    _run(path, "DELETE FROM schema_version WHERE number > 1")
    with pytest.raises(SchemaUnknown, match="older program"):
        await open_to_read(path)


async def test_a_file_that_is_no_database_is_not_read(tmp_path: Path):
    path = tmp_path / "note.sqlite"
    path.write_text("this is a note, and no database at all, however long it may be")
    with pytest.raises(sqlite3.DatabaseError):
        await open_to_read(path)


async def test_every_commit_is_synced_and_what_is_deleted_is_overwritten(tmp_path: Path):
    store = await open_store(tmp_path / "pragmas.sqlite")
    async with store.transaction() as tx:
        found = [await tx._one(f"PRAGMA {name}", ()) for name in ("journal_mode", "synchronous", "secure_delete")]  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    await store.close()

    assert found == [("wal",), (2,), (1,)]


async def test_a_full_disk_fails_one_transaction_and_not_the_next(tmp_path: Path):
    store = await open_store(tmp_path / "full.sqlite")
    async with store.transaction() as tx:
        await tx._one("PRAGMA max_page_count = 60", ())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    with pytest.raises(sqlite3.OperationalError, match="full"):
        async with store.transaction() as tx:
            await tx.write(Changes(event_id="x" * 400_000, at=1))
    async with store.transaction() as tx:
        await tx.write(Changes(event_id="small", at=1))
    async with store.transaction() as tx:
        assert await tx.seen("small")
    await store.close()


async def test_two_stores_over_one_file_take_turns(tmp_path: Path):
    path = tmp_path / "shared.sqlite"
    stores = [await open_store(path), await open_store(path)]

    async def note(number: int) -> None:
        async with stores[number % 2].transaction() as tx:
            await asyncio.sleep(0)
            await tx.write(Changes(event_id=f"e{number}", at=1))

    await asyncio.gather(*(note(number) for number in range(20)))
    for store in stores:
        await store.close()

    assert _rows(path, "SELECT count(*) FROM inbox") == [(20,)]


def test_claiming_and_the_next_due_time_never_read_what_was_sent_long_ago():
    database = sqlite3.connect(":memory:")
    for migration in all_migrations():
        for statement in statements(migration.sql):
            database.execute(statement)
    plan = "EXPLAIN QUERY PLAN "
    from storage import sqlite  # noqa: PLC0415

    sendable = sqlite._SENDABLE  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    claim = f"SELECT min(o.seq) FROM {sendable} AND o.not_before <= 5 GROUP BY o.chat"  # noqa: S608
    steps = [str(row[3]) for row in database.execute(plan + claim)]
    database.close()

    assert any("outbox_open" in step for step in steps), steps
    assert not any(step in {"SCAN o", "SCAN c"} for step in steps), steps


async def test_asking_which_revisions_are_needed_leaps_over_sessions_and_people(tmp_path: Path):
    """As many steps as there are revisions: a start with a million sessions does not look at each."""
    path = tmp_path / "many.sqlite"
    await made(path)
    database = sqlite3.connect(path)
    people = [(f"u{number}", f'["r{number % 3}"]') for number in range(10_000)]
    database.executemany("INSERT INTO unit VALUES (?, 'person', 1, x'', ?)", people)
    sessions = [(f"s{number}", f"r{number % 3}", f'["c{number % 2}"]') for number in range(10_000)]
    database.executemany("INSERT INTO session VALUES (?, 'u1', 1, 0, x'', ?, ?)", sessions)
    steps = 0

    def counted() -> None:
        nonlocal steps
        steps += 1

    database.set_progress_handler(counted, 100)
    found = [[row[0] for row in database.execute(sql)] for sql in (revisions.PINNED, *revisions.HELD)]
    database.close()

    assert found == [["r0", "r1", "r2"], ['["c0"]', '["c1"]'], ['["r0"]', '["r1"]', '["r2"]'], [], []]
    assert steps < 20, "hundreds of the database's instructions each"


def _run(path: Path, sql: str) -> None:
    database = sqlite3.connect(path)
    with database:
        database.execute(sql)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(path)
    found = database.execute(sql).fetchall()
    database.close()
    return found


def _schema(path: Path) -> list[tuple[object, ...]]:
    return _rows(path, "SELECT type, name, sql FROM sqlite_master ORDER BY name")
