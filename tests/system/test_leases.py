"""Sessions on the wire: the owner of a box, the end of a session, and the notices that each front gets."""

import json
import os
import signal

import pytest

import faults
import wire
from fake_front import Broker
from helpers import until


@pytest.fixture
def make(engine):
    """Start a broker. However the test went, it may leave no container behind."""
    brokers = []

    def begin(**settings):
        broker = Broker(f"unix://{engine.path}", **settings)
        brokers.append(broker)
        return broker.__enter__()
    yield begin
    for broker in brokers:
        broker.__exit__()
    engine.heal()
    assert not engine.managed(), engine.describe()


@pytest.fixture
def broker(make):
    return make()


def names(run):
    return json.loads(run.stdout)


# ---- a session's life ----

def test_a_session_keeps_its_box_and_what_is_in_it(engine, broker):
    with broker.front() as front:
        session = front.open("a", files={"in.txt": b"1"})
        front.run(session, {"set": {"x": 1}})
        run = front.run(session, {"get": True})
        assert names(run) == {"x": 1} and run.outcome.generation == 1
        assert len(engine.sessions()) == 1 and len({run.box for run in engine.runs}) == 1
        files = front.run(session, is_cell=False, outputs=["**"], files_bytes=100, file_bytes=100).files
        assert [(file.path, file.content) for file in files] == [("in.txt", b"1")]
        assert front.sessions[session].cells_count == 2
        assert all(run.job.keeps_box for run in engine.runs)


def test_a_notice_says_all_of_a_session(engine, broker):
    with broker.front("alice") as front:
        session = front.open("a", idle_ms=5000, life_ms=60_000, record=b"mine", memory_bytes=64 << 20, cpu_millis=500, pids=20)
        told = front.sessions[session]
        assert (told.owner, told.name, told.runtime, told.record) == ("alice", "a", "python", b"mine")
        assert (told.memory_bytes, told.cpu_millis, told.pids) == (64 << 20, 500, 20)
        assert (told.idle_ms, told.life_ms, told.cells_count, told.generation) == (5000, 60_000, 0, 1)
        assert told.expires_ms == told.created_ms + 60_000
        assert told.created_ms <= told.idle_expires_ms - 5000 <= told.created_ms + 1000
        assert told.peak_memory_bytes and not told.execution
        run = front.started(front.send({"stdout": "x", "gate": "g"}, session))
        told = front.notice(session, lambda said: said.state == wire.SESSION_BUSY)
        assert told.execution == f"{run.number:016x}" and told.idle_expires_ms == 0 and told.record == b""
        engine.open("g")
        front.ended(run)
        assert front.sessions[session].cells_count == 1


def test_what_has_changed_is_told_before_the_end_of_the_run(broker):
    with broker.front() as front:
        session, opening = front.send_opening("a")
        front.ended(opening)
        assert front.order == [("idle", session), ("end", opening.number)]
        del front.order[:]
        for _ in range(20):
            run = front.run(session, {"stdout": "x" * 100_000})
            last = [what for what in front.order if what != ("busy", session)]
            assert last == [("idle", session), ("end", run.number)]
            del front.order[:]
        run = front.started(front.send({"stdout": "x", "gate": "never"}, session))
        front.order_of(session, wire.SESSION_END)
        front.ended(run)
        assert front.order[-2:] == [("gone", session), ("end", run.number)]
        assert run.outcome.verdict == wire.LOST and run.outcome.text == "the session has ended: deleted"
        refused = front.ended(front.send("-", session))
        assert refused.refused == wire.ERR_SESSION_GONE


def test_an_opening_that_fails_leaves_nothing(engine, broker):
    with broker.front() as front:
        session, opening = front.send_opening("a", files={"unwritable": b""})
        assert front.ended(opening).outcome.exit_code == 1
        assert session not in front.sessions
        session, opening = front.send_opening("a", runtime="none")
        assert front.ended(opening).refused == wire.ERR_INVALID
        session, opening = front.send_opening("a", life_ms=86400_001)
        assert front.ended(opening).refused == wire.ERR_INVALID
        front.open("a")
        engine.wait(lambda: len(engine.sessions()) == 1, "one session's box")


