"""The log never grows: files begin anew and go when nobody will ask for their runs any more."""

from osago_daemon.storage.runlog.log import SEGMENT_BYTES, SEGMENT_S
from tests.daemon.storage.runlog.logs import DEADLINE_S, open_files


def _names(logs):
    return [path.name for path in logs.files()]


def test_runs_that_begin_within_a_minute_share_a_file_later_ones_get_a_new_one(logs):
    log = logs.started()
    logs.begin(log, "a")
    logs.wait(SEGMENT_S - 1)
    logs.begin(log, "b")
    assert _names(logs) == ["1"]
    logs.wait(1)
    assert _names(logs) == ["1"]
    logs.begin(log, "c")
    assert _names(logs) == ["1", "2"]


def test_a_clock_that_is_set_back_begins_a_new_file(logs):
    log = logs.started()
    logs.begin(log, "a")
    logs.wait(-3600)
    logs.begin(log, "b")
    assert _names(logs) == ["1", "2"]


def test_a_full_file_takes_no_new_run_but_all_of_its_own(logs):
    log = logs.started()
    writer = logs.begin(log, "a")
    for _ in range(17):
        writer.events([b"x" * 1024 * 1024])
    assert logs.files()[0].stat().st_size > SEGMENT_BYTES
    logs.begin(log, "b").events([b"1"])
    writer.events([b"the end"])
    assert _names(logs) == ["1", "2"]
    recovered = logs.recovered()
    assert recovered["a"][1][-1] == b"the end"
    assert recovered["b"][1] == (b"1",)


def test_a_file_goes_a_minute_after_the_last_deadline_of_its_runs(logs):
    log = logs.started()
    logs.begin(log, "short", in_s=5).over()
    logs.begin(log, "long", in_s=DEADLINE_S).over()
    logs.wait(DEADLINE_S + 60)
    logs.begin(log, "b")
    assert _names(logs) == ["1", "2"]
    logs.wait(DEADLINE_S + 1)
    logs.begin(log, "c")
    assert _names(logs) == ["2", "3"]


def test_a_file_stays_as_long_as_one_of_its_runs_goes_on(logs):
    log = logs.started()
    writer = logs.begin(log, "slow")
    logs.wait(1000)
    logs.begin(log, "b")
    writer.events([b"still here"])
    assert "1" in _names(logs)
    writer.over()
    logs.wait(1000)
    logs.begin(log, "c")
    assert "1" not in _names(logs)


def test_a_night_of_batches_keeps_few_files_and_few_descriptors(logs):
    log = logs.started()
    before, most_files, most_bytes, most_open = open_files(), 0, 0, 0
    for number in range(3000):
        writer = logs.begin(log, f"run{number}")
        for _ in range(3):
            writer.events([b"x" * 300])
        writer.over()
        logs.wait(2)
        if number % 10:
            continue
        files = logs.files()
        most_files = max(most_files, len(files))
        most_bytes = max(most_bytes, sum(path.stat().st_size for path in files))
        most_open = max(most_open, open_files() - before)
    assert most_files <= 4  # of a minute each: deadline and margin are two
    assert most_bytes < 4 * 30 * 1500
    assert most_open <= 2
    log.close()
    assert open_files() == before
