"""Most of those on a list are found, whatever was done to their names, and most who are found are on it."""

from bench import screening, watched


def test_finds_those_who_are_listed_and_few_others():
    told = screening.judge(*watched.made(listed=300, matching=250, others=900))
    assert told.recall >= 0.98, told.missed_how
    assert told.precision >= 0.80, told.friends
