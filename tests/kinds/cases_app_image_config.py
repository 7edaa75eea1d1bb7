"""The case of AppImageConfig."""

from tests.kinds.case import Case

_CONTAINER = "{{containerConfig: {{containerArguments: [{0}]}}}}"


def _change(block: str) -> tuple[str, str]:
    one, two = _CONTAINER.format("--one"), _CONTAINER.format("--two")
    return f"{block}: {one}", f"{block}: {two}"


APP_IMAGE_CONFIG = Case(
    "lab-kernel",
    "",
    changes={
        "KernelGatewayImageConfig": (
            "kernelGatewayImageConfig: {kernelSpecs: [{name: python3}]}",
            "kernelGatewayImageConfig: {kernelSpecs: [{name: conda}]}",
        ),
        "JupyterLabAppImageConfig": _change("jupyterLabAppImageConfig"),
        "CodeEditorAppImageConfig": _change("codeEditorAppImageConfig"),
    },
)
