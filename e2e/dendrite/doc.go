// Package dendrite pins the Matrix homeserver that the whole-process tests run
// against, so that neither its licence (AGPL) nor its requirements enter the
// product's go.mod. `CGO_ENABLED=0 GOFLAGS= go tool -n dendrite`, run here,
// builds it when needed and prints the path of the cached binary.
package dendrite
