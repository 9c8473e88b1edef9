"""GET /metrics: compares the metrics with the counts of clients and of the engine."""

import collections
import os
import subprocess
import time

import faults
from fake_init import WARMTH_PERCENT
from gateway import Client, free_port
from helpers import gated, running, settled, until
from metrics import Metrics

# The journal's names of the calls, and the metrics'.
CALLS = {"version": "version", "info": "info", "image": "image", "create": "create", "attach": "attach",
         "start": "start", "inspect": "inspect", "stats": "stats", "delete": "remove", "list": "list"}


def promtool(text):
    return subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=30, check=False)


def kept(metrics):
    """The law of the tally: what came is what went, and what is still there."""
    return metrics.sum("mayfly_runs_submitted_total") == sum(
        metrics.sum(name) for name in ("mayfly_runs_total", "mayfly_runs_refused_total", "mayfly_runs_canceled_total",
                                       "mayfly_runs_waiting", "mayfly_runs_running"))


def all_ended(count):
    return lambda metrics: metrics.sum("mayfly_runs_submitted_total") == count and kept(metrics) \
        and metrics.value("mayfly_runs_running") == 0


def test_promtool_finds_nothing_to_say(engine, gateway):
    gateway.execute({"stdout": "x"})
    gateway.request("GET", "/nowhere")
    gateway.wait_metrics(all_ended(1))
    response = gateway.request("GET", "/metrics")
    assert response.status == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    done = promtool(response.body)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done


def test_promtool_would_have_said_something():
    assert promtool(b"# TYPE badName counter\nbadName 1\n").returncode != 0


def test_a_run_is_counted_by_its_verdict(gateway):
    asked = [({"stdout": "abc"}, "exited"), ({"exit": 3}, "exited"), ({"signal": 11}, "signaled"),
             ({"sleep_ms": 60000}, "timeout"), ({"oom": True}, "oom"), ({"lose": "after_started"}, "lost")]
    for directive, _ in asked:
        assert gateway.execute(directive, timeout=1)[0] == 200
    metrics = gateway.wait_metrics(all_ended(len(asked)))
    verdicts = collections.Counter(verdict for _, verdict in asked)
    assert {labels["verdict"]: value for labels, value in metrics.all("mayfly_runs_total") if value} == verdicts
    assert {labels["runtime"] for labels, _ in metrics.all("mayfly_runs_total")} == {"python"}
    for name in ("mayfly_run_duration_seconds_count", "mayfly_run_queue_duration_seconds_count",
                 "mayfly_run_overhead_seconds_count", "mayfly_run_starts_total"):
        assert metrics.sum(name) == len(asked), name
    assert metrics.value("mayfly_run_output_bytes_sum", stream="stdout") == 3
    assert metrics.value("mayfly_run_warmth_ratio_count", runtime="python") == len(asked)
    assert metrics.value("mayfly_run_warmth_ratio_sum", runtime="python") == len(asked) * WARMTH_PERCENT / 100
    assert {event["warmth"] for event in gateway.events("run_ended")} == {WARMTH_PERCENT / 100}
    assert metrics.value("mayfly_http_requests_total", route="/api/v1/execute", status="200") == len(asked)
    assert metrics.value("mayfly_http_request_duration_seconds_count", route="/api/v1/execute") == len(asked)


def test_a_start_is_counted_as_its_answer_says_it(gateway):
    """A ready box is no warm start where its interpreter could not serve the job."""
    assert [gateway.execute(directive)[1]["start"] for directive in ({}, {"cold": True})] == ["warm", "cold"]
    metrics = gateway.wait_metrics(all_ended(2))
    for name in ("mayfly_run_starts_total", "mayfly_run_queue_duration_seconds_count", "mayfly_run_overhead_seconds_count"):
        assert [metrics.sum(name, start=start) for start in ("warm", "cold")] == [1, 1], name


