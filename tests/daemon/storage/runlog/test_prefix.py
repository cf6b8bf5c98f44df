"""Whatever was written whole is there after a restart, wherever the last write was cut off."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.daemon.storage.runlog.logs import Logs

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("event"), st.integers(0, 3), st.binary(max_size=40)),
        st.tuples(st.just("over"), st.integers(0, 3), st.just(b"")),
        st.tuples(st.just("wait"), st.integers(1, 90), st.just(b"")),
        st.tuples(st.just("restart"), st.just(0), st.just(b"")),
    ),
    max_size=25,
)


class _Daemon:
    """What is done to the log, and what must come of it."""

    def __init__(self, logs):
        self.logs = logs
        self.log = logs.started()
        self.writers = {}
        self.expected = {}

    def do(self, step, which, body):
        run = f"run{which}"
        if step == "wait":
            self.logs.wait(which)
        elif step == "restart":
            runs = self.log_anew()
            assert {id_: list(run) for id_, run in runs.items()} == self.expected
        elif run not in self.writers:
            self.writers[run] = self.logs.begin(self.log, run, body, in_s=10_000)
            self.expected[run] = [body, (), False]
        elif step == "over":
            self.writers[run].over()
            self.expected[run][2] = True
        else:
            lines = (body, body[::2])
            self.writers[run].events(lines)
            if not self.expected[run][2]:
                self.expected[run][1] += lines

    def log_anew(self):
        self.log = self.logs.open()
        runs = self.log.recover()
        self.writers = {run.id: run.writer for run in runs}
        return {run.id: (run.header, run.lines, run.over) for run in runs}

    def state(self):
        return {id_: tuple(run) for id_, run in self.expected.items()}


@settings(max_examples=200, deadline=None)
@given(STEPS, st.data())
def test_any_history_cut_off_in_its_last_write_is_there_up_to_that_write(steps, data):
    with tempfile.TemporaryDirectory() as place:
        logs = Logs(Path(place) / "runs")
        daemon = _Daemon(logs)
        for step in steps:
            daemon.do(*step)
        before, sizes = daemon.state(), {path.name: path.stat().st_size for path in logs.files()}
        daemon.do("event", 4, b"a new run") if data.draw(st.booleans()) else daemon.do(
            "event", 0, b"the last"
        )
        grown = [path for path in logs.files() if path.stat().st_size != sizes.get(path.name)]
        if not grown:
            return  # the run was over: nothing was written
        (last,) = grown
        cut = data.draw(st.integers(sizes.get(last.name, 0), last.stat().st_size))
        whole = cut == last.stat().st_size
        with last.open("r+b") as file:
            file.truncate(cut)
        assert logs.recovered() == (daemon.state() if whole else before)


def test_a_file_cut_off_at_any_byte_gives_all_records_before_that(logs, tmp_path):
    log = logs.started()
    writers, states, ends = {}, [{}], [0]
    for run, line in [("a", None), ("b", None), ("a", b"1"), ("b", b"2"), ("a", b"3"), ("b", b"")]:
        if line is None:
            writers[run] = logs.begin(log, run, run.encode())
            states.append({**states[-1], run: (run.encode(), (), False)})
        else:
            writers[run].events([line])
            header, lines, over = states[-1][run]
            states.append({**states[-1], run: (header, (*lines, line), over)})
        ends.append(logs.files()[0].stat().st_size)
    for cut in range(ends[-1] + 1):
        copy = logs.copy(tmp_path / f"cut{cut}")
        with copy.files()[0].open("r+b") as file:
            file.truncate(cut)
        assert copy.recovered() == states[sum(end <= cut for end in ends) - 1]


def test_runs_come_back_in_the_order_in_which_they_began_and_go_on(logs):
    log = logs.started()
    for run in ("z", "a", "m"):
        logs.begin(log, run, b"header of " + run.encode()).events([b"1"])
        logs.wait(40)
    runs = logs.open().recover()
    assert [run.id for run in runs] == ["z", "a", "m"]
    runs[1].writer.events([b"2"])
    runs[2].writer.over()
    assert logs.recovered() == {
        "z": (b"header of z", (b"1",), False),
        "a": (b"header of a", (b"1", b"2"), False),
        "m": (b"header of m", (b"1",), True),
    }


def test_nothing_is_kept_after_the_end_of_a_run(logs):
    writer = logs.begin(logs.started(), "a")
    writer.over()
    writer.events([b"too late"])
    writer.over()
    assert logs.recovered() == {"a": (b"", (), True)}