def test_a_canceled_opening_never_was(engine, make):
    broker = make(MAYFLY_WARM=0)
    engine.script("boot", faults.Boot(gate="boot"))
    with broker.front() as front:
        _, opening = front.send_opening("a")
        engine.wait(lambda: engine.calls("start"), "a start")
        busy = front.ended(front.send_opening("a")[1])
        assert busy.refused == wire.ERR_SESSION_BUSY
        front.cancel(opening)
        engine.open("boot")
        session = front.open("a")
        assert list(front.sessions) == [session]


def test_a_name_is_its_owners_and_is_never_used_again(broker):
    with broker.front("alice") as alice, broker.front("bob") as bob:
        first, second = alice.open("a"), bob.open("a")
        assert first != second
        assert alice.ended(alice.send_opening("a")[1]).refused == wire.ERR_SESSION_TAKEN
        alice.order_of(first, wire.SESSION_END)
        assert alice.gone(first) == "deleted"
        assert alice.ended(alice.send_opening("a")[1]).refused == wire.ERR_SESSION_GONE
        assert bob.run(second).outcome.exit_code == 0
        stolen = bob.ended(bob.send("-", second, owner="alice"))
        assert stolen.refused == wire.ERR_SESSION_GONE
        bob.order_of(second, wire.SESSION_END)
        assert bob.gone(second) == "deleted"


def test_a_number_of_no_session_is_told_to_be_unknown(broker):
    with broker.front() as front:
        assert front.ended(front.send("-", 77)).refused == wire.ERR_SESSION_GONE
        front.order_of(77, wire.SESSION_KEEP)
        told = front.notice(77, lambda said: said.state == wire.SESSION_GONE)
        assert told.reason == 0 and told.name == ""


def test_an_ended_name_is_remembered_as_long_as_executions_are(make):
    broker = make(MAYFLY_EXECUTIONS_KEEP_MS=1500)
    with broker.front() as front:
        session = front.open("a")
        front.order_of(session, wire.SESSION_END)
        front.gone(session)
        assert front.ended(front.send_opening("a")[1]).refused == wire.ERR_SESSION_GONE
        until(lambda: front.ended(front.send_opening("a")[1]).outcome is not None, "the name is free again")


def test_an_owner_with_many_ended_names_loses_its_own(make):
    broker = make(MAYFLY_EXECUTIONS_MAX=3)
    with broker.front("alice") as alice, broker.front("bob") as bob:
        rare = bob.open("rare")
        bob.order_of(rare, wire.SESSION_END)
        bob.gone(rare)
        for number in range(5):
            session = alice.open(f"n{number}")
            alice.order_of(session, wire.SESSION_END)
            alice.gone(session)
        assert bob.ended(bob.send_opening("rare")[1]).refused == wire.ERR_SESSION_GONE
        assert alice.ended(alice.send_opening("n4")[1]).refused == wire.ERR_SESSION_GONE
        alice.open("n0")


# ---- one run at a time ----

def test_a_second_run_is_refused_or_waits_for_its_turn(engine, broker):
    with broker.front() as front, broker.front() as other:
        session = front.open("a")
        first = front.started(front.send({"stdout": "x", "gate": "g", "set": {"x": 1}}, session))
        second = front.ended(front.send("-", session))
        assert second.refused == wire.ERR_SESSION_BUSY
        assert front.sessions[session].execution == f"{first.number:016x}"
        assert other.ended(other.send("-", session)).refused == wire.ERR_SESSION_BUSY
        assert other.sessions[session].execution == f"{first.number:016x}"
        third = other.send({"get": True}, session, takes_turn=True)
        late = other.ended(other.send("-", session, takes_turn=True, queue_timeout_ms=50))
        assert late.refused == wire.ERR_SESSION_BUSY
        assert front.ended(front.send("-", session)).refused == wire.ERR_SESSION_BUSY
        engine.open("g")
        assert names(other.ended(third)) == {"x": 1}
        assert front.ended(first).outcome.exit_code == 0


