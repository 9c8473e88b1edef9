"""The runtime python-data through the real gateway: real work under the sandbox that users get, and what it shows.

It is the gateway's only runtime, so that the self-test has looked at one of its boxes before anybody is served.
"""

import base64
import struct

import pytest

import realengine
from box import DATA_IMAGE, PYTHON_VERSION
from eventstream import EVENTS, EventStream
from gateway import SLOW

MIB = 1 << 20
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\n"


@pytest.fixture(scope="module")
def gateway(engine):
    with realengine.Gateway(engine.host, wait_ready=False, MAYFLY_RUNTIMES=f"python-data={DATA_IMAGE}=2") as running:
        running.wait_health(200, timeout=180 * SLOW)  # a box takes its seconds to be ready, and twice that on a busy machine
        yield running


def work(gateway, code, **fields):
    status, answer = gateway.execute(code, timeout=20, **fields)
    assert (status, answer["status"], answer["stderr"]) == (200, "success", ""), answer
    return answer


def test_the_self_test_holds_for_its_boxes(gateway):
    assert gateway.events("canary_passed") and not gateway.events("canary_failed")


def test_it_is_told_of(gateway):
    [runtime] = gateway.request("GET", "/api/v1/runtimes").json()["runtimes"]
    assert (runtime["name"], runtime["language"], runtime["version"]) == ("python-data", "python", PYTHON_VERSION)
    assert [package["name"] for package in runtime["packages"]] == [
        "numpy", "pandas", "matplotlib", "scipy", "scikit-learn", "seaborn", "sympy", "networkx", "openpyxl", "lxml",
        "beautifulsoup4", "requests", "jinja2", "tabulate", "pytest", "ipython"]


def test_arrays_and_algebra(gateway):
    assert work(gateway, """
import numpy as np, scipy.fft, scipy.integrate, scipy.optimize, scipy.signal, scipy.sparse.linalg, scipy.stats
rng = np.random.default_rng(1)
a = rng.random((300, 300))
print(np.allclose(a @ np.linalg.inv(a), np.eye(300)))
print(np.allclose(scipy.fft.ifft(scipy.fft.fft(a)).real, a))
print(round(scipy.optimize.minimize(lambda x: (x - 3) ** 2, 0.0).x[0], 3))
print(round(scipy.integrate.quad(np.sin, 0, np.pi)[0], 6))
print(round(scipy.stats.ttest_1samp([1.0, 2.0, 3.0], 2.0).pvalue, 3), len(scipy.signal.butter(3, 0.1)))
print(scipy.sparse.linalg.spsolve(scipy.sparse.eye(3, format="csc"), np.ones(3)))
mapped = np.memmap("/box/mapped", dtype="float64", mode="w+", shape=(1000,))
mapped[:] = 1
print(mapped.sum())
""")["stdout"] == "True\nTrue\n3.0\n2.0\n1.0 2\n[1. 1. 1.]\n1000.0\n"


def test_tables(gateway):
    answer = work(gateway, """
import pandas as pd
frame = pd.read_csv("in.csv", parse_dates=["day"])
frame["day"] = frame["day"].dt.tz_localize("Europe/Berlin")
frame.groupby(frame["day"].dt.month)["price"].mean().to_csv("out.csv")
print(frame.merge(frame, on="price").shape, frame.query("price > 1").shape)
display(frame)
""", files=[{"path": "in.csv", "content": "day,price\n2024-01-31,1\n2024-02-01,2\n2024-02-02,4\n"}], outputs=["*.csv"])
    assert answer["stdout"] == "(3, 3) (2, 2)\n"
    assert [(file["path"], file["content"]) for file in answer["files"] if file["path"] == "out.csv"] == [
        ("out.csv", "day,price\n1,1.0\n2,3.0\n")]
    [table] = answer["displays"]
    assert (table["media_type"], table["encoding"]) == ("text/html", "utf-8") and "<th>price</th>" in table["content"]


def test_what_programs_import_most(gateway):
    answer = work(gateway, """
import networkx, requests, seaborn, sympy
from bs4 import BeautifulSoup
from lxml import etree
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from tabulate import tabulate
print(sympy.integrate(sympy.Symbol("x") ** 2), networkx.shortest_path(networkx.path_graph(4), 0, 3))
print(BeautifulSoup("<p>a<b>c", "lxml").b.text, etree.fromstring("<a><b/></a>")[0].tag)
print(LogisticRegression(max_iter=1000).fit(*load_iris(return_X_y=True)).score(*load_iris(return_X_y=True)) > 0.9)
print(tabulate([[1, 2]], tablefmt="plain"))
for scheme in ("http", "https"):
    try:
        requests.get(f"{scheme}://example.org")
    except requests.exceptions.ConnectionError as error:
        print("Name or service not known" in str(error))
""")
    assert answer["stdout"] == "x**3/3 [0, 1, 2, 3]\nc b\nTrue\n1  2\nTrue\nTrue\n"


