#!/usr/bin/env python3
"""texts.py - the words people read: data/text/(en|ur)/AREA.po to a C table and TypeScript modules.

  texts.py --root DIR --c FILE             the table that src/base/text.c searches
  texts.py --root DIR --check [STAMP]      every key used in src/, data/ and web/src is known
  texts.py --root DIR --ts DIR [--areas A,B]   keys.ts, en.ts, ur.ts for the console

A file is written only when it changes. Exit 1 and one line a fault when a catalogue is wrong."""
import argparse
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import po  # noqa: E402

LANGS = ('en', 'ur')
C_FILES = {'.c', '.cc', '.h'}
KEY = re.compile(r'[a-z0-9_]+(\.[a-z0-9_]+)+')
MARK = re.compile(r'\{[a-z0-9_]+\}')
C_USES = (
    re.compile(r'\bT\(\s*(?:[^,()"]|\([^()]*\))+,\s*"([^"]+)"\s*\)'),
    re.compile(r'\bTK\(\s*"([^"]+)"\s*\)'),
    re.compile(r'\bERR[123]?\(\s*[^,"]+,\s*"([^"]+)"'),
    re.compile(r'\berr_make\(\s*[^,"]+,\s*"([^"]+)"'),
    re.compile(r'\berr_errno\(\s*"([^"]+)"'),
    re.compile(r'"(error\.[a-z0-9_]+\.[a-z0-9_.]+)"'),  # also keys chosen by a condition
)
TS_USES = (re.compile(r'''(?<![\w.])t\(\s*['"`]([a-z0-9_.]+)['"`]'''),)
COMMENT = re.compile(r'/\*.*?\*/', re.S)
TEXT_KEY = re.compile(r'"text_key"\s*:\s*"([^"]+)"')
QUOTED = re.compile(r'''["'`]([a-z0-9_]+(?:\.[a-z0-9_]+)+)["'`]''')


def load_lang(root, lang, faults):
    """{key: (words, place, area)}"""
    texts = {}
    for path in sorted((root / 'data/text' / lang).glob('*.po')):
        try:
            entries = po.read(path)
        except (po.PoError, UnicodeDecodeError) as e:
            faults.append(str(e))
            continue
        for key, words, place in entries:
            if not KEY.fullmatch(key):
                faults.append(f'{place}: "{key}" is no key: write area.what in lower case')
            elif key in texts:
                faults.append(f'{place}: {key} stands twice, first in {texts[key][1]}')
            elif not words.strip():
                faults.append(f'{place}: {key} has no words in {lang}')
            else:
                texts[key] = (words, place, path.stem)
    return texts


def compare(en, ur, faults):
    for here, there, name in ((en, ur, 'ur'), (ur, en, 'en')):
        for key in sorted(here.keys() - there.keys()):
            faults.append(f'{here[key][1]}: {key} has no words in {name}')
    for key in sorted(en.keys() & ur.keys()):
        if set(MARK.findall(en[key][0])) != set(MARK.findall(ur[key][0])):
            faults.append(f'{ur[key][1]}: {key} has other placeholders than in en')


def c_string(text):
    out = []
    for byte in text.encode():
        c = chr(byte)
        if c in '"\\':
            out.append('\\' + c)
        elif 32 <= byte < 127 and c != '?':
            out.append(c)
        else:
            out.append(f'\\{byte:03o}')
    return '"' + ''.join(out) + '"'


