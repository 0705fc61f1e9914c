"""data/commands.json -> gen/commands.h, commands.c: the command line's nouns and verbs, each a route.
usage: commands.py OUTDIR"""
import glob
import json
import os
import sys

from gentext import ROOT, c_string, fail, read_json, write

HEADER = """/* commands.h - made from data/commands.json: nouns and verbs of the command line. Constant. */
#pragma once
#include "base/base.h"

typedef struct {
    const char *noun, *verb, *route;
    const char *arg;      /* what the first argument fills: "{id}", a field's name, or empty */
    const char *arg2;     /* the second one */
    const char *columns;  /* of a list, parted by spaces; empty: members one a line */
    const char *example;
    bool file;            /* the last argument is a file that is sent as it is */
    bool words;           /* all arguments together are the first one */
    bool paste;           /* --file NAME: what stands in it is the first argument; "-": what comes in */
} command_row;
extern const command_row command_rows[];
extern const size_t command_rows_n;
"""


def routes():
    rows = []
    for path in sorted(glob.glob(os.path.join(ROOT, "data/routes/*.json"))):
        with open(path, encoding="utf-8") as f:
            rows += json.load(f)
    return {r["id"] for r in rows}


def main():
    outdir = sys.argv[1]
    path = os.path.join(ROOT, "data/commands.json")
    known, seen = routes(), set()
    body = '/* commands.c - made from data/commands.json. */\n#include "gen/commands.h"\n\n'
    body += "const command_row command_rows[] = {\n"
    rows = read_json(path)
    for r in rows:
        where = f"{path}: {r['noun']} {r['verb']}"
        if r["route"] not in known:
            fail(where, f"there is no route {r['route']}")
        if (r["noun"], r["verb"]) in seen:
            fail(where, "stands twice")
        seen.add((r["noun"], r["verb"]))
        cells = [r["noun"], r["verb"], r["route"], r.get("arg", ""), r.get("arg2", ""),
                 " ".join(r.get("columns", [])), r["example"]]
        body += "    { " + ", ".join(c_string(c) for c in cells) + "".join(f", {str(r.get(k, False)).lower()}" for k in ("file", "words", "paste")) + " },\n"
    body += f"}};\nconst size_t command_rows_n = {len(rows)};\n"
    write(os.path.join(outdir, "commands.h"), HEADER)
    write(os.path.join(outdir, "commands.c"), body)


if __name__ == "__main__":
    main()
