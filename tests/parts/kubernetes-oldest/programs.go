//go:build tools

// Package programs pins what is built here, so that go.mod and go.sum cover all of it. They are those of
// k8s.io/kubernetes itself, with a version in place of each ./staging, and complete by `go mod tidy`.
package programs

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
)
