"""keys_test.py PROGRAM - the keys process under its supervisor: it answers, comes back when it crashed,
holds little memory, and goes in order. PROGRAM is courier_drive. What it starts it stops by its own pid."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAM = sys.argv[1]


class Minar:
    def __init__(self, folder):
        self.process = subprocess.Popen([PROGRAM, f'--folder={folder}'], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)
        self.answers, self.log, self.number = {}, [], 0
        self.changed = threading.Condition()
        for stream, keep in ((self.process.stderr, self._line), (self.process.stdout, self._answer)):
            threading.Thread(target=self._read, args=(stream, keep), daemon=True).start()

    def _read(self, stream, keep):
        for line in stream:
            with self.changed:
                keep(line)
                self.changed.notify_all()

    def _line(self, line):
        self.log.append(line)

    def _answer(self, line):
        fields = line.rstrip('\n').split('\t')
        self.answers[fields[0]] = fields[1:]

    def wait(self, condition, seconds=20):
        end = time.monotonic() + seconds
        with self.changed:
            while not (value := condition()):
                if not self.changed.wait(end - time.monotonic()) and time.monotonic() >= end:
                    raise AssertionError('waited in vain; log:\n' + ''.join(self.log[-20:]))
            return value

    def seen(self, pattern):
        found = [m for line in self.log if (m := re.search(pattern, line))]
        return found[-1] if found else None

    def pid(self, kind):
        return int(self.wait(lambda: self.seen(rf'what=proc.start kind={kind} pid=(\d+)'))[1])

    def keys(self, label='person_key 1', times=1):
        self.number += 1
        number = str(self.number)
        self.process.stdin.write(f'keys\t{number}\t{label}\t{times}\n')
        self.process.stdin.flush()
        return self.wait(lambda: self.answers.get(number))


class Keys(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.minar = Minar(self.folder.name)

    def tearDown(self):
        if self.minar.process.poll() is None:
            self.minar.process.send_signal(signal.SIGTERM)
            self.minar.process.wait(20)
        self.folder.cleanup()

    def test_it_wraps_unwraps_and_signs(self):
        answer = self.minar.keys(times=2000)
        self.assertEqual(answer[0], 'ok')
        took_us = int(answer[5])
        print(f'2,000 questions in {took_us} us: {took_us / 2000:.1f} us each')
        self.assertLess(took_us, 2_000_000)

    def test_a_crash_is_not_seen_by_who_asks(self):
        before = self.minar.keys()
        os.kill(self.minar.pid('keys'), signal.SIGKILL)
        at = time.monotonic()
        after = self.minar.keys()
        self.assertLess(time.monotonic() - at, 1)
        self.assertEqual((after[0], after[6]), ('ok', before[6]), 'the same key signs')

    def test_a_hung_process_is_said_and_replaced(self):
        self.minar.keys()
        pid = self.minar.pid('keys')
        os.kill(pid, signal.SIGSTOP)
        self.assertEqual(self.minar.keys()[:2], ['error.keys.absent', 'busy'])
        os.kill(pid, signal.SIGKILL)
        self.assertEqual(self.minar.keys()[0], 'ok')

    def test_it_is_small_fenced_and_alone_with_its_files(self):
        self.minar.keys()
        pid = self.minar.pid('keys')
        status = pathlib.Path(f'/proc/{pid}/status').read_text()
        self.assertIn('Seccomp:\t2', status)
        self.assertIn('NoNewPrivs:\t1', status)
        rollup = pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text()
        own_kb = int(re.search(r'Private_Dirty:\s+(\d+)', rollup)[1])
        print(f'memory of its own: {own_kb} kB')
        if not os.environ.get('MINAR_SANITIZED'):
            self.assertLess(own_kb, 16 << 10)
        open_files = [os.readlink(f'/proc/{pid}/fd/{n}') for n in os.listdir(f'/proc/{pid}/fd')]
        self.assertFalse([f for f in open_files if f.startswith(self.folder.name)], 'no key file stays open')
        for name in os.listdir(f'{self.folder.name}/keys'):
            if name.endswith('.key'):
                self.assertEqual(os.stat(f'{self.folder.name}/keys/{name}').st_mode & 0o777, 0o600)

    def test_it_stops_last_and_in_order(self):
        self.minar.keys()
        starters = subprocess.run(['pgrep', '-P', str(self.minar.pid('keys'))], capture_output=True,
                                  text=True, check=True).stdout.split()
        self.assertEqual(len(starters), 2, 'of the site\'s keys, and of strangers\' keys')
        self.minar.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.minar.process.wait(10), 0)
        self.minar.wait(lambda: self.minar.seen('what=proc.end kind=keys .*code=0'))
        ends = [m[1] for line in self.minar.log if (m := re.search(r'what=proc.end kind=(\w+)', line))]
        self.assertEqual(ends, ['server', 'printer', 'sandbox', 'courier', 'keys'])
        end = time.monotonic() + 5
        while any(os.path.exists(f'/proc/{s}') for s in starters) and time.monotonic() < end:
            time.sleep(0.02)
        self.assertFalse([s for s in starters if os.path.exists(f'/proc/{s}')], "gpg's starters go with it")

    def test_a_key_that_others_may_read_stops_the_start(self):
        self.minar.keys()
        self.minar.process.send_signal(signal.SIGTERM)
        self.minar.process.wait(10)
        os.chmod(f'{self.folder.name}/keys/master.key', 0o644)
        self.assertEqual(Minar(self.folder.name).process.wait(10), 3)


if __name__ == '__main__':
    result = unittest.main(argv=sys.argv[:1], exit=False, warnings='ignore').result
    bad = len(result.failures) + len(result.errors)
    print(f'{result.testsRun - bad} passed, {bad} failed')
    sys.exit(bad > 0)
