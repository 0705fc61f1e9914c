"""data/records/tables.json -> C: every column that holds a key wrapped by the master key, with the statements that
go through them all when there is a new one (src/access/rewrap.c). A column of type `wrapped` says under which label it
opens: 'label: WORDS', in which {KEY} is the table's own row number and {TABLE.COLUMN} an id of the row of TABLE with it.
usage: wrapped.py OUTDIR"""
import os
import re
import sys

from gentext import c_string, fail, write
from schema import load_records, load_tables, number_params

FIELDS = re.compile(r"\{(\w+)(?:\.(\w+))?\}")


def columns():
    """[(table, column, key column, label's pattern, (table, column) of its id or None)]"""
    found = []
    for name, r in load_records().items():
        for c in r["columns"]:
            if c.type == "wrapped":
                fail(f"data/records/records.json: {name}", f"{c.name}: earlier versions of a record are kept, so a key "
                     "in it could not be destroyed: put it into a table of its own")
    for name, t in load_tables().items():
        key = next((c[0] for c in t["columns"] if c[1] == "i64 key"), None)
        for c in t["columns"]:
            if c[1].rstrip("?") == "wrapped":
                found.append((name, c[0], key) + label(name, c, key))
            elif c[0].startswith("wrapped"):
                fail(f"data/records/tables.json: {name}", f"{c[0]} is {c[1]}: what the master key wraps has the type wrapped")
    return found


def label(table, c, key):
    where = f"data/records/tables.json: {table}.{c[0]}"
    doc = c[2] if len(c) > 2 else ""
    if not doc.startswith("label: ") or not key:
        fail(where, "says 'label: WORDS' as its third word, and its table has a row number ('i64 key')")
    words, of = doc[len("label: "):], None
    fields = FIELDS.findall(words)
    if len(fields) > 1 or any(not column and first != key for first, column in fields):
        fail(where, f"its label has one field at most: {{{key}}} or {{TABLE.COLUMN}}")
    for first, column in fields:
        of = (first, column) if column else None
    return FIELDS.sub(lambda m: "{id}" if m.group(2) else "{row}", words), of


def stmt(name, sql, params, ins, outs, writes):
    out, full = "", f"wrapped_{name}"
    for engine in ("sqlite", "pg"):
        null = "NULL" if engine == "sqlite" else "CAST(NULL AS BYTEA)"
        text = number_params("data/records/tables.json", sql.replace("{null}", null), params, engine)
        out += f"static const char *const {full}_{engine}[] = {{\n        {c_string(text)}\n}};\n"
    out += f"static const cell_type {full}_in[] = {{ {', '.join(ins) or 'CELL_NULL'} }};\n"
    out += f"static const cell_type {full}_out[] = {{ {', '.join(outs) or 'CELL_NULL'} }};\n"
    return out + (f'const stmt_def stmt_{full} = {{ "{full}", {full}_sqlite, {full}_pg, 0, {len(ins)}, {len(outs)},\n'
                  f"        {full}_in, {full}_out, STMT_INDEX_stmt_{full}, {str(writes).lower()} }};\n")


def statements(table, column, key, _, of):
    """What goes on, what stands last, what is written again, how many there are."""
    get = f"SELECT t.{key}, t.{column}, {f'o.{of[1]}' if of else '{null}'} FROM {table} t"
    get += f" JOIN {of[0]} o ON o.row = t.{key}" if of else ""
    get += f" WHERE t.{column} IS NOT NULL"
    name, outs = f"{table}_{column}", ["CELL_I64", "CELL_BLOB", "CELL_BLOB"]
    out = stmt(f"{name}_after", f"{get} AND t.{key} > $after ORDER BY t.{key} LIMIT $limit", ["after", "limit"],
               ["CELL_I64"] * 2, outs, False)
    out += stmt(f"{name}_last", f"{get} ORDER BY t.{key} DESC LIMIT 1", [], [], outs, False)
    out += stmt(f"{name}_save", f"UPDATE {table} SET {column} = $fresh WHERE {key} = $held AND {column} = $was",
                ["fresh", "held", "was"], ["CELL_BLOB", "CELL_I64", "CELL_BLOB"], [], True)
    return out + stmt(f"{name}_count", f"SELECT count(*) FROM {table} t WHERE t.{column} IS NOT NULL", [], [], ["CELL_I64"],
                      False)


def statement_names():
    return [f"stmt_wrapped_{c[0]}_{c[1]}_{verb}" for c in columns() for verb in ("after", "last", "save", "count")]


def source():
    out = '/* wrapped.c - made from data/records/tables.json. */\n#include "gen/wrapped.h"\n#include "gen/statements.h"\n\n'
    rows = ""
    for c in columns():
        out += statements(*c)
        s = f"&stmt_wrapped_{c[0]}_{c[1]}_"
        rows += f'    {{ "{c[0]}", {c_string(c[3])}, {s}after, {s}last, {s}save, {s}count }},\n'
    return out + f"\nconst wrapped_column wrapped_columns[] = {{\n{rows}}};\nconst size_t wrapped_columns_n = {len(columns())};\n"


HEADER = """/* wrapped.h - made from data/records/tables.json: where keys stand that the master key wraps. */
#pragma once
#include "store/store.h"

typedef struct {
    const char *table;
    const char *label; /* {row} and {id} are the row's */
    /* after, limit -> row, wrapped, id or NULL; -> the last such row; wrapped, row, as it was; -> how many */
    const stmt_def *after, *last, *save, *count;
} wrapped_column;
extern const wrapped_column wrapped_columns[];
extern const size_t wrapped_columns_n;
"""


def main():
    write(os.path.join(sys.argv[1], "wrapped.h"), HEADER)
    write(os.path.join(sys.argv[1], "wrapped.c"), source())


if __name__ == "__main__":
    main()
