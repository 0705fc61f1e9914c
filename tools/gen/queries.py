"""src/**/queries.sql -> typed C functions (gen/DIR/queries.h, .c), and the table of every statement.
The format is written down in docs/adding.md, section "A query".
usage: queries.py OUTDIR QUERIES.SQL...     writes OUTDIR/DIR_queries.h, .c and statements.h, .c
       queries.py --list                     the folders below src/ that have one
       queries.py --doors OUTDIR DIR...     writes OUTDIR/DIR/queries.h, which includes DIR_queries.h"""
import os
import re
import sys

import seeded
import wrapped
from gentext import ROOT, c_string, fail, write
from records import statement_names
from schema import FLAGGED, TYPES, VIEWER, VIEWER_CELLS, load_records, number_params, see_block, see_clause
from sqlcheck import check_text, is_write

KEYS = ("see", "system", "in", "out", "doc", "pg")
ALIASES = {"str": "text"}


def fields(where, text):
    """'state str?, before i64' -> [(name, type, nullable)]"""
    out = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        words = part.split()
        if len(words) != 2:
            fail(where, f"'{part}' is not `name type`")
        kind = words[1].rstrip("?")
        kind = ALIASES.get(kind, kind)
        if kind not in TYPES or kind == "sealed":
            fail(where, f"{words[0]} has the unknown type {words[1]} (i64 f64 bool text blob id time json texts)")
        out.append((words[0], kind, words[1].endswith("?")))
    if len({n for n, _, _ in out}) != len(out):
        fail(where, "a name stands twice")
    return out


def new_query(where, head):
    m = re.match(r"([a-z][a-z0-9_]*) (many|one|exec)$", head)
    if not m:
        fail(where, "`-- name: the_name many|one|exec` is expected")
    return {"where": f"{where}: {m[1]}", "name": m[1], "kind": m[2], "see": [], "system": "", "in": "",
            "out": "", "doc": "", "pg": None, "text": []}


def take_comment(q, line, last):
    """One `-- key: value` line of a block; returns the key that a following line continues."""
    m = re.match(r"--\s*(\w+):\s*(.*)$", line)
    key, value = (m[1], m[2]) if m and m[1] in KEYS else (last, line.lstrip("- ").strip())
    if key is None:
        fail(q["where"], f"'{line}' is none of: {' '.join(KEYS)}")
    if key == "see":
        words = value.split()
        if len(words) != 2:
            fail(q["where"], "`-- see: alias record` is expected")
        q["see"].append(tuple(words))
    elif key == "pg":
        if not value:
            fail(q["where"], "a second text needs its reason: `-- pg: reason`")
        q["pg"] = []
    else:
        q[key] = (q[key] + " " + value).strip()
    return key if key in ("in", "out", "doc", "system") else None


def parse(path):
    queries, q, last = [], None, None
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.strip()
            if m := re.match(r"-- name:\s*(.*)$", line):
                q, last = new_query(f"{path}:{number}", m[1]), None
                queries.append(q)
            elif q and line.startswith("--"):
                last = take_comment(q, line, last)
            elif q and line:
                (q["text"] if q["pg"] is None else q["pg"]).append(line)
    for one in queries:
        finish(one)
    return queries


def finish(q):
    q["sqlite_sql"] = " ".join(q["text"]).rstrip("; ")
    q["pg_sql"] = " ".join(q["pg"]).rstrip("; ") if q["pg"] else q["sqlite_sql"]
    q["in"], q["out"] = fields(q["where"], q["in"]), fields(q["where"], q["out"])
    q["writes"] = is_write(q["sqlite_sql"])
    if not q["sqlite_sql"]:
        fail(q["where"], "has no text")
    if (q["kind"] == "exec") == bool(q["out"]):
        fail(q["where"], "`out` belongs to many and one, not to exec")


def pieces(q, engine, records, block):
    """The text cut at its optional fragments, and the argument that switches each."""
    sql = q[engine + "_sql"]
    check_text(q["where"], q, sql, records)
    for alias, kind in q["see"]:
        sql = sql.replace("{see " + alias + "}", see_clause(records, alias, kind, block))
    params = [n for n, _, _ in q["in"]] + (VIEWER if q["see"] else [])
    sql = number_params(q["where"], sql, params, engine)
    parts, switches, at = [], [], 0
    for m in re.finditer(r"\{\?\s*(\w+):\s*([^{}]*)\}", sql):
        parts += [sql[at:m.start()], m[2]]
        switches.append(m[1])
        at = m.end()
    parts.append(sql[at:])
    if any("{" in p or "}" in p for p in parts):
        fail(q["where"], "a brace that is neither {see alias} nor {? name: text}")
    nullable = {n for n, _, null in q["in"] if null}
    for s in switches:
        if s not in nullable:
            fail(q["where"], f"{{? {s}: ..}} needs {s} among `in` with a ?")
    if len(switches) > 16:
        fail(q["where"], "more than 16 optional fragments")
    return parts, switches


