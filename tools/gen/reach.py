"""Who may see one record: the see clause turned round. The very text of src/access/model.c, with the columns
of an organisation (g) and a person (p) where a query has its viewer's parameters; so it cannot say anything
else than the clause does. Used by records.py; knows nothing of C.

A branch of the clause has its name before it, [owner]; those are the reasons that reach gives. A branch that
asks for the person ($v_person, or $v_keeper: an administrator of the organisation) is asked of whole organisations as of nobody; whom it can let in is the list of
the same name in the block people-sql, so that ten thousand people need not be asked one by one."""
import re

import os

from gentext import ROOT, fail, read_json
from schema import MODEL_C, branches, load_records, model_block, parents, see_clause, whole_clause, within

NOBODY = "-1"
KEEPS = 1 << list(read_json(os.path.join(ROOT, "data/permissions.json"))["roles"]).index("org_admin")
ABOUT = {kind: r.get("about") for kind, r in load_records().items()}
ORG = {"$v_org": "g.row", "$v_provider": "coalesce(g.provider, -1)", "$v_community": "g.community",
       "$v_person": NOBODY, "$v_keeper": NOBODY, "$v_active IS TRUE": "1 = 1", "$v_now": "$now"}
PERSON = {**ORG, "$v_person": "p.row", "$v_keeper": f"CASE WHEN (p.roles & {KEEPS}) <> 0 THEN g.row ELSE -1 END",
          "$v_active IS TRUE": "p.state = 'active'"}
IF = {"audience": "audience_if", "audience_person": "audience_person_if"}
# The audience that is thought of: its row is negative, so that it is none of the store's.
WITH_IF = ("WITH audience_if(row, label, grp) AS (SELECT CAST($if_row AS BIGINT), CAST($if_label AS BIGINT), "
           "CAST($if_grp AS BIGINT)), audience_person_if(audience, person) AS (SELECT CAST($if_row AS BIGINT), "
           "q.row FROM person q WHERE $if_people LIKE '%,' || q.row || ',%') ")
IF_PARAMS = [("if_row", "CELL_I64"), ("if_label", "CELL_I64"), ("if_grp", "CELL_I64"), ("if_people", "CELL_TEXT")]


def people_lists():
    """name -> whom that branch can let in."""
    parts = re.split(r"\[(\w+)\]", model_block("people-sql"))
    lists = {parts[i]: parts[i + 1].strip() for i in range(1, len(parts), 2)}
    asks = [n for n, text in branches()[0] if personal(text)]
    if sorted(lists) != sorted(asks):
        fail(MODEL_C, f"people-sql must name whom these let in, and no others: {' '.join(asks)}")
    return lists


def personal(text):
    """Does a branch ask for the person, or for what the person's roles are?"""
    return "$v_person" in text or "$v_keeper" in text


def why_names():
    return [n for n, _ in branches()[0]]


def personal_bits():
    return sum(1 << i for i, (_, text) in enumerate(branches()[0]) if personal(text))


def put(sql, columns):
    for param, column in columns.items():
        sql = sql.replace(param, column)
    if "$v_" in sql:
        fail(MODEL_C, f"reach does not know {re.search(r'[$]v_[a-z]+', sql)[0]}")
    return sql


def of(text, alias, kind, tables=None):
    """A piece of the block for one record; tables: what stands for the store's own."""
    text = text.replace("{r}", alias).replace("{kind}", kind).replace("{about}", ABOUT[kind] or "{about}")
    for name, other in (tables or {}).items():
        text = re.sub(rf"\b(FROM|JOIN) {name}\b", rf"\1 {other}", text)
    return text


def fits(kind, text):
    """Is there such a branch for this kind? Only some are about an organisation."""
    return ABOUT[kind] or "{about}" not in text


def gate(records, kind, alias):
    """The organisation that a record is shown with, which must be seen too; or nothing."""
    column = records[kind].get("shown_with")
    if not column:
        return None
    org = alias + "_of"
    return (f"EXISTS (SELECT 1 FROM organisation {org} WHERE {org}.row = {alias}.{column} AND "
            + whole_clause(records, org, "organisation") + ")")


def whole(records, kind, alias):
    """What a part asks of its whole: it is shown within it."""
    if not records[kind]["parent"]:
        return "1 = 1"
    up = alias + "_up"

    def ask(parent):
        asks = [whole_clause(records, up, parent), gate(records, parent, up)]
        return (f"EXISTS (SELECT 1 FROM {parent} {up} WHERE {up}.row = {alias}.parent AND "
                + " AND ".join(a for a in asks if a) + ")")
    return within(records[kind], alias, ask)


def source(records, kind, audience, row="$row", alias="r"):
    """One record as a table of one row, with the audience that it has or that is thought of."""
    cols = ["row", "owner", "author", "not_before"]
    cols += ["parent"] if records[kind]["parent"] else []
    cols += ["about"] if isinstance(records[kind]["parent"], list) else []
    cols += [c for c in (records[kind].get("shown_with"), ABOUT[kind]) if c and c not in cols]
    given = ", ".join("c." + n for n in cols)
    return f"(SELECT {given}, {audience} AS audience FROM {kind} c WHERE c.row = {row}) {alias}"


