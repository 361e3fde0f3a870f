//go:build tools

// Package programs pins what is built here, so that go.mod and go.sum cover all of it.
package programs

import _ "helm.sh/helm/v4/cmd/helm"
