"""What explains the command line, made of the tables that it runs by (data/commands.json, data/alone.json, data/routes,
data/schemas, data/conf.json and the catalogues): manual pages in both languages, completions for three shells.

  manual.py OUT                  man/*.1, man/*.5, man/ur/..., completion/minar.{bash,zsh,fish}, completion.c, alone.c, alone.h
  manual.py --page [--write]     holds the settings' part of docs/user/administrator*.md against data/conf.json, or writes it"""
import pathlib
import re
import sys

import apidata
import po
from gentext import ROOT, fail, read_json, write

SOURCE = pathlib.Path(ROOT)
LANGS = ('en', 'ur')
MARKS = '<!-- settings: made by tools/gen/manual.py --page --write -->', '<!-- end of settings -->'


def words(lang):
    found = {}
    for path in sorted((SOURCE / 'data/text' / lang).glob('*.po')):
        found.update({key: text for key, text, _ in po.read(path)})
    return found


class Facts:
    def __init__(self):
        data = SOURCE / 'data'
        self.schemas = apidata.load_schemas(str(data / 'schemas'))
        self.routes = {r['id']: r for _, rows in apidata.folder_rows(str(data / 'routes')) for r in rows}
        self.commands = read_json(str(data / 'commands.json'))
        alone = read_json(str(data / 'alone.json'))
        self.alone, self.everywhere, self.exits = alone['rows'], options_of(alone['everywhere']), alone['exits']
        self.conf = read_json(str(data / 'conf.json'))['rows']
        self.texts = {lang: words(lang) for lang in LANGS}
        self.version = re.search(r"version: '([^']+)'", (SOURCE / 'meson.build').read_text())[1]

    def nouns(self):
        return sorted({c['noun'] for c in self.commands})

    def verbs(self, noun):
        return sorted((c for c in self.commands if c['noun'] == noun), key=lambda c: c['verb'])

    def fields(self, command):
        """(option, what it takes, required, words) of a verb."""
        route = self.routes[command['route']]
        if command.get('paste'):
            yield 'file', 'FILE', False, []
        for name in (route.get('body'), route.get('query')):
            schema = self.schemas.get(name) or {}
            for field, says in schema.get('properties', {}).items():
                kind = says.get('type')
                takes = '' if kind == 'boolean' else '|'.join(says['enum']) if says.get('enum') else \
                    {'integer': 'N', 'number': 'N', 'array': 'A,B'}.get(kind, 'TEXT')
                yield field.replace('_', '-'), takes, field in schema.get('required', []), says.get('enum') or []


def options_of(text):
    """[(name, what it takes)]"""
    return [tuple((part.split(' ', 1) + [''])[:2]) for part in text.split('|') if part]


# ---- manual pages ----

def roff(text):
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return '\\&' + text if text[:1] in ".'" else text


def head(f, name, section):
    return [f'.\\" Made by tools/gen/manual.py.', f'.TH {name.upper()} {section} "" "Minar {f.version}" Minar']


def put_option(name, takes, note=''):
    return ['.TP', f'\\fB\\-\\-{roff(name)}\\fR' + (f' \\fI{roff(takes)}\\fR' if takes else ''), roff(note) or '\\&']


def example(text):
    return ['.PP', '.nf', roff(text), '.fi']


def page_of_noun(f, noun, t):
    out = head(f, f'minar-{noun}', 1)
    out += ['.SH NAME', f'minar\\-{noun} \\- ' + roff(', '.join(c['verb'] for c in f.verbs(noun))), '.SH SYNOPSIS']
    for c in f.verbs(noun):
        out += [f'\\fBminar {noun} {roff(c["verb"])}\\fR [\\fIoptions\\fR]', '.br']
    out[-1:] = ['.SH DESCRIPTION', roff(t['manual.noun'])]
    for c in f.verbs(noun):
        out += [f'.SS {noun} {roff(c["verb"])}', roff(t['route.' + c['route']])] + example(c['example'])
        for name, takes, required, _ in f.fields(c):
            out += put_option(name, takes, t['manual.required'] if required else '')
    return out + ['.SH SEE ALSO', '.BR minar (1),', '.BR minar.yaml (5)']


