package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"rapporteur/bot"
	"rapporteur/digest"
	"rapporteur/store"
)

// death is where, and how often passed, the process ends as kill -9 ends it, or
// stops as SIGSTOP stops it. A nil death never comes.
type death struct {
	step   string
	signal syscall.Signal
	left   atomic.Int64
}

// readDeath reads "claim.after:3:kill".
func readDeath(text string) (*death, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // a nil death never comes
	}
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return nil, fmt.Errorf("-die %q: want STEP:NUMBER:kill or STEP:NUMBER:stop", text)
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("-die %q: %w", text, err)
	}
	d := &death{step: parts[0], signal: syscall.SIGKILL}
	if parts[2] == "stop" {
		d.signal = syscall.SIGSTOP
	}
	d.left.Store(n)
	return d, nil
}

// at passes a step.
func (d *death) at(step string) {
	if d == nil || d.step != step || d.left.Add(-1) != 0 {
		return
	}
	_ = syscall.Kill(os.Getpid(), d.signal)
	time.Sleep(50 * time.Millisecond) // a signal to oneself takes a moment; stopped time does not count
}

// deadlyLedger dies around what it writes.
type deadlyLedger struct {
	*store.Store
	d *death
}

func (l deadlyLedger) Plan(ctx context.Context, plans []bot.Plan, now time.Time) error {
	l.d.at("plan.before")
	err := l.Store.Plan(ctx, plans, now)
	l.d.at("plan.after")
	return err
}

func (l deadlyLedger) Claim(ctx context.Context, platform string, now time.Time, lease time.Duration, limit int) ([]bot.Delivery, error) {
	l.d.at("claim.before")
	claimed, err := l.Store.Claim(ctx, platform, now, lease, limit)
	if len(claimed) > 0 {
		l.d.at("claim.after")
	}
	return claimed, err
}

func (l deadlyLedger) Sent(ctx context.Context, delivery bot.Delivery, receipt string, now time.Time) error {
	l.d.at("sent.before")
	err := l.Store.Sent(ctx, delivery, receipt, now)
	l.d.at("sent.after")
	return err
}

// scribe writes editions that name themselves.
type scribe struct{ d *death }

func (s scribe) Write(_ context.Context, e digest.Edition) (bot.Reply, error) {
	s.d.at("write.after")
	return bot.Reply{bot.Paragraph{Text: "Edition " + e.Subscription.Room.ID + " " + e.Slot + " end"}}, nil
}

// deadlyPoster dies around a post.
type deadlyPoster struct {
	digest.Poster
	d        *death
	careless bool // does not look before it repeats
}

func (p deadlyPoster) Post(ctx context.Context, post bot.Post) (bot.Receipt, error) {
	p.d.at("post.before")
	post.Doubtful = post.Doubtful && !p.careless
	receipt, err := p.Poster.Post(ctx, post)
	p.d.at("post.after")
	return receipt, err
}

// Edit dies around an edit.
func (p deadlyPoster) Edit(ctx context.Context, post bot.Post, posted bot.Receipt, name string) error {
	editor, is := p.Poster.(bot.Editor)
	if !is {
		return &bot.PostError{Outcome: bot.Refused, Err: errors.New("the platform cannot edit")}
	}
	p.d.at("edit.before")
	err := editor.Edit(ctx, post, posted, name)
	p.d.at("edit.after")
	return err
}

// wire dies when a request is written, and when its answer has come.
type wire struct{ d *death }

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "chat.postMessage") {
		return http.DefaultTransport.RoundTrip(r)
	}
	trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { w.d.at("request.written") }}
	response, err := http.DefaultTransport.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	w.d.at("response.read")
	return response, err
}
