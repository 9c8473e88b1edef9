# Its score for the OOM killer.
from neighbour import zygote


def leave():
    with open(f"/proc/{zygote()}/oom_score_adj", "w") as score:
        score.write("-500")


def find():
    return False
