"""A CONNECT proxy that leads every host name to the emulator and counts bytes; the kernel moves them (`splice`).

It runs in the emulator's process group but not in its process, so that carrying bytes is not the emulator's work.
`python -m bench.relay TLS_PORT` prints its port; a line on standard input is answered with the bytes so far, up and down.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading

_MOST = 1 << 20
_carried = [0, 0]
_lock = threading.Lock()


def _carry(source: socket.socket, target: socket.socket, direction: int) -> None:
    out, into = os.pipe()
    try:
        while count := os.splice(source.fileno(), into, _MOST):
            left = count
            while left:
                left -= os.splice(out, target.fileno(), left)
            with _lock:
                _carried[direction] += count
    except OSError:
        pass  # either end may go at any time; the other learns it by the shutdown below
    finally:
        os.close(out)
        os.close(into)
        for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
            with contextlib.suppress(OSError):
                end.shutdown(how)


def _serve(client: socket.socket, port: int) -> None:
    head = b""
    with client:
        while b"\r\n\r\n" not in head:
            piece = client.recv(4096)
            if not piece:
                return
            head += piece
        if not head.startswith(b"CONNECT "):
            client.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", port)) as server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(b"HTTP/1.1 200 Connection Established\r\n\r\n")
            up = threading.Thread(target=_carry, args=(client, server, 0), daemon=True)
            up.start()
            _carry(server, client, 1)
            up.join()


def _accept(listener: socket.socket, port: int) -> None:
    while True:
        client, _ = listener.accept()
        threading.Thread(target=_serve, args=(client, port), daemon=True).start()


def main(port: int) -> None:
    """Serve until standard input ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=_accept, args=(listener, port), daemon=True).start()
    for _ in sys.stdin:
        with _lock:
            print(*_carried, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
