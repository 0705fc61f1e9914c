"""steps.py - the steps of ./check with their tiers. A step returns a Tally (tally.py)."""
import collections
import concurrent.futures
import filecmp
import json
import os
import re
import shutil
import tempfile
import threading

from site_up import demo_site, empty_site
from tally import HERE, ROOT, Tally, command, meson, node_test, one, vitest

CORES = os.cpu_count() or 2
BUILD = 'build'
WEB = ROOT / 'web'
FAR = {'MINAR_BUILD': str(ROOT / BUILD), 'MINAR': str(ROOT / BUILD / 'minar')}


PROVED = {'walks': [], 'holes': [], 'suites': [], 'browser': []}   # what passed whole in this run; tools/done need not ask again


def proved(kind, names, found):
    if not found.failed:
        PROVED[kind] += names
    return found


def set_up(folder, *options, env=None):
    """A build folder of its own; False when it could not be set up."""
    if (ROOT / folder / 'build.ninja').exists():
        return True
    return command(f'setup {folder}', 'meson', 'setup', folder, *options, env=env)[0] == 0


IN_HAND = collections.defaultdict(threading.Lock)   # by folder: one build at a time


def build_of(folder, *options, targets=('all', 'meson-test-prereq'), env=None):
    with IN_HAND[folder]:
        return build_in(folder, *options, targets=targets, env=env)


def build_in(folder, *options, targets, env):
    if not set_up(folder, *options, env=env):
        return Tally(failed=[f'{folder}: meson setup failed'])
    code, said = command(f'build {folder}', 'ninja', '-C', folder, *targets, timeout=1800)
    bad = re.findall(r'^FAILED: (\S+)', said, re.M) or re.findall(r'^\S*:\d+:\d+: error: .*', said, re.M)
    return Tally(1) if code == 0 else Tally(failed=[f'{folder}: {b}' for b in bad] or [f'{folder}: exit {code}'])


# ---- quick ----

def build():
    return build_of(BUILD)


def made_twice():
    """What the generators make is the same when it is made again elsewhere."""
    folder = 'build-made'
    shutil.rmtree(ROOT / folder, ignore_errors=True)
    found = build_of(folder, '-Dconsole=false', '-Dprogram=false', targets=('minar_made.h', 'gen/openapi.json'))
    if found.failed:
        return found
    a, b = ROOT / BUILD / 'gen', ROOT / folder / 'gen'
    names = [p.relative_to(b) for p in b.rglob('*') if p.suffix in ('.c', '.h', '.json')]
    odd = [str(n) for n in names if not (a / n).exists() or not filecmp.cmp(a / n, b / n, shallow=False)]
    return Tally(1) if names and not odd else Tally(failed=[f'made differently: {n}' for n in odd] or ['nothing made'])


def texts():
    return one('texts', 'python3', 'tools/gen/texts.py', '--root', ROOT, '--check')


def migrations():
    return one('migrations', 'python3', 'tools/gen/migrate.py', '--check')


def tidy():
    return one('tidy', 'tools/tidy')


def unit():
    return proved('suites', ['unit', 'seeds'], meson('unit tests', BUILD, ['unit', 'seeds']))


def api_server():
    return proved('suites', ['api'], meson('API server', BUILD, ['api']))


def matrix():
    """The access matrix is what the tables say; that the program decides so is a unit test."""
    return one('matrix', 'node', 'test/matrix/golden.mjs')


def walks(store):
    return proved('walks', [store], node_test(f'walks on {store}', 'node', 'test/api/run.mjs', env={**FAR, 'MINAR_STORE': store}, timeout=1800))


def observed():
    return one('routes of the oracle', 'node', 'test/model/run.mjs', '--routes', env={'MINAR': str(ROOT / BUILD / 'minar')})


def settings_page():
    """The administrator's page holds the settings as they are."""
    return one('settings on their page', 'python3', 'tools/gen/manual.py', '--page')


def manual():
    return one_list('manual', 'node', 'test/package/manual.mjs', env=FAR)


