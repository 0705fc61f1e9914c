"""data/advice.json -> the C table that src/common/advice/advice.c searches.
usage: advice.py ADVICE.JSON FILE.C"""
import json
import re
import sys

from gentext import fail, write

WORD = re.compile(r"[a-z0-9]+")
TYPE = re.compile(r"[a-z0-9-]+")


def words(where, values, shape):
    for v in values:
        if not shape.fullmatch(v):
            fail(where, f"'{v}' is not in lower case letters and digits")
    return "".join(f'"{v}", ' for v in values) + "NULL"


def row(path, r):
    where = f"{path}: {r['name']}"
    return (f"    {{ \"{r['name']}\", \"{r['class']['text_key']}\", \"{r['what']['text_key']}\", "
            f"\"{r['fix']['text_key']}\",\n"
            f"        (const char *const[]){{ {words(where, r['words'], WORD)} }},\n"
            f"        (const char *const[]){{ {words(where, r['types'], TYPE)} }} }},\n")


def check(path, rows):
    seen = {}
    for r in rows:
        for word in r["words"] + ["type " + t for t in r["types"]]:
            if word in seen:
                fail(f"{path}: {r['name']}", f"'{word}' stands in {seen[word]} already")
            seen[word] = r["name"]
    if rows[-1]["words"] or rows[-1]["types"]:
        fail(path, "the last row is for everything else: no words, no types")


def main():
    path, out = sys.argv[1:]
    with open(path, encoding="utf-8") as f:
        rows = json.load(f)["rows"]
    check(path, rows)
    text = '/* Made by tools/gen/advice.py from data/advice.json. */\n#include "common/advice/advice.h"\n\n'
    text += "const advice advice_rows[] = {\n" + "".join(row(path, r) for r in rows)
    write(out, text + "};\nconst size_t advice_rows_n = sizeof advice_rows / sizeof *advice_rows;\n")


if __name__ == "__main__":
    main()
