"""A TCP proxy on loopback that counts what crosses it, and can be as slow as a real line."""

import queue
import socket
import threading
import time

LINES = {"2g": (35_000, 32_000, 1.3), "edge": (240_000, 200_000, 0.84)}


def seconds(name, count):
    """What a count of bytes and turns costs on a line, by arithmetic.

    One round trip for each connection's handshake and one for each turn, then the bytes at the
    line's rate with 40 more for each segment of 1,400; nothing overlaps, no slow start.
    """
    down, up, trip = LINES[name]
    size = lambda bytes: (bytes + 40 * -(-bytes // 1400)) * 8
    return (count.connections + count.turns) * trip + size(count.down) / down + size(count.up) / up


class Count:
    """Bytes at the client's socket, connections, and how often the client spoke after listening."""

    def __init__(self):
        self.up = self.down = self.connections = self.turns = 0
        self.took = 0.0

    @property
    def total(self):
        return self.up + self.down


class Meter:
    """Listens on a free port and passes on to `target`; `with` stops it."""

    def __init__(self, target, line=None):
        self.target, self.line = target, LINES.get(line)
        self.count = Count()
        self.lock = threading.Lock()
        self.free = {"up": 0.0, "down": 0.0}
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for each in self.sockets:
            each.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.count.connections += 1
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets += [client, server]
            speaker = {"last": None}
            # A connection's handshake is one round trip, which its first bytes wait for.
            ready = time.monotonic() + (self.line[2] if self.line else 0)
            for source, sink, way in ((client, server, "up"), (server, client, "down")):
                threading.Thread(
                    target=self.pump, args=(source, sink, way, speaker, ready), daemon=True).start()

    def pump(self, source, sink, way, speaker, ready):
        waiting = queue.Queue(maxsize=64)
        if self.line:
            threading.Thread(target=self.deliver, args=(waiting, sink), daemon=True).start()
        while True:
            try:
                data = source.recv(1400 if self.line else 65536)
            except OSError:
                data = b""
            if data:
                with self.lock:
                    if way == "up" and speaker["last"] != "up":
                        self.count.turns += 1
                    speaker["last"] = way
                    setattr(self.count, way, getattr(self.count, way) + len(data))
            if self.line:
                waiting.put((self.arrival(len(data), way, ready), data))
            elif data:
                try:
                    sink.sendall(data)
                except OSError:
                    data = b""
            if not data:
                if not self.line:
                    finish(sink)
                return

    def arrival(self, size, way, ready):
        """When the last of `size` bytes that set out now reaches the other side."""
        down, up, trip = self.line
        with self.lock:
            start = max(time.monotonic(), ready, self.free[way])
            self.free[way] = start + (size + 40) * 8 / (up if way == "up" else down) * (size > 0)
            return self.free[way] + trip / 2

    def deliver(self, waiting, sink):
        while True:
            due, data = waiting.get()
            time.sleep(max(0, due - time.monotonic()))
            try:
                if data:
                    sink.sendall(data)
            except OSError:
                data = b""
            if not data:
                return finish(sink)


def finish(sink):
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def measure(target, run, line=None):
    """Runs `run(port)` through a meter; its count."""
    with Meter(target, line) as meter:
        start = time.monotonic()
        run(meter.port)
        meter.count.took = time.monotonic() - start
        return meter.count
