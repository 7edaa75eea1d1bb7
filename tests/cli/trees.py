"""Trees of documents for tests of the command line."""

HEAD = "apiVersion: sagemaker.gitops.dev/v1alpha1\n"
ROLE = "arn:aws:iam::123456789012:role/sagemaker"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"
CANARY = "canary-4471-do-not-show"

GROUP = (
    HEAD + "kind: ModelPackageGroup\nmetadata: {name: fraud}\nspec: {modelPackageGroupDescription: scores}\n"
)
PIPELINE = f"""{HEAD}kind: Pipeline
metadata: {{name: train}}
spec:
  roleArn: {ROLE}
  pipelineDefinition:
    Version: "2020-12-01"
    Steps:
      - {{Name: stop, Type: Fail, Arguments: {{ErrorMessage: ERROR}}}}
"""
SERVING = f"""{HEAD}kind: Model
metadata: {{name: fraud}}
spec:
  executionRoleArn: {ROLE}
  primaryContainer: {{image: "{IMAGE}", modelDataUrl: s3://bucket/one.tar.gz}}
  tags: {{team: risk}}
---
{HEAD}kind: EndpointConfig
metadata: {{name: fraud}}
spec:
  productionVariants:
    - {{variantName: main, modelName: fraud, initialInstanceCount: 2, instanceType: ml.m5.large}}
---
{HEAD}kind: Endpoint
metadata: {{name: fraud}}
spec: {{endpointConfigName: fraud}}
"""
WORKFORCE = f"""{HEAD}kind: Workforce
metadata: {{name: crowd}}
spec:
  oidcConfig:
    clientId: me
    clientSecret: {{valueFrom: {{env: CLIENT_SECRET}}}}
    issuer: https://idp.example.com
    authorizationEndpoint: https://idp.example.com/authorize
    tokenEndpoint: https://idp.example.com/token
    userInfoEndpoint: https://idp.example.com/user
    logoutEndpoint: https://idp.example.com/logout
    jwksUri: https://idp.example.com/keys
"""
CARD = f"""{HEAD}kind: ModelPackage
metadata: {{name: v1}}
spec:
  modelPackageGroupName: fraud
  modelCard:
    modelCardStatus: Draft
    modelCardContent: '{{"model_overview": {{"model_description": "{CANARY}"}}}}'
  inferenceSpecification:
    containers: [{{image: "{IMAGE}"}}]
    supportedContentTypes: [text/csv]
    supportedResponseMIMETypes: [text/csv]
"""

MODEL_CARD = f"""{HEAD}kind: ModelCard
metadata: {{name: fraud-card}}
spec:
  modelCardStatus: Draft
  content: '{{"model_overview": {{"model_description": "{CANARY}"}}}}'
"""
