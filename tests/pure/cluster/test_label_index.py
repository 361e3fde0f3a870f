"""Objects are found by their labels, whether a label is on one of them or on many, and follow every change."""

from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.cluster.label_index import LabelIndex

KEYS = st.sampled_from([("shop", "a"), ("shop", "b"), ("other", "a")])
LABELS = st.dictionaries(st.sampled_from(["x", "y", "z"]), st.sampled_from(["v", "w"]), max_size=3)


@given(st.lists(st.tuples(KEYS, LABELS), max_size=20))
def test_an_index_is_what_the_objects_carry(puts: list[tuple[tuple[str, str], dict[str, str]]]) -> None:
    index, carried = LabelIndex(), dict[tuple[str, str], dict[str, str]]()
    for key, labels in puts:
        index.put(key, labels)
        carried[key] = labels
        for label in ("x", "y", "z"):
            assert index.get(label) == {k: has[label] for k, has in carried.items() if label in has}
    for key in carried:
        index.put(key, {})
    assert (index._objects, index._labels) == ({}, {})
