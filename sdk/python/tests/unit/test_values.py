"""What people type, by the examples that the server, the command line and both SDKs share."""

import json
from pathlib import Path
from typing import Any, List, Optional

import pytest

from onmemos.core import values
from onmemos.errors import InvalidOption

EXAMPLES = json.loads((Path(__file__).parents[4] / "test/vectors/values.json").read_text("utf-8"))


def examples(kind: str) -> List[Any]:
    return [pytest.param(given, wanted, id=repr(given)) for given, wanted in EXAMPLES[kind]]


@pytest.mark.parametrize(("given", "wanted"), examples("address"))
def test_addresses(given: str, wanted: Optional[str]) -> None:
    if wanted is not None:
        assert values.address("base_url", given) == wanted
        return
    with pytest.raises(InvalidOption, match=r"^base_url "):
        values.address("base_url", given)


@pytest.mark.parametrize(("given", "wanted"), examples("key"))
def test_keys(given: str, wanted: Optional[str]) -> None:
    if wanted is not None:
        assert values.api_key("api_key", given) == wanted
        return
    with pytest.raises(InvalidOption, match=r"^api_key is not a key") as refused:
        values.api_key("api_key", given)
    assert given not in str(refused.value)


@pytest.mark.parametrize(("given", "wanted"), examples("user"))
def test_users(given: str, wanted: Optional[str]) -> None:
    if wanted is not None or given == "":
        assert values.user("user", given) == wanted
        return
    with pytest.raises(InvalidOption, match=r"^user has 1 to 128 characters"):
        values.user("user", given)
