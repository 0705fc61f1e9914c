"""data/schemas + data/routes -> C structs and decode tables for every schema that is a body or query.
usage: schemas.py OUTDIR NAME ROUTES_DIR SCHEMAS_DIR...     OUTDIR/NAME.h, NAME.c"""
import sys

from apidata import EXPORT_QUERY, folder_rows, load_schemas, snake
from gentext import fail, write

C_WORDS = {"default", "switch", "case", "int", "long", "short", "char", "double", "float", "register", "static",
           "auto", "const", "void", "union", "struct", "enum", "signed", "unsigned", "return", "if", "else", "for",
           "do", "while", "break", "continue", "goto", "sizeof", "typedef", "extern", "volatile", "inline"}
C_TYPE = {"VALUE_TEXT": "str", "VALUE_EMAIL": "str", "VALUE_ID": "id128", "VALUE_TIME": "instant",
          "VALUE_I64": "int64_t", "VALUE_F64": "double", "VALUE_BOOL": "bool", "VALUE_TEXTS": "str_list",
          "VALUE_JSON": "const json *"}
FORMATS = {"uuid": "VALUE_ID", "date-time": "VALUE_TIME", "email": "VALUE_EMAIL"}


class Field:
    """One property as C sees it."""

    def __init__(self, where, name, node, required, schemas):
        if name in C_WORDS:
            fail(where, f"{name} is a word of C; give the field another name")
        self.name, self.required, self.object, self.words, self.max_items = name, required, None, [], 0
        target = node.get("$ref")
        if target and schemas[target].get("type") == "object":
            self.object = target
        node = schemas[target] if target else node
        kinds = node.get("type", "object")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        self.nullable = "null" in kinds
        self.kind = "VALUE_OBJECT" if self.object else self.kind_of(where, [k for k in kinds if k != "null"], node)
        self.limits(node)

    def kind_of(self, where, kinds, node):
        if len(kinds) != 1:
            return "VALUE_JSON"
        if kinds[0] == "string":
            self.words = node.get("enum", [])
            return FORMATS.get(node.get("format"), "VALUE_TEXT")
        if kinds[0] == "array" and node.get("items", {}).get("type") == "string":
            self.words = node["items"].get("enum", [])
            return "VALUE_TEXTS"
        return {"integer": "VALUE_I64", "number": "VALUE_F64", "boolean": "VALUE_BOOL"}.get(kinds[0], "VALUE_JSON")

    def limits(self, node):
        text = node.get("items", {}) if self.kind == "VALUE_TEXTS" else node
        if self.kind in ("VALUE_I64", "VALUE_F64"):
            self.min, self.max = node.get("minimum", "INT64_MIN"), node.get("maximum", "INT64_MAX")
        else:
            self.min, self.max = text.get("minLength", 0), text.get("maxLength", 10000)
        self.max_items = node.get("maxItems", 1000)
        self.plain = bool(node.get("plain"))
        self.lines = bool(node.get("lines") or node.get("secret"))   # a password is whatever somebody types

    def c_type(self):
        return f"const struct {snake(self.object)} *" if self.object else C_TYPE[self.kind]


def used(routes_dir, schemas, own):
    """Schemas that requests have, nested ones first; own: of the product's routes, not of a test's."""
    out = []

    def visit(name):
        if name in out or schemas[name].get("type") != "object":
            return
        for node in schemas[name].get("properties", {}).values():
            if "$ref" in node:
                visit(node["$ref"])
        out.append(name)

    if own:
        visit(EXPORT_QUERY)
    for _, rows in folder_rows(routes_dir):
        for r in rows:
            for name in (r.get("query"), r.get("body")):
                if name and name in schemas:
                    visit(name)
    return out


def fields_of(name, schemas):
    node = schemas[name]
    return [Field(name, f, sub, f in node.get("required", []), schemas)
            for f, sub in node.get("properties", {}).items()]


def c_struct(name, fields, doc):
    out = f"struct {snake(name)} {{" + (f" /* {doc} */" if doc else "") + "\n"
    for f in fields:
        gap = "" if f.c_type().endswith("*") else " "
        out += f"    {f.c_type()}{gap}{f.name};\n"
    flags = [f"has_{f.name}" for f in fields if not f.required]
    for i in range(0, len(flags), 4):
        out += "    bool " + ", ".join(flags[i:i + 4]) + ";\n"
    return out + ("" if fields else "    char empty;\n") + "};\n"


def table_row(s, f, words):
    has = "VALUE_NO_HAS" if f.required else f"offsetof(struct {s}, has_{f.name})"
    bools = f"{str(f.required).lower()}, {str(f.nullable).lower()}"
    obj = f"&{snake(f.object)}_schema" if f.object else "NULL"
    return (f'    {{ {{ "{f.name}", {len(f.name)} }}, {f.kind}, {bools}, offsetof(struct {s}, {f.name}),\n'
            f"            {has}, {f.min}, {f.max}, {f.max_items},\n"
            f"            {words or 'NULL'}, {len(f.words)}, {obj}, {str(f.lines).lower()}, {str(f.plain).lower()} }},\n")


def c_table(name, fields):
    s, out, rows = snake(name), "", ""
    for f in fields:
        words = ""
        if f.words:
            words = f"words_{s}_{f.name}"
            out += f"static const str {words}[] = {{\n"
            out += "".join(f'    {{ "{w}", {len(w.encode())} }},\n' for w in f.words) + "};\n"
        rows += table_row(s, f, words)
    if fields:
        out += f"static const schema_field fields_{s}[] = {{\n{rows}}};\n"
    table = f"fields_{s}" if fields else "NULL"
    return out + f'const schema {s}_schema = {{ "{name}", {table}, {len(fields)}, sizeof(struct {s}) }};\n\n'


def main():
    outdir, base, routes_dir = sys.argv[1:4]
    schemas = {}
    for folder in sys.argv[4:]:
        schemas.update(load_schemas(folder))
    head = (f"/* {base}.h - made from data/schemas: requests as C structs. A field that may be missing has its\n"
            " * has_NAME; one that may be null and is has has_NAME set and an empty value. */\n"
            '#pragma once\n#include "api/schema.h"\n\n')
    body = f'/* {base}.c - made from data/schemas: decode tables; constant. */\n#include "gen/{base}.h"\n\n'
    names = used(routes_dir, schemas, base == "schemas")
    for name in names:
        fields = fields_of(name, schemas)
        head += c_struct(name, fields, schemas[name].get("doc")) + f"extern const schema {snake(name)}_schema;\n\n"
        body += c_table(name, fields)
    head += f"extern const schema *const {base}_all[{len(names)}];\n"
    body += f"const schema *const {base}_all[{len(names)}] = {{\n"
    body += "".join(f"    &{snake(name)}_schema,\n" for name in names) + "};\n"
    write(f"{outdir}/{base}.h", head)
    write(f"{outdir}/{base}.c", body)


if __name__ == "__main__":
    main()