def members(rows):
    out = ""
    for name, kind, null in rows:
        out += f"    {TYPES[kind].c} {name};\n"
        if null and kind in FLAGGED:
            out += f"    bool has_{name};\n"
    return out


def field_rows(q, which, struct):
    if not q[which]:
        return ""
    out = f"static const field {q['name']}_{which}[] = {{\n"
    for name, kind, null in q[which]:
        has = f"offsetof({struct}, has_{name})" if null and kind in FLAGGED else "0"
        out += (f'    {{ "{name}", {TYPES[kind].field}, {str(null).lower()}, offsetof({struct}, {name}), '
                f"{has} }},\n")
    return out + "};\n"


def signature(q, each=False):
    n = q["name"]
    out = f"err {n}{'_each' if each else ''}(txn *t"
    if q["see"]:
        out += ", const viewer *v"
    if q["in"]:
        out += f", const {n}_args *args"
    if each:
        return out + f", {n}_fn fn, void *ctx)"
    return out + {"many": f",\n        arena *a, {n}_row **rows, size_t *n)",
                  "one": f",\n        arena *a, {n}_row **ret)",
                  "exec": ", int64_t *ret_changed)"}[q["kind"]]


def declare(q):
    n, out = q["name"], ""
    if q["doc"] or q["system"]:
        out += f"/* {q['doc'] or 'System: ' + q['system']} */\n"
    if q["in"]:
        out += f"typedef struct {n}_args {{\n{members(q['in'])}}} {n}_args;\n"
    if q["out"]:
        out += f"typedef struct {n}_row {{\n{members(q['out'])}}} {n}_row;\n"
        out += f"void {n}_json(jsonw *w, const {n}_row *row);\n"
        out += f"void {n}_members(jsonw *w, const {n}_row *row);\n"
    if q["kind"] == "many":
        out += f"typedef err (*{n}_fn)(void *ctx, const {n}_row *row);\n"
        out += f"MUST_USE {signature(q, True)};\n"
    return out + f"MUST_USE {signature(q)};\n\n"


def begin(q):
    n = q["name"]
    cells = len(q["in"]) + (len(VIEWER) if q["see"] else 0)
    out = f"    cell in[{max(cells, 1)}];\n"
    out += f"    uint32_t mask = query_bind(&{n}_query, {'args' if q['in'] else 'NULL'}, in);\n"
    if q["see"]:
        out += f"    viewer_bind(v, in + {len(q['in'])});\n"
    for name in seeded.of_query(n) if q["see"] else []:
        out += f"    if (SEEDED({name})) in[{cells - 1}].i |= SEEDED_ALL;\n"
    return out


def bodies(q):
    n, out = q["name"], ""
    if q["out"]:
        for door, what in (("json", "fields_json"), ("members", "fields_members")):
            out += (f"void {n}_{door}(jsonw *w, const {n}_row *row)\n{{\n    {what}(w, {n}_out, "
                    f"{len(q['out'])}, row);\n}}\n\n")
    if q["kind"] == "many":
        out += (f"static err {n}_tell(void *ctx, const void *row)\n{{\n    struct {n}_to *to = ctx;\n"
                f"    return to->fn(to->ctx, row);\n}}\n\n")
        out = f"struct {n}_to {{\n    {n}_fn fn;\n    void *ctx;\n}};\n\n" + out
        out += (f"{signature(q, True)}\n{{\n{begin(q)}    {n}_row row;\n"
                f"    struct {n}_to to = {{ fn, ctx }};\n"
                f"    return query_each(t, &{n}_query, mask, in, &row, {n}_tell, &to);\n}}\n\n")
    out += signature(q) + "\n{\n" + begin(q)
    if q["kind"] == "exec":
        return out + f"    return query_exec(t, &{n}_query, mask, in, ret_changed);\n}}\n\n"
    out += "    void *found;\n"
    if q["kind"] == "many":
        return out + (f"    TRY(query_many(t, &{n}_query, mask, in, a, &found, n));\n    *rows = found;\n"
                      "    return OK;\n}\n\n")
    return out + (f"    TRY(query_one(t, &{n}_query, mask, in, a, &found));\n    *ret = found;\n"
                  "    return OK;\n}\n\n")


def array(kind, name, items):
    return f"static const {kind} {name}[] = {{ {', '.join(items)} }};\n"


