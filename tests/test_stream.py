"""Streams between threads, and the lanes of devices."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_core.errors import Cancelled
from pfy_core.stream import DEPTH, Lane, Stream

SOON = 10.0
"""Bound of waits that end at once unless something is broken."""


def started(target, *args):
    thread = threading.Thread(target=target, args=args, daemon=True)
    thread.start()
    return thread


def ended(thread):
    thread.join(SOON)
    return not thread.is_alive()


def feed(stream, records):
    for record in records:
        if not stream.put({"x": record}):
            break
    stream.close()


def test_a_reader_gets_every_record_in_order():
    stream = Stream(threading.Event())
    reader = stream.reader("x")
    producer = started(feed, stream, range(50))
    assert list(reader) == list(range(50))
    assert ended(producer)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.integers(0, 25))
def test_readers_at_any_pace_get_everything(paces, count):
    stream = Stream(threading.Event())
    readers = [stream.reader("x") for _ in paces]
    producer = started(feed, stream, range(count))
    got = [[] for _ in readers]
    while any(len(found) < count for found in got):
        for reader, pace, found in zip(readers, paces, got, strict=True):
            found.extend(next(reader) for _ in range(min(pace, count - len(found))))
    assert got == [list(range(count))] * len(paces)
    assert ended(producer)
    assert all(list(reader) == [] for reader in readers)


def test_a_producer_waits_for_its_fastest_reader():
    stream, put = Stream(threading.Event()), []
    reader = stream.reader("x")

    def produce():
        for index in range(20):
            put.append(index)
            stream.put({"x": index})
        stream.close()

    producer = started(produce)
    for index in range(20):
        assert next(reader) == index
        assert len(put) <= index + 1 + DEPTH
    assert ended(producer)


def test_a_reader_that_is_not_read_does_not_hold_up_the_others():
    stream = Stream(threading.Event())
    fast, slow = stream.reader("x"), stream.reader("x")
    producer = started(feed, stream, range(100))
    assert list(fast) == list(range(100))
    assert ended(producer)
    assert list(slow) == list(range(100))


def test_who_reads_one_port_late_holds_up_no_other_port():
    """An hour of sound is not kept for who reads the phones at its end."""
    stream = Stream(threading.Event())
    sound, phones = stream.reader("sound"), stream.reader("phones")

    def produce():
        for index in range(100):
            stream.put({"sound": index, "phones": -index})
        stream.close()

    producer = started(produce)
    assert list(sound) == list(range(100))
    assert len(stream._held["sound"]) == 0
    assert list(phones) == [-index for index in range(100)]
    assert ended(producer)


@given(st.lists(st.integers(0, 6), max_size=12), st.integers(0, 50))
def test_a_reader_may_leave_out_the_first_rows_however_they_are_cut(lengths, skip):
    stream, rows = Stream(threading.Event()), list(range(sum(lengths)))
    reader, chunks = stream.reader("x", skip=skip), iter(rows)
    producer = started(feed, stream, [[next(chunks) for _ in range(length)] for length in lengths])
    assert [row for chunk in reader for row in chunk] == rows[skip:]
    assert ended(producer)


def test_a_reader_that_leaves_frees_the_others_and_the_memory():
    stream = Stream(threading.Event())
    one, two = stream.reader("x"), stream.reader("x")
    producer = started(feed, stream, range(100))
    assert next(one) == next(two) == 0
    one.close()
    assert list(two) == list(range(1, 100))
    assert ended(producer)
    assert not any(stream._held.values())


def test_a_producer_stops_when_the_last_reader_leaves():
    stream, results = Stream(threading.Event()), []
    reader = stream.reader("x")

    def produce():
        while stream.put({"x": 0}):
            results.append(True)

    producer = started(produce)
    next(reader)
    reader.close()
    assert ended(producer)


def test_a_reader_that_has_left_gets_nothing_more():
    stream = Stream(threading.Event())
    left, other = stream.reader("x"), stream.reader("x")
    producer = started(feed, stream, range(10))
    assert next(left) == 0
    left.close()
    left.close()
    assert list(other) == list(range(10))
    assert list(left) == []
    assert ended(producer)


def test_an_error_reaches_every_reader_after_the_records_before_it():
    stream = Stream(threading.Event())
    readers = [stream.reader("x") for _ in range(3)]
    stream.put({"x": 1})
    stream.close(ValueError("broken"))
    for reader in readers:
        assert next(reader) == 1
        for _ in range(2):
            with pytest.raises(ValueError, match="broken"):
                next(reader)


def test_cancelling_wakes_a_waiting_reader_and_a_waiting_producer():
    cancel, found = threading.Event(), []

    def expect(call, *args):
        try:
            call(*args)
        except Cancelled:
            found.append(call)

    empty, full = Stream(cancel), Stream(cancel)
    reader = empty.reader("x")
    full.reader("x")
    threads = [started(expect, next, reader), started(expect, feed, full, range(100))]
    cancel.set()
    assert all(map(ended, threads))
    assert len(found) == 2


def test_cancelling_stops_a_pair_that_never_waits():
    cancel = threading.Event()
    stream = Stream(cancel)
    reader, rounds = stream.reader("x"), []

    def both():
        while True:
            stream.put({"x": 0})
            next(reader)
            rounds.append(1)
            if len(rounds) > 100_000:
                return

    def expect():
        with pytest.raises(Cancelled):
            both()
        rounds.append("cancelled")

    thread = started(expect)
    cancel.set()
    assert ended(thread)
    assert rounds[-1] == "cancelled"


def test_readers_tell_how_long_they_waited():
    stream = Stream(threading.Event())
    reader = stream.reader("x")
    stream.put({"x": 1})
    next(reader)
    before = reader.waited
    go = threading.Event()
    producer = started(lambda: (go.wait(SOON), feed(stream, [2])))
    threading.Timer(0.05, go.set).start()
    assert next(reader) == 2
    assert reader.waited - before > 0.03
    assert ended(producer)


# Lanes --------------------------------------------------------------------------------------------


class Meter:
    """How many are inside at once, at most."""

    def __init__(self):
        self.inside = self.most = 0
        self.lock = threading.Lock()

    def __enter__(self):
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)

    def __exit__(self, *_):
        with self.lock:
            self.inside -= 1


def test_an_exclusive_lane_lets_one_in_at_a_time():
    lane, meter = Lane(exclusive=True), Meter()

    def work():
        for _ in range(200):
            with lane.busy(), meter:
                pass

    threads = [started(work) for _ in range(4)]
    assert all(map(ended, threads))
    assert meter.most == 1


def test_an_open_lane_lets_all_in():
    lane, barrier = Lane(exclusive=False), threading.Barrier(3, timeout=SOON)

    def work():
        with lane.busy(), lane.waiting():
            barrier.wait()

    assert all(map(ended, [started(work) for _ in range(3)]))
    assert not barrier.broken


def test_who_waits_lets_another_in_and_gets_the_lane_back():
    lane, meter, said = Lane(exclusive=True), Meter(), threading.Event()

    def speak():
        with lane.busy(), meter:
            said.set()

    with lane.busy():
        thread = None
        with lane.waiting():
            thread = started(speak)
            assert said.wait(SOON)
        with meter:
            assert ended(thread)
        assert not lane._lock.acquire(blocking=False)
    assert meter.most == 1
    assert lane._lock.acquire(blocking=False)


def test_waiting_without_the_lane_takes_nothing():
    lane = Lane(exclusive=True)
    with lane.waiting():
        assert lane._lock.acquire(blocking=False)
        lane._lock.release()


def test_a_lane_is_given_back_after_an_error():
    lane = Lane(exclusive=True)
    with pytest.raises(KeyError), lane.busy(), lane.waiting():
        raise KeyError
    with lane.busy():
        pass
