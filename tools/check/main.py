"""main.py - runs the steps of a tier (steps.py), each timed, and ends with the counts of ./check."""
import pathlib
import resource
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import steps  # noqa: E402
from tally import LOGS, Tally  # noqa: E402

TIERS = ['quick', 'default', 'night']


def say(words):
    print(words, file=sys.stderr, flush=True)


def worked():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(name, work):
    """One step: its counts, whatever happens in it. The second time is of the processors, of all that it waited for."""
    began, before = time.monotonic(), worked()
    try:
        found = work()
    except Exception as e:   # a step that cannot run is a failed test, not the end of the others
        found = Tally(failed=[f'{name}: {e}'])
    took = time.monotonic() - began
    say(f'  {name:<46}{took:6.0f} s {worked() - before:6.0f} s  {found.short()}')
    for line in found.failed:
        say(f'      failed: {line}')
    return found


def main():
    tier = TIERS.index(sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] in TIERS else 'default')
    only = [a for a in sys.argv[2:]]
    LOGS.mkdir(parents=True, exist_ok=True)
    began, total = time.monotonic(), Tally()
    for least, name, work in steps.STEPS:
        if TIERS.index(least) <= tier and (not only or any(o in name for o in only)):
            total.add(run(name, work))
            if name == 'build' and total.failed:
                break
            if name == 'build' and tier > 0 and not only:
                threading.Thread(target=steps.beside, daemon=True).start()
    steps.clean()
    for line in total.skipped:
        say(f'  skipped: {line}')
    if total.failed:
        say(f'  what each step said is in {LOGS}')
    say(f'  all in {(time.monotonic() - began) / 60:.1f} minutes')
    sys.stderr.flush()
    print(f'{total.passed} passed, {len(total.failed)} failed, {len(total.skipped)} skipped', flush=True)
    sys.exit(1 if total.failed else 0)


main()
