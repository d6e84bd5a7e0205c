// Package homeserver runs a real Matrix homeserver, Dendrite, for tests: on a
// free port of the loopback interface, without federation, in a folder of its
// own, gone with the process that started it. The module e2e/dendrite pins and
// builds it.
package homeserver

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/synapseadmin"
)

// ServerName is the homeserver's name: users are "@somebody:localhost".
const ServerName = "localhost"

const secret = "e2e-secret"

const key = `-----BEGIN MATRIX PRIVATE KEY-----
Key-ID: ed25519:e2e

q1XzeRxiMgYRccPIiDtQP0QL+VaAEnelppV4+hfZxUY=
-----END MATRIX PRIVATE KEY-----
`

//go:embed dendrite.yaml
var config []byte

// Server is a homeserver. Its methods must not be called at the same time as
// Kill, Restart or Close.
type Server struct {
	// URL is its address, which a restart does not change.
	URL string

	dir, binary, address string
	front                *http.Server
	log                  lockedBuffer
	stop                 func()
	ended                chan struct{}
}

// Start starts a homeserver that keeps its data in the folder dir and waits
// until it answers. The first start on a machine builds it, which takes minutes.
func Start(ctx context.Context, dir string) (*Server, error) {
	binary, err := build()
	if err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	for name, data := range map[string][]byte{"dendrite.yaml": config, "matrix_key.pem": []byte(key)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, fmt.Errorf("write the homeserver's settings: %w", err)
		}
	}
	s := &Server{dir: dir, binary: binary, address: address}
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	if err := s.Restart(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// open puts a proxy before the homeserver that lets each request run to its end,
// although its client has gone. Without it, a client that hangs up at the wrong
// moment leaves a transaction open in Dendrite's SQLite database, which from
// then on is locked for everybody.
func (s *Server) open(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open the homeserver's front: %w", err)
	}
	s.URL = "http://" + listener.Addr().String()
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: s.address}) },
		// Where the homeserver is gone, so is its connection.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	s.front = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
		defer cancel()
		proxy.ServeHTTP(w, r.WithContext(ctx))
	})}
	go func() { _ = s.front.Serve(listener) }()
	return nil
}

// build returns the path of the homeserver's program.
var build = sync.OnceValues(func() (string, error) {
	folder, err := besideThisFile("../dendrite")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "tool", "-n", "dendrite")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("build the homeserver: %w: %s", err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
})

func besideThisFile(path string) (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("no idea where this source file lies")
	}
	return filepath.Join(filepath.Dir(file), path), nil
}

func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// Restart starts the homeserver again, after Kill, with the data it had.
func (s *Server) Restart(ctx context.Context) error {
	cmd := exec.Command(s.binary, "-config", "dendrite.yaml", "-http-bind-address", s.address)
	cmd.Dir = s.dir
	cmd.Stdout, cmd.Stderr = &s.log, &s.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	s.ended = make(chan struct{})
	go func() {
		// The signal comes when the thread ends that started the process.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(s.ended)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start the homeserver: %w", err)
	}
	s.stop = func() { _ = cmd.Process.Kill() }
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for !s.answers(ctx) {
		select {
		case <-s.ended:
			return fmt.Errorf("the homeserver ended:\n%s", s.log.String())
		case <-ctx.Done():
			s.Kill()
			return fmt.Errorf("the homeserver does not answer:\n%s", s.log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func (s *Server) answers(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/_matrix/client/versions", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// Kill ends the homeserver at once, as kill -9 does, and waits until it is gone.
func (s *Server) Kill() {
	if s.stop != nil {
		s.stop()
		<-s.ended
		s.stop = nil
	}
}

// Close ends the homeserver for good.
func (s *Server) Close() {
	s.Kill()
	_ = s.front.Close()
}

// Log is what the homeserver has logged.
func (s *Server) Log() string { return s.log.String() }

// Register makes an account, logs in once and returns the client. The user ID
// is "@user:localhost".
func (s *Server) Register(ctx context.Context, user, password string) (*mautrix.Client, error) {
	cli, err := mautrix.NewClient(s.URL, "", "")
	if err != nil {
		return nil, fmt.Errorf("register %s: %w", user, err)
	}
	admin := &synapseadmin.Client{Client: cli}
	account, err := admin.SharedSecretRegister(ctx, secret, synapseadmin.ReqSharedSecretRegister{Username: user, Password: password})
	if err != nil {
		return nil, fmt.Errorf("register %s: %w", user, err)
	}
	cli.UserID, cli.AccessToken, cli.DeviceID = account.UserID, account.AccessToken, account.DeviceID
	return cli, nil
}

// lockedBuffer is a buffer for a process's output.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements [io.Writer].
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns what was written.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
