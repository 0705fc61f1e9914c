#!/usr/bin/env python3
"""conf.py DATA/conf.json OUT.c - the typed schema of the configuration as a C table.

Exit 1 and one line a fault when a row is wrong; src/base/conf.c checks the defaults themselves."""
import json
import pathlib
import re
import sys

TYPES = {'text', 'path', 'url', 'address', 'zone', 'weekdays', 'choice', 'int', 'bool'}
FIELDS = {'name', 'type', 'default', 'unit', 'min', 'max', 'choices', 'secret'}


def faults_of(row, seen):
    name = row.get('name', '?')
    if not re.fullmatch(r'[a-z0-9_]+(\.[a-z0-9_]+)?', name):
        yield f'{name}: a name is NAME or SECTION.NAME in lower case'
    if name in seen:
        yield f'{name}: stands twice'
    if row.get('type') not in TYPES:
        yield f'{name}: its type is none of {", ".join(sorted(TYPES))}'
    for field in sorted(row.keys() - FIELDS):
        yield f'{name}: the field {field} is not known'
    if 'default' not in row:
        yield f'{name}: has no default'
    if row.get('type') == 'int' and not {'min', 'max'} <= row.keys():
        yield f'{name}: a number needs min and max'
    if row.get('type') in ('choice', 'url') and not row.get('choices'):
        yield f'{name}: needs choices'


def c_string(text):
    return '"' + ''.join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f'\\{b:03o}'
                         for b in text.encode()) + '"'


def c_row(row):
    default = row['default']
    if isinstance(default, bool):
        default = 'true' if default else 'false'
    parts = [f'.name = {c_string(row["name"])}', f'.type = CONF_{row["type"].upper()}',
             f'.default_text = {c_string(str(default))}', f'.unit = {c_string(row.get("unit", ""))}',
             f'.min = {row.get("min", 0)}', f'.max = {row.get("max", 4096)}',
             f'.choices = {c_string(" ".join(row.get("choices", [])))}']
    if row.get('secret'):
        parts.append('.secret = true')
    return '    { ' + ', '.join(parts) + ' },'


def main():
    source, out = map(pathlib.Path, sys.argv[1:3])
    rows, seen, faults = json.loads(source.read_text('utf-8'))['rows'], set(), []
    for row in rows:
        faults += [f'{source}: {f}' for f in faults_of(row, seen)]
        seen.add(row.get('name'))
    if faults:
        print('\n'.join(faults), file=sys.stderr)
        return 1
    out.write_text('\n'.join([
        '/* Made by tools/gen/conf.py from data/conf.json. */', '#include "base/conf.h"', '',
        'const conf_row conf_rows[] = {', *map(c_row, rows), '};',
        'const size_t conf_rows_n = ARRAY_LEN(conf_rows);', '']), 'utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main())
