"""Displays of a program: display(), plt.show(), and the figures that it leaves open at its end.

A display goes to mayfly-init as packets through a pipe; protocol.h has their form. In python-data the template imports
this module ahead of the program, and an interpreter that was started cold imports it by mayfly_displays.pth. In other
runtimes, only cells have it. The program can write anything to the pipe. So init checks everything that comes through it,
and enforces the run's caps. The counts here are only for the warnings.

At the top, only modules are imported that every interpreter has imported already: a file of the program may bear the
name of any other module.
"""

import _thread
import builtins
import os
import sys
import time
from time import monotonic, sleep  # the program may replace those of the module

# The numbers of the forms, of a packet's header and of the displays are those of protocol.h and quota.h.
PNG, SVG, HTML, JSON, TEXT, ERROR = range(1, 7)
FURTHER_FORM, RESULT = 1, 2
HEADER_BYTES = 16
PACKET_BYTES = 4096
DISPLAYS_MAX = 256
TEXT_MAX = 1 << 16  # most characters of an object's repr()
# Above the program's usual descriptors, and below the limit on their number.
FD_MIN = 1000
# How long a display waits at most until init has read what the program wrote before, and then the display itself.
ORDER_SECONDS = 1
FIONREAD = 0x541B  # <asm-generic/ioctls.h>: the number of bytes in a pipe, also from its writing end

# The richest form first, as notebooks order them. If an object has several, HTML is the fullest, and PNG is for viewers
# that support nothing better. JSON is data, not a view.
METHODS = (("_repr_html_", HTML), ("_repr_svg_", SVG), ("_repr_png_", PNG), ("_repr_json_", JSON))

ENVIRONMENT = "MAYFLY_DISPLAYS"  # of a cold start: "descriptor,bytes"
SHOWN = "_mayfly_shown"  # set on figures

is_cell = False  # a cell's displays have all their forms


class Channel:
    """The pipe to init, and how much may still go through it."""

    def __init__(self, fd):
        self.fd = fd
        self.owner = os.getpid()
        self.left_bytes = 0
        self.left_count = DISPLAYS_MAX
        self.is_ordered = True
        self.serial = 0
        self.unlock()
        os.register_at_fork(after_in_child=self.unlock)

    def unlock(self):
        self.lock = _thread.allocate_lock()

    def wait_until_read(self, *fds):
        """Wait until init has read everything in these pipes, so that it sends this before what comes later. If it does not
        within ORDER_SECONDS, this run's displays wait no more: a client may read too slowly, or a thread may write without
        end."""
        pause, deadline = 20e-6, monotonic() + ORDER_SECONDS
        while self.is_ordered and any(unread_bytes(fd) for fd in fds):
            sleep(pause)
            pause = min(2 * pause, 1e-3)
            self.is_ordered = monotonic() < deadline

    def why_not(self, content):
        """Returns the reason why this content cannot be shown, or None if it can."""
        if self.left_bytes == 0 and self.left_count == DISPLAYS_MAX:
            return "displays are switched off here"
        if self.left_count == 0:
            return f"a run can show at most {DISPLAYS_MAX} displays"
        if len(content) > self.left_bytes:
            return f"it has {len(content)} bytes, and this run's displays have {self.left_bytes} left"
        return None

    def send(self, form, content, flags=0):
        """Returns whether it was sent."""
        why = None if form == ERROR else self.why_not(content)
        if why is not None:
            warn(f"display dropped: {why}")
            return False
        if form != ERROR:
            self.left_bytes -= len(content)
            self.left_count -= 1
        # Displays of several threads or processes must not be mixed, so they are sent one after the other.
        import fcntl
        with self.lock:
            fcntl.lockf(self.fd, fcntl.LOCK_EX)
            try:
                self.write(form, content, flags)
            finally:
                fcntl.lockf(self.fd, fcntl.LOCK_UN)
        return True

    def write(self, form, content, flags):
        self.serial += 1
        name = os.getpid() << 32 | self.serial & 0xFFFFFFFF
        room = PACKET_BYTES - HEADER_BYTES
        for offset in range(0, max(len(content), 1), room):
            last = offset + room >= len(content)
            header = (name.to_bytes(8, "big") + offset.to_bytes(4, "big") + bytes((form, last, 0, flags)))
            os.write(self.fd, header + content[offset:offset + room])


channel = None


def unread_bytes(fd):
    import fcntl
    try:
        return int.from_bytes(fcntl.ioctl(fd, FIONREAD, bytes(4)), sys.byteorder)
    except OSError:
        return 0  # it is closed, or no pipe


