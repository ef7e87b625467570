from __future__ import annotations

import os
import signal
import time

import pytest

from photobench.train.signals import STOPPING, stop_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_is_answered_at_once_and_the_second_stops(
    number: signal.Signals, capfd: pytest.CaptureFixture[str]
) -> None:
    with stop_signals() as caught:
        os.kill(os.getpid(), number)
        time.sleep(0.01)
        assert caught == [number]
        assert capfd.readouterr().err == f"{STOPPING}\n"
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
            time.sleep(1)


def test_a_stream_without_a_file_is_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    with stop_signals() as caught:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
    assert caught == [signal.SIGINT]
