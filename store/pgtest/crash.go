package pgtest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"time"
)

// Crash stops the server immediately, as a failing machine does: connections
// break and nothing is written down any more.
func (s *Server) Crash() error {
	if s.cmd == nil || s.cmd.Process == nil {
		return errors.New("PostgreSQL does not run")
	}
	if err := s.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return fmt.Errorf("crash PostgreSQL: %w", err)
	}
	_ = s.cmd.Wait() // it ends with a status of its own
	s.cmd = nil
	return nil
}

// Restart starts the server again after [Server.Crash] and waits until it has
// recovered.
func (s *Server) Restart(ctx context.Context) error {
	return s.run(ctx, filepath.Join(s.dir, "data"))
}

// run starts the server on its data and waits until it answers.
func (s *Server) run(ctx context.Context, data string) error {
	s.cmd = s.command(context.WithoutCancel(ctx), "postgres", "-D", data, "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200")
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		probe := s.command(ctx, "psql", "-h", s.dir, "-U", "test", "-d", "postgres", "-c", "SELECT 1")
		if probe.Run() == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("PostgreSQL did not answer within 30 s")
		}
	}
}
