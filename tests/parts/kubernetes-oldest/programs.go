//go:build tools

// Package programs pins what is built here, so that go.mod and go.sum cover all of it.
package programs

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
)
