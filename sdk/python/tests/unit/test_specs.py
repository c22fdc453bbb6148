"""What a create is sent."""

from __future__ import annotations

import pytest

from onmemos import CPUSize, GPUType, ImageType, MemorySize, OnMemOSClient, ResourcePackage
from onmemos.core import presets
from onmemos.core.paths import path
from onmemos.core.specs import session_body

PLACE = {"workspace_id": "w", "namespace": "n", "user": "u"}


def test_takes_a_dictionary_with_enums_and_leaves_none_out() -> None:
    body = session_body({**PLACE, "resource_package": ResourcePackage.ML_T4_LARGE, "gpu_type": GPUType.T4, "env": None})
    assert body == {**PLACE, "resource_package": "ml_t4_large", "gpu_type": "t4"}
    assert type(body["gpu_type"]) is str


def test_short_names_fill_the_specs() -> None:
    body = session_body(
        cpu_size=CPUSize.SMALL, memory_size=MemorySize.LARGE, image_type="python", image_tag="3.11-slim"
    )
    assert body == {
        "resource_spec": {"cpu_size": "small", "memory_size": "large"},
        "image_spec": {"image_type": "python", "image_tag": "3.11-slim"},
    }
    assert session_body({"resource_spec": {"memory_size": "small"}}, cpu_size="large") == {
        "resource_spec": {"memory_size": "small", "cpu_size": "large"}
    }


def test_what_a_size_requests_is_left_to_the_server() -> None:
    assert session_body(persistent_storage_size_gb=20) == {"persistent_storage_size_gb": 20}
    assert session_body(bucket_size_gb=5, request_bucket=False)["request_bucket"] is False


def test_a_dictionary_may_have_fields_of_a_newer_server_but_keywords_are_checked() -> None:
    assert session_body({"shoe_size": 44}) == {"shoe_size": 44}
    with pytest.raises(TypeError, match="a session has no field ttl_minuts"):
        session_body(None, ttl_minuts=5)


def test_convenience_methods_ask_for_what_they_are_named_after() -> None:
    development = presets.development("w", "n", "u", {"cpu_size": CPUSize.MEDIUM})
    assert development == {
        **PLACE,
        "template": "ubuntu",
        "request_persistent_storage": True,
        "image_spec": {"image_type": "ubuntu"},
        "resource_spec": {"cpu_size": "medium"},
    }
    python = presets.python("w", "n", "u", "3.11-slim", {"gpu_type": GPUType.T4})
    assert python == {
        **PLACE,
        "template": "python",
        "image_spec": {"image_type": "python", "image_tag": "3.11-slim"},
        "gpu_type": "t4",
    }
    assert presets.ml("w", "n", "u", None, {}) == {**PLACE, "template": "ml", "request_persistent_storage": True}
    custom = presets.custom("w", "n", "u", "gcr.io/p/i:latest", {})
    assert custom["image_spec"] == {"image_type": "custom", "image_url": "gcr.io/p/i:latest"}


@pytest.mark.parametrize(
    ("options", "template", "image"),
    [
        ({"image_type": ImageType.ALPINE}, "alpine", {"image_type": "alpine"}),
        ({"image_spec": {"image_type": "go", "image_tag": "1"}}, "go", {"image_type": "go", "image_tag": "1"}),
    ],
)
def test_a_development_session_takes_another_image(options: object, template: str, image: object) -> None:
    assert isinstance(options, dict)
    body = presets.development("w", "n", "u", options)
    assert (body["template"], body["image_spec"]) == (template, image)
    assert (
        presets.development("w", "n", "u", {"request_persistent_storage": False})["request_persistent_storage"] is False
    )


def test_helpers_make_specs() -> None:
    client = OnMemOSClient("http://a:1", "k")
    spec = client.resource_spec(CPUSize.MEDIUM, MemorySize.LARGE, custom_cpu_request="1.5", custom_memory_request="6Gi")
    assert spec == {
        "cpu_size": "medium",
        "memory_size": "large",
        "custom_cpu_request": "1.5",
        "custom_memory_request": "6Gi",
    }
    assert client.image_spec(image_type=ImageType.PYTHON, image_tag="3.11-slim") == {
        "image_type": "python",
        "image_tag": "3.11-slim",
    }
    assert client.gpu_spec(gpu_type=GPUType.T4, gpu_count=2) == {"gpu_type": "t4", "gpu_count": 2}


def test_ids_cannot_name_another_route() -> None:
    assert path("sessions", "a/../b c") == "/v1/sessions/a%2F..%2Fb%20c"
    for wrong in ("", ".", ".."):
        with pytest.raises(ValueError, match="not empty"):
            path("sessions", wrong)
