#!/usr/bin/env python3
"""Makes C of data/events.json and src/events/queries.sql.

usage: events_sql.py events.json queries.sql event_gen.h queries_gen.h queries_gen.c

The one place where the see clause enters a query over events: a query that reads {event} and has
no {see} is refused, and so is one that names an event table in any other way.
"""
import re, sys

sys.dont_write_bytecode = True
import events_columns as columns_of
import seeded

SCALAR = {'i64': 'int64_t', 'u64': 'uint64_t', 'u32': 'uint32_t', 'u16': 'uint16_t',
          'u8': 'uint8_t', 'text': 'str', 'blob': 'str', 'column': 'event_column'}
LISTS = {'i64[]': 'int64_t', 'u64[]': 'uint64_t', 'key[]': 'event_key', 'column[]': 'event_column',
         'text[]': 'str', 'net[]': 'event_net'}
OF_COLUMNS = ('sets', 'grouping', 'value')   # {sets:x} and so on: written by sqlw_column_sets
FILTER_C = {'instant': 'instant', 'bool': 'bool', 'net': 'event_net', **SCALAR}
MARK = re.compile(r'\{(\w+)(?:[ :](\w+))?\}|\$(\w+)')


def refuse(name, words):
    raise SystemExit(f'queries.sql: {name}: {words}')


def pairs(text):
    return [tuple(reversed(p.strip().rsplit(' ', 1))) for p in text.split(',')] if text else []


def parse(path):
    filters, queries, q = [], [], None
    for line in open(path):
        line = line.rstrip()
        m = re.match(r'-- (filter|query|in|out|unseen): (.*)', line)
        if m and m[1] == 'filter':
            left, sql, words = [p.strip() for p in m[2].split(' | ')]
            name, kind = left.split()
            if ' OR ' in sql and not (sql.startswith('(') and sql.endswith(')')):
                refuse(name, 'a filter with OR needs parentheses')
            filters.append(dict(name=name, kind=kind, sql=sql, words=words))
        elif m and m[1] == 'query':
            q = dict(name=m[2], ins='', out='', unseen='', sql='')
            queries.append(q)
        elif m:
            q['ins' if m[1] == 'in' else m[1]] = m[2]
        elif q and line and not line.startswith('--'):
            q['sql'] += line + '\n'
    for q in queries:
        finish(q)
    return filters, queries


def finish(q):
    sql = q['sql'] = q['sql'].strip().rstrip(';')
    q['ins'] = [(n, t) for t, n in pairs(q['ins'])]
    q['event'] = '{event}' in sql
    if q['event'] != ('{see}' in sql):
        refuse(q['name'], 'reads {event} without {see}, or the other way round')
    if q['event'] and not re.search(r'WHERE \{see\}', sql):
        refuse(q['name'], '{see} must come first after WHERE, so that no OR can pass it by')
    if sql.count('{event}') != sql.count('{see}'):
        refuse(q['name'], 'needs one {see} for every {event}')
    if not q['event'] and not q['unseen']:
        refuse(q['name'], 'reads no event and does not say after "unseen:" why')
    if re.search(r'\b(from|join)\s+(?!\{|\()\w|\bfrom \{\w+\}[ \w]*,', sql, re.I):
        refuse(q['name'], 'names a table; only {event}, {batch} and {reject} may be read')
    if re.search(r'\bnow\s*\(|current_|random|uuid', sql, re.I):
        refuse(q['name'], 'asks the engine for time or chance; make it an input')
    if q['out'] != 'event':
        q['rows'] = [(n, t) for t, n in pairs(q['out'])]


def put(name, kind, expr):
    if kind in LISTS:
        return f'sqlw_list_{kind[:-2]}(w, {expr}, {expr.replace(name, "n_" + name)});'
    if kind == 'text':
        return f'sqlw_text(w, {expr});'
    if kind == 'instant':
        return f'sqlw_i64(w, {expr}.us);'
    if kind == 'u64':
        return f'sqlw_u64(w, {expr});'
    return f'sqlw_i64(w, {expr});'


def literal(s):
    s = re.sub(r'\s+', ' ', s)
    return f'    sqlw_put(w, S({columns_of.c_text(s)}));' if s else None


def body(q):
    """The query as calls that write it, part by part."""
    out, at, ins = [], 0, dict(q['ins'])
    for m in MARK.finditer(q['sql']):
        out.append(literal(q['sql'][at:m.start()]))
        at = m.end()
        out.append('    ' + part(q, m, ins))
    out.append(literal(q['sql'][at:]))
    return [o for o in out if o]


def part(q, m, ins):
    word, arg, var = m.groups()
    if var or word in ins:
        name = var or word
        if name not in ins:
            refuse(q['name'], f'${name} is not declared after "in:"')
        return put(name, ins[name], 'in->' + name)
    if word == 'col' and ins.get(arg) == 'column':
        return f'sqlw_column(w, in->{arg});'
    if word in OF_COLUMNS and ins.get(arg) == 'column[]':
        return f'sqlw_column_{word}(w, in->{arg}, in->n_{arg});'
    if word in ('event', 'batch', 'reject', 'position', 'overlay', 'columns'):
        return f'sqlw_{word}(w);'
    if word == 'see':
        return see(q)
    if word == 'filter':
        return 'event_filter_put(w, f);'
    refuse(q['name'], f'does not know {m[0]}')


