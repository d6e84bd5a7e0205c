package main

import (
	"testing"
)

func TestMetricsTellOfTheProcess(t *testing.T) {
	t.Parallel()
	n, _, _ := served(t)
	holds(t, "metrics", get(n.health(), "/metrics", "").Body.String(), "go_goroutines ", "process_open_fds ")
}
