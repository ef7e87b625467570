"""What is announced before the first trial."""

from __future__ import annotations

import pytest

from photobench.workflow.search.words_of_trials import then_in_full


@pytest.mark.parametrize(
    ("finalists", "num_trials", "told"),
    [
        (3, 30, "; the best 3 and the project as it is are then trained in full"),
        (1, 30, "; the best one and the project as it is are then trained in full"),
        (3, 4, "; the project as it is and the other 3, if they are not given up, are then trained in full"),
        (3, 3, "; the project as it is and the other 2, if they are not given up, are then trained in full"),
        (3, 2, "; the project as it is and the other one, if it is not given up, are then trained in full"),
        (0, 30, ""),
    ],
)
def test_no_more_trainings_in_full_are_announced_than_there_are_trials(
    finalists: int, num_trials: int, told: str
) -> None:
    assert then_in_full(finalists, num_trials) == told
