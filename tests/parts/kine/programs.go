//go:build tools

// Package programs pins what is built here, so that go.mod and go.sum cover all of it.
package programs

import _ "github.com/k3s-io/kine"
