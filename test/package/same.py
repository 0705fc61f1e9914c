#!/usr/bin/env python3
"""same - the same commit gives the same bytes: built at two paths, at two times, under two locales and time zones, and held
against each other: the program, the console in it, the package, its list of what is in it. Prints "ok ..." or "not ok ...".

  test/package/same.py          needs git, and what a build needs; FAST=1: without the console"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLACES = [('a', {'LC_ALL': 'C', 'TZ': 'UTC', 'HOME': None, 'SOURCE_DATE_EPOCH': None}),
          ('another-place/deeper', {'LC_ALL': 'C.UTF-8', 'LANG': 'tr_TR.UTF-8', 'TZ': 'Asia/Karachi', 'PYTHONHASHSEED': '7'})]
UMASKS = [0o022, 0o077]


def run(*command, cwd, env, umask):
    done = subprocess.run(command, cwd=cwd, env=env, umask=umask, capture_output=True, text=True)
    if done.returncode:
        print(f'not ok {" ".join(command[:3])}: {(done.stdout + done.stderr).strip()[-600:]}')
        sys.exit(1)
    return done.stdout


def environment(changes, moment):
    env = {k: v for k, v in os.environ.items() if not k.startswith('LC_') and k != 'LANG'}
    env.update({k: v for k, v in changes.items() if v is not None})
    return {**env, 'SOURCE_DATE_EPOCH': moment}


def make(place, changes, umask, moment):
    """A checkout of its own, without history: the moment of the sources is handed in."""
    place.mkdir(parents=True)
    subprocess.run(f'git archive HEAD | tar -x -C {place}', cwd=ROOT, shell=True, check=True)
    # The tools of the console, as they were fetched; its outcome is made anew.
    if (ROOT / 'web/node_modules').exists():
        subprocess.run(['cp', '-al', ROOT / 'web/node_modules', place / 'web/node_modules'], check=True)
    for path in place.rglob('*'):
        if path.is_file() and 'node_modules' not in path.parts and len(str(path)) % 2:
            os.utime(path)      # files are not all of one time
    env = environment(changes, moment)
    options = ['-Dconsole=false'] if os.environ.get('FAST') else []
    run('meson', 'setup', 'build', *options, cwd=place, env=env, umask=umask)
    run('ninja', '-C', 'build', 'minar', 'gen/openapi.json', cwd=place, env=env, umask=umask)
    run('tools/package', 'deb', '--only', cwd=place, env=env, umask=umask)
    return place


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def same(words, paths):
    sums = {digest(p) for p in paths}
    print(f'{"ok" if len(sums) == 1 else "not ok"} {words}, built twice' + ('' if len(sums) == 1 else f': {sorted(s[:12] for s in sums)}'))
    return len(sums) == 1


def main():
    moment = subprocess.run(['git', 'log', '-1', '--format=%ct'], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    work = pathlib.Path(tempfile.mkdtemp(prefix='minar-same-'))
    try:
        made = [make(work / name, changes, umask, moment) for (name, changes), umask in zip(PLACES, UMASKS)]
        good = [same('the console', [m / 'build/gen/console_assets.c' for m in made])]
        for part in sorted(p.name for p in (made[0] / 'build-package').iterdir()):
            good.append(same(part, [m / 'build-package' / part for m in made]))
        for m in made:
            subprocess.run(['strip', '--strip-unneeded', '--remove-section=.comment', m / 'build/minar'], check=True)
        good.append(same('the program', [m / 'build/minar' for m in made]))
    finally:
        if not os.environ.get('KEEP'):
            shutil.rmtree(work, ignore_errors=True)
        else:
            print(work, file=sys.stderr)
    sys.exit(0 if all(good) else 1)


main()
