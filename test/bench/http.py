#!/usr/bin/env python3
"""The HTTP way alone: small authorised reads, durable writes, streams, over the API's test server
(its own route table; the real HTTP server, walk, rates, store and ledger). Needs wrk, and
ninja -C BUILD test/api/api-test-server.
usage: test/bench/http.py BUILD [--pg]      one line a figure; the cost of one fsync beside them"""
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time

SECONDS, CONNECTIONS, STREAMS = 8, 64, 5000
LUA = """local n = 0
request = function()
  n = n + 1
  return wrk.format("%s", "%s", { ["Authorization"] = "Bearer org1-u" .. (n %% 64), ["Host"] = "x",
    ["Content-Type"] = "application/json" }, %s)
end"""


def fsync_ms(folder):
    with open(os.path.join(folder, "probe"), "wb") as f:
        began = time.monotonic()
        for _ in range(50):
            f.write(b"x" * 4096)
            f.flush()
            os.fsync(f.fileno())
        return (time.monotonic() - began) / 50 * 1000


def wrk(folder, port, method, path, body):
    script = os.path.join(folder, "wrk.lua")
    with open(script, "w", encoding="utf-8") as f:
        f.write(LUA % (method, path, f"'{body}'" if body else "nil"))
    out = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", script,
                          f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)[1]
    p99 = re.search(r"99%\s+(\S+)", out)[1]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return f"{float(rate):,.0f}/s  p99 {p99}  not 2xx: {bad[1] if bad else 0}"


def rss_kb(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])


def one_stream(port, i):
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(f"GET /t/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer org1-s{i}\r\n\r\n".encode())
    return s


def wait_for(s, what):
    text = b""
    while what not in text:
        text = text[-20:] + s.recv(4096)


def streams(port, pid):
    time.sleep(1)  # what was written before is told before
    before = rss_kb(pid)
    socks = [one_stream(port, i) for i in range(STREAMS)]
    for s in socks:
        wait_for(s, b"id: ")
    held = (rss_kb(pid) - before) / STREAMS
    body = b'{"name":"x"}'
    w = socket.create_connection(("127.0.0.1", port))
    began = time.monotonic()
    w.sendall(b"POST /t/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer org1-w\r\n"
              b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    first = None
    for s in socks:
        wait_for(s, b"data: ")
        first = first or time.monotonic()
    return (f"{STREAMS} streams: first read after {(first - began) * 1000:.0f} ms, all after "
            f"{(time.monotonic() - began) * 1000:.0f} ms; {held:.1f} KB each")


def figures(port, pid):
    with tempfile.TemporaryDirectory() as folder:
        print(f"fsync of 4 KiB: {fsync_ms(folder):.2f} ms; load average {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores")
        print("GET, indexed, authorised:", wrk(folder, port, "GET", "/t/items/6ba7b810-9dad-41d1-80b4-00c04fd430c8", ""))
        print("POST, durable, with its ledger entry:", wrk(folder, port, "POST", "/t/items", '{"name":"x","label":2}'))
        print(streams(port, pid))
        print(f"server's memory: {rss_kb(pid) / 1024:.0f} MB")


def main():
    build, args = sys.argv[1], sys.argv[2:]
    resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
    server = subprocess.Popen([os.path.join(build, "test/api/api-test-server"), *args], stderr=subprocess.PIPE, text=True)
    found = None
    while not found:
        found = re.search(r"on=http://127\.0\.0\.1:(\d+)", server.stderr.readline())
    try:
        figures(int(found[1]), server.pid)
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