def why_sql(kind, tables, nobody):
    """A sum of bits. nobody: without the branches that ask for the person, which let nobody in."""
    return " + ".join(f"CASE WHEN {of(text, 'r', kind, tables)} THEN {1 << i} ELSE 0 END"
                      for i, (_, text) in enumerate(branches()[0]) if fits(kind, text) and not (nobody and personal(text)))


def answer(records, kind, columns, tables):
    """(why, shown, where), for whoever the columns stand for."""
    shown = gate(records, kind, "r")
    tail = of(branches()[1], "r", kind)
    shown = f"CASE WHEN {shown} THEN 1 ELSE 0 END" if shown else "1"
    return (put(f"CAST({why_sql(kind, tables, columns is ORG)} AS BIGINT)", columns), put(f"CAST({shown} AS BIGINT)", columns),
            put(f"{tail} AND {whole(records, kind, 'r')}", columns))


def lists_of(records, kind, source_sql, alias, tables=None):
    return [of(text.replace("{from}", source_sql), alias, kind, tables) for text in people_lists().values() if fits(kind, text)]


def candidates(records, kind, audience, tables):
    """Everybody whom a branch that asks for the person can let in: here, at the whole, at the organisation
    that one of them is shown with."""
    sqls = lists_of(records, kind, source(records, kind, audience), "r", tables)
    chain = []

    def climb(k, row):
        if records[k].get("shown_with"):
            chain.append(("organisation", f"(SELECT s.{records[k]['shown_with']} FROM {k} s WHERE s.row = {row})"))
        for parent in parents(records[k]):
            which = f" AND u.about = '{parent}'" if isinstance(records[k]["parent"], list) else ""
            up = f"(SELECT u.parent FROM {k} u WHERE u.row = {row}{which})"
            chain.append((parent, up))
            climb(parent, up)
    climb(kind, "$row")
    for other, at in chain:
        sqls += lists_of(records, other, source(records, other, "c.audience", at, "r"), "r")
    return " UNION ".join(sqls)


def statements(records, kind):
    """[(verb, sql, [(param, cell)], [out cell], sees_person)]"""
    made = []
    for suffix, audience, tables, more in (("", "c.audience", None, []), ("_if", "CAST($if_row AS BIGINT)", IF, IF_PARAMS)):
        ctes = WITH_IF if more else ""
        base = source(records, kind, audience)
        why, shown, where = answer(records, kind, ORG, tables)
        params = [("row", "CELL_I64"), ("now", "CELL_I64")] + more
        made.append(("reach_orgs" + suffix, f"{ctes}SELECT g.row, {why}, {shown} FROM {base}, organisation g WHERE {where}",
                     params, ["CELL_I64"] * 3, False))
        why, shown, where = answer(records, kind, PERSON, tables)
        of_people = f"FROM {base}, person p JOIN organisation g ON g.row = p.org WHERE {where}"
        made.append(("reach_named" + suffix, f"{ctes}SELECT p.row, p.org, p.roles, {why}, {shown} {of_people} AND p.row IN "
                     f"({candidates(records, kind, audience, tables)}) ORDER BY p.row", params, ["CELL_I64"] * 5, False))
        if not more:
            see = see_clause(records, "p", "person")
            made.append(("reach_people", f"SELECT p.row, p.org, p.roles, {why}, {shown} {of_people} AND p.org = $org AND "
                         f"p.row > $after AND {see} ORDER BY p.row LIMIT $limit",
                         params + [(n, "CELL_I64") for n in ("org", "after", "limit")], ["CELL_I64"] * 5, True))
    return made + [group_statement(records, kind)]


GROUP_IF = ("WITH group_member_if(grp, org) AS (SELECT h.grp, h.org FROM group_member h WHERE h.grp <> $grp OR "
            "$out NOT LIKE '%,' || h.org || ',%' UNION ALL SELECT CAST($grp AS BIGINT), q.row FROM organisation q "
            "WHERE $into LIKE '%,' || q.row || ',%') ")


def group_statement(records, kind):
    """How many of a kind these organisations gain and lose, and gain above AMBER, when a group's members change."""
    before, shown, where = answer(records, kind, ORG, None)
    after = answer(records, kind, ORG, {"group_member": "group_member_if"})[0]
    gains, loses = f"({before}) = 0 AND ({after}) <> 0", f"({before}) <> 0 AND ({after}) = 0"
    sums = [gains, loses, f"r.audience & 7 > 2 AND {gains}"]
    counted = ", ".join(f"CAST(sum(CASE WHEN {s} THEN 1 ELSE 0 END) AS BIGINT)" for s in sums)
    sql = (f"{GROUP_IF}SELECT g.row, {counted} FROM {kind} r CROSS JOIN organisation g WHERE r.audience IN (SELECT y.row "
           f"FROM audience y WHERE y.grp = $grp) AND $orgs LIKE '%,' || g.row || ',%' AND {shown} = 1 AND {where} "
           "GROUP BY g.row ORDER BY g.row")
    params = [("now", "CELL_I64"), ("grp", "CELL_I64"), ("out", "CELL_TEXT"), ("into", "CELL_TEXT"), ("orgs", "CELL_TEXT")]
    return ("reach_group", sql, params, ["CELL_I64"] * 4, False)


def verbs():
    return ["reach_orgs", "reach_named", "reach_people", "reach_orgs_if", "reach_named_if", "reach_group"]
