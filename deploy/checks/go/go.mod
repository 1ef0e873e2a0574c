// What checks Terraform, the scripts and the pipeline, built by deploy/checks/tools.
module todo/checks

go 1.26

tool (
	filippo.io/age/cmd/age
	filippo.io/age/cmd/age-keygen
	github.com/hashicorp/hcl/v2/cmd/hclfmt
	github.com/rhysd/actionlint/cmd/actionlint
	github.com/zricethezav/gitleaks/v8
)