def unit_file():
    """What systemd says of the unit, and how far it is fenced: the exposure of `systemd-analyze security`."""
    return one_list('unit', 'test/package/unit').add(one_list('notify', 'test/package/notify.py', env=FAR))


# ---- default ----

def holes(store):
    return proved('holes', [store], node_test(f'holes on {store}', 'node', 'test/api/run.mjs', 'holes',
                                              env={**FAR, 'MINAR_STORE': store}))


def hostile():
    return node_test('hostile text', 'node', '--test', 'test/browser/hostile.mjs', env=FAR, timeout=600)


def proc():
    return proved('suites', ['proc'], meson('processes', BUILD, ['proc']))


def api_server_pg():
    return meson('API server on PostgreSQL', BUILD, ['api'], env={'MINAR_STORE': 'pg'})


def build_of_clang(*targets):
    """With sanitizers and coverage: one build for the tests under them and for fuzzing."""
    return build_of('build-fuzz', '-Dfuzz=true', '-Db_sanitize=address,undefined', '-Db_lundef=false', '-Dconsole=false',
                    '-Doptimization=1', targets=targets, env={'CC': 'clang', 'CXX': 'clang++'})


def sanitized():
    """Unit tests and seeds under AddressSanitizer and UndefinedBehaviorSanitizer."""
    found = build_of_clang('meson-test-prereq')
    if found.failed:
        return found
    env = {'ASAN_OPTIONS': 'abort_on_error=1:detect_leaks=0', 'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1'}
    return meson('sanitized', 'build-fuzz', ['unit', 'seeds'], env=env, scale=5)


def console_types():
    return one('console types', 'node', 'node_modules/svelte-check/bin/svelte-check', '--tsconfig', './tsconfig.json',
               '--fail-on-warnings', cwd=WEB)


def oracle_types():
    return one('oracle types', 'node', 'web/node_modules/typescript/bin/tsc', '-p', 'test/model')


def console_units():
    return vitest('console units', 'node', 'node_modules/vitest/vitest.mjs', 'run', cwd=WEB)


def console_size():
    return one('console size', 'node', 'tools/size.mjs', cwd=WEB)


def browser_alone():
    files = browser_files()
    return proved('browser', files, node_test('browser, stand-in server', 'node', '--test', '--test-concurrency=2', *files,
                                              timeout=1500))


def browser_files():
    return sorted(str(p.relative_to(ROOT)) for p in (ROOT / 'test/browser').glob('*.test.mjs'))


def browser_on(site, name):
    with site() as env, tempfile.TemporaryDirectory(prefix='minar-state-') as kept:   # who is signed in, between files
        return node_test(name, 'node', '--test', '--test-concurrency=1', *browser_files(),
                         env={**env, 'MINAR_STATE': kept}, timeout=1500)


def browser_sites():
    """The demonstration and an empty start beside each other: each is a browser that mostly waits for its page."""
    parts = [(demo_site, 'browser, demonstration'), (empty_site, 'browser, empty start')]
    found = Tally()
    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        for one_found in pool.map(lambda x: browser_on(*x), parts):
            found.add(one_found)
    return found


def fuzz(seconds, seed=0):
    """Every target for so long, from its seeds; what it finds stays in build-fuzz/found. With a seed the same inputs
    are drawn each time, so that a change makes it fail and not luck; without one they are new each night."""
    found = build_of_clang('fuzz-all')
    if found.failed:
        return found
    names = sorted(p.name for p in (ROOT / 'build-fuzz/fuzz').glob('fuzz-*') if p.is_file())
    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        for one_found in pool.map(lambda n: fuzz_one(n, seconds, seed), names):
            found.add(one_found)
    return found


def fuzz_one(name, seconds, seed):
    new = ROOT / 'build-fuzz/found' / name
    new.mkdir(parents=True, exist_ok=True)
    return one(f'fuzz {name}', f'build-fuzz/fuzz/{name}', f'-max_total_time={seconds}', f'-seed={seed}',
               '-rss_limit_mb=1024', '-timeout=10', f'-artifact_prefix={new}/bad-', new,
               ROOT / 'fuzz/seeds' / name.removeprefix('fuzz-'), timeout=seconds + 120)


