// Package golangci pins the linter, so that its requirements stay out of the
// product's go.mod. `go tool -n golangci-lint`, run here, builds it when needed
// and prints the path of the cached binary.
package golangci
