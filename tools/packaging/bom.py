"""bom.py - what a package holds and is linked with, as an SPDX 2.3 document: the program's own sources, files of npm
packages (tools/packages/npm.json), what the console is made of (web/package-lock.json), and each Debian package whose
library the program is linked with, by its exact version on the machine that built it."""
import base64
import datetime
import hashlib
import json
import pathlib
import platform
import re
import subprocess
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAMESPACE = uuid.UUID('6d696e61-7200-4000-8000-000000000000')


def npm_rows():
    rows = json.loads((ROOT / 'tools/packages/npm.json').read_text())['packages']
    return [r for r in rows if r.get('machine', platform.machine()) == platform.machine()]


IMPORTED = re.compile(r"""(?:from|import|@import)\s*\(?\s*['"]((?:@[a-z0-9-]+/)?[a-z0-9][\w.-]*)""")


def console_rows():
    """(row, relation) of the lock's packages: what the console's sources name, and what that names in turn, is in the
    bundle; the rest only builds it."""
    lock = {at.removeprefix('node_modules/'): {'name': at.split('node_modules/')[-1], **row} for at, row in
            json.loads((ROOT / 'web/package-lock.json').read_text())['packages'].items() if at}
    sources = [p for p in (ROOT / 'web/src').rglob('*') if p.suffix in ('.svelte', '.ts', '.css')]
    todo = {m for p in sources for m in IMPORTED.findall(p.read_text())} & lock.keys()
    inside = set()
    while todo:
        at = todo.pop()
        inside.add(at)
        for name in lock[at].get('dependencies', {}):
            found = next((n for n in (f'{at}/node_modules/{name}', name) if n in lock), None)
            if found and found not in inside:
                todo.add(found)
    return [(row, 'CONTAINS' if at in inside else 'BUILD_TOOL_OF') for at, row in sorted(lock.items()) if not row.get('optional')]


def linked(program):
    """(package, version, architecture, file) of each library that the program loads."""
    said = subprocess.run(['ldd', program], capture_output=True, text=True, check=True).stdout
    found = {}
    for path in sorted(set(re.findall(r'=> (/(?:usr/)?lib\S+)', said))):
        owner = owner_of(path)
        if owner:
            found.setdefault(owner, path)
    for owner in sorted(found):
        fields = subprocess.run(['dpkg-query', '-W', '-f', '${Package}\t${Version}\t${Architecture}\t${source:Package}',
                                 owner], capture_output=True, text=True, check=True).stdout.split('\t')
        yield dict(zip(('name', 'version', 'arch', 'source'), fields))