def test_turns_come_in_the_order_of_arrival(engine, broker):
    with broker.front() as front:
        session = front.open("a")
        first = front.started(front.send({"stdout": "x", "gate": "g"}, session))
        waiting = [front.send({"stdout": str(number)}, session, takes_turn=True) for number in range(16)]
        assert front.ended(front.send("-", session, takes_turn=True)).refused == wire.ERR_SESSION_BUSY
        engine.open("g")
        for run in [first, *waiting]:
            front.ended(run)
        ended = [number for what, number in front.order if what == "end"]
        assert ended[1:] == [run.number for run in [first, *waiting]]


def test_a_run_may_follow_before_the_box_is_ready(engine, broker):
    with broker.front() as front:
        session = front.open("a")
        front.run(session, {"reset_gate": "r"})
        second = front.send({"stdout": "x"}, session)
        assert front.ended(front.send("-", session)).refused == wire.ERR_SESSION_BUSY
        engine.open("r")
        assert front.ended(second).stdout == b"x"


# ---- interrupts ----

def test_an_interrupted_cell_keeps_the_state(engine, broker):
    with broker.front() as front:
        session = front.open("a")
        run = front.started(front.send({"set": {"x": 1}, "stdout": "x", "gate": "never"}, session))
        front.interrupt(run)
        outcome = front.ended(run).outcome
        assert (outcome.verdict, outcome.exit_code, outcome.generation) == (wire.EXITED, 1, 1)
        front.interrupt(run)
        assert names(front.run(session, {"get": True})) == {"x": 1}
        [box] = engine.sessions()
        assert box.init.interrupts == [run.number]


def test_a_cell_that_does_not_obey_loses_the_state(broker):
    with broker.front() as front:
        session = front.open("a")
        run = front.started(front.send({"set": {"x": 1}, "stdout": "x", "gate": "never", "stubborn": True}, session))
        front.interrupt(run)
        outcome = front.ended(run).outcome
        assert (outcome.verdict, outcome.generation) == (wire.SIGNALED, 2)
        assert front.sessions[session].generation == 2
        assert names(front.run(session, {"get": True})) == {}


def test_any_front_may_interrupt_by_the_execution(broker):
    with broker.front() as front, broker.front() as other:
        session = front.open("a")
        run = front.started(front.send({"stdout": "x", "gate": "never"}, session))
        other.order_of(session, wire.SESSION_INTERRUPT, execution="0123")
        other.order_of(session, wire.SESSION_INTERRUPT, execution=f"{run.number:016x}")
        assert front.ended(run).outcome.exit_code == 1
        run = front.started(front.send({"stdout": "x", "gate": "never"}, session))
        waiting = front.send("-", session, takes_turn=True)
        other.order_of(session, wire.SESSION_INTERRUPT, execution=f"{waiting.number:016x}")
        assert front.ended(waiting).refused == wire.ERR_SESSION_BUSY
        other.order_of(session, wire.SESSION_INTERRUPT)
        assert front.ended(run).outcome.exit_code == 1


def test_a_timeout_interrupts_first(broker):
    with broker.front() as front:
        session = front.open("a")
        outcome = front.run(session, {"set": {"x": 1}, "gate": "never"}, timeout_ms=200).outcome
        assert (outcome.verdict, outcome.generation) == (wire.TIMEOUT, 1)
        assert names(front.run(session, {"get": True})) == {"x": 1}