def define(q, records, block):
    n, out = q["name"], ""
    for engine in ("sqlite", "pg"):
        parts, switches = pieces(q, engine, records, block)
        if engine == "sqlite":
            first = switches
        elif switches != first:
            fail(q["where"], "both texts need the same optional fragments in the same order")
        texts = ",\n        ".join(c_string(p, "        ") for p in parts)
        out += f"static const char *const {n}_{engine}[] = {{\n        {texts} }};\n"
    ins = [TYPES[k].cell for _, k, _ in q["in"]] + (VIEWER_CELLS if q["see"] else [])
    outs = [TYPES[k].cell for _, k, _ in q["out"]]
    out += array("cell_type", f"{n}_in_cells", ins or ["CELL_NULL"])
    out += array("cell_type", f"{n}_out_cells", outs or ["CELL_NULL"])
    out += (f'const stmt_def stmt_{n} = {{ "{n}", {n}_sqlite, {n}_pg, {len(first)}, {len(ins)}, {len(outs)},\n'
            f"        {n}_in_cells, {n}_out_cells, STMT_INDEX_stmt_{n}, {str(q['writes']).lower()} }};\n")
    out += field_rows(q, "in", n + "_args") + field_rows(q, "out", n + "_row")
    names = [name for name, _, _ in q["in"]]
    if first:
        out += array("uint8_t", f"{n}_optional", [str(names.index(s)) for s in first])
    row = f"sizeof({n}_row)" if q["out"] else "0"
    out += (f"static const query_def {n}_query = {{ &stmt_{n}, {n + '_in' if q['in'] else 'NULL'}, "
            f"{n + '_out' if q['out'] else 'NULL'},\n        {n + '_optional' if first else 'NULL'}, "
            f"{len(q['in'])}, {row} }};\n\n")
    return out + bodies(q)


def source_dir(path):
    return os.path.relpath(os.path.dirname(os.path.abspath(path)), os.path.join(ROOT, "src"))


def write_folder(outdir, path, queries, records, block):
    folder = source_dir(path)
    flat = folder.replace("/", "_") + "_queries"
    sees = any(q["see"] for q in queries)
    include = "access/record.h" if sees else "store/query.h"
    head = (f"/* queries.h - made from src/{folder}/queries.sql: its statements as functions. */\n"
            f'#pragma once\n#include "{include}"\n\n')
    body = (f'/* queries.c - made from src/{folder}/queries.sql. */\n#include "gen/{flat}.h"\n'
            '#include "base/seeded.h"\n#include "gen/statements.h"\n\n')
    write(os.path.join(outdir, flat + ".h"), head + "".join(declare(q) for q in queries))
    write(os.path.join(outdir, flat + ".c"), body + "".join(define(q, records, block) for q in queries))


def write_table(outdir, names):
    head = ('/* statements.h - made from every queries.sql and from data/records/. */\n#pragma once\n'
            '#include "store/store.h"\nenum {\n')
    head += "".join(f"    STMT_INDEX_{n},\n" for n in names) + "    STMT_INDEXES\n};\n"
    head += "".join(f"extern const stmt_def {n};\n" for n in names)
    body = '/* statements.c - made: every statement of the program. */\n#include "gen/statements.h"\n\n'
    body += "const stmt_def *const all_statements[] = {\n" + "".join(f"    &{n},\n" for n in names)
    body += "};\nconst size_t all_statements_n = STMT_INDEXES;\n"
    write(os.path.join(outdir, "statements.h"), head)
    write(os.path.join(outdir, "statements.c"), body)


def doors(outdir, folders):
    for folder in folders:
        flat = folder.replace("/", "_") + "_queries"
        write(os.path.join(outdir, folder, "queries.h"), f'#pragma once\n#include "gen/{flat}.h"\n')


def folders():
    """src/events is left out: its queries are DuckDB's and have a generator of their own."""
    top = os.path.join(ROOT, "src")
    found = [os.path.relpath(d, top) for d, _, files in os.walk(top) if "queries.sql" in files]
    return sorted(f for f in found if f.split("/")[0] != "events")


def main():
    if sys.argv[1] == "--list":
        print("\n".join(folders()))
        return
    if sys.argv[1] == "--doors":
        doors(sys.argv[2], sys.argv[3:])
        return
    outdir, paths = sys.argv[1], sys.argv[2:]
    records, block = load_records(), see_block()
    names = [n for r in records for n in statement_names(r, records[r])] + wrapped.statement_names()
    seen, sees = {}, set()
    for path in paths:
        queries = parse(path)
        for q in queries:
            if q["name"] in seen:
                fail(q["where"], f"the name stands in {seen[q['name']]} already")
            seen[q["name"]] = q["where"]
            names.append("stmt_" + q["name"])
        sees |= {q["name"] for q in queries if q["see"]}
        write_folder(outdir, path, queries, records, block)
    seeded.check_used("query", sees)
    write_table(outdir, names)


if __name__ == "__main__":
    main()
