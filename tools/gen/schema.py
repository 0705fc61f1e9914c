"""The record store's tables as data/records/ names them: columns, C types, the see clause.
Used by records.py and queries.py; knows nothing of either."""
import os
import re
from collections import namedtuple

import seeded
from gentext import ROOT, fail, read_json

Column = namedtuple("Column", "name type null of doc")
Type = namedtuple("Type", "c cell sqlite pg field")

TYPES = {
    "i64": Type("int64_t", "CELL_I64", "INTEGER", "BIGINT", "FIELD_I64"),
    "f64": Type("double", "CELL_F64", "REAL", "DOUBLE PRECISION", "FIELD_F64"),
    "bool": Type("bool", "CELL_BOOL", "BOOLEAN", "BOOLEAN", "FIELD_BOOL"),
    "text": Type("str", "CELL_TEXT", "TEXT", "TEXT", "FIELD_TEXT"),
    "blob": Type("str", "CELL_BLOB", "BLOB", "BYTEA", "FIELD_BLOB"),
    "id": Type("id128", "CELL_BLOB", "BLOB", "BYTEA", "FIELD_ID"),
    "time": Type("instant", "CELL_I64", "INTEGER", "BIGINT", "FIELD_TIME"),
    "json": Type("str", "CELL_TEXT", "TEXT", "TEXT", "FIELD_JSON"),
    "texts": Type("str", "CELL_TEXT", "TEXT", "TEXT", "FIELD_TEXTS"),
    "sealed": Type("str", "CELL_BLOB", "BLOB", "BYTEA", "FIELD_SEALED"),
    "wrapped": Type("str", "CELL_BLOB", "BLOB", "BYTEA", "FIELD_BLOB"),
}
FLAGGED = ("i64", "f64", "bool")  # NULL needs a has_ flag beside the value

# What the generator adds to every record, in this order; `parent` only where the record has one.
COMMON = [("id", "id"), ("origin", "id"), ("audience", "i64"), ("owner", "i64"), ("author", "i64"),
          ("parent", "i64"), ("not_before", "time"), ("created", "time"), ("modified", "time"),
          ("version", "i64"), ("retention", "text"), ("salt", "blob")]
VIEWER = ["v_org", "v_provider", "v_person", "v_community", "v_active", "v_now", "v_seen", "v_glass", "v_kept"] + seeded.VIEWER
VIEWER_CELLS = (["CELL_I64"] * 3 + ["CELL_BOOL"] * 2 + ["CELL_I64"] + ["CELL_LIST"] * 3) + seeded.VIEWER_CELLS


SEEN_BY = ["owner", "audience", "author", "not_before"]  # what the see clause reads: `see` in an index


def column(where, row):
    name, kind = row[0], row[1]
    doc = row[2] if len(row) > 2 else ""
    null, kind = kind.endswith("?"), kind.rstrip("?")
    if kind not in TYPES:
        fail(where, f"column {name} has the unknown type {kind}")
    of = re.match(r"of: (.+)$", doc) if kind == "sealed" else None
    if kind == "sealed" and not of:
        fail(where, f"sealed column {name} does not say whose it is: 'of: this person' or 'of: COLUMN'")
    return Column(name, kind, null, of.group(1) if of else None, doc)


def parents(record):
    """The kinds that it may be a part of."""
    p = record["parent"]
    return p if isinstance(p, list) else [p] if p else []


def within(record, alias, ask):
    """A part's condition on its whole: ask(kind) for the one kind, or for whichever `about` says."""
    if not isinstance(record["parent"], list):
        return ask(record["parent"])
    return "(" + " OR ".join(f"({alias}.about = '{p}' AND {ask(p)})" for p in record["parent"]) + ")"


def load_records():
    """name -> {doc, parent, columns [Column], unique, indexes}, in the file's order."""
    path = os.path.join(ROOT, "data/records/records.json")
    records = read_json(path)
    for name, r in records.items():
        r["columns"] = [column(f"{path}: {name}", c) for c in r["columns"]]
        r["parent"] = r.get("parent")
        if isinstance(r["parent"], list) and "about" not in [c.name for c in r["columns"]]:
            fail(path, f"{name} has several parents and no column `about` that says which")
        r["sealed"] = any(c.type == "sealed" for c in r["columns"])
        for p in parents(r):
            if p not in records:
                fail(path, f"{name} has the unknown parent {p}")
    return records


