"""Reads /metrics, in Prometheus' text format, for tests."""

import re
from dataclasses import dataclass, field

LINE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)",?')


@dataclass
class Family:
    """A metric with all its samples."""

    name: str
    help: str
    type: str = ""
    samples: list = field(default_factory=list)  # (name with suffix, labels, value)

    def labels(self):
        """Returns the names of its labels, without those of every histogram."""
        return list(dict.fromkeys(name for _, labels, _ in self.samples for name in labels if name != "le"))


class Metrics:
    def __init__(self, text):
        self.families = {}
        for line in text.splitlines():
            if line.startswith("# HELP "):
                _, _, name, help_ = line.split(" ", 3)
                assert name not in self.families, f"{name} comes twice"
                family = self.families[name] = Family(name, help_)
            elif line.startswith("# TYPE "):
                _, _, name, family.type = line.split(" ")
                assert name == family.name, line
            else:
                match = LINE.fullmatch(line)
                assert match and match[1].startswith(family.name), line
                labels = dict(LABEL.findall(match[2] or ""))
                family.samples.append((match[1], labels, float(match[3])))

    def all(self, name, **labels):
        """Returns (labels, value) of each sample with that name, suffix included, that has these labels and perhaps
        others."""
        return [(own, value) for family in self.families.values() for full, own, value in family.samples
                if full == name and labels.items() <= own.items()]

    def sum(self, name, **labels):
        """Returns the sum over all samples with these labels; 0 if there is none."""
        return sum(value for _, value in self.all(name, **labels))

    def value(self, name, **labels):
        """Returns the value of the only sample with these labels."""
        found = self.all(name, **labels)
        assert len(found) == 1, f"{name} {labels}: {found}"
        return found[0][1]

    def __repr__(self):
        """Shows the samples that are not zero."""
        return "\n".join(f"{name}{labels} {value:g}" for family in self.families.values()
                         for name, labels, value in family.samples if value and "le" not in labels)