def warn(text):
    """Warn, and name the line of the program that caused the warning."""
    import warnings
    frame, level = sys._getframe(), 1
    ours = (__name__, "mayfly_cell", "matplotlib")
    while frame is not None and frame.f_globals["__name__"].split(".")[0] in ours:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, RuntimeWarning, level)


def send(form, content, flags=0):
    """Send through the pipe, if there is one and it is still open, after printed text and before what is printed later.
    Returns whether it was sent."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass
    if channel is not None:
        try:
            channel.wait_until_read(1, 2)
            is_sent = channel.send(form, content, flags)
            if not flags & RESULT:  # a result is the last that a cell writes
                channel.wait_until_read(channel.fd)
            return is_sent
        except OSError:
            pass  # the program has closed it
    return False


# ---- display() ----

def as_content(name, form, value):
    """Returns the result of a _repr_*_ method as bytes."""
    if form == PNG:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise TypeError(f"{name} must return bytes, not {type(value).__name__}")
        return bytes(value)
    if form == JSON:
        import json
        value = json.dumps(json.loads(value) if isinstance(value, str) else value)
    if not isinstance(value, str):
        raise TypeError(f"{name} must return a string, not {type(value).__name__}")
    return value.encode("utf-8", "replace")


def richest_of(value, methods):
    """Returns the richest form of an object with its content, or None if there is no form."""
    for name, form in methods:
        method = getattr(type(value), name, None)
        result = method(value) if method is not None else None
        if isinstance(result, tuple) and len(result) == 2:
            result = result[0]  # the other is metadata
        if result is not None:
            return form, as_content(name, form, result)
    return None


def text_of(value):
    text = repr(value)
    if len(text) > TEXT_MAX:
        text = f"{text[:TEXT_MAX]}\u2026 [cut: {len(text)} characters in all]"
    return text.encode("utf-8", "replace")


def bundle_of(value):
    """Returns the contents from _repr_mimebundle_() by media type; empty if there are none."""
    method = getattr(type(value), "_repr_mimebundle_", None)
    bundle = method(value) if method is not None else None
    if isinstance(bundle, tuple):
        bundle = bundle[0]  # the other is metadata
    return bundle or {}


def bundle_forms(bundle):
    for form, media_type in ((HTML, "text/html"), (SVG, "image/svg+xml"), (PNG, "image/png"),
                             (JSON, "application/json"), (TEXT, "text/plain")):
        content = bundle.get(media_type)
        if form == PNG and isinstance(content, str):
            import binascii
            content = binascii.a2b_base64(content)
        if content is not None:
            yield form, as_content("_repr_mimebundle_", form, content)


def method_forms(value):
    for name, form in METHODS:
        try:
            shown = richest_of(value, ((name, form),))
        except Exception as error:
            warn(f"{type(value).__name__}.{name}() failed: {type(error).__name__}: {error}")
            continue
        if shown is not None:
            yield shown


def forms_of(value):
    """Returns every form of an object with its content. Plain text is always among them."""
    forms = dict(method_forms(value))
    try:
        forms.update(bundle_forms(bundle_of(value)))
    except Exception as error:
        warn(f"{type(value).__name__}._repr_mimebundle_() failed: {type(error).__name__}: {error}")
    if is_figure(value):
        forms[PNG] = png_of(value)
    if TEXT not in forms:
        forms[TEXT] = text_of(value)
    return forms


def send_forms(forms, flags=0):
    for form in (HTML, SVG, PNG, JSON, TEXT):
        if form in forms and send(form, forms[form], flags):
            flags |= FURTHER_FORM


def show_all_forms(value, flags=0):
    """Show an object as a notebook does."""
    own = getattr(type(value), "_ipython_display_", None)
    if own is not None:
        own(value)
        return
    send_forms(forms_of(value), flags)
    if is_figure(value):
        mark_shown(value)


def is_figure(value):
    figure = sys.modules.get("matplotlib.figure")
    return figure is not None and isinstance(value, figure.Figure)


def display(*objects, raw=False, **options):
    """Show objects in the answer's "displays", each in the richest form that it has: _repr_html_, _repr_svg_,
    _repr_png_ or _repr_json_; a figure of matplotlib as PNG. An object with none of them is printed. In a cell each is
    shown in all of its forms, and as plain text; with raw=True, objects are contents by media type. Other options, which
    notebooks know, do nothing."""
    for value in objects:
        if is_cell and raw:
            send_forms(dict(bundle_forms(value)))
            continue
        if is_cell:
            show_all_forms(value)
            continue
        if is_figure(value):
            show_figure(value)
            continue
        shown = richest_of(value, METHODS)
        if shown is None:
            print(repr(value))
        else:
            send(*shown)


# ---- matplotlib ----

def png_of(figure):
    import io
    png = io.BytesIO()
    figure.savefig(png, format="png")
    return png.getvalue()


def mark_shown(figure):
    figure.stale = False
    setattr(figure, SHOWN, True)


def show_figure(figure):
    if is_cell:
        show_all_forms(figure)
        return
    send(PNG, png_of(figure))
    mark_shown(figure)


def is_news(figure):
    """Returns whether the figure was not shown yet, or has changed since."""
    return figure.stale or not getattr(figure, SHOWN, False)


def show_open_figures():
    for manager in sys.modules["matplotlib._pylab_helpers"].Gcf.get_all_fig_managers():
        if is_news(manager.canvas.figure):
            show_figure(manager.canvas.figure)


def pyplot_show(cls, *, block=None):
    """plt.show() shows the figures, but leaves them open. Without a screen, matplotlib's own show() leaves them open too,
    so programs save figures after it."""
    show_open_figures()


def manager_show(self):
    show_figure(self.canvas.figure)


def show_left_open():
    """Runs at the end of the program. Its exit code is decided already, so a failure is only printed."""
    if channel is None or os.getpid() != channel.owner:
        return
    try:
        show_open_figures()
    except BaseException:
        import traceback
        traceback.print_exc()


def hook_matplotlib(bases):
    """Replace the show() that all backends without windows inherit."""
    bases._Backend.show = classmethod(pyplot_show)
    bases.FigureManagerBase.show = manager_show
    # This runs before all exit handlers, as one of matplotlib's closes all figures.
    import threading
    threading._register_atexit(show_left_open)


# ---- IPython ----

def hook_ipython(functions):
    """Replace IPython's display(), which only prints outside of notebooks. Ours shows its objects (HTML, Image)."""

    def ipython_display(*objects, **options):
        display(*objects, raw=bool(options.get("raw")))

    functions.display = ipython_display


