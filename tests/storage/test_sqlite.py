"""What SQLite alone promises: its schema, its durability, and how it meets a file of another version."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from bot.conversation.ports import Changes, Erased, OutOfService
from bot.conversation.units import Person, PromptKind, SentPrompt
from bot.engine.session import Session, Value, value_key
from bot.flows.revisions import Published
from storage import revisions
from storage.faults import StoreUnusable
from storage.migrations import SchemaUnknown, all_migrations, statements
from storage.sqlite import open_store, open_to_read
from storage.transaction import SqliteTransaction
from tests.sealed import KEYS
from tests.storage.test_contract import ADA, FIRST, row, session
from tests.storage.test_contract import made as made_units


async def made(path: Path) -> None:
    store = await open_store(path, KEYS)
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
        await open_store(path, KEYS)
    assert path.read_bytes() == before


async def test_a_file_whose_migration_was_another_one_is_refused(tmp_path: Path):
    path = tmp_path / "other.sqlite"
    await made(path)
    _run(path, "UPDATE schema_version SET checksum = 'of another text' WHERE number = 1")

    with pytest.raises(SchemaUnknown, match="differs from this program's"):
        await open_store(path, KEYS)


async def test_a_migration_that_fails_leaves_no_half_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "half.sqlite"
    good = statements(all_migrations()[0].sql)

    def broken(_sql: str) -> list[str]:
        return [*good[:3], "CREATE TABLE broken (", *good[3:]]

    monkeypatch.setattr("storage.migrations.statements", broken)
    with pytest.raises(StoreUnusable):
        await open_store(path, KEYS)
    assert _rows(path, "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'") == []

    monkeypatch.undo()
    await made(path)
    assert _rows(path, "SELECT count(*) FROM schema_version") == [(len(all_migrations()),)]


MARKED = "a word like no other"


def of_an_older_program(path: Path, until: int) -> None:
    """Make a file as a program of that schema left it: with a person, an open session, and one that is over."""
    database = sqlite3.connect(path)
    columns = "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"
    database.execute(f"CREATE TABLE schema_version {columns}")
    for migration in all_migrations()[:until]:
        for statement in statements(migration.sql):
            database.execute(statement)
        added = (migration.number, migration.name, migration.checksum)
        database.execute("INSERT INTO schema_version VALUES (?, ?, ?)", added)
    person = TypeAdapter(Person).dump_json(ADA)
    database.execute("INSERT INTO unit (id, kind, version, body) VALUES ('ada', 'person', 1, ?)", (person,))
    words = {value_key(0, "card", "ada"): Value(data=MARKED)}
    for name, is_open in (("talk", 1), ("over", 0)):
        body = TypeAdapter(Session).dump_json(session(name, revision=f"r-{name}", values=words, ended=not is_open))
        told = (name, is_open, body)
        database.execute("INSERT INTO session (id, unit, open, frozen, body) VALUES (?, 'ada', ?, 0, ?)", told)
    prompt = SentPrompt(token=FIRST, kind=PromptKind.LANE, target=row("m").target, unit="ada", session="talk")
    body = TypeAdapter(SentPrompt).dump_json(prompt)
    columns = "(token, session, lane, entry, body)"
    database.execute(f"INSERT INTO prompt {columns} VALUES (?, 'talk', 'me:ada', 1, ?)", (FIRST, body))  # noqa: S608  # a constant
    database.commit()
    database.close()


async def test_a_file_of_before_revisions_knows_afterwards_which_sessions_need_which(tmp_path: Path):
    path = tmp_path / "first.sqlite"
    of_an_older_program(path, 2)

    store = await open_store(path, KEYS)
    async with store.transaction() as tx:
        assert await tx.revisions.needed() == {"r-talk"}
        assert await tx.revisions.sessions("r-talk") == ["talk"]
    await store.close()


@pytest.mark.parametrize("until", [2, 3])
async def test_what_an_older_program_stored_in_the_clear_is_sealed_and_stays_what_it_was(tmp_path: Path, until: int):
    path = tmp_path / "clear.sqlite"
    of_an_older_program(path, until)
    assert MARKED.encode() in path.read_bytes()

    store = await open_store(path, KEYS)
    async with store.transaction() as tx:
        state = (await tx.load_units(["ada"]))["ada"]
        ended = (await tx.load_sessions(["over"]))["over"]
        prompt = (await tx.find_prompts([FIRST]))[FIRST]
    await store.close()
    assert state.unit == ADA
    assert [one.data for one in (*state.sessions["talk"].values.values(), *ended.values.values())] == [MARKED] * 2
    assert prompt.session == "talk"
    for file in tmp_path.iterdir():
        assert MARKED.encode() not in file.read_bytes(), file.name


async def test_a_file_that_is_opened_to_read_is_not_changed(tmp_path: Path):
    path = tmp_path / "read.sqlite"
    store = await open_store(path, KEYS)
    async with store.transaction() as tx:
        await tx.write([Changes(event_id="e1", at=5)])
    await store.close()
    before = path.read_bytes()

    reader = await open_to_read(path, KEYS)
    async with reader.transaction() as tx:
        assert await tx.last_event_at() == 5
    with pytest.raises(OutOfService, match="it may not be written"):
        async with reader.transaction() as tx:
            await tx.write([Changes(event_id="e2", at=6)])
    await reader.close()
    assert path.read_bytes() == before


async def test_a_file_that_is_read_while_it_is_in_use_shows_what_was_committed(tmp_path: Path):
    path = tmp_path / "busy.sqlite"
    store = await open_store(path, KEYS)
    reader = await open_to_read(path, KEYS)
    async with store.transaction() as tx:
        await tx.write([Changes(event_id="e1", at=5)])
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
        await open_to_read(path, KEYS)


async def test_a_file_that_is_no_database_is_not_read(tmp_path: Path):
    path = tmp_path / "note.sqlite"
    path.write_text("this is a note, and no database at all, however long it may be")
    with pytest.raises(StoreUnusable, match="is damaged, or no database at all"):
        await open_to_read(path, KEYS)


async def test_every_commit_is_synced_and_what_is_deleted_is_overwritten(tmp_path: Path):
    store = await open_store(tmp_path / "pragmas.sqlite", KEYS)
    async with store.transaction() as tx:
        found = [tx._one(f"PRAGMA {name}", ()) for name in ("journal_mode", "synchronous", "secure_delete")]  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    await store.close()

    assert found == [("wal",), (2,), (1,)]


async def test_a_full_disk_fails_one_transaction_and_not_the_next(tmp_path: Path):
    store = await open_store(tmp_path / "full.sqlite", KEYS)
    async with store.transaction() as tx:
        tx._one("PRAGMA max_page_count = 60", ())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    with pytest.raises(OutOfService, match="the disk is full: make room"):
        async with store.transaction() as tx:
            await tx.write([Changes(event_id="x" * 400_000, at=1)])
    async with store.transaction() as tx:
        await tx.write([Changes(event_id="small", at=1)])
    async with store.transaction() as tx:
        assert await tx.settled(["small"]) == {"small"}
    await store.close()


async def test_two_stores_over_one_file_take_turns(tmp_path: Path):
    path = tmp_path / "shared.sqlite"
    stores = [await open_store(path, KEYS), await open_store(path, KEYS)]

    async def note(number: int) -> None:
        async with stores[number % 2].transaction() as tx:
            await asyncio.sleep(0)
            await tx.write([Changes(event_id=f"e{number}", at=1)])

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
    from storage import transaction  # noqa: PLC0415

    sendable = transaction._SENDABLE  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    claim = f"SELECT min(o.seq) FROM {sendable} AND o.not_before <= 5 GROUP BY o.chat"  # noqa: S608
    steps = [str(row[3]) for row in database.execute(plan + claim)]
    database.close()

    assert any("outbox_open" in step for step in steps), steps
    assert not any(step in {"SCAN o", "SCAN c"} for step in steps), steps


async def test_what_is_due_is_found_without_looking_at_what_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A million records that come by themselves some day, and those that never do, cost nothing now."""
    asked: list[tuple[str, Sequence[object]]] = []
    for name in ("_all", "_one"):
        monkeypatch.setattr(SqliteTransaction, name, _heard(asked, getattr(SqliteTransaction, name)))
    path = tmp_path / "due.sqlite"
    store = await open_store(path, KEYS)
    async with store.transaction() as tx:
        await tx.due(5, 8)
        await tx.schedules_due(5, 8)
        await tx.next_due()
    await store.close()

    found = {sql: [str(row[3]) for row in _rows(path, f"EXPLAIN QUERY PLAN {sql}", args)] for sql, args in asked}
    of_records = [step for sql, steps in found.items() if "FROM record" in sql for step in steps]
    assert of_records == [
        "SEARCH record USING INDEX record_due (due<?)",  # in its order: nothing is sorted
        "SEARCH record USING COVERING INDEX record_due (due>?)",
    ]
    assert not any(re.match(r"SCAN (t|timer|record|o)$", step) for steps in found.values() for step in steps), found


