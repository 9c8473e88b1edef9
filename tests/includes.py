#!/usr/bin/python3
"""includes.py - lists which folder includes which, and the cycles among nouns.

usage: tests/includes.py FOLDER...            each arrow from room to room, with its number of include lines
       tests/includes.py --circles FOLDER...  each circle, a line; nothing when there is none

A room is a folder. A noun is a header with its source, and with its parts: a_b.c and a_b.h are of the noun `a` where the
same room has an a.h. Nouns within a circle cannot be read, tested or changed one by one.
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Where an include line may begin, beside the folder of the file itself.
BASES = ("gateway", "runner-image")


def resolve(file, name):
    """The file of ours that an include line names, or None."""
    for base in (file.parent, *(ROOT / base for base in BASES)):
        path = (base / name).resolve()
        if path.is_file():
            return path
    return None


def noun_of(file):
    """room/noun"""
    words = file.stem.split("_")
    for count in range(1, len(words)):
        if file.with_name("_".join(words[:count]) + ".h").is_file():
            words = words[:count]
            break
    return file.parent / "_".join(words)


def includes(folders):
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.[ch]")):
            for name in re.findall(r'^#include "([^"]+)"', file.read_text(encoding="utf-8"), re.M):
                target = resolve(file, name)
                if target:
                    yield file, target


def circles(arrows):
    """Groups of nouns that reach each other (Tarjan's strongly connected components)."""
    order, low, stack, found = {}, {}, [], []

    def visit(noun):
        order[noun] = low[noun] = len(order)
        stack.append(noun)
        for next_noun in sorted(arrows[noun]):
            if next_noun not in order:
                visit(next_noun)
                low[noun] = min(low[noun], low[next_noun])
            elif next_noun in stack:
                low[noun] = min(low[noun], order[next_noun])
        if low[noun] == order[noun]:
            at = stack.index(noun)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1:
                found.append(sorted(group))

    for noun in sorted(arrows):
        if noun not in order:
            visit(noun)
    return found


def shown(path):
    return str(path.relative_to(ROOT))


def main(words):
    if words[:1] == ["--circles"]:
        arrows = collections.defaultdict(set)
        for file, target in includes(words[1:]):
            source, end = noun_of(file), noun_of(target)
            if source != end:
                arrows[source].add(end)
                arrows.setdefault(end, set())
        for group in circles(arrows):
            print(" ".join(shown(noun) for noun in group))
        return
    counts = collections.Counter()
    for file, target in includes(words):
        if file.parent != target.parent:
            counts[shown(file.parent), shown(target.parent)] += 1
    for (source, end), count in sorted(counts.items()):
        print(f"{source} -> {end} {count}")


main(sys.argv[1:] or ["gateway"])
