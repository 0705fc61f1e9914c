#!/usr/bin/env python3
"""look.py - data/look.json as CSS custom properties and as a C header.

  look.py data/look.json --css FILE      for the console; both themes
  look.py data/look.json --c FILE        for pages, mail and PDF made in C; the light theme

A file is written only when it changes. Exit 1 when text and ground of a theme lack contrast."""
import argparse
import json
import pathlib
import sys

# foreground, ground, least contrast (WCAG 2.2: 1.4.3 text, 1.4.11 edges)
PAIRS = [(fg, bg, 4.5) for fg in ('ink', 'ink-2', 'late', 'soon', 'good', 'unknown', 'info', 'accent')
         for bg in ('ground', 'surface', 'hover', 'chosen')]
PAIRS += [(s, s + '-soft', 4.5) for s in ('late', 'soon', 'good', 'unknown', 'info')]
PAIRS += [('on-accent', 'accent', 4.5), ('on-accent', 'accent-2', 4.5), ('edge', 'surface', 3.0),
          ('on-stripe', 'stripe-1', 4.5), ('on-stripe', 'stripe-2', 4.5)]


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    hi, lo = sorted((luminance(a), luminance(b)), reverse=True)
    return (hi + 0.05) / (lo + 0.05)


def faults(look):
    for theme, colours in look['colour'].items():
        for fg, bg, least in PAIRS:
            have = contrast(colours[fg], colours[bg])
            if have < least:
                yield f'look.json: {theme}: {fg} on {bg} has contrast {have:.2f}, {least} is needed'


def rules(names, indent='  '):
    return ''.join(f'{indent}--{name}: {value};\n' for name, value in names.items())


def css(look):
    sizes = {**look['size'], **{'font-' + k: v for k, v in look['font'].items()}}
    sizes.update({'tlp-' + k.lower(): v for k, v in look['tlp'].items() if k != 'source'})
    light, dark = look['colour']['light'], look['colour']['dark']
    return ('/* Made by tools/gen/look.py from data/look.json. */\n'
            ':root {\n  color-scheme: light;\n' + rules(sizes) + rules(light) + '}\n'
            ':root[data-theme="dark"] {\n  color-scheme: dark;\n' + rules(dark) + '}\n'
            '@media screen and (prefers-color-scheme: dark) {\n'
            '  :root:not([data-theme="light"]) {\n    color-scheme: dark;\n' + rules(dark, '    ') + '  }\n}\n')


def c_name(*parts):
    return '_'.join(('LOOK',) + parts).upper().replace('-', '_')


def c_header(look):
    rows = [f'#define {c_name("colour", k)} "{v}"' for k, v in look['colour']['light'].items()]
    rows += [f'#define {c_name("tlp", k)} "{v}"' for k, v in look['tlp'].items() if k != 'source']
    rows += [f'#define {c_name("size", k, "px")} {int(v[:-2])}' for k, v in look['size'].items()]
    return ('/* Made by tools/gen/look.py from data/look.json. */\n#pragma once\n' + '\n'.join(rows) + '\n')


def write_changed(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text('utf-8') != text:
        path.write_text(text, 'utf-8')


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('look', type=pathlib.Path)
    p.add_argument('--css', type=pathlib.Path)
    p.add_argument('--c', type=pathlib.Path)
    args = p.parse_args()
    look = json.loads(args.look.read_text('utf-8'))
    wrong = list(faults(look))
    if wrong:
        print('\n'.join(wrong), file=sys.stderr)
        return 1
    if args.css:
        write_changed(args.css, css(look))
    if args.c:
        write_changed(args.c, c_header(look))
    return 0


if __name__ == '__main__':
    sys.exit(main())
