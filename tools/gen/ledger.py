"""data/ledger.json -> gen/ledger_types.h, ledger_types.c.  usage: ledger.py OUTDIR"""
import os
import sys

from gentext import ROOT, c_name, read_json, write


def main():
    outdir = sys.argv[1]
    types = read_json(os.path.join(ROOT, "data/ledger.json"))
    head = ("/* ledger_types.h - made from data/ledger.json: what can happen. */\n#pragma once\n"
            "typedef enum ledger_type {\n    LEDGER_NONE = 0,\n")
    head += "".join(f"    LEDGER_{c_name(t)}, /* {doc} */\n" for t, doc in types.items())
    head += ("    LEDGER_TYPES\n} ledger_type;\n\n"
             "/* \"finding.opened\"; LEDGER_NONE is \"\". */\n"
             "extern const char *const ledger_type_names[LEDGER_TYPES];\n")
    body = ('/* ledger_types.c - made from data/ledger.json; constant. */\n#include "gen/ledger_types.h"\n\n'
            'const char *const ledger_type_names[LEDGER_TYPES] = {\n    [LEDGER_NONE] = "",\n')
    body += "".join(f'    [LEDGER_{c_name(t)}] = "{t}",\n' for t in types) + "};\n"
    write(os.path.join(outdir, "ledger_types.h"), head)
    write(os.path.join(outdir, "ledger_types.c"), body)


if __name__ == "__main__":
    main()
