// Programs to begin with.

import { emptyProgram, Program } from "./program";

export interface Example {
    title: string;
    program: Program;
}

function example(title: string, code: string, more: Partial<Program> = {}): Example {
    return { title, program: { ...emptyProgram(), code: code.trim(), ...more } };
}

export const EXAMPLES: Example[] = [
    example(
        "Hello",
        `
import platform

print(f"Hello from Python {platform.python_version()}.")
print("By the time you read this, this container will be gone.")
`,
    ),
    example(
        "Read standard input",
        `
import sys

words = sys.stdin.read().split()
print(f"{len(words)} words, the longest is {max(words, key=len)!r}")
`,
        { stdin: "A mayfly lives for one day.\nIt makes the most of it.\n" },
    ),
    example(
        "Arguments",
        `
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("name")
parser.add_argument("--times", type=int, default=1)
options = parser.parse_args()

for _ in range(options.times):
    print(f"Hello, {options.name}!")
`,
        { args: ["Ada Lovelace", "--times", "3"] },
    ),
    example(
        "Output as it comes",
        `
import sys
import time

for step in range(1, 11):
    print(f"step {step}", flush=True)
    if step % 4 == 0:
        print("a line for stderr", file=sys.stderr)
    time.sleep(0.3)
`,
    ),
    example(
        "An error",
        `
def mean(numbers):
    return sum(numbers) / len(numbers)


print(mean([3, 4, 5]))
print(mean([]))
`,
    ),
    example(
        "A timeout",
        `
print("What was printed before the deadline is kept.", flush=True)
while True:
    pass
`,
        { limits: { timeout: 1 } },
    ),
    example(
        "A plot",
        `
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 4 * np.pi, 400)

figure, axes = plt.subplots(figsize=(7, 3.6))
for shift in range(5):
    y = np.exp(-x / 8) * np.sin(x - shift / 2)
    axes.plot(x, y, color=plt.cm.viridis(shift / 5))
axes.set_title("Five damped waves")
axes.spines[["top", "right"]].set_visible(False)
plt.show()
`,
        { runtime: "python-data" },
    ),
    example(
        "A table",
        `
import pandas as pd

moons = pd.DataFrame(
    [("Earth", 1, "Moon"), ("Mars", 2, "Phobos"),
     ("Jupiter", 95, "Ganymede"), ("Saturn", 146, "Titan"),
     ("Uranus", 28, "Titania"), ("Neptune", 16, "Triton")],
    columns=["planet", "moons", "largest"],
)
display(moons.sort_values("moons", ascending=False))
`,
        { runtime: "python-data" },
    ),
    example(
        "Files in, files out",
        `
import csv

with open("temperatures.csv") as file:
    rows = list(csv.DictReader(file))

with open("fahrenheit.csv", "w", newline="") as file:
    out = csv.writer(file)
    out.writerow(["city", "fahrenheit"])
    for row in rows:
        fahrenheit = float(row["celsius"]) * 9 / 5 + 32
        out.writerow([row["city"], round(fahrenheit, 1)])

print(f"{len(rows)} cities converted; the file is below.")
`,
        {
            files: [
                {
                    path: "temperatures.csv",
                    content: "city,celsius\nOslo,4.2\nLisbon,17.9\nNairobi,21.3\nHanoi,26.4\n",
                    encoding: "utf-8",
                },
            ],
            outputs: ["fahrenheit.csv"],
        },
    ),
    example(
        "Tests",
        `
def is_leap(year):
    return year % 4 == 0 and year % 100 != 0


print("leap" if is_leap(int(input())) else "common")
`,
        {
            tests: [
                { name: "2023", stdin: "2023\n", expected: "common\n" },
                { name: "2024", stdin: "2024\n", expected: "leap\n" },
                { name: "a century", stdin: "1900\n", expected: "common\n" },
                { name: "four centuries", stdin: "2000\n", expected: "leap\n" },
            ],
        },
    ),
    example(
        "What a box forbids",
        `
import os
import socket

def attempt(what, action):
    try:
        action()
        print(f"{what}: done")
    except OSError as error:
        print(f"{what}: {error.strerror}")

attempt("connect to 1.1.1.1", lambda: socket.create_connection(("1.1.1.1", 53), timeout=1))
attempt("write to /etc/passwd", lambda: open("/etc/passwd", "a"))
attempt("make a folder in /proc", lambda: os.mkdir("/proc/mine"))
attempt("become root", lambda: os.setuid(0))
attempt("write to its own folder", lambda: open("notes.txt", "w"))
print(f"I am user {os.getuid()}, and my hostname is {socket.gethostname()!r}.")
`,
    ),
];