def see(q):
    on = ' || '.join(f'SEEDED({n})' for n in seeded.of_query(q['name'], 'events'))
    return f"sight_clause(&w->b, {f'({on}) ? &(sight){{ .everything = true }} : ' if on else ''}s);"


def filter_c(filters):
    out = ['void event_filter_put(sqlw *w, const event_filter *f)', '{',
           '    if (f == NULL) return;']
    for f in filters:
        test = {'text': '.n > 0', 'instant': '.us != 0', 'net': '.given'}.get(f['kind'], '')
        out.append(f"    if (f->{f['name']}{test}) {{")
        if f['kind'] == 'text':
            out.append(f"        int p = sqlw_param(w, f->{f['name']});")
        at, sql = 0, ' AND ' + f['sql']
        for m in re.finditer(r'\{net (\w+)\}|\$', sql):
            out.append('    ' + (literal(sql[at:m.start()]) or ''))
            at = m.end()
            if m[1]:
                out.append(f"        sqlw_net(w, S(\"e.{m[1]}\"), f->{f['name']});")
            elif f['kind'] == 'text':
                out.append('        sqlw_param_put(w, p);')
            else:
                out.append('        ' + put(f['name'], f['kind'], 'f->' + f['name']))
        out += ['    ' + (literal(sql[at:]) or ''), '    }']
    return [o for o in out if o.strip()] + ['}', '']


def event_h(types, columns, filters, queries):
    out = ['/* Made by tools/gen/events_sql.py from data/events.json; do not edit. */',
           '#pragma once', '#include "base/base.h"', '']
    out += columns_of.header(types, columns)
    out += ['/* An address or network: 16 bytes as two numbers, IPv4 mapped; bits of 128. */',
            'typedef struct {', '    uint64_t hi, lo;', '    uint8_t bits;', '    bool given;',
            '} event_net;', '',
            '/* Which events; what is 0, false or empty does not narrow. Texts are borrowed. */',
            'typedef struct event_filter {']
    out += [f"    {FILTER_C[f['kind']]} {f['name']}; /* {f['words']} */" for f in filters]
    out += ['} event_filter;', '', '/* What the queries answer with. */']
    for q in queries:
        out += row_struct(q) if q['out'] != 'event' else []
    return out


def row_type(q):
    return 'event' if q['out'] == 'event' else f"history_{q['name']}_row"


def row_struct(q):
    members = [f'    {SCALAR[t]} {n};' for n, t in q['rows']]
    return ['typedef struct {'] + members + [f'}} {row_type(q)};', '']


def in_struct(q):
    out = ['typedef struct {']
    for n, t in q['ins']:
        if t in LISTS:
            out += [f'    const {LISTS[t]} *{n};', f'    size_t n_{n};']
        else:
            out.append(f'    {SCALAR[t]} {n};')
    return out + [f"}} q_{q['name']}_in;"]


def signature(q):
    row = row_type(q)
    args = 'const sight *s, ' if q['event'] else ''
    args += 'const event_filter *f, ' if '{filter}' in q['sql'] else ''
    args += f"const q_{q['name']}_in *in, " if q['ins'] else ''
    return f"MUST_USE err q_{q['name']}(reader *r, arena *a, {args}{row} **ret, size_t *n)"


def queries_h(queries):
    out = ['/* Made by tools/gen/events_sql.py from queries.sql; do not edit. */', '#pragma once',
           '#include "events/query.h"', '',
           'void event_filter_put(sqlw *w, const event_filter *f);', '']
    for q in queries:
        out += in_struct(q) if q['ins'] else []
        out += [signature(q) + ';', '']
    return out


def shape(name, ctype, rows):
    out = [f'static const query_cell {name}_cells[] = {{']
    out += [f'    {{ EVENT_{t.upper()}, offsetof({ctype}, {n}) }},' for n, t in rows]
    return out + ['};', f'static const query_shape {name}_shape = {{ {name}_cells, '
                  f'ARRAY_LEN({name}_cells), sizeof({ctype}) }};', '']


def function(q):
    name = 'event' if q['out'] == 'event' else 'q_' + q['name']
    out = [] if q['out'] == 'event' else shape(name, row_type(q), q['rows'])
    out += [signature(q).replace('MUST_USE ', ''), '{', '    sqlw *w = sqlw_new(r, a);'] + body(q)
    return out + ['    void *rows = NULL;',
                  f'    TRY(query_run(r, a, w, &{name}_shape, &rows, n));',
                  '    *ret = rows;', '    return OK;', '}', '']


def queries_c(types, columns, filters, queries):
    out = ['/* Made by tools/gen/events_sql.py; do not edit. */',
           '#include "base/seeded.h"', '#include "events/queries_gen.h"', '']
    out += columns_of.source(types, columns)
    out += shape('event', 'event', [(c['name'], c['type']) for c in columns])
    out += filter_c(filters)
    for q in queries:
        out += function(q)
    return out


def main():
    json_path, sql_path, *outs = sys.argv[1:]
    types, columns = columns_of.load(json_path)
    filters, queries = parse(sql_path)
    seeded.check_used('events', {q['name'] for q in queries if q['event']})
    texts = [event_h(types, columns, filters, queries), queries_h(queries),
             queries_c(types, columns, filters, queries)]
    for path, lines in zip(outs, texts):
        with open(path, 'w') as f:
            f.write('\n'.join(lines) + '\n')


main()
