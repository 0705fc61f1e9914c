"""data/records/records.json -> C: record kinds, and per record its typed id, draft, handle and doors
(insert, hold, read, save) over src/access/record.c.
usage: records.py OUTDIR            records/NAME.h and .c
       records.py --kinds OUTDIR    record_kinds.h and .c
       records.py --names           the records, one a line, for the build"""
import os
import sys

import reach
from gentext import c_string, fail, write
from migrate import added_columns
from schema import (FLAGGED, TYPES, VIEWER, VIEWER_CELLS, common_columns, load_records, number_params,
                    searched, see_clause)

RESERVED = {"owner", "audience", "parent", "not_before", "retention", "row", "id", "version", "author"}
EPOCH = {"organisation", "person", "sharing_group", "api_key"}  # a change of these may change who sees what


def kinds(records):
    head = ("/* record_kinds.h - made from data/records/records.json. */\n#pragma once\n"
            "typedef enum record_kind {\n")
    head += "".join(f"    RECORD_{n},\n" for n in records)
    head += ("    RECORD_KINDS\n} record_kind;\nextern const char *const record_kind_names[RECORD_KINDS];\n")
    names = reach.why_names()
    head += ("\n/* Why somebody sees a record, by the branches of the see clause: bits. */\n"
             "typedef enum reach_why {\n" + "".join(f"    WHY_{n} = {1 << i},\n" for i, n in enumerate(names))
             + f"    WHY_personal = {reach.personal_bits()} /* those that ask for the person */\n}} reach_why;\n"
             f"#define REACH_WHYS {len(names)}\nextern const char *const reach_why_names[REACH_WHYS]; /* by bit number */\n")
    body = ('/* record_kinds.c - made from data/records/records.json. */\n#include "gen/record_kinds.h"\n'
            '#include "access/record.h"\n\nconst char *const record_kind_names[RECORD_KINDS] = {\n')
    body += "".join(f'    "{n}",\n' for n in records) + "};\n\n"
    body += "".join(f"extern const record_def {n}_def;\n" for n in records)
    body += "const record_def *const record_defs[RECORD_KINDS] = {\n"
    body += "".join(f"    &{n}_def,\n" for n in records) + "};\n\nconst char *const reach_why_names[REACH_WHYS] = {\n"
    return head, body + "".join(f'    "{n}",\n' for n in names) + "};\n"


def draft(name, r):
    out = "typedef struct {\n    RECORD_DRAFT_COMMON\n"
    for c in r["columns"]:
        if c.name in RESERVED:
            fail(f"data/records/records.json: {name}", f"{c.name} is a column that every record has")
        doc = f" /* {c.doc} */" if c.doc and not c.of else ""
        out += f"    {TYPES[c.type].c} {c.name};{doc}\n"
        if c.null and c.type in FLAGGED:
            out += f"    bool has_{c.name};\n"
    return out + f"}} {name}_draft;\n"


HEADER = """/* {name}.h - made from data/records/records.json. {doc}
 * Doors to the record: see access/record.h for what each promises. */
#pragma once
#include "access/record.h"

typedef struct {{
    id128 id;
}} {name}_id;

{draft}
/* As the viewer got it; lives in the transaction's arena. */
typedef struct {name}_handle {{
    union {{
        record_head head;
        struct {{
            RECORD_HEAD({name}_id)
        }};
    }};
    {name}_draft now;
}} {name}_handle;

extern const record_def {name}_def;

MUST_USE err {name}_insert(txn *t, const viewer *v, const {name}_draft *d, ledger_type entry,
        const {name}_handle **ret);
MUST_USE err {name}_hold(txn *t, const viewer *v, {name}_id id, const {name}_handle **ret);
MUST_USE err {name}_hold_row(txn *t, const viewer *v, int64_t row, const {name}_handle **ret);
MUST_USE err {name}_read(txn *t, const viewer *v, {name}_id id, const {name}_handle **ret);
MUST_USE err {name}_read_row(txn *t, const viewer *v, int64_t row, const {name}_handle **ret);
MUST_USE err {name}_save(txn *t, const viewer *v, const {name}_handle *h, const {name}_draft *changed,
        ledger_type entry);
/* Own columns by their names, with id, created, modified and version; sealed ones are left out. */
void {name}_json(jsonw *w, const {name}_handle *h, lang l);
"""

