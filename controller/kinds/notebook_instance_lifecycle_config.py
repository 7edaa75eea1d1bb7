"""NotebookInstanceLifecycleConfig: the scripts that notebook instances run when they are created and started."""

from types import MappingProxyType

from controller.kinds.columns import DeleteBlocker
from controller.kinds.kind import Kind, Lifecycle, Write

NOTEBOOK_INSTANCE_LIFECYCLE_CONFIG = Kind(
    name="NotebookInstanceLifecycleConfig",
    write=Write(
        # An Update sets both hooks: the Terraform provider sends both whenever one changes (resource
        # aws_sagemaker_notebook_instance_lifecycle_configuration). By the model a hook is a list of one script or none.
        replaces_all=True,
        cleared=MappingProxyType({"OnCreate": (), "OnStart": ()}),
    ),
    lifecycle=Lifecycle(
        # Notebook instances name it, and cannot start without it.
        delete_blockers=(DeleteBlocker("ListNotebookInstances", by="NotebookInstanceLifecycleConfigName"),),
    ),
)