def load_tables():
    path = os.path.join(ROOT, "data/records/tables.json")
    return read_json(path)


def searched(records, name):
    """[(column number, is it a value)] of what search finds a record by."""
    where, names, out = f"data/records/records.json: {name}", [c.name for c in records[name]["columns"]], []
    for column, _, how in (s.partition(" ") for s in records[name].get("searched", [])):
        if column not in names or how not in ("", "value"):
            fail(where, f"searched: '{column} {how}' is no column of it, or not `value`")
        kind = records[name]["columns"][names.index(column)].type
        if kind not in ("text", "texts", "json") or (how and kind != "text"):
            fail(where, f"searched: {column} is {kind}; what is sealed or no text is not found by words")
        out.append((names.index(column), how == "value"))
    return out


def words_tables(records, engine):
    """The index of words: table -> its definition, and on PostgreSQL its index."""
    names = [n for n in records if searched(records, n)]
    if engine == "sqlite":
        made = "fts5(words, tokenize = \"ascii tokenchars '#=^_'\", detail = none, columnsize = 0)"
        return {f"{n}_words": made for n in names}, {}
    return ({f"{n}_words": [("row", "BIGINT PRIMARY KEY"), ("words", "TSVECTOR NOT NULL")] for n in names},
            {f"{n}_words_by_words": (False, f"{n}_words USING gin", ("words",)) for n in names})


def common_columns(record):
    return [(n, t) for n, t in COMMON if n != "parent" or record["parent"]]


def sql_type(kind, engine):
    return TYPES[kind].sqlite if engine == "sqlite" else TYPES[kind].pg


def key_type(engine):
    if engine == "sqlite":
        return "INTEGER PRIMARY KEY"
    return "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"


def record_tables(records, engine):
    """table -> list of (column, type text) for records and their earlier versions."""
    tables = {}
    for name, r in records.items():
        body = [(n, sql_type(t, engine) + " NOT NULL") for n, t in common_columns(r)]
        body += [(c.name, sql_type(c.type, engine) + ("" if c.null else " NOT NULL"))
                 for c in r["columns"]]
        tables[name] = [("row", key_type(engine))] + body
        row = "INTEGER NOT NULL" if engine == "sqlite" else "BIGINT NOT NULL"
        tables[name + "_version"] = [("row", row)] + body
    return tables


def plain_tables(tables, engine):
    made = {}
    for name, t in tables.items():
        cols = []
        for row in t["columns"]:
            kind = row[1]
            if kind == "i64 key":
                cols.append((row[0], key_type(engine)))
                continue
            null = "" if kind.endswith("?") else " NOT NULL"
            cols.append((row[0], sql_type(kind.rstrip("?"), engine) + null))
        made[name] = cols
    return made


def wanted_indexes(records, tables):
    """index name -> (unique, table, columns)."""
    made = {}

    def add(table, unique, cols):
        whole = [c for c in cols if c != "see"] + [c for c in SEEN_BY if "see" in cols and c not in cols]
        made[f"{table}_by_{'_'.join(cols)}"] = (unique, table, tuple(whole))

    for name, r in records.items():
        add(name, True, ["id"])
        add(name + "_version", True, ["row", "version"])
        for cols in r.get("unique", []):
            add(name, True, cols)
        for cols in r.get("indexes", []):
            add(name, False, cols)
    for name, t in tables.items():
        for cols in t.get("unique", []):
            add(name, True, cols)
        for cols in t.get("indexes", []):
            add(name, False, cols)
    return made


MODEL_C = os.path.join(ROOT, "src/access/model.c")


def model_block(name):
    """A block of SQL as it stands in src/access/model.c, on one line; its own aliases get names that no query has."""
    with open(MODEL_C, encoding="utf-8") as f:
        text = f.read()
    m = re.search(rf"\* {name}\n(.*?)\n \* {name} end", text, re.S)
    if not m:
        fail(MODEL_C, f"the block between '{name}' and '{name} end' is missing")
    lines = [line.lstrip(" *").strip() for line in m.group(1).split("\n")]
    return re.sub(r"\b([xmnw])\b", r"see_\1", " ".join(lines))


