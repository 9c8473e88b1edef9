"""A gateway's sessions as a client sees them, without boxes: cells run in this process, or by a test's script.

    with Sessions() as gateway:
        ... gateway.url, gateway.requests, gateway.sessions

A cell is run by `gateway.cell(session, code, gateway)`, which yields events (of scripted.py) and ends with a result. A test
may replace it. `gateway.refusals` has answers, the next ones to requests of a method and an end of the path.
"""

import ast
import contextlib
import fnmatch
import http.server
import io
import json
import threading
import traceback
import urllib.parse

import scripted

WAIT_SECONDS = 20
TIME = "2026-11-30T22:04:24.123Z"


class Session:
    def __init__(self, name, asked):
        self.id = name
        self.asked = asked
        self.names = {}
        self.files = {file["path"]: file["content"].encode() for file in asked.get("files", [])}
        self.generation = 1
        self.executions = 0
        self.running = None
        self.interrupted = threading.Event()

    def described(self):
        return {"id": self.id, "state": "busy" if self.running else "idle", "runtime": self.asked.get("runtime", "python"),
                "created_at": TIME, "expires_at": TIME, "idle_expires_at": None if self.running else TIME,
                "idle_timeout": self.asked.get("idle_timeout", 600), "max_lifetime": self.asked.get("max_lifetime", 3600),
                "executions": self.executions, "generation": self.generation, "running": self.running,
                "limits": {}, "memory_bytes": 13000000}

    def after(self, **members):
        """Returns the member `session` of an answer."""
        return {"id": self.id, "state": "idle", "expires_at": TIME, "idle_expires_at": TIME, "generation": self.generation,
                "state_lost": False, "interrupted": False, "dropped_bytes": 0} | members


def result(session, **members):
    return scripted.event("result", scripted.answer(session=session.after()) | members)


def failed(session, exception):
    text = "".join(traceback.format_exception(exception))
    yield scripted.output("stderr", text.encode())
    yield result(session, status="error", return_code=1)


def python(session, code, gateway):
    """Run the code in this process, and display its last expression."""
    del gateway
    out = io.StringIO()
    try:
        body = ast.parse(code).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(out):
            exec(compile(ast.Module(body, []), "main.py", "exec"), session.names)
            value = eval(compile(ast.Expression(last.value), "main.py", "eval"), session.names) if last else None
    except BaseException as exception:  # as an interpreter does
        yield scripted.output("stdout", out.getvalue().encode())
        yield from failed(session, exception)
        return
    yield scripted.output("stdout", out.getvalue().encode())
    if value is not None:
        yield scripted.event("display", {"media_type": "text/plain", "content": repr(value), "encoding": "utf-8", "number": 1})
    yield result(session)


def until_interrupted(session, code, gateway):
    """A cell that only waits until it is interrupted."""
    yield scripted.output("stdout", b"waiting\n")
    gateway.waiting.set()
    assert session.interrupted.wait(WAIT_SECONDS)
    yield scripted.output("stderr", b"KeyboardInterrupt\n")
    yield scripted.event("result", scripted.answer(status="error", return_code=1, session=session.after(interrupted=True)))


class Sessions:
    def __init__(self, cell=python):
        self.cell = cell
        self.sessions = {}
        self.ended = {}  # id: reason
        self.requests = []  # (method, path, headers, body)
        self.refusals = []  # (method, end of the path, status, members of the problem, headers)
        self.waiting = threading.Event()
        self.hung_up = threading.Event()
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_one_request(self):
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                gateway.requests.append((self.command, self.path, dict(self.headers), body))
                gateway.answer(self, body)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(WAIT_SECONDS)

    def codes(self):
        """Returns the code of the cells that were sent."""
        return [json.loads(body)["code"] for method, path, _, body in self.requests
                if method == "POST" and path.endswith("/executions")]

    def refuse(self, method, end, status, code, detail, headers=(), **members):
        self.refusals.append((method, end, status, {"status": status, "code": code, "detail": detail} | members, headers))

    def end(self, name, reason):
        del self.sessions[name]
        self.ended[name] = reason

    # ---- answers ----

    def answer(self, handler, body):
        for refusal in self.refusals:
            method, end, status, members, headers = refusal
            if handler.command == method and handler.path.endswith(end):
                self.refusals.remove(refusal)
                return say(handler, status, members, headers)
        path, _, query = handler.path.partition("?")
        parts = [urllib.parse.unquote(part) for part in path.removeprefix("/api/v1/sessions").strip("/").split("/")]
        if not parts[0]:
            return self.answer_all(handler, body)
        session = self.sessions.get(parts[0])
        if session is None:
            return self.answer_of_none(handler, parts)
        if len(parts) == 1:
            if handler.command == "DELETE":
                self.end(session.id, "deleted")
                return say(handler, 204)
            return say(handler, 200, session.described())
        if parts[1] == "files":
            return answer_files(handler, session, "/".join(parts[2:]), urllib.parse.parse_qs(query), body)
        if handler.command == "DELETE":
            session.interrupted.set()
            return say(handler, 202, {"id": parts[2], "state": "interrupting"})
        return self.answer_cell(handler, session, json.loads(body))

    def answer_all(self, handler, body):
        if handler.command == "GET":
            return say(handler, 200, {"sessions": [session.described() for session in self.sessions.values()]})
        asked = json.loads(body)
        name = asked.get("id", f"{len(self.sessions) + len(self.ended):016x}")
        if name in self.sessions:
            return say(handler, 200, self.sessions[name].described())
        if name in self.ended:
            return self.answer_of_none(handler, [name])
        self.sessions[name] = Session(name, asked)
        return say(handler, 201, self.sessions[name].described())

    def answer_of_none(self, handler, parts):
        reason = self.ended.get(parts[0])
        if reason and handler.command == "DELETE" and len(parts) == 1:
            return say(handler, 204)
        if reason:
            return say(handler, 410, {"status": 410, "code": "session_gone", "reason": reason, "detail": "It is gone."})
        return say(handler, 404, {"status": 404, "code": "session_unknown", "detail": "There is no such session."})

    def answer_cell(self, handler, session, asked):
        session.executions += 1
        session.running = f"{session.executions:016x}"
        session.interrupted.clear()
        handler.close_connection = True
        handler.wfile.write(scripted.head())
        handler.wfile.write(scripted.event("queued", {"id": session.running}) + scripted.started())
        try:
            for event in self.cell(session, asked["code"], self):
                handler.wfile.write(event)
                handler.wfile.flush()
        except OSError:
            self.hung_up.set()
        session.running = None


def answer_files(handler, session, name, query, body):
    if not name:
        glob = query["glob"][0]
        files = [{"path": path, "size_bytes": len(content)} for path, content in session.files.items()
                 if glob == "**" or fnmatch.fnmatch(path, glob)]
        return say(handler, 200, {"files": files, "truncated": False})
    if handler.command == "PUT":
        session.files[name] = body
        return say(handler, 204)
    if name not in session.files:
        return say(handler, 404, {"status": 404, "code": "file_not_found", "detail": "There is no such file."})
    if handler.command == "DELETE":
        del session.files[name]
        return say(handler, 204)
    return say(handler, 200, session.files[name])


def say(handler, status, content=None, headers=()):
    """Send an answer: bytes, or JSON, or nothing."""
    is_json = not isinstance(content, bytes)
    body = json.dumps(content).encode() if is_json and content is not None else content or b""
    types = {True: "application/problem+json" if status >= 400 else "application/json", False: "application/octet-stream"}
    handler.send_response(status)
    handler.send_header("content-type", types[is_json])
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