def test_waiting_running_canceled_and_refused(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1, MAYFLY_MAX_WAITING=1)
    first = gateway.post(gated("end"))
    running(engine, 1)
    second = gateway.post(gated("end"))
    metrics = gateway.wait_metrics(lambda found: found.value("mayfly_runs_waiting") == 1)
    assert metrics.value("mayfly_runs_running") == 1 == metrics.value("mayfly_boxes", state="running")
    assert metrics.value("mayfly_runs_waiting_limit") == 1 and kept(metrics)
    assert gateway.execute({})[0] == 503
    metrics = gateway.wait_metrics(lambda found: found.sum("mayfly_runs_refused_total"))
    assert metrics.value("mayfly_runs_refused_total", kind="busy") == 1
    second.hang_up()
    metrics = gateway.wait_metrics(lambda found: found.value("mayfly_runs_waiting") == 0)
    assert metrics.value("mayfly_runs_canceled_total") == 1
    engine.open("end")
    assert first.receive().status == 200
    first.close()
    metrics = gateway.wait_metrics(all_ended(3))
    assert metrics.value("mayfly_http_requests_total", route="/api/v1/execute", status="503") == 1
    assert metrics.value("mayfly_http_requests_total", route="/api/v1/execute", status="499") == 1


def test_a_start_that_fails_counts_as_a_refusal(engine, start):
    gateway = start(MAYFLY_WARM=0)
    engine.script("start", faults.status(500), count=faults.FOREVER)
    assert gateway.execute({})[0] == 503
    metrics = gateway.wait_metrics(all_ended(1))
    assert metrics.value("mayfly_runs_refused_total", kind="engine") == 1
    assert metrics.value("mayfly_box_starts_failed_total") >= 3
    assert metrics.value("mayfly_engine_calls_total", call="start", outcome="refused") >= 3


def test_calls_are_those_of_the_engines_journal(engine, gateway):
    for _ in range(5):
        gateway.execute({})
    settled(engine, 2)

    def journal():
        return collections.Counter(CALLS[call.kind] for call in engine.journal)

    def agree(found):
        return all(found.value("mayfly_engine_calls_total", call=call, outcome="ok") == journal()[call]
                   for call in CALLS.values())

    metrics = gateway.wait_metrics(agree)
    assert metrics.sum("mayfly_engine_calls_total") == sum(journal().values())
    assert metrics.value("mayfly_box_start_duration_seconds_count") == journal()["start"]
    for call, count in journal().items():
        assert metrics.value("mayfly_engine_call_duration_seconds_count", call=call) == count


def test_each_way_that_a_call_can_go(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_ENGINE_TIMEOUT_MS=300)
    # libcurl makes a call again when a connection that it had kept ends before the answer's head: so the body.
    ways = [("create", "failed", faults.cut_body()), ("create", "malformed", faults.garbage(after=False)),
            ("attach", "failed", faults.close())]
    for call in ("create", "attach"):
        ways += [(call, "refused", faults.status(500)), (call, "timeout", faults.hang()),
                 (call, "missing", faults.status(404))]
    for call, outcome, fault in ways:
        engine.script(call, fault)
        gateway.execute({})
        settled(engine, 1)
    gateway.wait_metrics(lambda found: all(found.value("mayfly_engine_calls_total", call=call, outcome=outcome)
                                           for call, outcome, _ in ways))


def test_a_call_that_we_give_up_is_counted(engine, start):
    """A box has done its run, and its start was never answered."""
    gateway = start(MAYFLY_WARM=0)
    engine.script("start", faults.hang(after=True))
    assert gateway.execute({})[0] == 200
    gateway.wait_metrics(lambda found: found.value("mayfly_engine_calls_total", call="start", outcome="canceled") == 1)


def test_nobody_asks_the_engine(engine, gateway):
    """Without an engine there are metrics, and they say so."""
    engine.stop()
    gateway.wait_health(503)
    metrics = gateway.wait_metrics(lambda found: found.value("mayfly_engine_up") == 0)
    assert metrics.value("mayfly_ready") == 0 and metrics.value("mayfly_link_up") == 1
    assert metrics.value("mayfly_status_age_seconds") < 60
    engine.start()
    gateway.wait_health(200)
    metrics = gateway.wait_metrics(lambda found: found.value("mayfly_ready") == 1)
    assert metrics.value("mayfly_canary_runs_total", result="passed") == 2
    assert abs(metrics.value("mayfly_canary_passed_timestamp_seconds") - time.time()) < 600


