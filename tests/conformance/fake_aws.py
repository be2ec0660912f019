"""An AWS endpoint of a few operations, for what the local engine cannot play: refusals, settings that are off."""
import http.server
import json
import threading


class FakeAws:
    """`answers` maps an operation to a function of its input that returns a result, or (status, code, message)."""

    def __init__(self, answers):
        self.answers = answers
        self.calls = []
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
                operation = self.headers["X-Amz-Target"].split(".")[1]
                fake.calls.append((operation, body, self.headers.get("Authorization", "")))
                answer = fake.answers[operation](body)
                status, document = 200, answer
                if isinstance(answer, tuple):
                    status, document = answer[0], {"__type": answer[1], "message": answer[2]}
                data = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
