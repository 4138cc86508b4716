"""Serve Tryton and its web client on a free loopback port: serve.py CONFIGURATION DATABASE; ends when its standard input ends.

Run by the Tryton installation's own Python.
"""

import os
import sys
import threading


def main(configuration, database):
    os.environ["TRYTOND_CONFIG"] = configuration
    # Loaded before the first request: requests side by side on an empty pool fail.
    os.environ["TRYTOND_DATABASE_NAMES"] = database
    from trytond.application import app
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    print("SERVING", server.server_port, flush=True)
    server.serve_forever()
    # A client's waiting request (the bus) would hold the process for a minute; everything is written by now.
    os._exit(0)


main(*sys.argv[1:])