def page_of_program(f, t):
    out = head(f, 'minar', 1) + ['.SH NAME', f'minar \\- {roff(t["manual.title"])}', '.SH SYNOPSIS']
    out += ['\\fBminar\\fR \\fIword\\fR [\\fIoptions\\fR]', '.br', '\\fBminar\\fR \\fInoun verb\\fR [\\fIarguments\\fR] [\\fIoptions\\fR]',
            '.SH DESCRIPTION', roff(t['manual.about'])]
    for a in f.alone:
        out += ['.TP', f'\\fBminar {a["name"]}\\fR', roff(t['help.' + a['name']])] + example(a['example'])
        for name, takes in options_of(a['options']):
            out += ['.RS'] + put_option(name, takes) + ['.RE']
    out += ['.SH OPTIONS'] + [x for name, takes in f.everywhere for x in put_option(name, takes, t['manual.option.' + name.replace('-', '_')])]
    out += ['.SH EXIT STATUS'] + [x for n, key in f.exits for x in ('.TP', f'\\fB{n}\\fR', roff(t['manual.exit.' + key]))]
    out += ['.SH SEE ALSO'] + [f'.BR minar\\-{n} (1),' for n in f.nouns()] + ['.BR minar.yaml (5)']
    return out


def limits(row):
    if row['type'] == 'int':
        return f'{row["min"]} - {row["max"]}' + (f' {row["unit"]}' if row.get('unit') else '')
    if row['type'] in ('choice', 'url'):
        return ', '.join(row['choices'])
    return {'bool': 'true, false'}.get(row['type'], row['type'])


def default(row):
    value = row['default']
    return str(value).lower() if isinstance(value, bool) else str(value)


def page_of_settings(f, t):
    out = head(f, 'minar.yaml', 5) + ['.SH NAME', f'minar.yaml \\- {roff(t["manual.settings"])}', '.SH DESCRIPTION',
                                      roff(t['manual.settings_about']), '.SH OPTIONS']
    for row in f.conf:
        out += ['.TP', f'\\fB{roff(row["name"])}\\fR', roff(t['conf.' + row['name']]), '.br',
                roff(f'{limits(row)} ({default(row) or "-"})')]
    return out + ['.SH SEE ALSO', '.BR minar (1)']


def put_pages(f, out):
    for lang in LANGS:
        t, at = f.texts[lang], out / 'man' / ('' if lang == 'en' else lang)
        pages = {'minar.1': page_of_program(f, t), 'minar.yaml.5': page_of_settings(f, t)}
        pages.update({f'minar-{n}.1': page_of_noun(f, n, t) for n in f.nouns()})
        for name, lines in pages.items():
            write(str(at / name), '\n'.join(lines) + '\n')


# ---- completions ----

def option_words(pairs):
    return ' '.join('--' + name for name, *_ in pairs)


