import pytest

from jaxlm import progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test moves."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_plain_lines_tell_rate_and_time_left(clock, capsys):
    with progress.track(100, "pretrain", "steps") as track:
        for step in range(100):
            clock[0] += 0.5
            track.advance(tokens_per_s=12_100, loss=2.314 if step < 99 else 2.0)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "pretrain 20/100 steps  12.1k tokens/s  loss 2.31  0:40 left"
    assert len(lines) == 6  # one each ten of fifty seconds, and the last
    assert lines[-1] == "pretrain 100/100 steps  12.1k tokens/s  loss 2  in 0:50"


def test_the_rate_of_a_resumed_loop_counts_only_what_is_done_now(clock, capsys):
    with progress.track(1000, "train", "steps", done=900) as track:
        clock[0] += 10
        track.advance(50)
    assert capsys.readouterr().out.splitlines()[0] == "train 950/1,000 steps  5 steps/s  0:10 left"


def test_the_rate_forgets_a_slow_start(clock):
    with progress.track(None, "crawl", "pages") as track:
        clock[0] += 60  # compilation, say
        for _ in range(40):
            clock[0] += 1
            track.advance(10)
        assert track.rate() == pytest.approx(10, rel=0.1)
        assert "left" not in track.line()


def test_a_failure_prints_no_final_line(capsys):
    with pytest.raises(KeyError), progress.track(10, "crawl", "pages"):
        raise KeyError
    assert capsys.readouterr().out == ""


def test_on_a_terminal_a_bar_is_shown_and_lines_go_above_it(monkeypatch, capsys):
    monkeypatch.setattr(progress.sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with progress.track(2, "crawl", "pages") as track:
        track.advance(kept="[1/2]")
        progress.say("a line [with brackets]")
        with progress.track(5, "inner", "files") as inner:  # a second bar would tear the first
            inner.advance(5)
        track.advance()
    out = capsys.readouterr().out
    assert "a line [with brackets]\n" in out
    assert "kept [1/2]" in out


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (48, "0:48"), (725, "12:05"), (3723, "1:02:03")])
def test_clock(seconds, text):
    assert progress.clock(seconds) == text