class Hook:
    """A finder that lets the other finders find a few modules, and hooks each when it has been loaded."""

    HOOKS = {"matplotlib.backend_bases": hook_matplotlib, "IPython.core.display_functions": hook_ipython}

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        hook = cls.HOOKS.pop(name, None)
        if hook is None:
            return None
        from importlib.util import find_spec
        spec = find_spec(name)
        load = spec.loader.exec_module

        def load_and_hook(module):
            load(module)
            hook(module)

        spec.loader.exec_module = load_and_hook
        return spec


# ---- the pipe ----

def say_warm(control_fd, word=b"w"):
    """Make the pipe, and send init its reading end together with the byte that means "warm", or with another word. Imports
    only built-in modules, which no file of the program can replace."""
    global channel
    import _socket
    import fcntl
    if channel is not None:  # it belongs to the zygote
        os.close(channel.fd)
    reader, writer = os.pipe2(os.O_CLOEXEC | os.O_DIRECT)
    high = fcntl.fcntl(writer, fcntl.F_DUPFD_CLOEXEC, FD_MIN)
    os.close(writer)
    control = _socket.socket(fileno=control_fd)
    control.sendmsg([word], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, reader.to_bytes(4, sys.byteorder))])
    control.detach()
    os.close(reader)
    channel = Channel(high)


def begin(displays_bytes):
    """Prepare for the program, which starts now."""
    channel.left_bytes = displays_bytes
    channel.left_count = DISPLAYS_MAX
    channel.is_ordered = True
    logging = sys.modules.get("logging")
    if logging is not None:
        logging._startTime = time.time()


def begin_cold(displays_bytes):
    """Pass the pipe on to an interpreter that is started cold; take_over() runs there."""
    os.set_inheritable(channel.fd, True)
    os.environ[ENVIRONMENT] = f"{channel.fd},{displays_bytes}"


def take_over():
    global channel
    fd, displays_bytes = map(int, os.environ.pop(ENVIRONMENT).split(","))
    os.set_inheritable(fd, False)
    channel = Channel(fd)
    begin(displays_bytes)


builtins.display = display
sys.meta_path.insert(0, Hook)
if ENVIRONMENT in os.environ:
    take_over()
