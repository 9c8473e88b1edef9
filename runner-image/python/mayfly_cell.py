"""The program as a cell of a notebook: runs /box/main.py in __main__.

The value of the last expression is a display; an uncaught exception goes to mayfly-init as well as to stderr; await
works outside of functions; and lines that only notebooks know (%matplotlib inline, !pip) are translated, or refused
before anything runs. Everything else is as python3 does it.

Only built-in modules are imported, and mayfly_displays: a file of the program's may have the name of any other module. A
program can tell that it is a cell: this file's frames are below its own, and the recursion limit counts them.

    python3 mayfly_cell.py ARG...       a cold start: the interpreter executes this file
"""

import _ast
import os
import sys

import mayfly_displays

PATH = "/box/main.py"
AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
FUTURES = 0x1FE0000  # the flags of __future__, which the last expression inherits from the statements
COROUTINE = 0x80  # inspect.CO_COROUTINE
INTERRUPTED = -1  # used as an exit code when python3 would die by SIGINT
HABITS_MAX = 1000
# Limits of an error's texts, in characters. artifact.h has the limit of all together, in bytes.
NAME_MAX, VALUE_MAX, LINES_MAX = 200, 4000, 12000

RUNTIMES = "GET /api/v1/runtimes lists the packages of each runtime"
# HARMLESS magics do nothing here. The argument of one of TIMERS is code, which runs as it is.
HARMLESS = {"matplotlib", "config", "load_ext", "reload_ext", "autoreload", "precision", "xmode", "colors", "automagic"}
TIMERS = {"time", "timeit", "prun"}
INSTALLERS = {"pip", "pip3", "conda", "mamba", "uv", "apt", "apt-get", "easy_install"}


on_value = None  # called with the value of the last expression, if it is set


class Refusal(Exception):
    """Raised for a notebook's line that cannot work here. Its text is one line."""


# ---- habits of notebooks ----

def note(text):
    print(f"note: {text}", file=sys.stderr)


def is_install(words):
    """Returns whether a command is like pip install x, python -m pip install x, or sudo apt-get install x."""
    return any(word in INSTALLERS for word in words[:4])


def translate_shell(number, words):
    if not is_install(words):
        raise Refusal(f"line {number}: !{' '.join(words)} is not run: start commands with subprocess.run([...])")
    note(f"line {number}: nothing can be installed here, where there is no network; {RUNTIMES}")
    return "pass"


def translate_magic(number, line):
    """Returns the Python for a line that begins with %. Raises Refusal if there is none."""
    name, _, rest = line.lstrip("%").partition(" ")
    rest = rest.strip()
    if name in HARMLESS:
        return "pass"
    if name in TIMERS and rest and not rest.startswith("-"):
        return rest
    if name in TIMERS and line.startswith("%%") and not rest:
        return "pass"
    if name in INSTALLERS:
        return translate_shell(number, [name, *rest.split()])
    if name == "cd" and rest:
        return f"__import__('os').chdir({rest!r})"
    if name == "pwd":
        return "__import__('os').getcwd()"
    if name in ("env", "set_env") and "=" in rest:
        variable, _, value = rest.partition("=")
        return f"__import__('os').environ[{variable.strip()!r}] = {value.strip()!r}"
    instead = {
        "%%bash": "start commands with subprocess.run([...])",
        "%%sh": "start commands with subprocess.run([...])",
        "%%writefile": "write the file with open(), or send it in \"files\"",
        "%%capture": "use contextlib.redirect_stdout()",
        "%run": "use runpy.run_path()",
        "%who": "use dir()", "%whos": "use dir()",
    }.get(line.split()[0], "leave the line out, or write it in Python")
    raise Refusal(f"line {number}: {line.split()[0]} is a command of notebooks, not of Python: {instead}")


def translate(number, line):
    """Returns the Python for a line that only notebooks know, or None if they do not know it either."""
    text = line.strip()
    if text.startswith("!"):
        return translate_shell(number, text.lstrip("!").split())
    if text.startswith("%") and text.strip("%"):
        return translate_magic(number, text)
    if "?" in (text[:1], text[-1:]) and text.strip("?").replace(".", "").isidentifier():
        raise Refusal(f"line {number}: {text} is a command of notebooks, not of Python: use help({text.strip('?')})")
    name, equals, command = text.partition("=")
    if equals and command.lstrip()[:1] in ("!", "%"):
        raise Refusal(f"line {number}: {command.strip().split()[0]} has no value here: use subprocess.run([...], "
                      "capture_output=True)")
    return None


