#!/usr/bin/env python3
"""flow.py - data/idf.json, taxonomy.json and columns.json to the pipeline's constant tables.

  flow.py DATA_DIR HEADER SOURCE"""
import json
import pathlib
import sys


def c_text(s):
    return json.dumps(s)


def ident(s):
    return s.upper().replace('.', '_').replace('-', '_')


def main(data, header, source):
    data = pathlib.Path(data)
    keys = json.loads((data / 'idf.json').read_text())['keys']
    tax = json.loads((data / 'taxonomy.json').read_text())
    names = json.loads((data / 'columns.json').read_text())['names']
    keys.sort(key=lambda k: k['key'])
    types = sorted({k['type'] for k in keys})
    texts = [k['text'] for k in keys if 'text' in k]
    known = {k['key'] for k in keys}
    kinds = {t[0]: i + 1 for i, t in enumerate(tax['types'])}
    for key in names:
        if key not in known:
            raise SystemExit(f'columns.json: {key} is no key of idf.json')
    h = ['/* idf_gen.h - made by tools/gen/flow.py from data/idf.json and taxonomy.json. */', '#pragma once',
         '#include "base/base.h"', '', 'typedef enum {']
    h += [f'    FLOW_TYPE_{ident(t)},' for t in types] + ['} flow_key_type;', '', 'typedef enum {', '    FLOW_NO_KEY,']
    h += [f'    FLOW_{ident(k["key"])},' for k in keys] + ['    FLOW_KEYS', '} flow_key;', '', 'typedef enum {']
    h += [f'    FT_{ident(t)},' for t in texts] + ['    FLOW_TEXTS', '} flow_text;', '']
    h += ['typedef struct {', '    str name;', '    uint8_t type;  /* flow_key_type */',
          '    uint16_t max;  /* bytes, 0: no limit of its own */', '    int8_t text;   /* flow_text, -1: goes to extra */',
          '    bool extra;    /* goes to extra even so */',
          '} flow_key_info;', 'extern const flow_key_info flow_keys[FLOW_KEYS]; /* sorted by name from 1 */', '']
    h += ['typedef struct {', '    str name, taxonomy;', '    bool finding;  /* an owned event of it deserves a finding */',
          '} flow_class_info;', f'enum {{ FLOW_CLASSES = {len(kinds) + 1} }}; /* 0: none said */',
          'extern const flow_class_info flow_classes[FLOW_CLASSES];', '']
    h += ['typedef struct {', '    str name;', '    uint8_t to;', '} flow_name_row;',
          f'enum {{ FLOW_CLASS_NAMES = {len(kinds) + len(tax["old_names"])} }};',
          'extern const flow_name_row flow_class_names[FLOW_CLASS_NAMES]; /* old ones too, sorted */',
          f'enum {{ FLOW_GUESSES = {sum(len(v) for v in names.values())} }};',
          'extern const flow_name_row flow_guesses[FLOW_GUESSES]; /* column name -> flow_key, sorted */', '']
    c = ['/* Made by tools/gen/flow.py from data/. */', f'#include "{pathlib.Path(header).name}"', '']
    c += ['const flow_key_info flow_keys[FLOW_KEYS] = {', '    { { NULL, 0 }, 0, 0, -1, false },']
    for k in keys:
        n = c_text(k['key'])
        text = 'FT_' + ident(k['text']) if 'text' in k else '-1'
        c.append(f'    {{ {{ {n}, {len(k["key"])} }}, FLOW_TYPE_{ident(k["type"])}, {k.get("max", 0)}, {text}, '
                 f'{str(k.get("extra", False)).lower()} }},')
    c += ['};', '', 'const flow_class_info flow_classes[FLOW_CLASSES] = {', '    { { NULL, 0 }, { NULL, 0 }, false },']
    for name, group, finding in tax['types']:
        c.append(f'    {{ {{ {c_text(name)}, {len(name)} }}, {{ {c_text(group)}, {len(group)} }}, {str(finding).lower()} }},')
    rows = [(n, kinds[n]) for n in kinds] + [(o, kinds[n]) for o, n in tax['old_names'].items()]
    c += ['};', '', 'const flow_name_row flow_class_names[FLOW_CLASS_NAMES] = {']
    c += [f'    {{ {{ {c_text(n)}, {len(n)} }}, {v} }},' for n, v in sorted(rows)]
    guess = sorted((n, k) for k, v in names.items() for n in v)
    if len({n for n, _ in guess}) != len(guess):
        raise SystemExit('columns.json: a name stands twice')
    c += ['};', '', 'const flow_name_row flow_guesses[FLOW_GUESSES] = {']
    c += [f'    {{ {{ {c_text(n)}, {len(n)} }}, FLOW_{ident(k)} }},' for n, k in guess]
    c += ['};', '']
    pathlib.Path(header).write_text('\n'.join(h))
    pathlib.Path(source).write_text('\n'.join(c))


if __name__ == '__main__':
    main(*sys.argv[1:4])