def test_a_canceled_cell_is_interrupted_and_nothing_of_it_is_told(engine, broker):
    with broker.front() as front:
        session = front.open("a")
        run = front.started(front.send({"set": {"x": 1}, "stdout": "x", "gate": "never"}, session))
        waiting = front.send("-", session, takes_turn=True)
        front.cancel(waiting)
        front.cancel(run)
        front.notice(session, lambda said: said.state == wire.SESSION_IDLE)
        assert not run.has_ended and not waiting.has_ended
        assert names(front.run(session, {"get": True})) == {"x": 1}
        assert len(engine.sessions()) == 1


# ---- fronts come and go ----

def test_a_front_that_connects_is_told_of_all(broker):
    with broker.front("alice") as front:
        live, ended = front.open("live", record=b"r" * 65536), front.open("ended")
        front.order_of(ended, wire.SESSION_END)
        front.gone(ended)
        with broker.front("alice") as later:
            assert set(later.sessions) == {live, ended}
            assert later.sessions[live].record == b"r" * 65536
            assert later.gone(ended) == "deleted"
            later.run(live)
            front.notice(live, lambda said: said.cells_count == 1)
            assert [record for record in later.records[live] if record] == [b"r" * 65536]


def test_a_later_front_has_each_record_whatever_changed_last(make):
    broker = make(MAYFLY_SESSIONS=4)
    with broker.front() as front:
        sessions = [front.open(name, record=name.encode()) for name in "abcd"]
        for session in sessions[1::-1]:
            front.run(session)
        with broker.front() as later:
            assert [later.sessions[session].record for session in sessions] == [b"a", b"b", b"c", b"d"]


def test_a_killed_front_loses_no_session(engine, broker):
    with broker.front() as front:
        session = front.open("a", record=b"mine")
        front.started(front.send({"set": {"x": 1}, "stdout": "x", "gate": "never"}, session))
        front.send("-", session, takes_turn=True)
    with broker.front() as front:
        front.notice(session, lambda said: said.state == wire.SESSION_IDLE)
        assert front.records[session][0] == b"mine"
        assert names(front.run(session, {"get": True})) == {"x": 1}


def test_a_front_that_does_not_read_hears_of_it_later(engine, broker):
    with broker.front() as front:
        session = front.open("a")
        with broker.front() as deaf:
            for _ in range(300):
                front.order_of(session, wire.SESSION_KEEP)
            front.run(session)
            with broker.front():
                deaf.notice(session, lambda said: said.cells_count == 1)


# ---- ends ----

def test_an_idle_session_ends(engine, broker):
    with broker.front() as front:
        session = front.open("a", idle_ms=300)
        front.run(session, {"sleep_ms": 600})
        told = front.sessions[session]
        assert told.state == wire.SESSION_IDLE
        assert front.gone(session) == "idle_timeout"
        engine.wait(lambda: not engine.sessions(), "the box is removed")


def test_use_moves_the_end_of_an_idle_session(broker):
    with broker.front() as front:
        session = front.open("a", idle_ms=60_000)
        before = front.sessions[session].idle_expires_ms
        front.run(session, {"sleep_ms": 10})
        assert front.sessions[session].idle_expires_ms > before
        front.order_of(session, wire.SESSION_KEEP, idle_ms=100_000)
        told = front.notice(session, lambda said: said.idle_ms == 100_000)
        assert told.idle_expires_ms > before + 30_000
        front.order_of(session, wire.SESSION_KEEP, idle_ms=1)
        assert front.gone(session) == "idle_timeout"


def test_a_session_ends_at_its_greatest_age_even_with_a_cell(broker):
    with broker.front() as front:
        session = front.open("a", idle_ms=700, life_ms=700)
        run = front.ended(front.send({"gate": "never"}, session, timeout_ms=20_000))
        assert run.outcome.verdict == wire.LOST and "max_lifetime" in run.outcome.text
        assert front.gone(session) == "max_lifetime"


