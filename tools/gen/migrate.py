"""Migrations: the difference between what data/records/ wants and what data/migrations/ builds.
usage: migrate.py --check                 fails when the tables and the migrations differ
       migrate.py --write                 writes the next data/migrations/NNNN.(sqlite|pg).sql
       migrate.py --embed OUTDIR          gen/migrations.c from the files
       migrate.py --list                  the files, one a line, for the build
Migrations are forward only; a file that was released is never edited (the program keeps checksums)."""
import functools
import hashlib
import os
import re
import sys

from gentext import ROOT, fail, write
from schema import load_records, load_tables, plain_tables, record_tables, wanted_indexes, words_tables

FOLDER = os.path.join(ROOT, "data/migrations")
ENGINES = ("sqlite", "pg")
DEFAULTS = {"INTEGER": "0", "BIGINT": "0", "REAL": "0", "DOUBLE PRECISION": "0", "BOOLEAN": "FALSE",
            "TEXT": "''", "BLOB": "x''", "BYTEA": "''"}


def wanted(engine):
    records, plain = load_records(), load_tables()
    tables = record_tables(records, engine)
    for name, cols in plain_tables(plain, engine).items():
        if name in tables:
            fail("data/records/tables.json", f"{name} is a record already")
        tables[name] = cols
    words, indexes = words_tables(records, engine)
    return tables | words, wanted_indexes(records, plain) | indexes


def files(engine):
    if not os.path.isdir(FOLDER):
        return []
    names = sorted(n for n in os.listdir(FOLDER) if n.endswith(f".{engine}.sql"))
    for i, n in enumerate(names):
        if n != f"{i + 1:04d}.{engine}.sql":
            fail(os.path.join(FOLDER, n), f"expected number {i + 1:04d}")
    return [os.path.join(FOLDER, n) for n in names]


def statements(path):
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"--[^\n]*", "", f.read())
    return [s.strip() for s in text.split(";\n") if s.strip()]


def apply(path, sql, tables, indexes):
    """Follows one statement of a migration; the few forms that --write makes and no others."""
    sql = re.sub(r"\s+", " ", sql).rstrip("; ")
    if m := re.match(r"CREATE TABLE (\w+) \((.*)\)$", sql):
        tables[m[1]] = [tuple(c.strip().split(" ", 1)) for c in m[2].split(",")]
    elif m := re.match(r"CREATE VIRTUAL TABLE (\w+) USING (.*)$", sql):
        tables[m[1]] = m[2]
    elif m := re.match(r"ALTER TABLE (\w+) ADD COLUMN (\w+) (.*?)( DEFAULT \S+)?$", sql):
        tables[m[1]].append((m[2], m[3]))
    elif m := re.match(r"CREATE (UNIQUE )?INDEX (\w+) ON (\w+(?: USING gin)?) \((.*)\)$", sql):
        indexes[m[2]] = (bool(m[1]), m[3], tuple(c.strip() for c in m[4].split(",")))
    elif m := re.match(r"DROP INDEX (\w+)$", sql):
        del indexes[m[1]]
    elif m := re.match(r"DROP TABLE (\w+)$", sql):
        del tables[m[1]]
        for name in [i for i, d in indexes.items() if d[1].split()[0] == m[1]]:
            del indexes[name]
    elif not re.match(r"(UPDATE|INSERT) ", sql):
        fail(path, f"a statement that migrate.py cannot follow: {sql[:80]}")


def state(engine):
    tables, indexes = {}, {}
    for path in files(engine):
        for sql in statements(path):
            apply(path, sql, tables, indexes)
    return tables, indexes


@functools.cache
def added_columns():
    """{table: {column: may it be NULL}} of what came to a table that stood already."""
    out = {}
    for path in files(ENGINES[0]):
        for sql in statements(path):
            if m := re.match(r"ALTER TABLE (\w+) ADD COLUMN (\w+) (.*)$", re.sub(r"\s+", " ", sql)):
                out.setdefault(m[1], {})[m[2]] = "NOT NULL" not in m[3]
    return out


