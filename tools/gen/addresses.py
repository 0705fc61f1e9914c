"""data/addresses.json -> gen/addresses.h, addresses.c: special ranges of addresses, the narrowest
first, so that the first one that holds wins.  usage: addresses.py OUTDIR"""
import ipaddress
import os
import sys

from gentext import ROOT, fail, read_json, write

MAPPED = 0xffff << 32  # IPv4 stands at ::ffff:0:0/96

HEADER = """/* addresses.h - made from data/addresses.json: what ranges of internet addresses are for.
 * Constant tables; engine/net alone reads the ranges. */
#pragma once
#include "base/base.h"

typedef enum {
"""


def network(where, text):
    try:
        net = ipaddress.ip_network(text)
    except ValueError as e:
        fail(where, str(e))
    if net.version == 4:
        return MAPPED | int(net.network_address), net.prefixlen + 96
    return int(net.network_address), net.prefixlen


def rows_of(where, table):
    rows = []
    for r in table["rows"]:
        if set(r) != {"net", "class", "name", "source"} or r["class"] not in table["classes"]:
            fail(where, f"{r}: needs net, a known class, name and source")
        at, length = network(where, r["net"])
        rows.append((at, length, r))
    if len({(at, length) for at, length, _ in rows}) != len(rows):
        fail(where, "a range stands twice")
    # No row of the IPv6 space holds for IPv4, which is all global beyond its own rows.
    rows.append((MAPPED, 96, {"class": "global", "net": "0.0.0.0/0"}))
    return sorted(rows, key=lambda r: (-r[1], r[0]))


def header(table, n):
    out = HEADER
    out += "".join(f"    ADDR_{c.upper()}, /* {doc} */\n" for c, doc in table["classes"].items())
    out += "    ADDR_CLASSES\n} addr_class;\n\n"
    out += "typedef struct {\n    uint64_t hi, lo; /* IPv4 at ::ffff:0:0/96 */\n    uint8_t len, class;\n} addr_range;\n"
    return out + f"#define ADDR_RANGES {n}\nextern const addr_range addr_ranges[ADDR_RANGES];\n"


def body(rows):
    out = '/* addresses.c - made from data/addresses.json. */\n#include "gen/addresses.h"\n\n'
    out += "const addr_range addr_ranges[ADDR_RANGES] = {\n"
    for at, length, r in rows:
        out += (f"    {{ UINT64_C({at >> 64:#x}), UINT64_C({at & (2**64 - 1):#x}), {length}, "
                f"ADDR_{r['class'].upper()} }}, /* {r['net']} */\n")
    return out + "};\n"


def main():
    where = os.path.join(ROOT, "data", "addresses.json")
    table = read_json(where)
    rows = rows_of(where, table)
    write(os.path.join(sys.argv[1], "addresses.h"), header(table, len(rows)))
    write(os.path.join(sys.argv[1], "addresses.c"), body(rows))


main()
