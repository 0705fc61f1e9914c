"""data/permissions.json -> gen/permissions.h, permissions.c: roles, what each permission needs, who
may create and write which record.  usage: permissions.py OUTDIR"""
import os
import sys

from gentext import ROOT, c_name, fail, read_json, write
from schema import load_records

HEADER = """/* permissions.h - made from data/permissions.json: roles, permissions, who may write which record.
 * Constant tables; read by access/ alone, names by anyone. */
#pragma once
#include "base/base.h"
#include "gen/record_kinds.h"

"""


def bits(where, names, roles):
    for n in names:
        if n not in roles:
            fail(where, f"unknown role {n}")
    return " | ".join("ROLE_" + n.upper() for n in names) or "0"


def header(roles, permissions):
    out = HEADER + "enum {\n"
    out += "".join(f"    ROLE_{r.upper()} = {1 << i}, /* {doc} */\n"
                   for i, (r, doc) in enumerate(roles.items()))
    out += f"}};\n#define ROLES {len(roles)}\n"
    out += "extern const char *const role_names[ROLES]; /* by bit number */\n\n"
    out += "typedef enum permission {\n"
    out += "".join(f"    PERMISSION_{c_name(p)},\n" for p in permissions)
    out += "    PERMISSIONS\n} permission;\n\n"
    out += ("typedef struct {\n    const char *name; /* \"finding.read\" */\n"
            "    uint32_t roles;   /* any of these */\n"
            "    bool national;    /* only in the organisation that runs the site */\n"
            "    bool writes;\n    bool deputy; /* also who stands in for somebody with such a role */\n} permission_rule;\n"
            "extern const permission_rule permission_rules[PERMISSIONS];\n\n"
            "typedef struct {\n    const char *name; /* \"finding\" */\n"
            "    uint32_t create, write;     /* roles in the owner */\n"
            "    uint32_t create_for_others; /* roles in the national CERT, for another owner */\n"
            "    uint32_t create_at_whole;   /* roles in whoever sees the whole, for the whole's owner */\n"
            "    bool deputy;                /* who stands in for somebody who writes it does so too */\n"
            "    uint32_t delegate;          /* roles in the organisation that administers the one it is about */\n"
            "    permission read; /* what it takes to be shown one */\n"
            "} record_rule;\nextern const record_rule record_rules[RECORD_KINDS];\n")
    return out


def source(path, roles, permissions, rules, records):
    out = ("/* permissions.c - made from data/permissions.json; constant tables. */\n"
           '#include "gen/permissions.h"\n\nconst char *const role_names[ROLES] = {\n')
    out += "".join(f'    "{r}",\n' for r in roles)
    out += "};\n\nconst permission_rule permission_rules[PERMISSIONS] = {\n"
    for name, p in permissions.items():
        flags = ", ".join(str(p.get(k, False)).lower() for k in ("national", "writes", "deputy"))
        out += (f'    [PERMISSION_{c_name(name)}] = {{ "{name}",\n'
                f"            {bits(path, p['roles'], roles)},\n            {flags} }},\n")
    out += "};\n\nconst record_rule record_rules[RECORD_KINDS] = {\n"
    for name in records:
        if name not in rules:
            fail(path, f"record {name} has no row under `records`")
        r = rules[name]
        parts = [bits(path, r[k], roles) for k in ("create", "write", "create_for_others")]
        parts.append(bits(path, r.get("create_at_whole", []), roles))
        parts.append(str(r.get("deputy", False)).lower())
        parts.append(bits(path, r.get("delegate", []), roles))
        if r["read"] not in permissions:
            fail(path, f"record {name} is read by {r['read']}, which is no permission")
        parts.append("PERMISSION_" + c_name(r["read"]))
        out += f'    [RECORD_{name}] = {{ "{name}",\n            ' + ",\n            ".join(parts)
        out += " },\n"
    for name in rules:
        if name not in records:
            fail(path, f"`records` names {name}, which is no record")
    return out + "};\n"


def main():
    outdir = sys.argv[1]
    path = os.path.join(ROOT, "data/permissions.json")
    data = read_json(path)
    roles, permissions = data["roles"], data["permissions"]
    write(os.path.join(outdir, "permissions.h"), header(roles, permissions))
    write(os.path.join(outdir, "permissions.c"),
          source(path, roles, permissions, data["records"], load_records()))


if __name__ == "__main__":
    main()