def parse(source, path):
    """Returns the tree and None, or None and the error."""
    try:
        return compile(source, path, "exec", _ast.PyCF_ONLY_AST | AWAIT, True), None
    except (SyntaxError, ValueError) as error:
        return None, error


def read(source, path):
    """Returns the tree and the lines of a cell. A line that only notebooks know is translated if Python stops at it. Lines
    of a string are never touched, since Python does not stop at them."""
    tree, error = parse(source, path)
    lines = source.split(b"\n")
    for _ in range(HABITS_MAX):
        number = getattr(error, "lineno", None)
        if error is None or number is None or not 1 <= number <= len(lines):
            break
        line = lines[number - 1].decode("utf-8", "surrogateescape")
        python = translate(number, line)
        if python is None:
            break
        indent = line[:len(line) - len(line.lstrip())]
        lines[number - 1] = (indent + python).encode("utf-8", "surrogateescape")
        tree, error = parse(b"\n".join(lines), path)
    if error is not None:
        raise error.with_traceback(None) from None
    return tree, lines


# ---- running it ----

def is_silenced(lines, node):
    """Returns whether a semicolon follows the last expression: its value is then not shown."""
    return lines[node.end_lineno - 1][node.end_col_offset:].lstrip().startswith(b";")


class Parts:
    """The compiled cell: its statements, and its last expression if the value is shown."""

    def __init__(self, source, path):
        tree, lines = read(source, path)
        last = None
        if tree.body and isinstance(tree.body[-1], _ast.Expr) and not is_silenced(lines, tree.body[-1]):
            last = tree.body.pop()
        self.body = compile(tree, path, "exec", AWAIT, True)
        flags = self.body.co_flags & FUTURES
        self.last = last and compile(_ast.Expression(last.value), path, "eval", AWAIT | flags, True)


class Loop:
    """The event loop of cells that await. It is made at the first await, and serves all cells after that."""

    runner = None

    def run(self, coroutine):
        if self.runner is None:
            import asyncio
            self.runner = asyncio.Runner()
        return self.runner.run(coroutine)

    def close(self):
        if self.runner is not None:
            self.runner.close()


def awaits(code):
    return code is not None and code.co_flags & COROUTINE


async def evaluate_in_loop(parts, names):
    """Run all of a cell in the loop if any part awaits: that part may use what the rest has started there."""
    value = None
    for code in filter(None, (parts.body, parts.last)):
        value = eval(code, names)
        if awaits(code):
            value = await value
    return value if parts.last else None


def evaluate(parts, names):
    eval(parts.body, names)
    return eval(parts.last, names) if parts.last else None


def run_parts(parts, names, loop):
    if awaits(parts.body) or awaits(parts.last):
        value = loop.run(evaluate_in_loop(parts, names))
    else:
        value = evaluate(parts, names)
    if value is None:
        return
    if on_value is not None:
        on_value(value)
    mayfly_displays.show_all_forms(value, mayfly_displays.RESULT)


# ---- its exception ----

def without_our_frames(error, parts):
    """Returns the traceback from the cell's own frame on. If there is no such frame, as when a __repr__() fails, it
    begins at the first frame that is not ours."""
    codes = (parts.body, parts.last) if parts else ()
    ours = (__file__, mayfly_displays.__file__)
    return (from_first(error.__traceback__, lambda code: code in codes)
            or from_first(error.__traceback__, lambda code: code.co_filename not in ours))


def from_first(traceback, is_wanted):
    while traceback is not None and not is_wanted(traceback.tb_frame.f_code):
        traceback = traceback.tb_next
    return traceback


def cut(text, most):
    return text if len(text) <= most else f"{text[:most]}\u2026"


def cut_middle(text, most):
    return text if len(text) <= most else f"{text[:most // 2]}\n  \u2026\n{text[-most // 2:]}"


def text_of(error):
    try:
        return str(error)
    except Exception:
        return "<exception str() failed>"


