"""The rows of a bench: printed as they are measured, and kept for the page."""

import statistics


def spread(times):
    tenths = statistics.quantiles(times, n=10)
    return f"{statistics.median(times):.2f} ({tenths[8]:.2f}) ms"


class Report:
    def __init__(self, machine):
        self.machine = machine
        self.sections = []
        self.loads = {}  # by service: what each number of clients got (load.Load.figures)
        print(f"Mayfly {machine['Mayfly']}, {machine['date']}: {machine['cores']} cores, load {machine['load before']}\n"
              f"  {'':<58} {'measured':>18}   {'target':<12} met", flush=True)

    def title(self, text):
        self.sections.append({"title": text, "rows": []})
        print(text, flush=True)

    def line(self, name, value, target="", good=None):
        """Print a row of the section that was begun last. good: whether the target is met; None: there is no target."""
        verdict = "" if good is None else "yes" if good else "NO"
        self.sections[-1]["rows"].append([name, value, target, verdict])
        print(f"  {name:<58} {value:>18}   {target:<12} {verdict}".rstrip(), flush=True)

    def ratio(self, name, ratio, least):
        self.line(name, f"{ratio:.2f} : 1", f">= {least} : 1", ratio >= least)

    def fraction(self, name, divisor, least):
        """One part of so many, or less."""
        self.line(name, f"1 : {divisor:.1f}", f"<= 1 : {least}", divisor >= least)

    def figures(self):
        """Returns all figures as a JSON value."""
        return {"machine": self.machine, "sections": self.sections, "loads": self.loads}
