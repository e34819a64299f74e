"""A web server on this machine that gives files, and faults on demand."""

import http.server
import threading
from contextlib import contextmanager


@contextmanager
def serving(files: dict[str, bytes]):
    """Serve ``files``; yields (address, requests). Paths that begin with these words misbehave:

    /short: ends before its length; /nonsense: no HTTP at all; /drop: closes; /moved: to a file.
    """
    requests: list[tuple[str, dict[str, str]]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append((self.path, dict(self.headers)))
            if self.path.startswith("/nonsense"):
                self.wfile.write(b"no http here\r\n\r\n")
                return
            if self.path.startswith("/drop"):
                return
            if self.path.startswith("/moved"):
                self.send_response(302)
                self.send_header("Location", self.path.removeprefix("/moved"))
                self.end_headers()
                return
            short = self.path.startswith("/short")
            data = files.get(self.path.removeprefix("/short"))
            if data is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if short else data)

        def log_message(self, *_): ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requests
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