def send_error(name, value, text):
    lines = cut_middle(text, LINES_MAX).rstrip("\n").split("\n")
    texts = [cut(name, NAME_MAX), cut(value, VALUE_MAX), *lines]
    content = "".join(part.replace("\0", "\ufffd") + "\0" for part in texts)
    mayfly_displays.send(mayfly_displays.ERROR, content.encode("utf-8", "replace"))


def printed(error, path):
    """Returns the text that the interpreter prints for an exception. By itself it finds the lines of files only: a cell of
    a session needs the traceback module."""
    if path != PATH:
        import traceback
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))
    import io
    stderr, sys.stderr = sys.stderr, io.StringIO()
    try:
        sys.__excepthook__(type(error), error, error.__traceback__)
        return sys.stderr.getvalue()
    finally:
        sys.stderr = stderr


def report(error, path):
    """Print an exception as python3 does, by the program's own hook if there is one, and report it to init."""
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    text = printed(error, path)
    try:
        if path != PATH and sys.excepthook is sys.__excepthook__:
            print(text, end="", file=sys.stderr)
        else:
            sys.excepthook(type(error), error, error.__traceback__)
    finally:
        send_error(type(error).__name__, text_of(error), text)


def run_source(source, names, path, loop):
    """Run a cell. Returns its exit code, or INTERRUPTED."""
    parts = None
    try:
        parts = Parts(source, path)
        run_parts(parts, names, loop)
        return 0
    except Refusal as refusal:
        line = f"UsageError: {refusal}; nothing of the cell was run"
        print(line, file=sys.stderr)
        send_error("UsageError", f"{refusal}; nothing of the cell was run", line)
        return 1
    except SystemExit:
        raise
    except BaseException as caught:
        error = caught.with_traceback(without_our_frames(caught, parts))
    report(error, path)
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1


def offer_ipython():
    """In images without IPython, offer the part of IPython.display that cells usually import."""

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name not in ("IPython", "IPython.display"):
                return None
            import _frozen_importlib
            return _frozen_importlib.ModuleSpec(name, Finder, is_package=name == "IPython")

        @staticmethod
        def create_module(spec):
            return None

        @staticmethod
        def exec_module(module):
            module.display = mayfly_displays.display
            if module.__name__ == "IPython.display":
                fill_ipython(module)

    sys.meta_path.append(Finder)


def fill_ipython(module):
    def kind(name, method, mode="r"):
        def init(self, data=None, url=None, filename=None, **options):
            if mode == "rb" and isinstance(data, str):
                data, filename = None, data
            if filename is not None:
                with open(filename, mode) as file:
                    data = file.read()
            self.data = data
        members = {"__init__": init, method: lambda self: self.data, "__repr__": lambda self: f"<{name} object>"}
        return type(name, (), members)
    module.HTML = kind("HTML", "_repr_html_")
    module.SVG = kind("SVG", "_repr_svg_")
    module.Image = kind("Image", "_repr_png_", "rb")
    module.JSON = kind("JSON", "_repr_json_")
    for name in ("Markdown", "Latex", "Pretty"):
        setattr(module, name, type(name, (str,), {"__repr__": str.__str__}))
    module.clear_output = lambda wait=False: None


def begin():
    mayfly_displays.is_cell = True
    offer_ipython()


def run():
    """Run the cell in __main__. Returns its exit code, or INTERRUPTED. Lets a SystemExit pass."""
    begin()
    with open(PATH, "rb") as file:
        source = file.read()
    loop = Loop()
    try:
        return run_source(source, sys.modules["__main__"].__dict__, PATH, loop)
    finally:
        loop.close()


def take_over():
    """Make this interpreter, which executes this file, look as if it executed the cell."""
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(PATH)
    sys.argv[0] = PATH
    sys.orig_argv = [sys.orig_argv[0], PATH, *sys.argv[1:]]
    module = type(sys)("__main__")
    module.__file__ = PATH
    module.__builtins__ = sys.modules["builtins"]
    sys.modules["__main__"] = module
    code = run()
    if code == INTERRUPTED:
        sys.excepthook = lambda *error: None
        raise KeyboardInterrupt
    sys.exit(code)


if __name__ == "__main__":
    sys.modules["mayfly_cell"] = sys.modules["__main__"]
    take_over()
