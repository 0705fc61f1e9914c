"""data/demo/country.json -> gen/country.h, country.c: the bodies of the demonstration country.
usage: country.py OUTDIR"""
import os
import sys

from gentext import ROOT, c_string, read_json, write

HEADER = """/* country.h - made from data/demo/country.json: a fictional country. Constant. */
#pragma once
#include "base/base.h"

typedef struct {
    const char *key, *en, *ur, *kind, *sector, *province, *lang;
} country_body;
extern const country_body country_bodies[];
extern const size_t country_bodies_n;
extern const char *const country_people[];
extern const size_t country_people_n;
"""


def main():
    d = read_json(os.path.join(ROOT, "data/demo/country.json"))
    body = '/* country.c - made from data/demo/country.json. */\n#include "gen/country.h"\n\n'
    body += "const country_body country_bodies[] = {\n"
    for b in d["bodies"]:
        cells = [b[k] for k in ("key", "en", "ur", "kind", "sector", "province", "lang")]
        body += "    { " + ", ".join(c_string(c) for c in cells) + " },\n"
    body += f"}};\nconst size_t country_bodies_n = {len(d['bodies'])};\n"
    body += "const char *const country_people[] = {\n"
    body += "".join(f"    {c_string(p)},\n" for p in d["people"])
    body += f"}};\nconst size_t country_people_n = {len(d['people'])};\n"
    write(os.path.join(sys.argv[1], "country.h"), HEADER)
    write(os.path.join(sys.argv[1], "country.c"), body)


if __name__ == "__main__":
    main()
