"""A document of each kind of Studio, linked to the others as far as kinds link."""

from tests.journeys.documents import ROLE
from tests.journeys.stage import doc

LIFECYCLE_CONFIG = doc(
    "StudioLifecycleConfig",
    "idle-stop",
    "studioLifecycleConfigAppType: JupyterLab\nstudioLifecycleConfigContent: IyEvYmluL3NoCg==",
)
APP_IMAGE_CONFIG = doc(
    "AppImageConfig", "lab-kernel", "jupyterLabAppImageConfig: {fileSystemConfig: {defaultUid: 1000}}"
)
IMAGE = doc("Image", "lab", f"roleArn: {ROLE}\ndescription: What the lab runs on")
IMAGE_VERSION = doc(
    "ImageVersion",
    "lab-current",
    "imageName: lab\nbaseImage: '123456789012.dkr.ecr.us-east-1.amazonaws.com/lab:1'\naliases: [current]",
)
_LAB = """
    customImages: [{imageName: lab, appImageConfigName: lab-kernel}]
    lifecycleConfigArns: [idle-stop]
    defaultResourceSpec:
      lifecycleConfigArn: idle-stop
      sageMakerImageArn: lab
      sageMakerImageVersionArn: lab-current
"""
DOMAIN = doc(
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
USER_PROFILE = doc("UserProfile", "ada", "domainId: studio\nuserProfileName: ada")
SPACE = doc(
    "Space",
    "notes",
    """
domainId: studio
spaceName: notes
ownershipSettings: {ownerUserProfileName: ada}
spaceSharingSettings: {sharingType: Private}
spaceSettings: {appType: JupyterLab}
""",
)
APP = doc(
    "App",
    "notes-lab",
    "domainId: studio\nspaceName: notes\nappType: JupyterLab\nappName: default",
)
USER_APP = doc(
    "App",
    "ada-canvas",
    "domainId: studio\nuserProfileName: ada\nappType: Canvas\nappName: default",
)
