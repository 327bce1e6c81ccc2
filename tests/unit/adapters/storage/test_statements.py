import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Insert, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert

from cockpit.adapters.storage import statements
from cockpit.adapters.storage.database import open_database
from cockpit.adapters.storage.tables import Base

DIALECT = sqlite.dialect(paramstyle="named")
TABLES = Base.metadata.tables


def words(sql: str) -> list[str]:
    return sql.replace("(", " ").replace(")", " ").replace(",", " ").split()


def compiled(statement: Insert) -> list[str]:
    return words(str(statement.compile(dialect=DIALECT)))


def plain(table: Table) -> Insert:
    return insert(table).values({c.name: None for c in table.columns if c.name != "id"})


@pytest.mark.parametrize(
    ("written", "table"),
    [
        (statements.ADD_HISTORY, "order_history"),
        (statements.ADD_FILL, "fill"),
        (statements.ADD_BUST, "fill_bust"),
        (statements.ADD_ADJUSTMENT, "adjustment"),
        (statements.ADD_RUN, "run"),
        (statements.ADD_ENTRY, "journal_entry"),
        (statements.ADD_ATTACHMENT, "attachment"),
        (statements.ADD_RECAP, "recap"),
    ],
)
def test_an_insert_names_every_column_of_its_table(written: str, table: str) -> None:
    assert words(written) == compiled(plain(TABLES[table]))


def test_an_order_is_overwritten_as_its_table_says() -> None:
    table = TABLES["orders"]
    keys = [column.name for column in table.primary_key]
    statement = insert(table)
    upsert = statement.on_conflict_do_update(
        index_elements=keys,
        set_={c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys},
        where=statement.excluded["version"] >= table.c.version,
    )
    assert words(statements.SAVE_ORDER) == compiled(upsert)


def test_a_file_that_is_up_to_date_opens_without_sqlalchemy(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    open_database(path, 1000).close()
    code = (
        "import sys; from pathlib import Path;"
        "import cockpit.adapters.storage.store;"
        "from cockpit.adapters.storage.database import open_database;"
        f"open_database(Path({str(path)!r}), 1000).close();"
        "sys.exit(', '.join({'sqlalchemy', 'sqlmodel', 'alembic'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
