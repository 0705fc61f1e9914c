"""data/routes + data/schemas -> the interface as OpenAPI 3.1.
usage: openapi.py OUTFILE ROUTES_DIR PERMISSIONS RATES VERSION SCHEMAS_DIR..."""
import json
import re
import sys

from apidata import EXPORT_QUERY, REPLIES, load_rates, load_routes, load_schemas
from gentext import read_json, write

PROBLEMS = {"400": "the request is not of the right form", "401": "who asks is not known",
            "403": "may see it, may not do it", "404": "not there, or not for this viewer: the same",
            "409": "changed since it was read, or exists already", "412": "If-Match failed",
            "413": "the body is over its limit", "415": "the body is of another kind than the route takes",
            "422": "a field is wrong; pointer says which",
            "429": "too many requests; Retry-After says when",
            "502": "another server that this needs does not answer as it must", "503": "try again later"}
WORDS = {"doc": "description", "secret": "writeOnly", "lines": "x-lines", "plain": "x-plain"}


def clean(node):
    """A schema of ours in OpenAPI's words."""
    if isinstance(node, list):
        return [clean(v) for v in node]
    if not isinstance(node, dict):
        return node
    out = {}
    for key, value in node.items():
        if key == "$ref":
            out["$ref"] = f"#/components/schemas/{value}"
        elif key == "properties":
            out[key] = {name: clean(sub) for name, sub in value.items()}
        else:
            out[WORDS.get(key, key)] = clean(value)
    if out.get("type") == "array" and "items" not in out:
        out["items"] = {}
    return out


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def header(name, doc):
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": doc}


def parameters(r, schemas):
    out = []
    for name in re.findall(r"\{([a-z]+)(?:\.\.\.)?\}", r["path"]):
        out.append({"name": name, "in": "path", "required": True, "schema": {"type": "string"}})
    query = schemas.get(r.get("query"), {})
    if r.get("export"):
        more = schemas[EXPORT_QUERY]
        query = {"required": query.get("required", []), "properties": {**query.get("properties", {}), **more["properties"]}}
    for name, node in query.get("properties", {}).items():
        row = {"name": name, "in": "query", "required": name in query.get("required", []), "schema": clean(node)}
        if "description" in row["schema"]:
            row["description"] = row["schema"].pop("description")
        out.append(row)
    if r.get("idempotent"):
        out.append(header("Idempotency-Key", "the same key with the same request gives the same answer for 24 h"))
    if r["method"] in ("PATCH", "PUT") and not r.get("raw_body"):
        out.append(header("If-Match", "the ETag that was read"))
    if r["where"] == "stream":
        out.append(header("Last-Event-ID", "resume after this event"))
    if r.get("etag"):
        out.append(header("If-None-Match", "answers 304 when nothing changed"))
    return out


def request_body(r):
    if r.get("raw_body"):
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    elif r.get("body") == "form":
        content = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    elif r.get("body"):
        content = {"application/json": {"schema": ref(r["body"])}}
    else:
        return None
    return {"required": True, "content": content}


def success(r):
    kind = {"html": "text/html", "events": "text/event-stream", "text": "text/plain",
            "bytes": "application/octet-stream", "png": "image/png", "pdf": "application/pdf", "calendar": "text/calendar"}.get(r["reply"], "application/json")
    schema = {"type": "object"} if kind == "application/json" else {"type": "string"}
    if r["reply"] in ("bytes", "png", "pdf"):
        schema["format"] = "binary"
    if r["reply"] not in REPLIES:
        schema = ref(r["reply"])
    return {"description": r["doc"], "content": {kind: {"schema": schema}}}


def operation(r, schemas):
    out = {"operationId": r["id"], "tags": [r["desk"]], "summary": r["doc"], "x-where": r["where"]}
    if r.get("public"):
        out["security"] = []
        out["x-public"] = r["public"]
    else:
        out["x-permission"] = r["permission"]
    if r["path"].endswith("...}"):
        out["x-rest"] = "the last parameter takes all that is left of the path, slashes too"
    if r.get("export"):
        out["x-export"] = r["export"]
    for word in ("step_up", "two_person", "may_hold"):
        if r.get(word):
            out["x-" + word.replace("_", "-")] = True
    params = parameters(r, schemas)
    if params:
        out["parameters"] = params
    body = request_body(r)
    if body:
        out["requestBody"] = body
    out["responses"] = {str(r.get("status", 200)): success(r)}
    if r.get("status") == 202:
        out["responses"]["200"] = {**success(r), "description": "the same, ended already"}
    if r.get("two_person"):
        out["responses"] = {"202": {"description": "held until a second person lets it happen",
                                    "content": {"application/json": {"schema": ref("Held")}}}}
    if r.get("may_hold"):
        out["responses"]["202"] = {"description": "held until a second person lets it happen",
                                   "content": {"application/json": {"schema": ref("Held")}}}
    if r.get("body") == "form" or (r.get("reply") == "html" and r.get("query")):
        out["responses"]["303"] = {"description": "done; the page to go on with is in Location"}
    if r.get("etag"):
        out["responses"]["304"] = {"description": "not changed"}
    for status in PROBLEMS:
        out["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    return out


def main():
    outfile, routes_dir, permissions, rates, version = sys.argv[1:6]
    schemas = {}
    for folder in sys.argv[6:]:
        schemas.update(load_schemas(folder))
    routes = load_routes(routes_dir, schemas, read_json(permissions)["permissions"], load_rates(rates))
    paths = {}
    for r in routes:
        paths.setdefault(r["path"].replace("...}", "}"), {})[r["method"].lower()] = operation(r, schemas)
    problem = {"application/problem+json": {"schema": ref("Problem")}}
    doc = {
        "openapi": "3.1.0",
        "info": {"title": "Minar", "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
                 "description": "A national CERT's platform. Made from the route table; the server decodes by it."},
        "servers": [{"url": "/"}],
        "security": [{"session": []}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": {name: clean(node) for name, node in schemas.items()},
            "responses": {f"Problem{s}": {"description": d, "content": problem} for s, d in PROBLEMS.items()},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-minar",
                            "description": "unsafe methods need a same-origin Origin header"},
                "key": {"type": "http", "scheme": "bearer"}}}}
    write(outfile, json.dumps(doc, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