def test_spreadsheets_styles_and_reports(gateway):
    answer = work(gateway, """
import os, subprocess
import pandas as pd
frame = pd.DataFrame({"price": [1, 2.5]})
frame.to_excel("/mnt/data/out.xlsx", index=False)
print(pd.read_excel("out.xlsx").equals(frame), os.path.realpath("/mnt/data"))
display(frame.style.highlight_max(color="red"))
print(frame.to_markdown(index=False).splitlines()[0])
with open("test_it.py", "w") as file:
    file.write("def test_it():\\n    assert 1 + 1 == 2\\n")
print(subprocess.run(["python", "-m", "pytest", "-q", "test_it.py"], capture_output=True, text=True).stdout.split()[-5:-2])
""", outputs=["*.xlsx"])
    assert answer["stdout"] == "True /box\n|   price |\n['[100%]', '1', 'passed']\n"
    assert [file["path"] for file in answer["files"]] == ["out.xlsx"]
    assert "background-color: red" in answer["displays"][0]["content"]


def test_fonts_and_locales(gateway):
    """Every glyph has a font, and seaborn's theme keeps it so; no warning says otherwise."""
    answer = work(gateway, """
import locale
import matplotlib.pyplot as plt, seaborn
from PIL import ImageFont
print(ImageFont.truetype("DejaVuSans.ttf", 12).getname())
plt.title("中文 日本語 한국어 naïve")
plt.show()
seaborn.set_theme()
plt.figure()
plt.title("中文 日本語 한국어")
plt.savefig("plot.pdf")
for name in ("de_DE.UTF-8", "en_US.UTF-8", "C.UTF-8"):
    locale.setlocale(locale.LC_ALL, name)
    print(locale.format_string("%.2f", 1234.5, grouping=True))
locale.setlocale(locale.LC_ALL, "de_DE.utf8")
""")
    assert answer["stdout"] == "('DejaVu Sans', 'Book')\n1.234,50\n1,234.50\n1234.50\n"
    assert len(answer["displays"]) == 2


def test_plots_of_all_kinds(gateway):
    answer = work(gateway, """
import matplotlib.pyplot as plt, numpy as np
figure, axes = plt.subplots(2, 2, figsize=(6, 4))
axes[0, 0].hist(np.arange(100) % 7)
axes[0, 1].imshow(np.eye(9), cmap="viridis")
axes[1, 0].contourf(np.add.outer(np.arange(9), np.arange(9)))
axes[1, 1].set_title(r"$\\int_0^1 x^2$")
plt.tight_layout()
for name in ("plot.pdf", "plot.svg", "plot.jpg"):
    plt.savefig(name)
plt.show()
import os
print(sorted(os.listdir(".")))
""")
    assert answer["stdout"] == "['main.py', 'plot.jpg', 'plot.pdf', 'plot.svg']\n"
    [plot] = answer["displays"]
    png = base64.b64decode(plot["content"])
    assert (plot["media_type"], plot["encoding"]) == ("image/png", "base64")
    assert png.startswith(b"\x89PNG\r\n\x1a\n") and struct.unpack_from(">II", png, 16) == (600, 400)


def test_the_default_memory_is_enough_for_work(gateway):
    answer = work(gateway, "import numpy as np\nprint(np.ones(13 << 20).sum())")
    assert answer["stdout"] == f"{float(13 << 20)}\n"
    assert 100 * MIB < answer["peak_memory"] < 256 * MIB


def test_processes_work_too(gateway):
    assert work(gateway, """
import multiprocessing
import numpy as np
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(*pool.map(np.sum, [np.arange(10), np.arange(100)]))
""")["stdout"] == "45 4950\n"


def test_a_plot_comes_while_the_program_runs(gateway):
    request = {"code": PLOT + "print('plotting')\nplt.show()\nimport signal\nsignal.pause()", "timeout": 20}
    with EventStream(gateway.post(request, headers=[EVENTS])) as events:
        *before, shown = events.until("display")
        assert [event.name for event in before] == ["queued", "started", "stdout"]
        assert shown.data["media_type"] == "image/png"
