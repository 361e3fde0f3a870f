"""A token bucket gives its burst at once and its rate in the long run."""

import pytest

from oauthclient_operator.token_bucket import TokenBucket, TokenBuckets


def test_the_burst_comes_at_once_and_then_one_after_the_other() -> None:
    bucket = TokenBucket(rate=2, burst=3)
    waits = []
    for _ in range(5):
        waits.append(bucket.wait(100.0))
        bucket = bucket.taken(100.0)
    assert waits == pytest.approx([0, 0, 0, 0.5, 1.0])
    assert bucket.wait(100.5) == pytest.approx(1.0)


def test_after_a_rest_it_is_full_and_no_fuller() -> None:
    bucket = TokenBucket(rate=2, burst=3)
    for _ in range(3):
        bucket = bucket.taken(0.0)
    assert bucket.wait(1000.0) == 0
    for _ in range(3):
        assert bucket.wait(1000.0) == 0
        bucket = bucket.taken(1000.0)
    assert bucket.wait(1000.0) == pytest.approx(0.5)


@pytest.mark.parametrize(("rate", "burst"), [(200, 400), (1 / 15, 10), (1, 1)])
def test_in_the_long_run_it_gives_its_rate(rate: float, burst: int) -> None:
    bucket, now, given = TokenBucket(rate=rate, burst=burst), 0.0, 0
    while now < 600:
        now += bucket.wait(now)
        bucket = bucket.taken(now)
        given += 1
    assert given == pytest.approx(600 * rate + burst, abs=2)


def test_each_key_has_a_bucket_and_those_that_are_full_again_are_forgotten() -> None:
    buckets: TokenBuckets[int] = TokenBuckets(rate=1, burst=2)
    for _ in range(2):
        buckets.take(-1, 0.0)
    assert (buckets.wait(-1, 0.0), buckets.wait(0, 0.0)) == (1.0, 0.0)
    for number in range(1000):
        buckets.take(number, 10.0 * number)
    assert len(buckets) < 70