def index_sql(name, d):
    return f"CREATE {'UNIQUE ' if d[0] else ''}INDEX {name} ON {d[1]} ({', '.join(d[2])})"


def added_column(table, name, kind):
    base = kind.replace(" NOT NULL", "")
    default = f" DEFAULT {DEFAULTS[base]}" if kind.endswith("NOT NULL") else ""
    return f"ALTER TABLE {table} ADD COLUMN {name} {kind}{default}"


def table_changes(engine, want, have):
    out = []
    for name, cols in want.items():
        if isinstance(cols, str):
            if have.get(name, cols) != cols:
                fail(f"data/records: {name}", "a table of words cannot change: it takes another name")
            out += [] if name in have else [f"CREATE VIRTUAL TABLE {name} USING {cols}"]
            continue
        if name not in have:
            body = ",\n  ".join(" ".join(c) for c in cols)
            out.append(f"CREATE TABLE {name} (\n  {body})")
            continue
        old = dict(have[name])
        for col, kind in cols:
            if col not in old:
                out.append(added_column(name, col, kind))
            elif old[col] != kind:
                fail(f"data/records: {name}.{col}", f"{old[col]} cannot become {kind}: add a column")
        for col in old:
            if col not in dict(cols):
                fail(f"data/records: {name}.{col}", "columns are not dropped; keep it or write by hand")
    return out + [f"DROP TABLE {n}" for n in have if n not in want]


def difference(engine):
    want, have = wanted(engine), state(engine)
    out = table_changes(engine, want[0], have[0])
    for name, d in have[1].items():
        if want[1].get(name) != d and d[1].split()[0] in want[0]:
            out.append(f"DROP INDEX {name}")
    out += [index_sql(n, d) for n, d in want[1].items() if have[1].get(n) != d]
    return out


def check():
    for engine in ENGINES:
        d = difference(engine)
        if d:
            fail("data/migrations", f"the tables and the {engine} migrations differ ({len(d)} statements, "
                 f"first: {d[0].splitlines()[0]}); run tools/gen/migrate.py --write")


def write_next():
    for engine in ENGINES:
        d = difference(engine)
        number = len(files(engine)) + 1
        if not d:
            continue
        head = (f"-- Migration {number} for {'SQLite' if engine == 'sqlite' else 'PostgreSQL'}, written by "
                "tools/gen/migrate.py from data/records/.\n-- Forward only: once released, never edited.\n")
        path = os.path.join(FOLDER, f"{number:04d}.{engine}.sql")
        write(path, head + "".join(s + ";\n" for s in d))
        print(path)


def literal(text):
    out = []
    for line in text.splitlines():
        out.append('        "' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"')
    return "\n".join(out)


def embed(outdir):
    check()
    numbers = list(zip(files("sqlite"), files("pg")))
    out = ('/* migrations.c - made from data/migrations: the steps of the record store\'s tables, with '
           'their checksums. */\n#include "store/migrate.h"\n\nconst migration migrations[] = {\n')
    for i, paths in enumerate(numbers):
        texts = [open(p, encoding="utf-8").read() for p in paths]
        sums = [hashlib.sha256(t.encode()).hexdigest() for t in texts]
        out += (f"    {{ {i + 1},\n        {{\n{literal(texts[0])},\n{literal(texts[1])} }},\n"
                f'        {{ "{sums[0]}",\n          "{sums[1]}" }} }},\n')
    out += "};\nconst size_t migrations_n = sizeof(migrations) / sizeof(migrations[0]);\n"
    write(os.path.join(outdir, "migrations.c"), out)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check()
    elif sys.argv[1:2] == ["--write"]:
        write_next()
    elif sys.argv[1:2] == ["--list"]:
        print("\n".join(files("sqlite") + files("pg")))
    elif sys.argv[1:2] == ["--embed"] and len(sys.argv) == 3:
        embed(sys.argv[2])
    else:
        sys.exit(__doc__)
