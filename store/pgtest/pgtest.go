// Package pgtest starts a real PostgreSQL for tests, on a socket in a folder of
// its own, and stops it again.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// Server is a running PostgreSQL.
type Server struct {
	dir     string
	bin     string
	cmd     *exec.Cmd
	account *syscall.Credential
}

// Start starts a server. PostgreSQL refuses to run as root: then it runs as the
// user postgres, or else nobody. The error says what is missing.
func Start(ctx context.Context) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "rapporteur-pg")
	if err != nil {
		return nil, fmt.Errorf("folder for PostgreSQL: %w", err)
	}
	s := &Server{dir: dir, bin: bin}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is well formed
	if len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("no PostgreSQL server is installed; install Debian's package postgresql")
	}
	return filepath.Dir(path), nil
}

func (s *Server) start(ctx context.Context) error {
	if os.Getuid() == 0 {
		if err := s.dropRoot(); err != nil {
			return err
		}
	}
	data := filepath.Join(s.dir, "data")
	var out bytes.Buffer
	initdb := s.command(ctx, "initdb", "-D", data, "-U", "test", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
	initdb.Stdout, initdb.Stderr = &out, &out
	if err := initdb.Run(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out.String())
	}
	return s.run(ctx, data)
}

// dropRoot makes the server run as somebody else who owns the folder.
func (s *Server) dropRoot() error {
	account, err := user.Lookup("postgres")
	if err != nil {
		if account, err = user.Lookup("nobody"); err != nil {
			return fmt.Errorf("an account for PostgreSQL: %w", err)
		}
	}
	uid, err1 := strconv.ParseUint(account.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("an account for PostgreSQL: %w", err)
	}
	s.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(s.dir, int(uid), int(gid)); err != nil {
		return fmt.Errorf("folder for PostgreSQL: %w", err)
	}
	return nil
}

func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.account, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// Database makes an empty database and returns its address.
func (s *Server) Database(ctx context.Context, name string) (string, error) {
	var out bytes.Buffer
	create := s.command(ctx, "createdb", "-h", s.dir, "-U", "test", name)
	create.Stderr = &out
	if err := create.Run(); err != nil {
		return "", fmt.Errorf("createdb: %w: %s", err, out.String())
	}
	return "postgres://test@/" + name + "?host=" + url.QueryEscape(s.dir), nil
}

// Run runs statements in a database of the server.
func (s *Server) Run(ctx context.Context, name, statements string) error {
	if out, err := s.command(ctx, "psql", "-v", "ON_ERROR_STOP=1", "-h", s.dir, "-U", "test", "-d", name, "-c", statements).CombinedOutput(); err != nil {
		return fmt.Errorf("run in the database %s: %w: %s", name, err, out)
	}
	return nil
}

// Stop stops the server and removes its folder.
func (s *Server) Stop() error {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(syscall.SIGINT)
		_ = s.cmd.Wait()
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove PostgreSQL's folder: %w", err)
	}
	return nil
}
