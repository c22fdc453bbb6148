"""Keep results on a volume of the workspace. The session that made them is gone when they are read."""

from onmemos import OnMemOSClient

with OnMemOSClient() as client:
    client.workspaces.create(user_id="ada", workspace_id="results", name="Results", resource_package="dev_small")
    place = {"user": "ada", "workspace_id": "results", "ttl_minutes": 10}

    with client.session(**place, persistent_storage_size_gb=1) as first:
        first.run("mkdir -p run-1 && echo 0.93 > run-1/accuracy", check=True)

    with client.session(**place, persistent_storage_size_gb=1) as second:
        print(second.run("cat run-1/accuracy", check=True).stdout.strip())  # -> 0.93

    volume = client.volumes.get("ada", "results", "default")
    print(volume.size_gb, volume.mounted_by)  # -> 1 []

    # A volume is billed until it is deleted.
    client.workspaces.delete("ada", "results", force=True)
