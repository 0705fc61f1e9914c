"""data/routes -> the route table: rows, path tree, rate classes, declarations of handlers.
usage: routes.py OUTDIR NAME ROUTES_DIR PERMISSIONS RATES OPENAPI SCHEMAS_DIR...
OUTDIR/NAME.h, NAME.c, NAME_handlers.h; the table is `const route_table minar_NAME`."""
import json
import sys

from apidata import METHODS, REPLIES, TLP, load_rates, load_routes, load_schemas, snake
from gentext import c_name, read_json, write

JSON_BODY = 65536


def yes(r, key):
    return str(bool(r.get(key))).lower()


def schema_ref(name, schemas):
    return f"&{snake(name)}_schema" if name in schemas and schemas[name]["type"] == "object" else "NULL"


def max_body(r):
    if r.get("max_body"):
        return r["max_body"]
    return JSON_BODY if r.get("body") else 0


def row(r, schemas, rates):
    permission = f"PERMISSION_{c_name(r['permission'])}" if r.get("permission") else "0"
    handle = "NULL" if r["where"] == "stream" else f"h_{r['id']}"
    columns = '"' + " ".join(r["export"]) + '"' if r.get("export") else "NULL"
    paper = '"' + " ".join(r["paper"]) + '"' if r.get("paper") else "NULL"
    label = TLP.index(r["export_tlp"]) if r.get("export_tlp") else -1
    prepare = f"p_{r['id']}" if r["where"] == "writer" else "NULL"
    return (f'    {{ "{r["id"]}", METHOD_{r["method"]}, "{r["path"]}", {yes(r, "public")},\n'
            f"            {permission}, RUN_{r['where'].upper()}, {REPLIES.get(r['reply'], 'REPLY_JSON')},\n"
            f"            {list(rates).index(r['rate'])}, {yes(r, 'etag')}, {yes(r, 'idempotent')}, "
            f"{yes(r, 'raw_body')}, {yes(r, 'read_logged')}, {str(r.get('body') == 'form').lower()}, "
            f"{yes(r, 'step_up')}, {yes(r, 'two_person')}, {yes(r, 'may_hold')}, {r.get('approvals', 1)},\n"
            f"            {r.get('status', 200)}, {max_body(r)}, {schema_ref(r.get('query'), schemas)},\n"
            f"            {schema_ref(r.get('body'), schemas)}, {columns}, {paper}, {label}, {handle}, {prepare} }},\n")


def path_tree(routes):
    """Nodes in breadth-first order, so that the children of one node are adjacent."""
    root = {}
    for i, r in enumerate(routes):
        node = root
        for part in r["path"].split("/")[1:]:
            name = "{...}" if part.endswith("...}") else "{}" if part.startswith("{") else part
            node = node.setdefault(name, {})
        node.setdefault("", {})[r["method"]] = i
    nodes, paths, queue = [], [], [("", root)]
    first = 1
    for name, node in queue:
        children = sorted((k for k in node if k), key=lambda k: (k.startswith("{"), k))
        path = 0
        if "" in node:
            paths.append(node[""])
            path = len(paths)
        nodes.append((name, first if children else 0, len(children), path))
        first += len(children)
        queue += [(k, node[k]) for k in children]
    return nodes, paths


def allow(methods):
    out = []
    for m in METHODS:
        if m in methods:
            out += [m, "HEAD"] if m == "GET" else [m]
    return ", ".join(out)


def tree_tables(routes):
    nodes, paths = path_tree(routes)
    out = "static const path_node nodes[] = {\n"
    for name, first, n, path in nodes:
        text = "" if name.startswith("{") else name
        out += f'    {{ {{ "{text}", {len(text)} }}, {first}, {n}, {path}, {str(name == "{...}").lower()} }},\n'
    out += "};\nstatic const path_row paths[] = {\n"
    for methods in paths:
        index = ", ".join(str(methods.get(m, -1)) for m in METHODS)
        out += f'    {{ {{ {index} }}, "{allow(methods)}" }},\n'
    return out + "};\n"


def text_array(path):
    """The OpenAPI text, minified, as lines of C strings."""
    text = json.dumps(json.loads(open(path, encoding="utf-8").read()), ensure_ascii=True, separators=(",", ":"))
    lines = [text[i:i + 80] for i in range(0, len(text), 80)]
    body = "".join('    "' + s.replace("\\", "\\\\").replace('"', '\\"') + '"\n' for s in lines)
    return f"static const char openapi[] =\n{body.rstrip()};\n"


def source(name, routes, schemas, rates, openapi, schema_header):
    out = (f"/* {name}.c - made from data/routes: the route table; constant. */\n"
           f'#include "gen/{name}.h"\n#include "gen/{name}_handlers.h"\n#include "gen/permissions.h"\n'
           f'#include "gen/{schema_header}.h"\n\nstatic const route rows[] = {{\n')
    out += "".join(row(r, schemas, rates) for r in routes) + "};\n" + tree_tables(routes)
    out += "static const rate_row rates[] = {\n"
    for n, r in rates.items():
        by_address = str(r["by"] == "address").lower()
        out += f'    {{ "{n}", {by_address}, {r["per_minute"]}, {r["burst"]} }},\n'
    out += "};\n" + text_array(openapi)
    return out + (f"const route_table minar_{name} = {{ rows, {len(routes)}, nodes, paths, rates, {len(rates)},\n"
                  "        openapi, sizeof(openapi) - 1 };\n")


def main():
    outdir, name, routes_dir, permissions, rates_path, openapi = sys.argv[1:7]
    schemas = {}
    for folder in sys.argv[7:]:
        schemas.update(load_schemas(folder))
    rates = load_rates(rates_path)
    routes = load_routes(routes_dir, schemas, read_json(permissions)["permissions"], rates)
    head = (f'/* {name}.h - made from data/routes. */\n#pragma once\n#include "api/route.h"\n\n'
            f"enum {name}_id {{\n" + "".join(f"    {name.upper()}_{r['id']},\n" for r in routes) + "};\n"
            f"extern const route_table minar_{name};\n")
    hand = (f"/* {name}_handlers.h - made from data/routes: what the desks provide. h_ID runs where the row\n"
            " * says; p_ID is the optional prepare step of a writer route. */\n"
            '#pragma once\n#include "api/api.h"\n\n')
    for r in routes:
        if r["where"] != "stream":
            hand += f"err h_{r['id']}(call *c);\n"
        if r["where"] == "writer":
            hand += f"__attribute__((weak)) err p_{r['id']}(call *c);\n"
    schema_header = "schemas" if name == "routes" else name.replace("routes", "schemas")
    write(f"{outdir}/{name}.h", head)
    write(f"{outdir}/{name}_handlers.h", hand)
    write(f"{outdir}/{name}.c", source(name, routes, schemas, rates, openapi, schema_header))


if __name__ == "__main__":
    main()