def test_a_front_without_its_broker_speaks_for_itself(start):
    gateway = start(apart=True)
    assert gateway.metrics().value("mayfly_link_up") == 1
    broker, _ = gateway.processes
    broker.stop()
    metrics = gateway.wait_metrics(lambda found: found.value("mayfly_link_up") == 0)
    assert metrics.value("mayfly_ready") == 0
    assert not metrics.all("mayfly_boxes") and "mayfly_boxes" not in metrics.families
    assert metrics.value("process_open_fds", role="front") > 0


def test_no_label_holds_what_a_client_sent(gateway):
    for method, path in [("GET", "/secret-path"), ("SECRET", "/livez"), ("GET", "/livez?secret"),
                         ("POST", "/secret"), ("GET", "/metrics?secret")]:
        gateway.request(method, path)
    gateway.execute({"stdout": "secret"}, runtime="secret")
    with gateway.client() as client:
        client.socket.sendall(b"SECRET secret\r\n\r\n")
        client.receive()
    text = gateway.request("GET", "/metrics").body.decode()
    assert "secret" not in text.lower()
    metrics = Metrics(text)
    assert metrics.value("mayfly_http_requests_total", route="/livez", method="other") == 1
    assert metrics.value("mayfly_http_requests_total", route="none", method="none", status="400") == 1
    assert metrics.value("mayfly_http_requests_total", route="none", method="GET", status="404") == 1


def test_an_address_of_its_own(engine, start):
    port = free_port()
    gateway = start(MAYFLY_METRICS_LISTEN=f"127.0.0.1:{port}", MAYFLY_MAX_CONNECTIONS=2)
    assert gateway.request("GET", "/metrics").status == 404
    with gateway.client() as first, gateway.client() as second:
        for client in (first, second):  # every place at the main entrance is taken
            assert client.request("GET", "/livez").status == 200
        with Client(("127.0.0.1", port)) as scraper:
            response = scraper.request("GET", "/metrics")
            metrics = Metrics(response.body.decode())
            assert metrics.value("mayfly_http_connections", entrance="main") == 2
            assert metrics.value("mayfly_http_connections", entrance="metrics") == 1
            assert scraper.request("POST", "/metrics").status == 405
            assert scraper.request("GET", "/livez").status == 404
            assert scraper.post({"code": "{}"}).receive().status == 404
    assert gateway.execute({})[0] == 200


def test_connections_come_and_go(gateway):
    before = gateway.metrics()
    with gateway.client() as client:
        client.request("GET", "/livez")
        metrics = gateway.metrics()
        assert metrics.value("mayfly_http_connections", entrance="main") == 2  # and the scraper's own
        assert metrics.value("mayfly_http_connections_accepted_total") \
            == before.value("mayfly_http_connections_accepted_total") + 2
    until(lambda: gateway.metrics().value("mayfly_http_connections", entrance="main") == 1, "it has gone")


def test_the_processes(gateway):
    metrics = gateway.metrics()
    for role, pid in gateway.pids().items():
        held = len(os.listdir(f"/proc/{pid}/fd"))
        assert abs(metrics.value("process_open_fds", role=role) - held) <= 4
        assert metrics.value("process_resident_memory_bytes", role=role) > 1 << 20
        assert metrics.value("process_virtual_memory_bytes", role=role) \
            > metrics.value("process_resident_memory_bytes", role=role)
        assert metrics.value("process_max_fds", role=role) > 100
        assert metrics.value("process_cpu_seconds_total", role=role) > 0
        assert 0 <= time.time() - metrics.value("process_start_time_seconds", role=role) < 3600
        assert metrics.value("mayfly_build_info", role=role) == 1
