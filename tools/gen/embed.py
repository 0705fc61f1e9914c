#!/usr/bin/env python3
"""embed.py - the console's built files as a C table, gzipped, so that the program carries them.

  embed.py DIST OUT.c      every file of DIST; files under assets/ have names that change with their content
  embed.py --none OUT.c    one page that says that this program was built without its console"""
import gzip
import hashlib
import pathlib
import sys

KINDS = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
         '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2'}
NONE = b'<!doctype html><title>Minar</title><p>This program was built without its console. Use the command line, ' \
       b'or build with -Dconsole=true.</p>\n'


def fail(words):
    sys.exit('embed: ' + words)


def c_bytes(data):
    """A string literal in lines; octal escapes of three digits, so that none runs into the next."""
    table = [f'\\{b:03o}' for b in range(256)]
    for b in range(32, 127):
        if chr(b) not in '"\\?':
            table[b] = chr(b)
    for at in range(0, len(data), 64):
        yield '    "' + ''.join(table[b] for b in data[at:at + 64]) + '"'


def asset(n, path, plain):
    kind = KINDS.get(pathlib.PurePosixPath(path).suffix)
    if not kind:
        fail(f'{path}: no content type is known for this ending; add it to KINDS')
    packed = gzip.compress(plain, 9, mtime=0)
    etag = hashlib.sha256(plain).hexdigest()[:20]
    body = f'static const char bytes_{n}[] =\n' + '\n'.join(c_bytes(packed)) + ';\n'
    immutable = 'true' if path.startswith('/assets/') else 'false'
    row = (f'    {{ "{path}", "{kind}", "\\"{etag}\\"", (const uint8_t *)bytes_{n}, {len(packed)}, {immutable} }},\n')
    return body, row


def files_of(dist):
    for file in sorted(dist.rglob('*')):
        name = file.relative_to(dist).as_posix()
        if file.is_file() and not name.startswith('.'):
            yield '/' + name, file.read_bytes()


def main():
    if len(sys.argv) != 3:
        fail('usage: embed.py DIST|--none OUT.c')
    files = [('/index.html', NONE)] if sys.argv[1] == '--none' else list(files_of(pathlib.Path(sys.argv[1])))
    if '/index.html' not in [path for path, _ in files]:
        fail(f'{sys.argv[1]} has no index.html; build the console first')
    made = [asset(n, path, plain) for n, (path, plain) in enumerate(files)]
    text = ('/* Made by tools/gen/embed.py: the console, gzipped. */\n#include "api/serve.h"\n\n'
            'extern const console_asset console_assets[];\nextern const size_t console_assets_n;\n\n'
            + '\n'.join(body for body, _ in made)
            + '\nconst console_asset console_assets[] = {\n' + ''.join(row for _, row in made)
            + f'}};\nconst size_t console_assets_n = {len(made)};\n')
    out = pathlib.Path(sys.argv[2])
    if not out.exists() or out.read_text('utf-8') != text:
        out.write_text(text, 'utf-8')


main()