def bash(f):
    first = ' '.join([a['name'] for a in f.alone] + f.nouns())
    out = ['# minar.bash - made by tools/gen/manual.py.', '_minar_keys() { minar "$1" ls --jsonl 2>/dev/null | '
           'sed -n \'s/.*"key":"\\([^"]*\\)".*/\\1/p\'; }', '_minar() {',
           '    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} all words=',
           f'    all="{option_words(f.everywhere)}"', '    COMPREPLY=()',
           '    if [ "$COMP_CWORD" = 1 ]; then words="' + first + '"', '    elif [ "$COMP_CWORD" = 2 ] && [ "${cur#-}" = "$cur" ]; then',
           '        case ${COMP_WORDS[1]} in']
    for n in f.nouns():
        out.append(f'        {n}) words="{" ".join(c["verb"] for c in f.verbs(n))}" ;;')
    for a in f.alone:
        if a.get('words'):
            out.append(f'        {a["name"]}) words="{a["words"]}" ;;')
    out += ['        help) words="' + ' '.join(f.nouns()) + '" ;;', '        esac', '    else',
            '        case "${COMP_WORDS[1]} ${COMP_WORDS[2]} $before" in']
    for c in f.commands:
        for name, _, _, enum in f.fields(c):
            if enum:
                out.append(f'        "{c["noun"]} {c["verb"]} --{name}") words="{" ".join(enum)}" ;;')
    out += ['        *" --ui-lang") words="en ur" ;;', '        *" --data") COMPREPLY=($(compgen -d -- "$cur")); return ;;',
            '        *) case "${COMP_WORDS[1]} ${COMP_WORDS[2]}" in']
    for c in f.commands:
        out.append(f'        "{c["noun"]} {c["verb"]}") words="{option_words(f.fields(c))} $all" ;;')
    for a in f.alone:
        out.append(f'        "{a["name"]} "*) words="{option_words(options_of(a["options"]))} $all" ;;')
    out += ['        esac ;;', '        esac', '        if [ "${cur#-}" = "$cur" ] && [ "$COMP_CWORD" = 3 ]; then case "${COMP_WORDS[1]} ${COMP_WORDS[2]}" in']
    for c in f.commands:
        listed = next((x for x in f.verbs(c['noun']) if x['verb'] == 'ls'), {})
        if c.get('arg') == '{id}' and 'key' in listed.get('columns', []):
            out.append(f'            "{c["noun"]} {c["verb"]}") words="$(_minar_keys {c["noun"]})" ;;')
        if c.get('file') and not c.get('arg'):
            out.append(f'            "{c["noun"]} {c["verb"]}") COMPREPLY=($(compgen -f -- "$cur")); return ;;')
    out += ['        esac; fi', '    fi', '    COMPREPLY=($(compgen -W "$words" -- "$cur"))', '}', 'complete -F _minar minar']
    return '\n'.join(out) + '\n'


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh(f):
    t = f.texts['en']
    out = ['#compdef minar', '# minar.zsh - made by tools/gen/manual.py.', '_minar() {', '    local -a found',
           '    local before=$words[CURRENT-1]', '    if (( CURRENT == 2 )); then', '        found=(']
    out += [f'            {quoted(a["name"] + ":" + t["help." + a["name"]].replace(":", " "))}' for a in f.alone]
    out += [f'            {n}' for n in f.nouns()] + ['        )', '    elif (( CURRENT == 3 )) && [[ $PREFIX != -* ]]; then', '        case $words[2] in']
    for n in f.nouns():
        rows = ' '.join(quoted(f'{c["verb"]}:{t["route." + c["route"]].replace(":", " ")}') for c in f.verbs(n))
        out.append(f'        {n}) found=({rows}) ;;')
    for a in f.alone:
        if a.get('words'):
            out.append(f'        {a["name"]}) found=({a["words"]}) ;;')
    out += [f'        help) found=({" ".join(f.nouns())}) ;;', '        esac', '    else', '        case "$words[2] $words[3] $before" in']
    for c in f.commands:
        for name, _, _, enum in f.fields(c):
            if enum:
                out.append(f'        "{c["noun"]} {c["verb"]} --{name}") found=({" ".join(map(quoted, enum))}) ;;')
    out += ['        *" --ui-lang") found=(en ur) ;;', '        *" --data") _files -/; return ;;', '        *) case "$words[2] $words[3]" in']
    for c in f.commands:
        out.append(f'        "{c["noun"]} {c["verb"]}") found=({option_words(f.fields(c))}) ;;')
    for a in f.alone:
        out.append(f'        "{a["name"]} "*) found=({option_words(options_of(a["options"]))}) ;;')
    out += ['        esac', f'            found+=({option_words(f.everywhere)}) ;;', '        esac', '    fi',
            '    _describe minar found', '}', 'if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _minar "$@"; else compdef _minar minar; fi']
    return '\n'.join(out) + '\n'


def fish(f):
    t = f.texts['en']
    out = ['# minar.fish - made by tools/gen/manual.py.', 'complete -c minar -f']
    first = ' '.join([a['name'] for a in f.alone] + f.nouns())
    none = f"not __fish_seen_subcommand_from {first}"
    for a in f.alone:
        out.append(f'complete -c minar -n {quoted(none)} -a {a["name"]} -d {quoted(t["help." + a["name"]])}')
        for name, takes in options_of(a['options']):
            out.append(f'complete -c minar -n "__fish_seen_subcommand_from {a["name"]}" -l {name}' + (' -r' if takes else ''))
        if a.get('words'):
            out.append(f'complete -c minar -n "__fish_seen_subcommand_from {a["name"]}" -a {quoted(a["words"])}')
    for n in f.nouns():
        out.append(f'complete -c minar -n {quoted(none)} -a {n}')
        verbs = ' '.join(c['verb'] for c in f.verbs(n))
        for c in f.verbs(n):
            at = f'__fish_seen_subcommand_from {n}; and not __fish_seen_subcommand_from {verbs}'
            out.append(f'complete -c minar -n "{at}" -a {c["verb"]} -d {quoted(t["route." + c["route"]])}')
            here = f'__fish_seen_subcommand_from {n}; and __fish_seen_subcommand_from {c["verb"]}'
            for name, takes, _, enum in f.fields(c):
                out.append(f'complete -c minar -n "{here}" -l {name}' + (f' -x -a {quoted(" ".join(enum))}' if enum else ' -x' if takes else ''))
    for name, takes in f.everywhere:
        out.append(f'complete -c minar -l {name}' + (' -r' if takes else ''))
    return '\n'.join(out) + '\n'


