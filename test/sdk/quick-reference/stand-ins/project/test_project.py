def test_addition():
    assert 1 + 1 == 2


def test_words():
    assert "a b".split() == ["a", "b"]
