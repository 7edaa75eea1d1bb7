"""A document of each kind of Studio, with all possible links between them."""

from tests.journeys.documents import ROLE
from tests.journeys.stage import document_text

LIFECYCLE_CONFIG = document_text(
    "StudioLifecycleConfig",
    "idle-stop",
    "studioLifecycleConfigAppType: JupyterLab\nstudioLifecycleConfigContent: IyEvYmluL3NoCg==",
)
APP_IMAGE_CONFIG = document_text(
    "AppImageConfig", "lab-kernel", "jupyterLabAppImageConfig: {fileSystemConfig: {defaultUid: 1000}}"
)
IMAGE = document_text("Image", "lab", f"roleArn: {ROLE}\ndescription: What the lab runs on")
IMAGE_VERSION = document_text(
    "ImageVersion",
    "lab-current",
    "imageName: lab\nbaseImage: '123456789012.dkr.ecr.us-east-1.amazonaws.com/lab:1'\naliases: [current]",
)
_RESOURCES = "{lifecycleConfigArn: idle-stop, sageMakerImageArn: lab, sageMakerImageVersionArn: lab-current}"
_IMAGES = "customImages: [{imageName: lab, appImageConfigName: lab-kernel}]"
_LAB = f"""
    {_IMAGES}
    lifecycleConfigArns: [idle-stop]
    defaultResourceSpec: {_RESOURCES}
"""
DOMAIN = document_text(
    "Domain",
    "studio",
    f"""
domainName: studio
authMode: IAM
vpcId: vpc-1
subnetIds: [subnet-1]
defaultUserSettings:
  executionRole: {ROLE}
  jupyterLabAppSettings:{_LAB}
""",
)
SSO_DOMAIN = DOMAIN.replace("authMode: IAM", "authMode: SSO")
_USER = "domainId: studio\nuserProfileName: ada"
USER_PROFILE = document_text("UserProfile", "ada", _USER)
LAB_PROFILE = document_text("UserProfile", "ada", f"{_USER}\nuserSettings:\n  jupyterLabAppSettings:{_LAB}")
_OWNED = """
domainId: studio
spaceName: notes
ownershipSettings: {ownerUserProfileName: ada}
spaceSharingSettings: {sharingType: Private}
"""
SPACE = document_text("Space", "notes", f"{_OWNED}spaceSettings: {{appType: JupyterLab}}")
LAB_SPACE = document_text(
    "Space",
    "notes",
    f"""{_OWNED}
spaceSettings:
  appType: JupyterLab
  jupyterLabAppSettings: {{defaultResourceSpec: {_RESOURCES}}}
  kernelGatewayAppSettings: {{{_IMAGES}}}
""",
)
APP = document_text(
    "App",
    "notes-lab",
    f"domainId: studio\nspaceName: notes\nappType: JupyterLab\nappName: default\nresourceSpec: {_RESOURCES}",
)
USER_APP = document_text(
    "App",
    "ada-canvas",
    "domainId: studio\nuserProfileName: ada\nappType: Canvas\nappName: default",
)
