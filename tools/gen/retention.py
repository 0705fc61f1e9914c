"""data/retention.json -> the C table of rules that src/common/retention reads.
usage: retention.py RETENTION.JSON FILE.C"""
import json
import sys

from gentext import fail, write

BASES = {"law", "technical"}


def row(path, r):
    where = f"{path}: {r['name']}"
    if r["basis"] not in BASES:
        fail(where, f"'{r['basis']}' is no basis")
    if r["basis"] == "law" and (r.get("days") or r.get("setting")):
        fail(where, "what a law would say is blank")
    setting = f"\"{r['setting']}\"" if r.get("setting") else "NULL"
    return f"    {{ \"{r['name']}\", {setting}, \"{r['basis']}\", \"{r['kinds']}\", {r.get('days') or 0} }},\n"


def main():
    path, out = sys.argv[1:]
    with open(path, encoding="utf-8") as f:
        rows = json.load(f)["rows"]
    text = '/* Made by tools/gen/retention.py from data/retention.json. */\n#include "common/retention/retention.h"\n\n'
    text += "const retention_rule retention_rules[] = {\n" + "".join(row(path, r) for r in rows)
    write(out, text + "};\nconst size_t retention_rules_n = sizeof retention_rules / sizeof *retention_rules;\n")


if __name__ == "__main__":
    main()
