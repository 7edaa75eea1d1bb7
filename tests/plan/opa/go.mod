// What the tests of a plan's JSON run policies with: the real Open Policy Agent, built from source.
// Only the tool is listed; there is no Go code here.
module sagemaker-gitops.dev/tests/plan

go 1.25.0

require github.com/open-policy-agent/opa v1.22.0

tool github.com/open-policy-agent/opa
