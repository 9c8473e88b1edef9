# A low score for the OOM killer.


def leave():
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("999")


def find():
    return open("/proc/self/oom_score_adj").read() == "999\n"
