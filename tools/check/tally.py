"""tally.py - counts tests: a command by its exit code, and what meson, cmocka, Node and vitest report."""
import json
import os
import pathlib
import re
import signal
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGS = ROOT / 'build/log/check'
ANSI = re.compile(r'\x1b\[[0-9;]*m')


class Tally:
    """passed: how many; failed and skipped: which, by name."""

    def __init__(self, passed=0, failed=(), skipped=()):
        self.passed, self.failed, self.skipped = passed, list(failed), list(skipped)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        return self

    def short(self):
        parts = [f'{self.passed} passed']
        if self.failed:
            parts.append(f'{len(self.failed)} FAILED')
        if self.skipped:
            parts.append(f'{len(self.skipped)} skipped')
        return ', '.join(parts)


HERE = threading.local()   # .gives_way: what this thread starts has the processors that nobody else wants


def give_way():
    """Of a child, before it begins: below everything, by its niceness and by its session's, which the kernel counts first."""
    os.nice(19)
    try:
        with open('/proc/self/autogroup', 'w') as f:
            f.write('19')
    except OSError:
        pass   # a kernel that groups nothing


def command(name, *args, env=None, cwd=ROOT, timeout=600):
    """(exit code, all that it said); also kept in the log of that name. A command that is late ends
    with all that it started."""
    path = LOGS / (re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-') + '.log')
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'wb') as log:
        child = subprocess.Popen([str(a) for a in args], cwd=cwd, stdin=subprocess.DEVNULL, stdout=log,
                                 stderr=subprocess.STDOUT, env={**os.environ, **(env or {})},
                                 start_new_session=True,
                                 preexec_fn=give_way if getattr(HERE, 'gives_way', False) else None)
        try:
            code = child.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            code = 124
    return code, ANSI.sub('', path.read_text(errors='replace'))


def one(name, *args, **more):
    """A command is one test: its exit code says."""
    code, said = command(name, *args, **more)
    last = [x.strip() for x in said.splitlines() if x.strip()][-3:] or ['nothing said']
    return Tally(1) if code == 0 else Tally(failed=[f'{name}: exit {code}: {" / ".join(last)[:400]}'])


def cmocka(name, said):
    """The tests of one cmocka program, by its lines; None when it printed none."""
    passed = len(re.findall(r'^\[ {7}OK \]', said, re.M))
    failed = re.findall(r'^\[ {2}FAILED {2}\] (?!\d+ test|tests)([^\s:]+)', said, re.M)
    skipped = re.findall(r'^\[ {2}SKIPPED \] (?!\d+ test|tests)([^\s:]+)', said, re.M)
    if not passed + len(failed) + len(skipped):
        return None
    return Tally(passed, sorted({f'{name}: {f}' for f in failed}), sorted({f'{name}: {s}' for s in skipped}))


def why(said, test):
    """What a test of Node's TAP said when it failed, and where: a log that is all one has must tell."""
    block = re.search(r'^ *not ok \d+ - ' + re.escape(test) + r'\n(.*?)^ *\.\.\.$', said, re.M | re.S)
    error = re.search(r"^ *error: (?:\|-\n(.*?)^ *code:|'?(.*?)'?$)", block[1], re.M | re.S) if block else None
    place = re.search(r'\((?:file:)?/\S*/(\w[\w.]*:\d+):\d+\)', block[1]) if block else None
    words = ' '.join((error[1] or error[2] or '').split())[:600] if error else ''
    return ''.join(f': {x}' for x in (place and place[1], words) if x)


def node_counts(name, said):
    """The last totals of Node's test runner, as TAP or as spec."""
    found = {k: int(v) for k, v in re.findall(r'^(?:#|ℹ|\S) (pass|fail|skipped|todo|cancelled) (\d+)$', said, re.M)}
    if 'pass' not in found:
        return None
    bad = sorted(set(re.findall(r'^\s*(?:not ok \d+ - (.*)|✖ (.*?) \([\d.]+m?s\))$', said, re.M)))
    names = [f'{name}: {a or b}{why(said, a) if a else ""}' for a, b in bad if not re.search(r'#\s*(SKIP|TO' 'DO)', a or b)]
    skip = [a or b for a, b in re.findall(r'^\s*(?:ok \d+ - (.*?) # SKIP|﹣ (.*?) \([\d.]+m?s\) # )', said, re.M)]
    wrong = found.get('fail', 0) + found.get('cancelled', 0)
    names = (names + [f'{name}: another'] * wrong)[:max(wrong, 0)] if wrong else []
    skipped = ([f'{name}: {s}' for s in skip] + [f'{name}: another'] * 99)[:found.get('skipped', 0)]
    return Tally(found['pass'], names, skipped)


def node_test(name, *args, env=None, timeout=900):
    code, said = command(name, *args, env=env, timeout=timeout)
    found = node_counts(name, said) or Tally()
    if code and not found.failed:
        found.failed.append(f'{name}: exit {code}')
    return found


def vitest(name, *args, cwd):
    out = LOGS / 'vitest.json'
    code, _ = command(name, *args, '--reporter=json', f'--outputFile={out}', cwd=cwd)
    try:
        told = json.loads(out.read_text())
    except (OSError, ValueError):
        return Tally(failed=[f'{name}: exit {code}, no report'])
    bad = [f"{name}: {t['fullName']}" for f in told['testResults'] for t in f['assertionResults'] if t['status'] == 'failed']
    bad += [f"{name}: {f['name']}" for f in told['testResults'] if f['status'] == 'failed' and not f['assertionResults']]
    return Tally(told['numPassedTests'], bad, [f'{name}: pending'] * told['numPendingTests'])


def meson(name, folder, suites, env=None, timeout=1200, scale=1):
    """The tests of some suites in a build folder that is built."""
    base = 'check-' + '-'.join(suites)
    args = [a for s in suites for a in ('--suite', s)]
    code, said = command(name, 'meson', 'test', '-C', folder, '--no-rebuild', '--print-errorlogs', '--logbase', base,
                         '--timeout-multiplier', scale, *args, env=env, timeout=timeout)
    log = ROOT / folder / f'meson-logs/{base}.json'
    total = Tally()
    if not log.exists():
        return Tally(failed=[f'{name}: exit {code}, no report'])
    for line in log.read_text().splitlines():
        total.add(meson_row(json.loads(line)))
    if code and not total.failed:
        total.failed.append(f'{name}: exit {code}')
    return total


def meson_row(row):
    said = ANSI.sub('', (row.get('stdout') or '') + '\n' + (row.get('stderr') or ''))
    name = row['name'].split(' / ')[-1]
    found = cmocka(name, said) or node_counts(name, said)
    if row['result'] in ('OK', 'EXPECTEDFAIL'):
        return found if found and not found.failed else Tally(1)
    if row['result'] == 'SKIP':
        return Tally(skipped=[name])
    return found if found and found.failed else Tally(failed=[f"{name}: {row['result']}"])
