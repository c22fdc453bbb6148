"""What the convenience methods ask for."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, cast

from onmemos.core.specs import check_options, compact, session_body
from onmemos.enums import ImageType
from onmemos.fields import GPUSpec, ImageSpec, ResourceSpec


def plain(workspace_id: str, template: str, namespace: str, user: str, options: Mapping[str, Any]) -> Dict[str, Any]:
    """A session of the workspace's own size."""
    return _body(workspace_id, template, namespace, user, options)


def development(workspace_id: str, namespace: str, user: str, options: Mapping[str, Any]) -> Dict[str, Any]:
    """Ubuntu with the workspace's volume."""
    asked = check_options(options)
    image = asked.get("image_type") or asked.get("image_spec", {}).get("image_type") or ImageType.UBUNTU
    defaults: Dict[str, Any] = {"request_persistent_storage": True}
    if "image_spec" not in asked:
        defaults["image_type"] = image
    return _body(workspace_id, str(image), namespace, user, {**defaults, **asked})


def python(
    workspace_id: str, namespace: str, user: str, version: Optional[str], options: Mapping[str, Any]
) -> Dict[str, Any]:
    """Python, of a version where one is asked for."""
    asked = check_options(options)
    defaults: Dict[str, Any] = {} if "image_spec" in asked else compact(image_type=ImageType.PYTHON, image_tag=version)
    return _body(workspace_id, "python", namespace, user, {**defaults, **asked})


def ml(
    workspace_id: str, namespace: str, user: str, version: Optional[str], options: Mapping[str, Any]
) -> Dict[str, Any]:
    """Image and GPU of the package, unless a version of Python is asked for; "ml" names no image of its own."""
    asked = check_options(options)
    defaults: Dict[str, Any] = {"request_persistent_storage": True}
    if version is not None and "image_spec" not in asked:
        defaults.update(image_type=ImageType.PYTHON, image_tag=version)
    return _body(workspace_id, "ml", namespace, user, {**defaults, **asked})


def custom(workspace_id: str, namespace: str, user: str, image_url: str, options: Mapping[str, Any]) -> Dict[str, Any]:
    """An image of your own."""
    image = {"image_type": ImageType.CUSTOM, "image_url": image_url}
    return _body(workspace_id, "custom", namespace, user, {**image, **check_options(options)})


def resource_spec(
    cpu_size: Optional[str],
    memory_size: Optional[str],
    custom_cpu_request: Optional[str],
    custom_cpu_limit: Optional[str],
    custom_memory_request: Optional[str],
    custom_memory_limit: Optional[str],
) -> ResourceSpec:
    """CPU and memory as the wire has them."""
    spec = compact(
        cpu_size=cpu_size,
        memory_size=memory_size,
        custom_cpu_request=custom_cpu_request,
        custom_cpu_limit=custom_cpu_limit,
        custom_memory_request=custom_memory_request,
        custom_memory_limit=custom_memory_limit,
    )
    return cast(ResourceSpec, spec)


def image_spec(image_type: Optional[str], image_url: Optional[str], image_tag: Optional[str]) -> ImageSpec:
    """An image as the wire has it. The reference of an image of one's own has its tag in itself."""
    if image_url is not None and image_tag == "latest":
        image_tag = None
    return cast(ImageSpec, compact(image_type=image_type, image_url=image_url, image_tag=image_tag))


def gpu_spec(gpu_type: Optional[str], gpu_count: Optional[int]) -> GPUSpec:
    """GPUs as the wire has them."""
    return cast(GPUSpec, compact(gpu_type=gpu_type, gpu_count=gpu_count))


def _body(workspace_id: str, template: str, namespace: str, user: str, options: Mapping[str, Any]) -> Dict[str, Any]:
    place = {"workspace_id": workspace_id, "template": template, "namespace": namespace, "user": user}
    return session_body(None, **place, **check_options(options))