def write_changed(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text('utf-8') != text:
        path.write_text(text, 'utf-8')


def write_c(path, en, ur):
    rows = [f'    {{ "{k}", {{ S({c_string(en[k][0])}), S({c_string(ur[k][0])}) }} }},'
            for k in sorted(en, key=str.encode)]
    write_changed(path, '\n'.join([
        '/* Made by tools/gen/texts.py from data/text. */', '#include "base/text_table.h"', '',
        '#undef S', '#define S(lit) { lit, sizeof(lit) - 1 }',
        'const text_row text_rows[] = {', *rows, '};',
        'const size_t text_rows_n = ARRAY_LEN(text_rows);', '']))


def write_ts(folder, en, ur, areas):
    keys = sorted(k for k in en if not areas or en[k][2] in areas)
    quoted = {k: json.dumps(k) for k in keys}
    head = '// Made by tools/gen/texts.py from data/text.\n'
    write_changed(folder / 'keys.ts', head + 'export type Key =\n' + '\n'.join(
        f'  | {quoted[k]}' for k in keys) + ';\n')
    for lang, texts in (('en', en), ('ur', ur)):
        rows = '\n'.join(f'  {quoted[k]}: {json.dumps(texts[k][0], ensure_ascii=False)},'
                         for k in keys)
        write_changed(folder / f'{lang}.ts', head + "import type { Key } from './keys';\n\n"
                      f'export const {lang}: Record<Key, string> = {{\n{rows}\n}};\n')


def uses_in(root, folder, endings, patterns):
    for path in sorted((root / folder).rglob('*')):
        parts = path.relative_to(root).parts
        if path.suffix not in endings or {'node_modules', 'generated', 'build'} & set(parts):
            continue
        text = path.read_text('utf-8', 'replace')
        if path.suffix in C_FILES:  # comments show examples; their lines still count
            text = COMMENT.sub(lambda m: '\n' * m[0].count('\n'), text)
        quoted = set(QUOTED.findall(text))
        uses = [(m[1], f'{path.relative_to(root)}:{text.count(chr(10), 0, m.start()) + 1}')
                for p in patterns for m in p.finditer(text)]
        yield quoted, uses


def conf_uses(root):
    path = root / 'data/conf.json'
    if path.exists():
        for row in json.loads(path.read_text('utf-8'))['rows']:
            yield 'conf.' + row['name'], f'data/conf.json ({row["name"]})'
    yield from alone_keys(root)


def alone_keys(root):
    """Of the command line's own words, and of its manual."""
    path = root / 'data/alone.json'
    if not path.exists():
        return
    table = json.loads(path.read_text('utf-8'))
    for row in table['rows']:
        yield 'help.' + row['name'], f'data/alone.json ({row["name"]})'
    for option in table['everywhere'].split('|'):
        yield 'manual.option.' + option.split(' ')[0].replace('-', '_'), 'data/alone.json (everywhere)'
    for _, key in table['exits']:
        yield 'manual.exit.' + key, 'data/alone.json (exits)'
    for key in re.findall(r"t\['(manual\.[a-z_]+)'\]|t\[\"(manual\.[a-z_]+)\"\]", (root / 'tools/gen/manual.py').read_text('utf-8')):
        yield key[0] or key[1], 'tools/gen/manual.py'


def check(root, en, faults):
    quoted, uses = set(), list(conf_uses(root))
    for folder, endings, patterns in (
            ('src', C_FILES, C_USES), ('data', {'.json'}, (TEXT_KEY,)),
            ('web/src', {'.ts', '.svelte'}, TS_USES)):
        for q, u in uses_in(root, folder, endings, patterns):
            quoted |= q
            uses += u
    for key, place in sorted(set(uses)):
        if key not in en:
            faults.append(f'{place}: no words for {key} in data/text')
    unused = sorted(en.keys() - quoted - {k for k, _ in uses})
    if unused:
        print(f'texts: {len(unused)} keys seem unused: ' + ', '.join(unused[:8])
              + (' ...' if len(unused) > 8 else ''), file=sys.stderr)


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--root', type=pathlib.Path, default=pathlib.Path('.'))
    p.add_argument('--c', type=pathlib.Path)
    p.add_argument('--ts', type=pathlib.Path)
    p.add_argument('--areas', default='')
    p.add_argument('--check', type=pathlib.Path, nargs='?', const=pathlib.Path('/dev/null'))
    args = p.parse_args()
    faults = []
    en, ur = (load_lang(args.root, lang, faults) for lang in LANGS)
    compare(en, ur, faults)
    if args.check and not faults:
        check(args.root, en, faults)
    if faults:
        print('\n'.join(faults), file=sys.stderr)
        return 1
    if args.c:
        write_c(args.c, en, ur)
    if args.ts:
        write_ts(args.ts, en, ur, set(filter(None, args.areas.split(','))))
    if args.check and args.check != pathlib.Path('/dev/null'):
        write_changed(args.check, 'checked\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