def lint():
    """clang-tidy over all C files of the program."""
    files = sorted(str(p.relative_to(ROOT)) for p in (ROOT / 'src').rglob('*.c'))
    parts, folder = [files[i::CORES] for i in range(CORES)], lint_folder()
    with concurrent.futures.ThreadPoolExecutor(CORES) as pool:
        told = list(pool.map(lambda i: command(f'clang-tidy {i}', 'clang-tidy', '--quiet', '-p', folder, *parts[i],
                                               timeout=1500), range(CORES)))
    bad = sorted({x for _, said in told for x in re.findall(r'^\S+:\d+:\d+: error: .*', said, re.M)})
    if not bad and any(code for code, _ in told):
        bad = [f'exit {code}' for code, _ in told if code]
    return Tally(len(files), [f'clang-tidy: {b.replace(str(ROOT) + "/", "")}' for b in bad])


def lint_folder():
    """The compile commands without what only gcc understands."""
    path = ROOT / 'build/lint/compile_commands.json'
    if not path.exists() or path.stat().st_mtime < (ROOT / BUILD / 'compile_commands.json').stat().st_mtime:
        path.parent.mkdir(exist_ok=True)
        text = (ROOT / BUILD / 'compile_commands.json').read_text()
        path.write_text(re.sub(r' -(fstack-clash-protection|fcf-protection=full|Werror)(?= )', '', text))
    return path.parent


def done():
    return one_list('done', 'tools/done', 'check', env={'MINAR_PROVED': json.dumps(PROVED)}, timeout=1800)


def one_list(name, *args, env=None, timeout=600):
    """A command that prints 'ok WORDS', 'not ok WORDS' or 'skip WORDS' a line."""
    code, said = command(name, *args, env=env, timeout=timeout)
    found = Tally(len(re.findall(r'^ok ', said, re.M)), [f'{name}: {x}' for x in re.findall(r'^not ok (.*)', said, re.M)],
                  [f'{name}: {x}' for x in re.findall(r'^skip (.*)', said, re.M)])
    if code and not found.failed:
        found.failed.append(f'{name}: exit {code}')
    return found


def oracle(engine, *args, timeout=600):
    """The access oracle against a build with faults, none of them on unless args say so."""
    found = build_of_faults('minar', 'gen/openapi.json')
    if found.failed:
        return found
    code, said = command(f'oracle on {engine} {" ".join(args[:1])}', 'node', 'test/model/run.mjs', '--engine', engine, *args,
                         env={'MINAR': str(ROOT / 'build-faults/minar'), 'MINAR_BUILD': str(ROOT / 'build-faults')},
                         timeout=timeout)
    played = re.search(r'^(\d+) histories', said, re.M)
    passed = int(played[1]) if played else len(re.findall(r'^found ', said, re.M))
    bad = [f'oracle on {engine}: {x[:300]}' for x in re.findall(r'^(?:seed|MISSED) .*', said, re.M)]
    return Tally(passed, bad or ([f'oracle on {engine}: exit {code}'] if code else []))


POWER = ('minar', 'gen/openapi.json', 'test/fault/power', 'test/fault/libpower_log.so')


def power_faults():
    """Simulated power cuts find what writes in the wrong order, and nothing where nothing does."""
    found = build_of_faults(*POWER)
    return found if found.failed else node_test('power cuts, seeded faults', 'node', 'test/fault/power.mjs', '--faults', '150', '3', env={
        **FAR, 'MINAR': str(ROOT / 'build-faults/minar'), 'MINAR_BUILD': str(ROOT / 'build-faults')}, timeout=600)


# ---- night ----

def pictures():
    found = build_of(BUILD, targets=('minar',))
    return found if found.failed else one_list('pictures', 'node', 'test/browser/golden.mjs', timeout=300)


def power(cuts):
    found = build_of(BUILD, targets=POWER)
    return found if found.failed else node_test(f'{cuts} power cuts', 'node', 'test/fault/power.mjs', str(cuts), '25', env=FAR, timeout=2 * 3600)