# ---- within the program ----

def c_text(text):
    return '\n'.join('    "' + line.replace('\\', '\\\\').replace('"', '\\"').replace('?', '\\?') + '\\n"' for line in text.splitlines())


HEADER = '''/* alone.h - made from data/alone.json: words of the command line that are no call, and the completions
 * that all of it gives. Constant. */
#pragma once
#include "base/base.h"

typedef struct {
    const char *name, *key; /* key: of its words */
} alone_row;
extern const alone_row alone_rows[];
extern const size_t alone_rows_n;
typedef struct {
    const char *shell, *script;
} completion_row;
extern const completion_row completion_rows[3];
'''


def put_program(f, out, scripts):
    body = '/* alone.c - made from data/alone.json. */\n#include "gen/alone.h"\n\nconst alone_row alone_rows[] = {\n'
    body += ''.join(f'    {{ "{a["name"]}", "help.{a["name"]}" }},\n' for a in f.alone)
    body += f'}};\nconst size_t alone_rows_n = {len(f.alone)};\n\nconst completion_row completion_rows[3] = {{\n'
    body += ',\n'.join(f'    {{ "{shell}",\n{c_text(text)} }}' for shell, text in scripts.items()) + '\n};\n'
    write(str(out / 'alone.h'), HEADER)
    write(str(out / 'alone.c'), body)


# ---- the administrator's page ----

def settings_part(f, lang):
    t, out, section = f.texts[lang], [MARKS[0], ''], None
    for row in f.conf:
        name = row['name'].split('.')[0] if '.' in row['name'] else ''
        if name != section:
            section = name
            out += ['', f'**`{name or "listen, public_url"}`**', '',
                    f'| {t["manual.setting"]} | {t["manual.default"]} | {t["manual.allowed"]} | {t["manual.meaning"]} |', '| --- | --- | --- | --- |']
        out.append(f'| `{row["name"]}` | {default(row) or "-"} | {limits(row)} | {t["conf." + row["name"]]} |')
    return '\n'.join(out + ['', MARKS[1]])


def page(do_write):
    f, bad = Facts(), 0
    for lang in LANGS:
        path = SOURCE / 'docs/user' / ('administrator.md' if lang == 'en' else f'administrator.{lang}.md')
        text = path.read_text('utf-8')
        made = re.sub(re.escape(MARKS[0]) + '.*?' + re.escape(MARKS[1]), lambda _: settings_part(f, lang), text, flags=re.S)
        if made != text and do_write:
            path.write_text(made, 'utf-8')
        elif made != text or MARKS[0] not in text:
            bad += 1
            print(f'{path}: its settings are not those of data/conf.json; run tools/gen/manual.py --page --write', file=sys.stderr)
    return bad


def main():
    if sys.argv[1:2] == ['--page']:
        sys.exit(1 if page('--write' in sys.argv) else 0)
    if len(sys.argv) != 2 or sys.argv[1].startswith('-'):
        sys.exit(__doc__)
    f, out = Facts(), pathlib.Path(sys.argv[1])
    for c in f.commands:
        if c['route'] not in f.routes:
            fail('data/commands.json', f'there is no route {c["route"]}')
        for lang in LANGS:
            if 'route.' + c['route'] not in f.texts[lang]:
                fail(f'data/text/{lang}/command.po', f'{c["noun"]} {c["verb"]} has no words: add route.{c["route"]}')
    scripts = {'bash': bash(f), 'zsh': zsh(f), 'fish': fish(f)}
    put_pages(f, out)
    for shell, text in scripts.items():
        write(str(out / f'completion/minar.{shell}'), text)
    put_program(f, out, scripts)


if __name__ == '__main__':
    main()
