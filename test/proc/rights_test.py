"""rights_test.py PROGRAM - each forbidden act in each kind of process of a running Minar.
PROGRAM is the whole program with acts.c linked in: every process tries every act once its rights have
gone, with the grants that it has in a real installation. Every cell of the table is asserted."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

PROGRAM = sys.argv[1]
# Which kinds may do it; all others must be refused. What stands in ANY is asserted of every kind.
KINDS = ('supervisor', 'keys', 'gpg', 'signer', 'courier', 'sandbox', 'opener', 'printer', 'server')
MAY = {
    'read_shadow': {'supervisor'},  # reading and writing are each child's own fence: see rights_landlock.c
    'read_master_key': {'supervisor'},
    'read_parent': {'supervisor'},
    'write_outside': {'supervisor'},
    'write_beside': {'supervisor'},
    'write_spool': {'supervisor', 'server'},
    'write_conf': {'supervisor'},
    'move_own': {'supervisor', 'server'},
    'temporary_file': {'supervisor', 'server'},
    'remove_key': {'supervisor'},
    'replace_key': {'supervisor'},
    'change_owner': set(),
    'exec_true': set(),
    'exec_shell': set(),
    'exec_gpg': {'supervisor', 'gpg', 'signer'},
    'exec_memory': set(),
    'fork_once': {'supervisor', 'gpg', 'signer', 'sandbox'},
    'thread': set(KINDS) - {'opener'},
    'trace_me': set(),
    'trace_parent': set(),
    'memory_of_parent': set(),
    'signal_parent': set(),
    'signal_thread_of_parent': set(),
    'signal_self': set(KINDS),
    'socket_tcp': {'supervisor', 'courier', 'server'},
    'socket_udp': {'supervisor', 'courier'},
    'socket_unix': {'supervisor', 'server', 'signer'},
    'socket_raw': set(),
    'socket_netlink': set(),
    'socket_packet': set(),
    'connect_out': {'supervisor', 'courier'},  # which address, the courier judges: address.c
    'listen_elsewhere': {'supervisor'},
    'code_in_memory': set(),
    'code_made_later': set(),
    'become_another': set(),
    'new_namespace': set(),
    'mount_something': set(),
    'change_root': set(),
    'load_filter': set(),
    'ring_of_calls': set(),
    'make_device': set(),
    'dump_core': set(),
}
# Fenced by Landlock alone: without it in the kernel they are not asserted.
LANDLOCK = {'read_shadow', 'read_master_key', 'read_parent', 'write_outside', 'write_beside', 'write_conf',
            'remove_key', 'replace_key', 'exec_true', 'exec_shell', 'listen_elsewhere', 'connect_out'}


class Minar:
    def __init__(self, data, env):
        self.process = subprocess.Popen([PROGRAM, 'serve', '--data', data, '--listen', '127.0.0.1:0'],
                                        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
                                        env={**os.environ, **env})
        self.log, self.changed = [], threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stderr:
            with self.changed:
                self.log.append(line)
                self.changed.notify_all()

    def wait(self, pattern, seconds=30):
        end = time.monotonic() + seconds
        with self.changed:
            while not (found := [m for line in self.log if (m := re.search(pattern, line))]):
                if not self.changed.wait(end - time.monotonic()) and time.monotonic() >= end:
                    raise AssertionError(f'{pattern} in vain; log:\n' + ''.join(self.log[-40:]))
            return found

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def setUpModule():
    global folder, data, minar, seen, landlock
    folder = tempfile.TemporaryDirectory()
    data = pathlib.Path(folder.name) / 'data'
    subprocess.run([PROGRAM, 'init', '--data', data], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    listener = socket.create_server(('127.0.0.1', 0))
    (data / 'from').mkdir()
    (data / 'drop').mkdir(exist_ok=True)
    for kind in KINDS:
        (data / 'keys' / kind).write_text('x')
        (data / 'from' / kind).write_text('x')
        (data / 'drop' / kind).write_text('x')
    (data / 'minar.yaml').touch()
    minar = Minar(str(data), {'MINAR_ACTS': str(data), 'MINAR_ACTS_PORT': str(listener.getsockname()[1])})
    for kind in KINDS:
        minar.wait(f'acts kind={kind} over')
    cells = [re.fullmatch(r'act kind=(\w+) landlock=(\d+) act=(\w+) (\w+) errno=(\d+)\n', line)
             for line in minar.log if line.startswith('act kind')]
    seen = {(m[1], m[3]): m[4] for m in cells}
    landlock = int(cells[0][2])


def tearDownModule():
    minar.stop()
    folder.cleanup()


class Rights(unittest.TestCase):
    def test_every_act_was_tried_in_every_kind(self):
        self.assertEqual(set(seen), {(k, a) for k in KINDS for a in MAY})

    def test_what_still_stands_when_it_serves(self):
        port = minar.wait(r'what=listening on=http://127.0.0.1:(\d+)')[0][1]
        with urllib.request.urlopen(f'http://127.0.0.1:{port}/healthz') as answer:
            self.assertEqual(answer.status, 200)


def cell(kind, act):
    def test(self):
        if act in LANDLOCK and not landlock:
            self.skipTest('no Landlock in this kernel')
        if kind in ('supervisor', 'sandbox') and act.startswith('signal') and landlock < 6:
            self.skipTest('signals are fenced from ABI 6 on')
        want = 'done' if kind in MAY[act] else 'refused'
        self.assertEqual(seen[kind, act], want)
    return test


for _kind in KINDS:
    for _act in MAY:
        setattr(Rights, f'test_{_kind}_{_act}', cell(_kind, _act))

if __name__ == '__main__':
    result = unittest.main(argv=sys.argv[:1], exit=False, warnings='ignore').result
    bad = len(result.failures) + len(result.errors)
    print(f'{result.testsRun - bad} passed, {bad} failed, {len(result.skipped)} skipped')
    sys.exit(bad > 0)
