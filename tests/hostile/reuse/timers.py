# An alarm that is to strike the next program.
import signal


def leave():
    signal.setitimer(signal.ITIMER_REAL, 0.3, 0.1)


def find():
    return signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0)
