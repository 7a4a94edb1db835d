#!/usr/bin/env python3
"""A health check on loopback that writes down what it hears.

usage: health_check.py FOLDER [answer|fail|hang]

FOLDER/port gets the port once it listens; FOLDER/heard one line for each
request, "METHOD PATH", and FOLDER/body the body of the last one that had any.
"""
import http.server
import os
import sys
import time

folder, mode = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "answer"


class Listener(http.server.BaseHTTPRequestHandler):
    def hear(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if body:
            with open(os.path.join(folder, "body"), "wb") as out:
                out.write(body)
        with open(os.path.join(folder, "heard"), "a") as out:
            out.write(f"{self.command} {self.path}\n")
        if mode == "hang":
            time.sleep(600)
        self.send_response(500 if mode == "fail" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")

    do_GET = do_POST = do_HEAD = hear

    def log_message(self, *ignored):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
server.daemon_threads = True
part = os.path.join(folder, "port.part")
with open(part, "w") as out:
    out.write(str(server.server_address[1]))
os.rename(part, os.path.join(folder, "port"))
server.serve_forever()
