"""Runs one end of a channel, or both: the arguments are the role and the time. It is put in front of the channel's
text."""


def run_channel(send, receive):
    import json
    import os
    import signal
    import sys
    import time

    role, seconds = sys.argv[1], float(sys.argv[2])
    begun, seen, refused, child = time.monotonic(), 0, None, None
    if role == "both":
        child = os.fork()
        role = "receive" if child else "send"
    while time.monotonic() - begun < seconds:
        try:
            if role == "send":
                send()
            else:
                seen += bool(receive())
        except OSError as error:
            refused = str(error)
        time.sleep(0.01)
        if child is not None and refused:
            break
        if child and (seen or os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)):
            refused = None if seen else "the mark"
            break
    if child == 0:
        if refused:
            os._exit(1)
        signal.pause()
    print(json.dumps({"seen": seen, "refused": refused, "begun": begun, "ended": time.monotonic()}))