def owner_of(path):
    """/lib and /usr/lib are one folder on this Debian, and dpkg knows a file by the name that its package gave it."""
    real = str(pathlib.Path(path).resolve())
    for name in (path, real, real.removeprefix('/usr'), '/usr' + path):
        done = subprocess.run(['dpkg-query', '-S', name], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.rsplit(': ', 1)[0].split(', ')[0]
    return None


def spdx_id(*words):
    return 'SPDXRef-' + re.sub(r'[^A-Za-z0-9.-]+', '-', '-'.join(words)).strip('-')


def purl(kind, name, version, **more):
    quoted = name.replace('@', '%40')
    tail = '&'.join(f'{k}={v}' for k, v in more.items())
    return {'referenceCategory': 'PACKAGE-MANAGER', 'referenceType': 'purl',
            'referenceLocator': f'pkg:{kind}/{quoted}@{version.replace("+", "%2B").replace(":", "%3A")}' + (f'?{tail}' if tail else '')}


def package(kind, name, version, ref, licence='NOASSERTION', checksums=(), where='NOASSERTION'):
    return {'SPDXID': spdx_id(kind, name, version), 'name': name, 'versionInfo': version, 'downloadLocation': where,
            'filesAnalyzed': False, 'licenseConcluded': 'NOASSERTION', 'licenseDeclared': licence,
            'copyrightText': 'NOASSERTION', 'externalRefs': [ref], 'supplier': 'NOASSERTION',
            **({'checksums': list(checksums)} if checksums else {})}


def integrity(text):
    kind, value = text.split('-', 1)
    return [{'algorithm': kind.upper(), 'checksumValue': base64.b64decode(value).hex()}]


KNOWN = re.compile(r'^[A-Za-z0-9.+-]+( (AND|OR) [A-Za-z0-9.+-]+)*$')


def licence_of(text):
    return text if text and KNOWN.match(text) else 'NOASSERTION'


def parts(root):
    """(package, relation to the program)"""
    for r in npm_rows():
        yield package('npm', r['name'], r['version'], purl('npm', r['name'], r['version']), licence_of(r['licence']),
                      integrity(r['integrity'])), 'CONTAINS'
    for r, relation in console_rows():
        yield package('npm', r['name'], r['version'], purl('npm', r['name'], r['version']), licence_of(r.get('license')),
                      integrity(r['integrity']) if r.get('integrity') else ()), relation
    for r in linked(root / 'usr/lib/minar/minar'):
        yield package('deb', r['name'], r['version'], purl('deb', f'debian/{r["name"]}', r['version'], arch=r['arch'])), \
            'DYNAMIC_LINK'


def file_rows(root):
    for path in sorted(p for p in root.rglob('*') if p.is_file() and not p.is_symlink() and 'DEBIAN' not in p.parts):
        data, name = path.read_bytes(), f'./{path.relative_to(root)}'
        yield {'SPDXID': spdx_id('file', hashlib.sha1(name.encode()).hexdigest()[:16]), 'fileName': name,
               'checksums': [{'algorithm': 'SHA1', 'checksumValue': hashlib.sha1(data).hexdigest()},
                             {'algorithm': 'SHA256', 'checksumValue': hashlib.sha256(data).hexdigest()}],
               'licenseConcluded': 'NOASSERTION', 'copyrightText': 'NOASSERTION'}


def verification(files):
    """SPDX 2.3, 7.9: SHA-1 over the sorted SHA-1 of the files."""
    sums = sorted(f['checksums'][0]['checksumValue'] for f in files)
    return {'packageVerificationCodeValue': hashlib.sha1(''.join(sums).encode()).hexdigest()}


def document(root, version, when):
    files, found = list(file_rows(root)), {}
    for row, relation in parts(root):
        found.setdefault(row['SPDXID'], (row, relation))
    main = {**package('minar', 'minar', version, purl('deb', 'minar', version), 'Apache-2.0'), 'filesAnalyzed': True,
            'packageVerificationCode': verification(files), 'hasFiles': [f['SPDXID'] for f in files]}
    del main['externalRefs']
    relations = [{'spdxElementId': 'SPDXRef-DOCUMENT', 'relationshipType': 'DESCRIBES', 'relatedSpdxElement': main['SPDXID']}]
    relations += [{'spdxElementId': a, 'relationshipType': relation, 'relatedSpdxElement': b} for row, relation in found.values()
                  for a, b in [(row['SPDXID'], main['SPDXID'])[::1 if relation == 'BUILD_TOOL_OF' else -1]]]
    made = datetime.datetime.fromtimestamp(when, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    name = f'minar-{version}'
    seed = main['packageVerificationCode']['packageVerificationCodeValue']
    return json.dumps({
        'spdxVersion': 'SPDX-2.3', 'dataLicense': 'CC0-1.0', 'SPDXID': 'SPDXRef-DOCUMENT', 'name': name,
        'documentNamespace': f'urn:uuid:{uuid.uuid5(NAMESPACE, seed)}',
        'creationInfo': {'created': made, 'creators': ['Tool: minar-tools-package']},
        'packages': [main] + [row for row, _ in found.values()], 'files': files, 'relationships': relations,
    }, indent=1, ensure_ascii=False) + '\n'
