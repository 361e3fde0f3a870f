//go:build tools

// Package programs pins what is built here, so that go.mod and go.sum cover all of it.
package programs

import _ "go.etcd.io/etcd/server/v3"
