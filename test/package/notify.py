#!/usr/bin/env python3
"""notify - the program tells a service manager that it is ready, not before it answers, and that it stops; its children are
not asked. Prints "ok WORDS" or "not ok WORDS".  MINAR: the program (default build/minar)"""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import urllib.request

MINAR = pathlib.Path(os.environ.get('MINAR', 'build/minar')).resolve()


def main():
    with tempfile.TemporaryDirectory(prefix='minar-notify-') as work:
        data = pathlib.Path(work) / 'data'
        data.mkdir(mode=0o700)
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            port = s.getsockname()[1]
        (data / 'minar.yaml').write_text(f'listen: 127.0.0.1:{port}\n')
        subprocess.run([MINAR, 'init', '--data', data], check=True, capture_output=True)
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.bind(f'{work}/notify')
        manager.settimeout(60)
        env = {**os.environ, 'NOTIFY_SOCKET': f'{work}/notify'}
        server = subprocess.Popen([MINAR, 'serve', '--data', data], env=env, stderr=subprocess.DEVNULL)
        try:
            said = manager.recv(64)
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            up = opener.open(f'http://127.0.0.1:{port}/healthz', timeout=10).read()
            good = said == b'READY=1' and b'"ready"' in up
            print(f'{"ok" if good else "not ok"} ready is told when it is: {said} {up if not good else ""}')
            server.terminate()
            last = manager.recv(64)
            print(f'{"ok" if last == b"STOPPING=1" else "not ok"} stopping is told: {last}')
            good = good and last == b'STOPPING=1' and server.wait(60) == 0
        finally:
            if server.poll() is None:
                server.kill()
    sys.exit(0 if good else 1)


main()
