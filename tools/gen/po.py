"""po.py - reads gettext .po files: one entry a key, with its place. Used by texts.py."""
import re

ENTRY = re.compile(r'^(msgid|msgstr|msgctxt|msgid_plural|msgstr\[\d+\])\s+(".*")$')
ESCAPES = {'n': '\n', 't': '\t', '"': '"', '\\': '\\'}


class PoError(Exception):
    pass


def unquote(text, place):
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise PoError(f'{place}: a string stands between double quotes')

    def one(m):
        if m[1] not in ESCAPES:
            raise PoError(f'{place}: the escape \\{m[1]} is not known')
        return ESCAPES[m[1]]
    return re.sub(r'\\(.)', one, text[1:-1])


def read(path):
    """[(key, words, place)] of one file, without its header; PoError says file and line."""
    entries, field, now, fuzzy = [], None, {}, False

    def finish():
        if now.get('msgid'):
            entries.append((now['msgid'], now.get('msgstr', ''), now['place']))
        now.clear()

    for number, line in enumerate(path.read_text('utf-8').splitlines(), 1):
        place, line = f'{path}:{number}', line.strip()
        if line.startswith('#~') or not line:
            continue
        if line.startswith('#'):
            fuzzy = fuzzy or (line.startswith('#,') and 'fuzzy' in line)
            continue
        if line.startswith('"'):
            if field is None:
                raise PoError(f'{place}: a string without msgid or msgstr before it')
            now[field] += unquote(line, place)
            continue
        m = ENTRY.match(line)
        if not m:
            raise PoError(f'{place}: neither msgid nor msgstr')
        field = m[1]
        if field not in ('msgid', 'msgstr'):
            raise PoError(f'{place}: {field} is not used here: one key, one text')
        if field == 'msgid':
            finish()
            if fuzzy:
                raise PoError(f'{place}: marked fuzzy: check the words and remove the mark')
            now['place'] = place
        now[field] = unquote(m[2], place)
    finish()
    return entries