DOORS = """
err {name}_insert(txn *t, const viewer *v, const {name}_draft *d, ledger_type entry,
        const {name}_handle **ret)
{{
    const void *h;
    TRY(record_insert(t, v, &{name}_def, d, entry, &h));
    *ret = h;
    return OK;
}}

err {name}_hold(txn *t, const viewer *v, {name}_id id, const {name}_handle **ret)
{{
    const void *h;
    TRY(record_get(t, v, &{name}_def, RECORD_HOLD, id.id, &h));
    *ret = h;
    return OK;
}}

err {name}_hold_row(txn *t, const viewer *v, int64_t row, const {name}_handle **ret)
{{
    const void *h;
    TRY(record_get_row(t, v, &{name}_def, RECORD_HOLD, row, &h));
    *ret = h;
    return OK;
}}

err {name}_read(txn *t, const viewer *v, {name}_id id, const {name}_handle **ret)
{{
    const void *h;
    TRY(record_get(t, v, &{name}_def, RECORD_READ, id.id, &h));
    *ret = h;
    return OK;
}}

err {name}_read_row(txn *t, const viewer *v, int64_t row, const {name}_handle **ret)
{{
    const void *h;
    TRY(record_get_row(t, v, &{name}_def, RECORD_READ, row, &h));
    *ret = h;
    return OK;
}}

err {name}_save(txn *t, const viewer *v, const {name}_handle *h, const {name}_draft *changed,
        ledger_type entry)
{{
    return record_save(t, v, &{name}_def, h, changed, entry);
}}

void {name}_json(jsonw *w, const {name}_handle *h, lang l)
{{
    (void)l;
    record_json(w, &{name}_def, h);
}}
"""


def cell_list(types):
    return ", ".join(types) if types else "CELL_NULL"


def stmt(name, verb, sql, params, ins, outs, writes, pg_sql=None, tells_row=False):
    """One stmt_def; the text differs between the engines by its parameter marks, save for pg_sql."""
    where = f"data/records/records.json: {name}"
    full = f"record_{name}_{verb}"
    out = ""
    for engine in ("sqlite", "pg"):
        text = number_params(where, pg_sql if pg_sql and engine == "pg" else sql, params, engine)
        out += f"static const char *const {full}_{engine}[] = {{\n        {c_string(text)}\n}};\n"
    out += f"static const cell_type {full}_in[] = {{ {cell_list(ins)} }};\n"
    out += f"static const cell_type {full}_out[] = {{ {cell_list(outs)} }};\n"
    out += (f'const stmt_def stmt_{full} = {{ "{full}", {full}_sqlite, {full}_pg, 0, {len(ins)},\n'
            f"        {len(outs)}, {full}_in, {full}_out, STMT_INDEX_stmt_{full},\n"
            f"        {str(writes).lower()}, {str(tells_row).lower()} }};\n")
    return out


def statement_names(name, record):
    verbs = ["insert", "id_seen", "row_seen", "id", "row", "earlier", "earlier_at", "keep", "update"]
    verbs += reach.verbs() + (["next"] if record["sealed"] else [])
    verbs += ["after", "words_put", "words_change", "found", "counted"] if record.get("searched") else []
    return [f"stmt_record_{name}_{v}" for v in verbs]


def about(name, r):
    """Where the organisation stands that a record is about."""
    column = r.get("about")
    if column in (None, "row", "owner"):
        return f".about = ABOUT_{(column or 'nobody').upper()},"
    return f".about = ABOUT_COLUMN, .about_at = offsetof({name}_draft, {column}),"


