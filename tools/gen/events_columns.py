#!/usr/bin/env python3
"""Reads data/events.json; used by events_sql.py. Says what a column is in C, SQL and words."""
import json


def load(path):
    with open(path) as f:
        table = json.load(f)
    types, seen = table['types'], set()
    for c in table['columns']:
        if c['type'] not in types or c['name'] in seen or not c.get('source') or 'api' not in c:
            raise SystemExit(f"{path}: column {c.get('name')}: type, source, api or a name twice")
        seen.add(c['name'])
    return types, table['columns']


def c_text(s):
    return '"' + s.replace('\\', '\\\\').replace('"', '\\"') + '"'


def packing(c):
    """How the engine packs it, when its own choice costs more than it gains."""
    return c_text(' USING COMPRESSION ' + c['pack']) if 'pack' in c else '""'


def enum(c):
    return 'EV_' + c['name'].upper()


def header(types, columns):
    out = ['typedef enum {']
    out += [f"    EVENT_{t.upper()}," for t in types]
    out += ['} event_type;', '', 'typedef enum {']
    out += [f'    {enum(c)},' for c in columns]
    out += ['    EVENT_COLUMNS', '} event_column;', '']
    out += ["/* One event, as read. Absent is 0 or empty. Texts live in the reader's arena. */",
            'typedef struct event {',
            '    id128 id; /* public name: batch and row_no, enciphered */']
    for c in columns:
        out.append(f"    {types[c['type']]['c']} {c['name']}; /* {c['key']}: {c['source']} */")
    out += ['} event;', '']
    out += ['/* Rows to append, a column an array of n; NULL: absent in every row. Borrowed. */',
            'typedef struct event_batch {', '    size_t n;']
    out += [f"    const {types[c['type']]['c']} *{c['name']};" for c in columns
            if c.get('set') != 'history']
    out += ['} event_batch;', '']
    out += ['typedef struct {', '    const char *name, *key, *kind, *sql_type, *packing;',
            '    event_type type;', '    bool api, facet;', '    uint16_t at_event;',
            '    int16_t at_batch; /* -1: the history fills it in */',
            '} event_column_info;',
            'extern const event_column_info event_columns[EVENT_COLUMNS];', '']
    return out


def source(types, columns):
    out = ['const event_column_info event_columns[EVENT_COLUMNS] = {']
    for c in columns:
        at = '-1' if c.get('set') == 'history' else f"offsetof(event_batch, {c['name']})"
        out.append(f"    {{ {c_text(c['name'])}, {c_text(c['key'])}, {c_text(c['kind'])}, "
                   f"{c_text(types[c['type']]['duckdb'])}, {packing(c)}, "
                   f"EVENT_{c['type'].upper()},\n      "
                   f"{str(c['api']).lower()}, {str(c.get('facet', False)).lower()}, "
                   f"offsetof(event, {c['name']}), {at} }},")
    return out + ['};', '']
