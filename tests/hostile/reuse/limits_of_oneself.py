# Limits, lowered for good.
import resource


def leave():
    for kind, value in ((resource.RLIMIT_NOFILE, 512), (resource.RLIMIT_STACK, 1 << 20), (resource.RLIMIT_AS, 1 << 30)):
        resource.setrlimit(kind, (value, value))


def find():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 512