@pytest.mark.parametrize("oom, reason, verdict", [(False, "crashed", wire.LOST), (True, "memory_limit", wire.OOM)])
def test_a_dead_box_ends_its_session(engine, broker, oom, reason, verdict):
    with broker.front() as front:
        idle, busy = front.open("idle"), front.open("busy")
        run = front.started(front.send({"stdout": "x", "gate": "never"}, busy))
        waiting = front.send("-", busy, takes_turn=True)
        for box in engine.sessions():
            engine.crash(box, oom)
        assert front.gone(idle) == front.gone(busy) == reason
        assert front.ended(run).outcome.verdict == verdict
        assert front.ended(waiting).refused == wire.ERR_SESSION_GONE
        assert front.order.index(("gone", busy)) < front.order.index(("end", run.number))


def test_a_box_that_refuses_a_cell_ends_its_session(broker):
    with broker.front() as front:
        session = front.open("a")
        run = front.ended(front.send({"refuse": "no"}, session))
        assert run.refused == wire.ERR_SYSTEM and front.gone(session) == "crashed"


def test_a_box_that_breaks_the_protocol_ends_its_session(broker):
    with broker.front() as front:
        for wrong in ("bad_end", "garbage", "another_run"):
            session = front.open(wrong)
            assert front.ended(front.send({"wire": wrong, "gate": "never"}, session)).outcome.verdict == wire.LOST
            assert front.gone(session) == "crashed"


def test_a_lost_engine_ends_its_sessions(engine, broker):
    with broker.front() as front:
        idle, busy = front.open("idle"), front.open("busy")
        run = front.started(front.send({"stdout": "x", "gate": "never"}, busy))
        engine.stop()
        assert front.gone(idle) == front.gone(busy) == "engine_lost"
        assert front.ended(run).outcome.verdict == wire.LOST
        engine.start()
        until(lambda: front.ended(front.send_opening("b")[1]).outcome is not None, "sessions again")


def test_a_dead_interpreter_ends_no_session(broker):
    with broker.front() as front:
        session = front.open("a")
        for number, directive in enumerate(({"dies": 3}, {"signal": 11}, {"oom": True}, {"cpu_time": True}), 2):
            assert front.run(session, {"set": {"x": 1}, **directive}).outcome.generation == number
            assert front.sessions[session].generation == number
            assert names(front.run(session, {"get": True})) == {}


def test_output_beyond_the_cap_ends_no_session(broker):
    with broker.front() as front:
        session = front.open("a")
        assert len(front.run(session, {"flood_bytes": 100_000}, output_bytes=1000).stdout) == 1000
        assert front.run(session, {"drops": 7}).outcome.dropped_bytes == 0
        assert front.run(session).outcome.dropped_bytes == 7


# ---- the gateway stops ----

def test_sessions_end_when_the_gateway_stops(engine, broker):
    with broker.front() as front:
        idle, busy = front.open("idle"), front.open("busy")
        run = front.started(front.send({"stdout": "x", "gate": "g"}, busy))
        broker.process.popen.send_signal(signal.SIGTERM)
        assert front.gone(idle) == "gateway_restart"
        assert front.ended(front.send("-", busy)).refused in (wire.ERR_DRAINING, wire.ERR_SESSION_BUSY)
        engine.open("g")
        assert front.ended(run).outcome.exit_code == 0 and front.gone(busy) == "gateway_restart"
    assert broker.process.wait(20) == 0


def test_a_cell_that_outlasts_the_drain_is_told_why(make):
    broker = make(MAYFLY_DRAIN_MS=300)
    with broker.front() as front:
        session = front.open("a")
        run = front.started(front.send({"stdout": "x", "gate": "never"}, session, timeout_ms=20_000))
        broker.process.popen.send_signal(signal.SIGTERM)
        assert "gateway_restart" in front.ended(run).outcome.text and front.gone(session) == "gateway_restart"


def test_a_killed_broker_leaves_no_box(engine, make):
    broker = make()
    with broker.front() as front:
        session = front.open("a")
        front.started(front.send({"stdout": "x", "gate": "never"}, session))
        engine.wait(engine.ready, "no box is being made")
        os.kill(broker.process.pid, signal.SIGKILL)
        engine.wait(lambda: not engine.sessions(), "the box has ended")
    broker.process.wait(20)
    with make().front() as front:
        assert not front.sessions
        front.open("a")