def _heard(
    asked: list[tuple[str, Sequence[object]]], plain: Callable[[SqliteTransaction, str, Sequence[object]], object]
) -> Callable[[SqliteTransaction, str, Sequence[object]], object]:
    def hearing(tx: SqliteTransaction, sql: str, args: Sequence[object]) -> object:
        asked.append((sql, args))
        return plain(tx, sql, args)

    return hearing


async def test_asking_which_revisions_are_needed_leaps_over_sessions_and_people(tmp_path: Path):
    """As many steps as there are revisions: a start with a million sessions does not look at each."""
    path = tmp_path / "many.sqlite"
    await made(path)
    database = sqlite3.connect(path)
    people = [(f"u{number}", f'["r{number % 3}"]') for number in range(10_000)]
    database.executemany("INSERT INTO unit VALUES (?, 'person', 1, x'', ?)", people)
    sessions = [(f"s{number}", f"r{number % 3}", f'["c{number % 2}"]') for number in range(10_000)]
    database.executemany("INSERT INTO session VALUES (?, 'u1', 1, 0, x'', ?, ?, 0, NULL)", sessions)
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


def _rows(path: Path, sql: str, args: Sequence[object] = ()) -> list[tuple[object, ...]]:
    database = sqlite3.connect(path)
    found = database.execute(sql, tuple(args)).fetchall()
    database.close()
    return found


