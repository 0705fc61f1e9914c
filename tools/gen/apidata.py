"""Reads data/schemas, data/routes, data/permissions.json and data/rates.json for the generators of
the API and refuses what does not hold together. Owned by tools/gen."""
import glob
import os
import re

from gentext import fail, read_json

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PLACES = ("inline", "pool", "writer", "stream")
REPLIES = {"html": "REPLY_HTML", "events": "REPLY_EVENTS", "openapi": "REPLY_RAW", "text": "REPLY_TEXT",
           "bytes": "REPLY_BYTES", "png": "REPLY_PNG", "pdf": "REPLY_PDF", "calendar": "REPLY_CALENDAR"}
KNOWN = {"id", "method", "path", "permission", "public", "where", "rate", "max_body", "query", "body", "reply",
         "status", "step_up", "two_person", "may_hold", "approvals", "read_logged", "etag", "idempotent", "raw_body", "desk", "doc", "export", "export_tlp", "paper"}
SCHEMA_WORDS = {"doc", "type", "required", "properties", "enum", "format", "minLength", "maxLength", "minimum",
                "maximum", "items", "maxItems", "$ref", "secret", "lines", "plain"}
PATH = re.compile(r"(/([a-z0-9_.-]+|\{[a-z]+\}))+(/\{[a-z]+\.\.\.\})?$")


def snake(name):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def folder_rows(folder):
    """(path, content) of the tables of a folder, or of several with a colon between."""
    for one in folder.split(":"):
        for path in sorted(glob.glob(os.path.join(one, "*.json"))):
            yield path, read_json(path)


def refs(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for v in node.values():
            yield from refs(v)
    elif isinstance(node, list):
        for v in node:
            yield from refs(v)


def check_node(path, name, node):
    for key in node:
        if key not in SCHEMA_WORDS:
            fail(path, f"{name}: unknown word {key}")
    for field in node.get("required", []):
        if field not in node.get("properties", {}):
            fail(path, f"{name}: requires {field}, which it does not declare")
    for field, sub in node.get("properties", {}).items():
        check_node(path, f"{name}.{field}", sub)
    if "items" in node:
        check_node(path, name + "[]", node["items"])


def load_schemas(folder):
    out = {}
    for path, rows in folder_rows(folder):
        for name, node in rows.items():
            if name in out:
                fail(path, f"schema {name} is declared twice")
            check_node(path, name, node)
            out[name] = node
    for name, node in out.items():
        for ref in refs(node):
            if ref not in out:
                fail(folder, f"{name} refers to {ref}, which no file declares")
    return out


TLP = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
EXPORT_QUERY = "ExportQuery"      # what is said of the file, beside the list's own parameters


def item_of(r, schemas):
    """The schema of a list's items, or None."""
    items = schemas.get(r["reply"], {}).get("properties", {}).get("items", {}).get("items")
    return schemas.get(items.get("$ref"), items) if items else None


def has_path(node, path, schemas):
    """Is there such a member? What is within an object of no declared shape is believed."""
    for name in path.split("."):
        node = schemas.get(node.get("$ref"), node)
        if node.get("type") != "object" and "properties" not in node:
            return "object" in node.get("type", [])
        if name not in node.get("properties", {}):
            return False
        node = node["properties"][name]
    return True


def check_export(where, r, schemas):
    item = item_of(r, schemas)
    if r["method"] != "GET" or r.get("public") or r["where"] not in ("inline", "pool") or item is None:
        fail(where, "export is for a list that is read, by somebody who is known")
    if r.get("read_logged"):
        fail(where, "a list whose reads are noted has no export yet: the note would have to be the file's")
    if ("tlp" in item.get("properties", {})) == bool(r.get("export_tlp")):
        fail(where, "export_tlp names the least label of rows that bear none, and only of those")
    if r.get("export_tlp", "RED") not in TLP:
        fail(where, f"export_tlp is no label: {r['export_tlp']}")
    for column in r["export"]:
        if column != "tlp" and not has_path(item, column, schemas):
            fail(where, f"export: rows have no {column}")
    if len(set(r["export"])) != len(r["export"]) or "tlp" not in r["export"]:
        fail(where, "export: a column stands twice, or tlp is missing")
    if not r.get("paper") or len(r["paper"]) > 8 or not {c.split("=")[0] for c in r["paper"]} <= set(r["export"]):
        fail(where, "paper: at most eight of the columns of export, for pages")
    for name in schemas[EXPORT_QUERY]["properties"]:
        if name in schemas.get(r.get("query"), {}).get("properties", {}):
            fail(where, f"export: the list has a parameter {name} of its own")


def check_route(path, r, schemas, permissions, rates):
    where = f"{path}: {r.get('id', r)}"
    for key in r:
        if key not in KNOWN:
            fail(where, f"unknown word {key}")
    for key in ("id", "method", "path", "where", "rate", "reply", "desk", "doc"):
        if not r.get(key):
            fail(where, f"{key} is missing")
    if bool(r.get("permission")) == bool(r.get("public")):
        fail(where, "needs a permission, or `public` with the reason")
    if r.get("permission") and r["permission"] not in permissions:
        fail(where, f"unknown permission {r['permission']}")
    if (r.get("two_person") or r.get("may_hold")) and (r.get("public") or r["where"] != "writer" or r.get("idempotent")):
        fail(where, "two_person is for acts of the writer: approval and act are one transaction")
    if r.get("step_up") and (r.get("public") or r["method"] == "GET"):
        fail(where, "step_up is for acts of somebody who is known")
    if r["method"] not in METHODS or r["where"] not in PLACES or r["rate"] not in rates:
        fail(where, "unknown method, place or rate class")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", r["id"]) or not PATH.fullmatch(r["path"]):
        fail(where, "the id or the path is not of the usual form")
    for key, special in (("query", ()), ("body", ("form",)), ("reply", tuple(REPLIES))):
        if r.get(key) and r[key] not in special and r[key] not in schemas:
            fail(where, f"{key}: unknown schema {r[key]}")
    if r["method"] == "GET" and (r.get("body") or r.get("raw_body") or r["where"] == "writer"):
        fail(where, "a GET has no body and changes nothing")
    if r.get("export"):
        check_export(where, r, schemas)
    if r.get("raw_body") and r["where"] != "pool":
        fail(where, "raw_body runs in the pool")


def load_routes(folder, schemas, permissions, rates):
    out, ids, paths = [], set(), {}
    for path, rows in folder_rows(folder):
        for r in rows:
            check_route(path, r, schemas, permissions, rates)
            place = (r["method"], re.sub(r"\{[a-z]+(\.\.\.)?\}", "{}", r["path"]))
            if r["id"] in ids or place in paths:
                fail(path, f"{r['id']}: the id, or its method and path, stands twice")
            ids.add(r["id"])
            paths[place] = r
            out.append(r)
    return out


def load_rates(path):
    rates = read_json(path)
    for name, r in rates.items():
        if r.get("by") not in ("viewer", "address") or not r.get("per_minute") or not r.get("burst"):
            fail(path, f"{name}: needs by (viewer or address), per_minute, burst")
    return rates
