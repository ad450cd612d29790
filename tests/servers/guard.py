"""Run a server for as long as another process lives: the server's lifetime hangs on this process's stdin.

Run as a script of its own, and therefore without imports from the house. When stdin closes, which the kernel does
for a process that dies in any way, the server is ended (first with the given signal, then with SIGKILL) and the
given folder removed, unless the last word on stdin was `keep`. When the server ends first, so does the guard.
"""

import argparse
import pwd
import shutil
import signal
import subprocess
import sys
import threading


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--remove", required=True, help="folder to remove in the end")
    parser.add_argument("--signal", required=True, help="what ends the server")
    parser.add_argument("--user", help="user to run the server as, when started by root")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    uid, gid, groups = None, None, None
    if options.user:
        account = pwd.getpwnam(options.user)
        uid, gid, groups = account.pw_uid, account.pw_gid, list[int]()
    # Standard input is this process's line to the tests, and not for the server to hold open.
    server = subprocess.Popen(
        options.command, stdin=subprocess.DEVNULL, user=uid, group=gid, extra_groups=groups
    )

    def end_with_the_tests() -> None:
        last_word = sys.stdin.read()
        server.send_signal(signal.Signals[options.signal])
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        if last_word.strip() != "keep":
            shutil.rmtree(options.remove, ignore_errors=True)

    watcher = threading.Thread(target=end_with_the_tests, daemon=True)
    watcher.start()
    status = server.wait()
    # Ended on request: let the folder go first. Ended by itself: nobody has spoken, and the tests must hear of it.
    watcher.join(timeout=1)
    return status


if __name__ == "__main__":
    sys.exit(main())
