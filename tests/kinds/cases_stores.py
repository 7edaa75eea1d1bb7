"""Cases of kinds that store data, code, images and templates: each is changed in another way."""

from collections.abc import Mapping

from tests.journeys.documents import GROUP, IMAGE, ROLE
from tests.journeys.standalone_documents import PORTFOLIO
from tests.kinds.case import Case

_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:%s"
_GIT = "gitConfig: {repositoryUrl: 'https://example.com/n.git', branch: %s}"
_CATALOG = "serviceCatalogProvisioningDetails: {productId: prod-%s, provisioningArtifactId: pa-%s}"
_TEMPLATE = (
    "templateProviders: [{cfnTemplateProvider: {templateName: t, templateURL: 'https://example.com/%s'}}]"
)
_READERS = """
resourcePolicy:
  Version: '2012-10-17'
  Statement:
  - {Effect: Allow, Principal: {AWS: '%s'}, Action: sagemaker:DescribeModelPackageGroup, Resource: '*'}
"""
_FEATURES = "{featureName: id, featureType: String}, {featureName: at, featureType: String}"
_CAPACITY = "throughputMode: Provisioned, provisionedReadCapacityUnits: 5, provisionedWriteCapacityUnits: 5"
_ONLINE = "onlineStoreConfig: {enableOnlineStore: true}"

STORES: Mapping[str, Case] = {
    "HumanTaskUi": Case(
        "boxes", "", frozen=("uiTemplate: {content: '<p>one</p>'}", "uiTemplate: {content: '<p>two</p>'}")
    ),
    "CodeRepository": Case(
        "notebooks",
        "",
        changes={
            "GitConfig": (
                f"{(_GIT % 'main')[:-1]}, secretArn: '{_SECRET % 'one'}'}}",
                f"{(_GIT % 'main')[:-1]}, secretArn: '{_SECRET % 'two'}'}}",
            )
        },
        frozen=(_GIT % "main", _GIT % "dev"),
    ),
    "Algorithm": Case(
        "boosting",
        f"""
trainingSpecification:
  trainingImage: '{IMAGE}'
  supportedTrainingInstanceTypes: [ml.m5.large]
  trainingChannels: [{{name: train, supportedContentTypes: [text/csv], supportedInputModes: [File]}}]
""",
        frozen=("algorithmDescription: one", "algorithmDescription: two"),
    ),
    "ModelPackageGroupPolicy": Case(
        "readers",
        "modelPackageGroupName: fraud",
        changes={"ResourcePolicy": (_READERS % "210987654321", _READERS % "111122223333")},
        needs=(GROUP,),
    ),
    "ServicecatalogPortfolio": Case("templates", ""),
    "Project": Case(
        "churn",
        "",
        changes={
            "ProjectDescription": (
                f"{_CATALOG % ('1234567890123', '1')}\nprojectDescription: one",
                f"{_CATALOG % ('1234567890123', '1')}\nprojectDescription: two",
            ),
            "ServiceCatalogProvisioningDetails": (
                _CATALOG % ("1234567890123", "1"),
                _CATALOG % ("1234567890123", "2"),
            ),
            "TemplateProviders": (_TEMPLATE % "one", _TEMPLATE % "two"),
        },
        frozen=(_CATALOG % ("1234567890123", "1"), _CATALOG % ("3210987654321", "1")),
        needs=(PORTFOLIO,),
    ),
    "FeatureGroup": Case(
        "customers",
        f"recordIdentifierFeatureName: id\neventTimeFeatureName: at\nroleArn: {ROLE}",
        changes={
            "FeatureDefinitions": (
                f"featureDefinitions: [{_FEATURES}]\n{_ONLINE}",
                f"featureDefinitions: [{_FEATURES}, {{featureName: age, featureType: Integral}}]\n{_ONLINE}",
            ),
            "OnlineStoreConfig": (
                f"featureDefinitions: [{_FEATURES}]\n{_ONLINE}",
                f"featureDefinitions: [{_FEATURES}]\n{_ONLINE[:-1]}, ttlDuration: {{unit: Days, value: 3}}}}",
            ),
            "ThroughputConfig": (
                f"featureDefinitions: [{_FEATURES}]\n{_ONLINE}\nthroughputConfig: {{throughputMode: OnDemand}}",
                f"featureDefinitions: [{_FEATURES}]\n{_ONLINE}\nthroughputConfig: {{{_CAPACITY}}}",
            ),
        },
        frozen=(
            f"featureDefinitions: [{_FEATURES}]\n{_ONLINE}\ndescription: one",
            f"featureDefinitions: [{_FEATURES}]\n{_ONLINE}\ndescription: two",
        ),
    ),
}