def _schema(path: Path) -> list[tuple[object, ...]]:
    return _rows(path, "SELECT type, name, sql FROM sqlite_master ORDER BY name")


def test_what_may_go_is_found_without_looking_at_what_stays():
    database = sqlite3.connect(":memory:")
    for migration in all_migrations():
        for statement in statements(migration.sql):
            database.execute(statement)
    from storage import sweeping  # noqa: PLC0415

    swept = [
        name
        for name in vars(sweeping)
        if name.startswith("_") and str(vars(sweeping)[name])[:6] in {"DELETE", "UPDATE"}
    ]
    for name in swept:
        steps = [str(row[3]) for row in database.execute(f"EXPLAIN QUERY PLAN {vars(sweeping)[name]}", (1, 2))]
        assert all(step.startswith(("SEARCH", "LIST")) for step in steps), (name, steps)
        assert any(re.search(r"USING (COVERING )?INDEX \w+ \((\w+>\? AND )?\w+<\?\)", step) for step in steps), (
            name,
            steps,
        )
    assert len(swept) == 8
    database.close()


@pytest.mark.parametrize("turns", range(12))
async def test_whoever_is_cancelled_in_a_transaction_leaves_none_behind(tmp_path: Path, turns: int):
    store = await open_store(tmp_path / "cancelled.sqlite", KEYS)

    async def write() -> None:
        async with store.transaction() as tx:
            await tx.write([Changes(event_id="e1", at=5)])

    writing = asyncio.create_task(write())
    for _ in range(turns):
        await asyncio.sleep(0)
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    async with store.transaction() as tx:
        await tx.write([Changes(event_id="e2", at=6)])
    other = sqlite3.connect(tmp_path / "cancelled.sqlite", timeout=0)
    assert ("e2",) in other.execute("SELECT event FROM inbox").fetchall()
    other.execute("BEGIN IMMEDIATE")
    other.close()
    await store.close()