# ---- how many ----

def test_there_are_no_more_sessions_than_may_be(make):
    broker = make(MAYFLY_SESSIONS=3, MAYFLY_SESSIONS_PER_KEY=2)
    with broker.front("alice") as alice, broker.front("bob") as bob:
        alice.open("a"), alice.open("b")
        assert alice.ended(alice.send_opening("c")[1]).refused == wire.ERR_SESSION_LIMIT
        bob.open("a")
        assert alice.ended(alice.send_opening("c")[1]).refused == wire.ERR_SESSION_LIMIT


def test_none_may_be_opened_where_none_are_wanted(make):
    broker = make(MAYFLY_SESSIONS=0)
    with broker.front() as front:
        assert front.ended(front.send_opening("a")[1]).refused == wire.ERR_SESSION_LIMIT


def test_the_session_that_is_idle_the_longest_gives_way_to_another_key(engine, make):
    broker = make(MAYFLY_SESSIONS=3)
    with broker.front("alice") as alice, broker.front("bob") as bob:
        first, second, third = (alice.open(name) for name in "abc")
        alice.run(first)
        busy = alice.started(alice.send({"stdout": "x", "gate": "g"}, second))
        bob.open("a")
        assert alice.gone(third) == "evicted"
        bob.open("b")
        assert alice.gone(first) == "evicted"
        assert bob.ended(bob.send_opening("c")[1]).refused == wire.ERR_SESSION_LIMIT  # the last one is busy
        engine.open("g")
        alice.ended(busy)
        assert bob.ended(bob.send_opening("d")[1]).refused == wire.ERR_SESSION_LIMIT  # bob would hold more
        assert alice.ended(alice.send_opening("e")[1]).outcome is not None


def test_a_quarter_of_the_boxes_is_left_for_runs(engine, make):
    broker = make(MAYFLY_SESSIONS=100, MAYFLY_MAX_BOXES=4)
    with broker.front() as front:
        for number in range(3):
            front.open(str(number))
        assert front.ended(front.send_opening("one-more")[1]).refused == wire.ERR_SESSION_LIMIT
        for _ in range(5):
            assert front.ended(front.send({"stdout": "x"})).stdout == b"x"
        assert len(engine.sessions()) == 3


def test_a_sessions_box_serves_no_other_run(engine, make):
    broker = make(MAYFLY_BOX_RUNS=100)
    with broker.front() as front:
        session = front.open("a")
        front.run(session)
        for fields in ({"box_runs": 100}, {"box_runs": 100, "box_scope": session}, {"box_scope": session}):
            assert front.ended(front.send({"stdout": "x"}, **fields)).stdout == b"x"
        [box] = engine.sessions()
        assert {run.box for run in engine.runs if not run.job.session_ms}.isdisjoint({box.name})
        front.socket.sendall(wire.frame(wire.CANCEL, session))  # the end of a scope, but this is a session's
        assert front.run(session).outcome.exit_code == 0


# ---- what a front may not do ----

@pytest.mark.parametrize("frame", [
    wire.frame(wire.SESSION, 1), wire.frame(wire.SESSION, 1, b"x"), wire.session_order(1, 9), wire.SessionNotice().frame(1),
])
def test_a_front_that_orders_nonsense_is_cut_off(broker, frame):
    with broker.front() as front:
        front.socket.sendall(frame)
        while front.socket.recv(1 << 16):
            pass
    with broker.front() as front:
        front.open("a")


def test_sessions_are_logged(broker):
    with broker.front() as front:
        session = front.open("a")
        front.order_of(session, wire.SESSION_END)
        front.gone(session)
    assert [event["error"] for event in broker.process.events("session_ended")] == ["deleted"]
    assert len(broker.process.events("session_opened")) == 1