def stored(r):
    """(column, cell type) in the order in which record.c binds and reads them."""
    cols = [(n, TYPES[t].cell) for n, t in common_columns(r)]
    return cols + [(c.name, TYPES[c.type].cell) for c in r["columns"]]


def insert_sql(name, r):
    cols = ([("row", "CELL_I64")] if r["sealed"] else []) + stored(r)
    names = [n for n, _ in cols]
    sql = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({', '.join('$' + n for n in names)})"
    return stmt(name, "insert", sql, names, [t for _, t in cols], ["CELL_I64"], True,
                pg_sql=sql + " RETURNING row", tells_row=True)


def next_sql(name, r):
    """The row that the next insert will use: columns sealed under the row's own key need it before."""
    if not r["sealed"]:
        return ""
    return stmt(name, "next", f"SELECT coalesce(max(row), 0) + 1 FROM {name}", [], [], ["CELL_I64"], False,
                f"SELECT nextval(pg_get_serial_sequence('{name}', 'row'))")


def update_sql(name, r):
    fixed = {"id", "origin", "author", "created", "salt"}
    cols = [c for c in stored(r) if c[0] not in fixed]
    names = [n for n, _ in cols] + ["held_row", "held_version"]
    sets = ", ".join(f"{n} = ${n}" for n, _ in cols)
    sql = f"UPDATE {name} SET {sets} WHERE row = $held_row AND version = $held_version"
    return stmt(name, "update", sql, names, [t for _, t in cols] + ["CELL_I64"] * 2, [], True)


def select_sql(records, name, r):
    cols = [("row", "CELL_I64")] + stored(r)
    outs = [t for _, t in cols]
    get = f"SELECT {', '.join('r.' + n for n, _ in cols)} FROM {name} r WHERE "
    see = see_clause(records, "r", name)
    out = ""
    for key, cell in (("id", "CELL_BLOB"), ("row", "CELL_I64")):
        out += stmt(name, key + "_seen", f"{get}r.{key} = $held AND {see}", ["held"] + VIEWER,
                    [cell] + VIEWER_CELLS, outs, False)
        out += stmt(name, key, f"{get}r.{key} = $held", ["held"], [cell], outs, False)
    earlier = get.replace(f"FROM {name} r", f"FROM {name}_version r")
    out += stmt(name, "earlier", f"{earlier}r.row = $held AND r.version = $version", ["held", "version"],
                ["CELL_I64"] * 2, outs, False)
    out += stmt(name, "earlier_at", f"{earlier}r.row = $held AND r.modified <= $at ORDER BY r.version DESC LIMIT 1",
                ["held", "at"], ["CELL_I64"] * 2, outs, False)
    names = ", ".join(n for n, _ in cols)
    keep = f"INSERT INTO {name}_version ({names}) SELECT {names} FROM {name} "
    keep += "WHERE row = $held_row AND version = $held_version"
    return out + stmt(name, "keep", keep, ["held_row", "held_version"], ["CELL_I64"] * 2, [], True)


def found_from(records, name, pg):
    """What a search reads: the words, then the record as the viewer may see it, and what it is shown with."""
    r, org = records[name], ""
    if r.get("searched_when"):
        org = f" AND r.{r['searched_when']}"
    if r.get("shown_with"):
        org += (f" AND EXISTS (SELECT 1 FROM organisation o WHERE o.row = r.{r['shown_with']} AND "
                + see_clause(records, "o", "organisation") + ")")
    see = see_clause(records, "r", name) + org
    if pg:
        return (f"FROM {name}_words w JOIN {name} r ON r.row = w.row "
                f"WHERE w.words @@ CAST($words AS tsquery) AND {see} AND w.row < $before")
    return (f"FROM {name}_words w CROSS JOIN {name} r ON r.row = w.rowid "
            f"WHERE w.{name}_words MATCH $words AND {see} AND w.rowid < $before")


