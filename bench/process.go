package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a contestant at work in a process of its own.
type process struct {
	name    string
	command *exec.Cmd
	in      io.WriteCloser
	orders  *json.Encoder
	reports *json.Decoder
}

// start starts this program anew as a contestant.
func start(ctx context.Context, name, language string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	command := exec.CommandContext(ctx, self, "-contestant", name, "-language", language)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return &process{name, command, in, json.NewEncoder(in), json.NewDecoder(bufio.NewReaderSize(out, 1<<20))}, nil
}

// do has an order carried out.
func (p *process) do(o order) (report, error) {
	if err := p.orders.Encode(o); err != nil {
		return report{}, fmt.Errorf("ask %s: %w", p.name, err)
	}
	var r report
	if err := p.reports.Decode(&r); err != nil {
		return r, fmt.Errorf("hear %s: %w", p.name, err)
	}
	if r.Error != "" {
		return r, fmt.Errorf("%s: %s", p.name, r.Error)
	}
	return r, nil
}

// build has files indexed.
func (p *process) build(files ...string) (built, error) {
	r, err := p.do(order{Files: files})
	if err != nil {
		return built{}, err
	}
	if r.Built == nil {
		return built{}, fmt.Errorf("%s: no word about the build", p.name)
	}
	return *r.Built, nil
}

// ask has questions answered.
func (p *process) ask(questions []question, raw bool) ([]answer, error) {
	o := order{Raw: raw}
	for _, q := range questions {
		o.Questions = append(o.Questions, q.Text)
	}
	r, err := p.do(o)
	if err != nil {
		return nil, err
	}
	if len(r.Answers) != len(questions) {
		return nil, fmt.Errorf("%s: %d answers to %d questions", p.name, len(r.Answers), len(questions))
	}
	return r.Answers, nil
}

// close lets the process end.
func (p *process) close() error {
	err := p.in.Close()
	if waited := p.command.Wait(); waited != nil {
		err = errors.Join(err, fmt.Errorf("%s: %w", p.name, waited))
	}
	return err
}

// statusBytes reads a size from what the kernel says about this process; 0 where
// it says nothing.
func statusBytes(key string) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, key+":"); found {
			kilobytes, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			if err != nil {
				return 0
			}
			return kilobytes << 10
		}
	}
	return 0
}

// processorTime is how long this process has been computing, on all cores; 0
// where the kernel does not say.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// machine describes what the figures were measured on.
func machine() string {
	model := ""
	if about, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(about)) {
			if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
				model = ", " + strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d cores%s, %s, %s/%s", runtime.NumCPU(), model, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// load is how busy the machine was in the last minute: processes that want a
// core.
func load() string {
	about, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(about), " ")
	return first
}
