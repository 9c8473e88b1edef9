# Blocked and ignored signals.
import signal


def leave():
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def find():
    return (len(signal.pthread_sigmask(signal.SIG_BLOCK, [])) > 0 or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
            or signal.getsignal(signal.SIGCHLD) != signal.SIG_DFL)
