"""AppImageConfig: how an image runs as an app of Studio: its kernels, its file system and its container."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.kinds.kind import Compare, Kind, Lifecycle, Write
from controller.kinds.rule import Form

# API reference, FileSystemConfig: "If not specified, defaults to ..."
_FILE_SYSTEM: Mapping[str, str | float] = {
    "MountPath": "/home/sagemaker-user",
    "DefaultUid": 1000,
    "DefaultGid": 100,
}
_BLOCKS = ("KernelGatewayImageConfig", "JupyterLabAppImageConfig", "CodeEditorAppImageConfig")

APP_IMAGE_CONFIG = Kind(
    name="AppImageConfig",
    compare=Compare(
        defaults=MappingProxyType(
            {
                f"{block}.FileSystemConfig.{member}": value
                for block in _BLOCKS
                for member, value in _FILE_SYSTEM.items()
            }
        ),
    ),
    write=Write(
        rules=tuple(
            Form(
                "MountPath",
                "/.*",
                "be an absolute path",
                within=f"{block}.FileSystemConfig",
                source="API reference, FileSystemConfig: MountPath",
            )
            for block in _BLOCKS
        ),
    ),
    # DeleteAppImageConfig declares no ResourceInUse (botocore's model): apps of a domain that still names it fail to
    # start afterwards.
    lifecycle=Lifecycle(unguarded=True),
)