def history_killed(times):
    found = build_of(BUILD, targets=POWER)
    return found if found.failed else node_test(f'history killed between calls, {times} times', 'node', 'test/fault/power.mjs', '--killed', str(times), '20', env=FAR,
                                                timeout=3600)


def nth_call():
    found = build_of(BUILD, targets=('minar', 'gen/openapi.json', 'test/fault/libnth.so'))
    return found if found.failed else node_test('the n-th call fails', 'node', 'test/fault/nth.mjs', '40', env=FAR, timeout=4 * 3600)


def nth_rows():
    return node_test('writes of the n-th call', 'node', 'test/fault/nth.mjs', '--rows')


def threads():
    """Unit tests under ThreadSanitizer. Libraries that are not built with it (DuckDB) are not judged, and the order of
    locks is not (its allocator takes more at a fork than the detector holds); processes within
    their fences have no room for it."""
    found = build_of('build-tsan', '-Db_sanitize=thread', '-Db_lundef=false', '-Dconsole=false', '-Doptimization=1',
                     targets=('meson-test-prereq',))
    return found if found.failed else meson('threads', 'build-tsan', ['unit'], scale=20, timeout=7200, env={
        'TSAN_OPTIONS': 'halt_on_error=1:ignore_noninstrumented_modules=1:die_after_fork=0:detect_deadlocks=0'})


def clock_set():
    found = build_of(BUILD, targets=('minar', 'gen/openapi.json', 'test/fault/libclock_jump.so'))
    return found if found.failed else node_test('the clock is set', 'node', 'test/fault/clock.mjs', env=FAR, timeout=900)


def killed(times):
    return one(f'kill -9, {times} times', 'node', 'test/fault/kill.mjs', str(times), env=FAR, timeout=7200)


def postgres_killed(times):
    return node_test(f'PostgreSQL killed under load, {times} times', 'node', 'test/fault/pg_kill.mjs', str(times), env=FAR, timeout=7200)


def upgrades(store):
    return node_test(f'upgrades on {store}', 'node', 'test/fault/upgrade.mjs', env={**FAR, 'MINAR_STORE': store}, timeout=7200)


def full_disk():
    return one('a full disk', 'node', 'test/fault/disk.mjs', env=FAR, timeout=600)


def million():
    return one('a million rows', './bench', 'foundation', '--json', timeout=7200)


def unit_calls():
    return one_list('calls', 'test/package/calls', env=FAR, timeout=600)


def package_installed():
    return one_list('package', 'test/package/install', timeout=7200)


def same_bytes():
    return one_list('same bytes', 'test/package/same.py', timeout=7200)


def package_release():
    return one_list('release', 'test/package/release', timeout=3600)


def coverage():
    """Which lines the unit tests and seeds run, by layer: build-cov/coverage.txt. Falls below its floor: a failed test."""
    found = build_of('build-cov', '-Db_coverage=true', '-Dconsole=false', targets=('meson-test-prereq',))
    if found.failed:
        return found
    found.add(meson('coverage', 'build-cov', ['unit', 'seeds'], scale=3, timeout=7200))
    code, said = command('coverage report', 'gcovr', '--root', ROOT, '--filter', 'src/', '--fail-under-line', '60', '-o', ROOT / 'build-cov/coverage.txt',
                         '--print-summary', ROOT / 'build-cov', timeout=1800)
    return found.add(Tally(1) if code == 0 else Tally(failed=[f'coverage: {said.strip()[-200:]}']))


def scaffolds():
    return one_list('scaffolds', 'tools/new', '--test', timeout=7200)


# ---- beside the others ----

def build_of_faults(*targets):
    return build_of('build-faults', '-Dfaults=true', '-Dconsole=false', targets=targets)


def beside():
    """Builds that later steps want and nobody waits for yet: on the processors while walks wait for their servers, below
    everything. What goes wrong is said by the step that wants them."""
    HERE.gives_way = True
    build_of_faults(*POWER)
    build_of_clang('meson-test-prereq', 'fuzz-all')