def words_sql(records, name, r):
    """The index of words of a kind that is searched: written with the record, read through the see clause."""
    if not r.get("searched"):
        return ""
    cols = [("row", "CELL_I64")] + stored(r)
    vector = "array_to_tsvector(string_to_array($words, ' '))"
    out = stmt(name, "after", f"SELECT {', '.join('r.' + n for n, _ in cols)} FROM {name} r WHERE r.row > $held "
               "ORDER BY r.row LIMIT $limit", ["held", "limit"], ["CELL_I64"] * 2, [t for _, t in cols], False)
    out += stmt(name, "words_put", f"INSERT INTO {name}_words (rowid, words) VALUES ($held, $words)",
                ["held", "words"], ["CELL_I64", "CELL_TEXT"], [], True,
                f"INSERT INTO {name}_words (row, words) VALUES ($held, {vector})")
    out += stmt(name, "words_change", f"UPDATE {name}_words SET words = $words WHERE rowid = $held",
                ["held", "words"], ["CELL_I64", "CELL_TEXT"], [], True,
                f"UPDATE {name}_words SET words = {vector} WHERE row = $held")
    ins, names = ["CELL_TEXT", "CELL_I64", "CELL_I64"] + VIEWER_CELLS, ["words", "before", "limit"] + VIEWER
    lite, pg = found_from(records, name, False), found_from(records, name, True)
    out += stmt(name, "found", f"SELECT r.row {lite} ORDER BY w.rowid DESC LIMIT $limit", names, ins, ["CELL_I64"],
                False, f"SELECT r.row {pg} ORDER BY w.row DESC LIMIT $limit")
    count = "SELECT count(*) FROM (SELECT r.row {} LIMIT $limit) x"
    return out + stmt(name, "counted", count.format(lite), names, ins, ["CELL_I64"], False, count.format(pg))


def searched_rows(records, name):
    rows = "".join(f"    {{ {i}, {str(value).lower()} }},\n" for i, value in searched(records, name))
    return f"static const record_searched searched[] = {{\n{rows}}};\n" if rows else ""


def reach_sql(records, name):
    out = ""
    for verb, sql, params, outs, sees in reach.statements(records, name):
        names = [n for n, _ in params] + (VIEWER if sees else [])
        out += stmt(name, verb, sql, names, [t for _, t in params] + (VIEWER_CELLS if sees else []), outs, False)
    return out


def column_rows(name, r):
    out = f"static const field columns[] = {{\n"
    for c in r["columns"]:
        has = f"offsetof({name}_draft, has_{c.name})" if c.null and c.type in FLAGGED else "0"
        out += (f'    {{ "{c.name}", {TYPES[c.type].field}, {str(c.null).lower()}, '
                f"offsetof({name}_draft, {c.name}), {has} }},\n")
    out += "};\n"
    if not r["sealed"]:
        return out
    names = [c.name for c in r["columns"]]
    out += "static const int8_t sealed_of[] = {\n"
    for c in r["columns"]:
        if c.of is None:
            value = "SEALED_NOT"
        elif c.of.startswith("this "):
            value = "SEALED_SELF"
        elif c.of in names:
            value = str(names.index(c.of))
        else:
            fail(f"data/records/records.json: {name}", f"{c.name} is sealed for {c.of}, no column of it")
        out += f"    {value}, /* {c.name} */\n"
    return out + "};\n"


def told_rows(records, name, r):
    """The columns whose earlier values are shown, and what a row number among them stands for."""
    where, names, out = f"data/records/records.json: {name}", [c.name for c in r["columns"]], ""
    for column, _, ref in (t.partition(" ") for t in r.get("told", [])):
        if column not in names or (ref and ref not in records):
            fail(where, f"told: '{column} {ref}' is no column of it, or of no record")
        kind = r["columns"][names.index(column)].type
        if kind == "sealed" or bool(ref) and kind != "i64":
            fail(where, f"told: {column} is {kind}")
        out += f"    {{ {names.index(column)}, {'RECORD_' + ref if ref else 'TOLD_AS_IS'} }}, /* {column} */\n"
    return f"static const record_told told[] = {{\n{out}}};\n" if out else ""


