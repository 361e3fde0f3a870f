//go:build tools

// Package programs pins what is built here, so that go.mod and go.sum cover all of it.
package programs

import _ "github.com/oauth2-proxy/oauth2-proxy/v7"