async def test_whoever_is_cancelled_while_it_is_committed_hears_first_that_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    store = await open_store(tmp_path / "kept.sqlite", KEYS)
    aside = store._aside  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # where it waits for the disk
    told: list[str] = []

    async def cancelled_meanwhile(do: Callable[[str], object], statement: str) -> object:
        if statement == "COMMIT":
            asyncio.get_running_loop().call_soon(task.cancel)
        return await aside(do, statement)

    async def work() -> None:
        async with store.transaction() as tx:
            await tx.write([Changes(event_id="e1", at=1, units=made_units(ADA))])
        told.append("it is there")
        await asyncio.sleep(0)
        told.append("and it goes on")

    monkeypatch.setattr(store, "_aside", cancelled_meanwhile)
    task = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await task
    monkeypatch.undo()
    assert told == ["it is there"]
    async with store.transaction() as tx:
        assert await tx.settled(["e1"]) == {"e1"}
    await store.close()


async def test_what_was_erased_while_somebody_read_is_in_no_log_once_they_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "erased.sqlite"
    log = path.with_name("erased.sqlite-wal")
    store = await open_store(path, KEYS)
    monkeypatch.setattr("storage.sqlite.OPEN_WAIT", 10)
    async with store.transaction() as tx:
        await tx.write([Changes(event_id="e1", at=1, units=made_units(ADA))])
    key = _rows(path, "SELECT wrapped FROM key WHERE unit = 'ada'")[0][0]
    assert isinstance(key, bytes)
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM unit").fetchone() == (1,)

    async with store.transaction() as tx:
        await tx.write([Changes(event_id="e2", at=2, erased=(Erased(unit="ada"),))])
    assert key in log.read_bytes(), "or nobody was in the way"
    async with store.transaction() as tx:
        assert await tx.units(["ada"]) == {}
    reader.close()
    async with store.transaction() as tx:
        assert await tx.units(["ada"]) == {}
    for file in tmp_path.iterdir():
        assert key not in file.read_bytes(), file.name
    await store.close()


async def test_what_was_erased_right_before_the_end_is_in_no_log_after_the_next_start(tmp_path: Path):
    path, copy = tmp_path / "erased.sqlite", tmp_path / "copy.sqlite"
    store = await open_store(path, KEYS)
    async with store.transaction() as tx:
        await tx.write([Changes(event_id="e1", at=1, units=made_units(ADA))])
    key = _rows(path, "SELECT wrapped FROM key WHERE unit = 'ada'")[0][0]
    assert isinstance(key, bytes)
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA secure_delete = ON")
    with writer:
        writer.execute("DELETE FROM key")
    for suffix in ("", "-wal"):  # as a process leaves them that is killed here
        copy.with_name(f"copy.sqlite{suffix}").write_bytes(path.with_name(f"erased.sqlite{suffix}").read_bytes())
    writer.close()
    await store.close()
    assert key in copy.with_name("copy.sqlite-wal").read_bytes()

    left = await open_store(copy, KEYS)
    for file in tmp_path.glob("copy*"):
        assert key not in file.read_bytes(), file.name
    await left.close()


async def test_when_a_list_of_revisions_is_damaged_every_revision_may_be_needed(tmp_path: Path):
    path = tmp_path / "lists.sqlite"
    store = await open_store(path, KEYS)
    async with store.transaction() as tx:
        await tx.revisions.publish([Published(revision=one, flow="f", version=1, body=b"{}") for one in ("r1", "r2")])
        await tx.write([Changes(event_id="e1", at=1, units=made_units(ADA), sessions=(session(revision="r1"),))])
        assert await tx.revisions.needed() == {"r1"}
    _run(path, "UPDATE unit SET revisions = '[damaged'")
    async with store.transaction() as tx:
        assert await tx.revisions.needed() == {"r1", "r2"}
    await store.close()


async def test_a_deadline_whose_session_is_not_there_stops_no_other(tmp_path: Path):
    store = await open_store(tmp_path / "kept.sqlite", KEYS)
    async with store.transaction() as tx:
        sessions = (session("lost", due=40), session("there", due=50))
        await tx.write([Changes(event_id="e1", at=1, units=made_units(ADA), sessions=sessions)])
    other = sqlite3.connect(tmp_path / "kept.sqlite", isolation_level=None)
    other.execute("DELETE FROM session WHERE id = 'lost'")
    other.close()
    async with store.transaction() as tx:
        assert [one.session for one in await tx.due(60, 8)] == ["lost", "there"]
    await store.close()