def added_rows(name, r):
    """The columns that came after the record: what they say of a version of before is not in its digest."""
    came = added_columns().get(name, {})
    for column in came:
        if column not in [c.name for c in r["columns"]]:
            fail(f"data/migrations: {name}.{column}", "a column that every record has cannot come later: digests hold it")
    how = {None: "ADDED_NOT", True: "ADDED_NULL", False: "ADDED_EMPTY"}
    rows = "".join(f"    {how[came.get(c.name)]}, /* {c.name} */\n" for c in r["columns"])
    return f"static const uint8_t added[] = {{\n{rows}}};\n" if came else ""


def definition(name, r):
    s = f"&stmt_record_{name}_"
    return (f"const record_def {name}_def = {{\n    .kind = RECORD_{name}, .name = \"{name}\", "
            f".columns = columns,\n    .n_columns = {len(r['columns'])}, "
            f".sealed_of = {'sealed_of' if r['sealed'] else 'NULL'},\n"
            f"    .draft_size = sizeof({name}_draft), .handle_size = sizeof({name}_handle),\n"
            f"    .now_at = offsetof({name}_handle, now), .has_parent = {str(bool(r['parent'])).lower()},\n"
            f"    .raises_epoch = {str(name in EPOCH).lower()}, {about(name, r)}\n"
            + (f"    .whole_at = offsetof({name}_draft, about),\n" if isinstance(r["parent"], list) else "")
            + (f'    .parent = "{r["parent"]}",\n' if isinstance(r["parent"], str) else "") +
            f"    .insert = {s}insert, .id_seen = {s}id_seen, .row_seen = {s}row_seen,\n"
            f"    .by_id = {s}id, .by_row = {s}row, .earlier = {s}earlier, .keep = {s}keep,\n"
            f"    .update = {s}update, .earlier_at = {s}earlier_at,\n"
            + (f"    .searched = searched, .n_searched = ARRAY_LEN(searched), .after = {s}after,\n"
               f"    .words_put = {s}words_put, .words_change = {s}words_change, .found = {s}found,\n"
               f"    .counted = {s}counted,\n" if r.get("searched") else "")
            + ("    .told = told, .n_told = ARRAY_LEN(told),\n" if r.get("told") else "")
            + ("    .added = added,\n" if added_columns().get(name) else "") +
            f"    .reach_orgs = {{ {s}reach_orgs, {s}reach_orgs_if }},\n"
            f"    .reach_named = {{ {s}reach_named, {s}reach_named_if }}, .reach_people = {s}reach_people,\n"
            f"    .reach_group = {s}reach_group,\n" + (f"    .next = {s}next,\n" if r["sealed"] else "") + "};\n")


def source(records, name, r):
    out = (f"/* {name}.c - made from data/records/records.json: statements, columns and doors of {name}. */\n"
           f'#include "gen/records/{name}.h"\n#include "gen/statements.h"\n\n')
    out += insert_sql(name, r) + next_sql(name, r) + select_sql(records, name, r) + update_sql(name, r)
    out += reach_sql(records, name) + words_sql(records, name, r)
    return out + "\n" + column_rows(name, r) + searched_rows(records, name) + told_rows(records, name, r) + added_rows(name, r) + "\n" + definition(name, r) + DOORS.format(name=name)


def main():
    records = load_records()
    if sys.argv[1] == "--names":
        print("\n".join(records))
        return
    outdir = sys.argv[-1]
    if sys.argv[1] == "--kinds":
        head, body = kinds(records)
        write(os.path.join(outdir, "record_kinds.h"), head)
        write(os.path.join(outdir, "record_kinds.c"), body)
        return
    for name, r in records.items():
        base = os.path.join(outdir, "records", name)
        write(base + ".h", HEADER.format(name=name, doc=r["doc"], draft=draft(name, r)))
        write(base + ".c", source(records, name, r))


if __name__ == "__main__":
    main()
