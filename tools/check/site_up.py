"""site_up.py - a running Minar for the browser tests: the demonstration country, or an empty site. Gives
the environment that test/browser/common.mjs reads; stops what it started, by process id."""
import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

from tally import LOGS, ROOT

MINAR = str(ROOT / 'build/minar')


def minar(folder, *words, timeout=300):
    done = subprocess.run([MINAR, *words, '--data', folder], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"minar {' '.join(words)}: exit {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def await_ready(base, child):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        if child.poll() is not None:
            raise RuntimeError(f'the server ended with {child.returncode}')
        try:
            return opener.open(base + '/healthz', timeout=1).read()
        except OSError:
            time.sleep(0.1)
    raise RuntimeError('the server was not ready within 30 s')


@contextlib.contextmanager
def served(name):
    """A founded site and its server: (data folder, address)."""
    folder, port = tempfile.mkdtemp(prefix='minar-check-'), free_port()
    minar(folder, 'init')
    with open(LOGS / f'{name}-server.log', 'w') as log:
        child = subprocess.Popen([MINAR, 'serve', '--data', folder, '--listen', f'127.0.0.1:{port}'], stdout=log,
                                 stderr=log, stdin=subprocess.DEVNULL)
        try:
            await_ready(f'http://127.0.0.1:{port}', child)
            yield folder, f'http://localhost:{port}'
        finally:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
            shutil.rmtree(folder, ignore_errors=True)


def national(folder, *more):
    """How the person of the national desk signs in: by this link, and later by another."""
    return {'MINAR_LINK_NATIONAL': minar(folder, 'init', *more),
            'MINAR_ANEW_NATIONAL': json.dumps([MINAR, 'init', *more, '--data', folder])}


def invitation(folder, person, *more):
    return json.loads(minar(folder, 'user', 'invite', person, '--json', *more))['link']


def focal(folder, *more):
    people = json.loads(minar(folder, 'user', 'ls', '--json', *more))
    return next((p['id'] for p in people['items'] if p.get('contact_role') == 'focal'), None)


@contextlib.contextmanager
def demo_site():
    with served('demo') as (folder, base):
        minar(folder, 'demo', '--seed', '1')
        realm = ['--realm', 'demo']
        yield {'MINAR_BASE': base, **national(folder, *realm),
               'MINAR_LINK_AGENCY': invitation(folder, focal(folder, *realm), *realm)}


@contextlib.contextmanager
def empty_site():
    with served('empty') as (folder, base):
        minar(folder, 'org', 'add', 'MOF', 'Ministry of Finance', '--kind', 'ministry', '--lang', 'ur')
        told = minar(folder, 'user', 'add', 'it@mof.example', 'Aisha K.', '--org', org_id(folder, 'MOF'),
                     '--contact-role', 'focal', '--json')
        yield {'MINAR_BASE': base, **national(folder),
               'MINAR_LINK_AGENCY': invitation(folder, json.loads(told)['id'])}


def org_id(folder, key):
    return json.loads(minar(folder, 'org', 'show', key, '--json'))['id']
