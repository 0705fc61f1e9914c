"""What a statement of a queries.sql may not do; each refusal says what to do instead. Used by queries.py."""
import re

from gentext import fail

CLOCK = re.compile(r"\b(CURRENT_TIMESTAMP|CURRENT_DATE|CURRENT_TIME|LOCALTIME|LOCALTIMESTAMP|now\s*\(|"
                   r"clock_timestamp\s*\(|datetime\s*\(|julianday\s*\(|strftime\s*\(|unixepoch\s*\(|"
                   r"transaction_timestamp\s*\(|statement_timestamp\s*\(|timeofday\s*\()", re.I)
KEYWORDS = {"where", "on", "join", "left", "right", "inner", "full", "cross", "group", "order", "set",
            "limit", "union", "having", "returning", "using", "values", "select", "as", "window",
            "natural", "except", "intersect", "default", "for", "offset"}


def plain(sql):
    """The text without its string literals."""
    return re.sub(r"'(?:[^']|'')*'", "''", sql)


def tables_used(sql):
    """(table, alias) of every FROM, JOIN, UPDATE, INTO and DELETE, comma lists included."""
    words = re.findall(r"[A-Za-z_][\w.]*|[(),;]", plain(sql))
    used, i = [], 0
    while i < len(words):
        word = words[i].lower()
        i += 1
        if word == "update" and i < len(words) and words[i].lower() in ("set", "of"):
            continue
        if word not in ("from", "join", "update", "into"):
            continue
        while i < len(words) and re.match(r"[A-Za-z_]", words[i]) and words[i].lower() not in KEYWORDS:
            table = words[i]
            i += 1
            if i < len(words) and words[i].lower() == "as":
                i += 1
            alias = table
            if i < len(words) and re.match(r"[A-Za-z_]", words[i]) and words[i].lower() not in KEYWORDS:
                alias = words[i]
                i += 1
            used.append((table, alias))
            if i < len(words) and words[i] == ",":
                i += 1
            else:
                break
    return used


def records_used(sql, records):
    """(record kind, alias); NAME_version counts as its record."""
    out = []
    for table, alias in tables_used(sql):
        kind = table[:-len("_version")] if table.endswith("_version") else table
        if kind in records:
            out.append((kind, alias))
    return out


def check_see(where, q, sql, records):
    see = dict(q["see"])
    if q["system"]:
        if see:
            fail(where, "has both `see` and `system`: a system query has no viewer")
        return
    used = records_used(sql, records)
    for kind, alias in used:
        if see.get(alias) != kind:
            fail(where, f"reads the record {kind} as {alias} without `-- see: {alias} {kind}` "
                 "(or `-- system: reason` where no viewer is involved)")
    for alias, kind in see.items():
        if kind not in records:
            fail(where, f"`see: {alias} {kind}`: no such record")
        if (kind, alias) not in used:
            fail(where, f"`see: {alias} {kind}`: the text does not read it so")
        if alias.startswith("see_"):
            fail(where, f"the alias {alias} is the see clause's own; take another")
        if sql.count("{see " + alias + "}") < sum(1 for u in used if u == (kind, alias)):
            fail(where, "{see " + alias + "} must stand in the WHERE (or the join's ON) of each use")
    check_see_place(where, sql)


def check_see_place(where, sql):
    for m in re.finditer(r"(\w+|\()?\s*\{see \w+\}(?=\s*(\w+)?)", sql):
        before, after = (m.group(1) or "").upper(), (m.group(2) or "").upper()
        if before not in ("WHERE", "AND", "ON") or after == "OR":
            fail(where, "{see ..} stands after WHERE, AND or ON and is never part of an OR")


def check_text(where, q, sql, records):
    bare = plain(sql)
    if CLOCK.search(bare):
        fail(where, "asks the engine for the time; take it as a parameter")
    if re.search(r"\bSELECT\s+(\w+\.)?\*", bare, re.I):
        fail(where, "SELECT * breaks when a column is added; name the columns")
    if re.search(r"\bLIMIT\b", bare, re.I) and not re.search(r"\bORDER\s+BY\b", bare, re.I):
        fail(where, "LIMIT without ORDER BY gives arbitrary rows")
    if re.search(r"(?<!\$)\$\d|\?\d", bare):
        fail(where, "parameters are named: $name")
    writes = re.search(r"\b(UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s+(\w+)", bare, re.I)
    if writes and writes.group(2) in records and not q["system"]:
        fail(where, f"writes the record {writes.group(2)}; that goes through its _save "
             "(a set operation over many rows says `-- system: reason`)")
    check_searched(where, bare, records)
    check_see(where, q, sql, records)


def check_searched(where, bare, records):
    """The index of words is written with the record alone; what goes around its _save would be lost to it."""
    m = re.search(r"\bUPDATE\s+(\w+)\s+SET\b(.*?)(\bWHERE\b|$)", bare, re.I | re.S)
    if not m or m.group(1) not in records:
        return
    record = records[m.group(1)]
    held = {c.split()[0] for c in record.get("searched", [])}
    for column in held | ({"owner", "audience", "author"} if held else set()):
        if re.search(rf"\b{column}\s*=", m.group(2)):
            fail(where, f"sets {m.group(1)}.{column}, which search finds it by; that goes through its _save")


def is_write(sql):
    return bool(re.search(r"\b(UPDATE|DELETE\s+FROM|INSERT\s+INTO)\b", plain(sql), re.I))
