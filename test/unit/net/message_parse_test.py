"""message_parse_test.py PROGRAM - reads the mails that message_test writes with Python's own parser:
what went in must come out. Peer: python3, package email (policy: default)."""
import email
import email.policy
import pathlib
import subprocess
import sys
import tempfile

UR = 'اہم: آپ کے نیٹ ورک میں کمزور آلات ملے ہیں، براہِ کرم آج ہی دیکھیں'


def lines(text):
    return text.replace('\r\n', '\n').rstrip('\n').split('\n')


def check(what, got, want):
    if got != want:
        sys.exit(f'{what}: {got!r} is not {want!r}')


def read(folder, name):
    raw = (folder / f'{name}.eml').read_bytes()
    m = email.message_from_bytes(raw, policy=email.policy.default)
    for part in m.walk():
        check(f'{name} defects', [str(d) for d in part.defects], [])
    for header, value in m.items():
        check(f'{name} {header} defects', [str(d) for d in value.defects], [])
    return m


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    subprocess.run([sys.argv[1], str(folder)], check=True)
    m = read(folder, 'urdu')
    check('subject', m['subject'], UR)
    check('from', (m['from'].addresses[0].display_name, m['from'].addresses[0].addr_spec),
          ('Minar CERT', 'cert@minar.example'))
    check('to', m['to'].addresses[0].display_name, 'بینک کا سیکیورٹی ڈیسک')
    check('date', m['date'].datetime.isoformat(), '2026-11-24T11:24:25+00:00')
    check('language', m['content-language'], 'ur')
    check('auto', m['auto-submitted'], 'auto-generated')
    check('text', lines(m.get_content()), ['سلام،', 'آپ کے 3 آلات', '.', 'From here', '-- ', 'end'])
    m = read(folder, 'both')
    check('type', m.get_content_type(), 'multipart/alternative')
    check('parts', [p.get_content_type() for p in m.iter_parts()], ['text/plain', 'text/html'])
    check('html', lines(m.get_body(('html',)).get_content()),
          ['<p dir="rtl">سلام</p>', '<p>--=_minar_alternative--</p>'])
    check('reply-to', m['reply-to'].addresses[0].display_name, 'Desk "One" \\ two')
    check('in-reply-to', m['in-reply-to'], '<first@minar.example>')
    m = read(folder, 'mixed')
    check('subject', m['subject'],
          'Weekly list =?of?= ports, and a subject that is far too long for one line of a header')
    check('text', lines(m.get_content()),
          ['café = 1  ', '', '--=_minar_alternative', 'From me', '.dot', '\ttab\t', 'end'])
    m = read(folder, 'many')
    check('many', [a.addr_spec for a in m['to'].addresses],
          [f'user{i}@bank.example' for i in range(40)])
    check('names', m['to'].addresses[0].display_name, "O'Neil, Pat")
    print('4 passed, 0 failed')


main()
