// Package pwa carries the built front end inside the binary and serves it.
package pwa

import "embed"

// dist/.keep is committed, so the package compiles before the first front-end build.
//
//go:embed all:dist
var dist embed.FS