# ---- all ----

STEPS = [
    ('quick', 'build', build),
    ('quick', 'texts', texts),
    ('quick', 'tidy', tidy),
    ('quick', 'migrations', migrations),
    ('quick', 'what is made is made again', made_twice),
    ('quick', 'the access matrix is what the tables say', matrix),
    ('quick', 'unit tests and seeds', unit),
    ('quick', 'every route has its observation', observed),
    ('quick', 'every route that writes is tried with calls that fail', nth_rows),
    ('quick', 'settings on their page', settings_page),
    ('quick', 'manual pages and completions', manual),
    ('quick', 'the unit of the package', unit_file),
    ('quick', 'API server, framing to streams', api_server),
    ('quick', 'walks on SQLite', lambda: walks('sqlite')),
    ('default', 'processes against real peers', proc),
    ('default', 'API server on PostgreSQL', api_server_pg),
    ('default', 'walks on PostgreSQL', lambda: walks('pg')),
    ('default', 'holes of peers on SQLite', lambda: holes('sqlite')),
    ('default', 'holes of peers on PostgreSQL', lambda: holes('pg')),
    ('default', 'hostile text in every field and view', hostile),
    ('default', 'access oracle on SQLite', lambda: oracle('sqlite', '--histories', '1000', '--seconds', '50')),
    ('default', 'access oracle on PostgreSQL', lambda: oracle('pg', '--histories', '1000', '--seconds', '50')),
    ('default', 'kill -9, 10 times', lambda: killed(10)),
    ('default', 'PostgreSQL killed under load, 3 times', lambda: postgres_killed(3)),
    ('default', 'power cuts, seeded faults', power_faults),
    ('default', 'address and undefined behaviour', sanitized),
    ('default', 'console: types', console_types),
    ('default', 'access oracle: types', oracle_types),
    ('default', 'console: units', console_units),
    ('default', 'console: size', console_size),
    ('default', 'browser, stand-in server', browser_alone),
    ('default', 'browser, demonstration and empty start', browser_sites),
    ('default', 'fuzzing, 10 s a parser', lambda: fuzz(10, seed=1)),
    ('default', 'clang-tidy', lint),
    ('default', 'what is said to be done', done),
    ('night', 'threads', threads),
    ('night', 'console: pictures from right to left', pictures),
    ('night', 'access oracle on SQLite, 10,000', lambda: oracle('sqlite', '--histories', '10000', '--seed', '100000', timeout=7200)),
    ('night', 'access oracle on PostgreSQL, 10,000', lambda: oracle('pg', '--histories', '10000', '--seed', '100000', timeout=7200)),
    ('night', 'faults that the oracle must find', lambda: oracle('sqlite', '--score', '--histories', '1000', timeout=7200)),
    ('night', 'kill -9, 100 times', lambda: killed(100)),
    ('night', 'PostgreSQL killed under load, 60 times', lambda: postgres_killed(60)),
    ('night', '5,000 power cuts', lambda: power(5000)),
    ('night', 'the history killed between two calls, 500 times', lambda: history_killed(500)),
    ('night', 'the n-th call fails', nth_call),
    ('night', 'the clock is set', clock_set),
    ('night', 'a full disk', full_disk),
    ('night', 'upgrades from earlier commits on SQLite, and back', lambda: upgrades('sqlite')),
    ('night', 'upgrades from earlier commits on PostgreSQL, and back', lambda: upgrades('pg')),
    ('night', 'fuzzing, 10 minutes a parser', lambda: fuzz(600)),
    ('night', 'a million rows', million),
    ('night', 'scaffolds', scaffolds),
    ('night', 'system calls that the unit allows', unit_calls),
    ('night', 'the package in an empty root', package_installed),
    ('night', 'the same bytes at two places', same_bytes),
    ('night', 'a release, signed and checked', package_release),
    ('night', 'coverage', coverage),
]


def clean():
    shutil.rmtree(ROOT / 'build-made', ignore_errors=True)