def closes(text, at):
    """Where the bracket that opens at `at` closes."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return fail(MODEL_C, "a bracket of the see clause stays open")


def branches():
    """[(name, text)] and what follows the brackets: what each of them needs besides."""
    block = model_block("see-sql").strip()
    end = closes(block, block.index("("))
    parts = re.split(r"\[(\w+)\]", block[block.index("(") + 1:end])
    if parts[0].strip():
        fail(MODEL_C, "the see clause begins with a branch that has no name, [name]")
    made = [(parts[i], re.sub(r"\bOR\s*$", "", parts[i + 1]).strip()) for i in range(1, len(parts), 2)]
    if len(made) > 30 or len({n for n, _ in made}) != len(made):
        fail(MODEL_C, "the see clause's names are bits: each once, thirty at most")
    return made, re.sub(r"^AND\s+", "", block[end + 1:].strip())


def listed():
    """[([branch], text)]: what a query asks the viewer's lists instead of these branches."""
    found = re.findall(r"((?:\w+ )*\w+): (among\([^()]*\))", model_block("listed-sql"))
    known = {n for n, _ in branches()[0]}
    named = [n for names, _ in found for n in names.split()]
    if not found or set(named) - known or len(set(named)) != len(named):
        fail(MODEL_C, "the block listed-sql: `branch branch: among(list, value)`, each branch once")
    return [(names.split(), text) for names, text in found]


def whole_block():
    """The see clause as it is defined: for what is asked about other people (reach.py)."""
    made, tail = branches()
    return "( " + " OR ".join(text for _, text in made) + f" ) AND {tail}"


def see_block():
    """The see clause of a query's own viewer, whose lists are at hand."""
    made, tail = branches()
    for names, text in listed():
        made = [(n, text if n == names[0] else t) for n, t in made if n not in names[1:]]
    return seeded.clause("( " + " OR ".join(text for _, text in made) + f" ) AND {tail}")


def about(records, kind, text):
    """The branch that asks which organisation a record is about: with its column, or, of what is about none, left out."""
    column = records[kind].get("about")
    if column:
        return text.replace("{about}", column)
    return re.sub(r"\s*OR (EXISTS|among) ?\([^()]*\{about\}[^()]*\)", "", text)


def see_clause(records, alias, kind, block=None, parent_faults=True):
    """see(u, o) for alias, with its parents nested."""
    block = block or see_block()
    number = str(list(records).index(kind))
    sql = about(records, kind, block).replace("{r}", alias).replace("{kind}", kind).replace("{number}", number)
    if records[kind]["parent"]:
        up = alias + "_up"
        whole = within(records[kind], alias, lambda parent: (
            f"EXISTS (SELECT 1 FROM {parent} {up} WHERE {up}.row = {alias}.parent AND "
            + see_clause(records, up, parent, block, parent_faults) + ")"))
        sql += " AND " + (seeded.parent(whole) if parent_faults else whole)
    return "(" + sql + ")"


def whole_clause(records, alias, kind):
    """The same as it is defined, without lists and faults."""
    return see_clause(records, alias, kind, whole_block(), False)


def number_params(where, sql, names, engine):
    """$name -> ?N on SQLite, $N on PostgreSQL, by position in names. among(list, value) is a function that
    store/sqlite.c brings; PostgreSQL says it with ANY, and with CASE: else its planner takes the see clause
    for one that lets nearly nothing through, and sorts a whole table for a page of it."""
    if engine == "pg":
        sql = re.sub(r"\bamong\((\$\w+), ([^()]*)\)", r"CASE WHEN (\2) = ANY(\1) THEN TRUE ELSE FALSE END", sql)
    mark = "?" if engine == "sqlite" else "$"

    def one(m):
        if m.group(1) not in names:
            fail(where, f"${m.group(1)} is not among the parameters of `in:`")
        return mark + str(names.index(m.group(1)) + 1)

    return re.sub(r"\$([a-z_][a-z0-9_]*)", one, sql)
