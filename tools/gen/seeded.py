"""data/faults.json -> the faults that a test build can switch on (meson option `faults`): their names as
C, and what they do to the see clause and to queries. Without the option nothing but the names is made, and
SEEDED() is constantly false.
usage: seeded.py OUTDIR     faults.h, faults.c"""
import os
import re
import sys

from gentext import ROOT, fail, read_json, write

PATH = os.path.join(ROOT, "data/faults.json")
ON = os.environ.get("MINAR_FAULTS") == "1"   # set by the build for the generators of queries
ALL = 1 << 62                                # this bit of $v_seeded: the clause hides nothing
VIEWER = ["v_seeded"] if ON else []
VIEWER_CELLS = ["CELL_I64"] if ON else []
# those of writing are found by test/fault/power.mjs, all others by the access oracle
HOW = {"clause": {"find", "put"}, "query": {"queries"}, "events": {"queries"}, "parent": set(), "code": set(), "write": set()}


def load():
    """name -> row; those that alter the clause first, for their place is their bit."""
    rows = read_json(PATH)
    for name, r in rows.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            fail(PATH, f"{name}: small letters, digits and _")
        if r.get("how") not in HOW or set(r) != {"how", "like", "does"} | HOW[r["how"]]:
            fail(PATH, f"{name}: needs how ({' '.join(HOW)}), like, does, and what that kind takes")
    first = [n for n, r in rows.items() if r["how"] in ("clause", "parent")]
    return {n: rows[n] for n in first + [n for n in rows if n not in first]}


def test(name):
    return f"($v_seeded & {1 << list(load()).index(name)}) <> 0"


def clause(block):
    """The see clause with every fault of its own in it, each behind its bit."""
    if not ON:
        return block
    for name, r in load().items():
        if r["how"] != "clause":
            continue
        if block.count(r["find"]) != 1:
            fail(PATH, f"{name}: '{r['find']}' stands {block.count(r['find'])} times in the see clause, not once")
        block = block.replace(r["find"], r["put"].replace("{on}", test(name)))
    return f"({block} OR ($v_seeded & {ALL}) <> 0)"


def parent(exists):
    """What a child asks of its parent."""
    if not ON:
        return exists
    for name in [n for n, r in load().items() if r["how"] == "parent"]:
        exists = f"({exists} OR {test(name)})"
    return exists


def of_query(name, how="query"):
    """The faults in which this query forgets its viewer."""
    return [n for n, r in load().items() if ON and r["how"] == how and name in r["queries"]]


def check_used(how, seen):
    for name, r in load().items():
        for q in r.get("queries", []) if r["how"] == how else []:
            if q not in seen:
                fail(PATH, f"{name}: there is no query {q} that sees")


def main():
    rows = load()
    clauses = sum(r["how"] in ("clause", "parent") for r in rows.values())
    head = ("/* faults.h - made from data/faults.json. */\n#pragma once\nenum seeded {\n"
            + "".join(f"    SEEDED_{n}, /* {r['does']} */\n" for n, r in rows.items())
            + f"    SEEDED_FAULTS\n}};\nenum {{ SEEDED_CLAUSES = {clauses} }}; /* the first ones: bits of the clause */\n"
            + f"#define SEEDED_ALL INT64_C({ALL})\n")
    body = ('/* faults.c - made from data/faults.json. */\n#include "base/seeded.h"\n\n'
            "const char *const seeded_names[SEEDED_FAULTS] = {\n" + "".join(f'    "{n}",\n' for n in rows) + "};\n")
    write(os.path.join(sys.argv[1], "faults.h"), head)
    write(os.path.join(sys.argv[1], "faults.c"), body)


if __name__ == "__main__":
    main()
