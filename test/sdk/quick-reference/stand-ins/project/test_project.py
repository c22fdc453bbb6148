def test_addition():
    assert 1 + 1 == 2


def test_words():
    assert " ".join(["a", "b"]) == "a b"
