package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/digest"
	"rapporteur/store"
)

// The calendar over HTTP, for programs that subscribe to it:
//
//	/calendar.ics              everything
//	/calendar/PROCESS.ics      one process, by its ID, and what carries on its work
//	/subscription/TOKEN.ics    what one subscription asks for
//
// What is in a calendar is public; what a room subscribes to is not. So the token
// of a subscription is a code that nobody can make who does not have the key in the
// database.

const (
	feedCache   = "public, max-age=3600"
	feedTimeout = 10 * time.Second
)

// serveFeed serves the feeds until ctx ends.
func (n *newsroom) serveFeed(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", n.c.Feed.Listen)
	if err != nil {
		return fmt.Errorf("feed.listen: %w", err)
	}
	server := &http.Server{
		Handler: n.feeds(), ReadHeaderTimeout: feedTimeout, ReadTimeout: feedTimeout, WriteTimeout: feedTimeout, MaxHeaderBytes: 16 << 10,
	}
	go func() {
		<-ctx.Done()
		_ = server.Close() // nobody waits for a calendar
	}()
	n.log.InfoContext(ctx, "serving the calendar", "address", listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the calendar: %w", err)
	}
	return nil
}

// feeds answers requests for calendar files.
func (n *newsroom) feeds() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /calendar.ics", func(w http.ResponseWriter, r *http.Request) {
		n.writeFeed(w, r, "International information security at the UN", func(string) bool { return true })
	})
	mux.HandleFunc("GET /calendar/{file}", n.processFeed)
	mux.HandleFunc("GET /subscription/{file}", n.subscriptionFeed)
	return mux
}

func (n *newsroom) processFeed(w http.ResponseWriter, r *http.Request) {
	id, is := strings.CutSuffix(r.PathValue("file"), ".ics")
	cal := n.known.Load().knowledge.calendar
	p, known := cal.Process(id)
	if !is || !known {
		http.NotFound(w, r)
		return
	}
	wanted := map[string]bool{p.ID: true}
	if heir, alive := cal.Heir(p.ID, n.clock()); alive {
		wanted[heir.ID] = true
	}
	n.writeFeed(w, r, p.Short, func(id string) bool { return wanted[id] })
}

func (n *newsroom) subscriptionFeed(w http.ResponseWriter, r *http.Request) {
	token, is := strings.CutSuffix(r.PathValue("file"), ".ics")
	if !is {
		http.NotFound(w, r)
		return
	}
	// A token that nobody was given costs no look into the database.
	number, _, _ := strings.Cut(token, "-")
	id, err := strconv.ParseInt(number, 36, 64)
	if err != nil || !hmac.Equal([]byte(token), []byte(n.feedToken(id))) {
		http.NotFound(w, r)
		return
	}
	sub, err := n.db.Subscription(r.Context(), id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		http.NotFound(w, r)
	case err != nil:
		n.feedFailed(w, r, err)
	default:
		n.writeFeed(w, r, "International information security at the UN", n.wanted(sub))
	}
}

// wanted says which processes a subscription asks for.
func (n *newsroom) wanted(sub bot.Subscription) func(id string) bool {
	return n.known.Load().press.Wanted(sub, n.clock())
}

// feedToken names the feed of a subscription to whoever knows it: its number, and
// a code that nobody can make who does not have the key.
func (n *newsroom) feedToken(subscription int64) string {
	mac := hmac.New(sha256.New, n.feedKey)
	_, _ = mac.Write([]byte("subscription/" + strconv.FormatInt(subscription, 10))) // a hash takes everything
	code := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:20]))
	return strconv.FormatInt(subscription, 36) + "-" + code
}

// feedOf returns the address of the feed of a process, all where it is empty; empty
// where no feed is served, or nobody has said under which address.
func (n *newsroom) feedOf(process string) string {
	if n.c.Feed.URL == "" {
		return ""
	}
	base := strings.TrimSuffix(n.c.Feed.URL, "/")
	if process == "" {
		return base + "/calendar.ics"
	}
	return base + "/calendar/" + process + ".ics"
}

// feedOfSubscription returns the address of the feed of a subscription.
func (n *newsroom) feedOfSubscription(id int64) string {
	if n.c.Feed.URL == "" {
		return ""
	}
	return strings.TrimSuffix(n.c.Feed.URL, "/") + "/subscription/" + n.feedToken(id) + ".ics"
}

func (n *newsroom) writeFeed(w http.ResponseWriter, r *http.Request, name string, within func(id string) bool) {
	file, err := n.feedShelf.file(r.Context(), n, name, within)
	if err != nil {
		n.feedFailed(w, r, err)
		return
	}
	w.Header().Set("Content-Type", calendar.ICSType)
	w.Header().Set("Cache-Control", feedCache)
	w.Header().Set("ETag", file.etag)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(file.text))
}

func (n *newsroom) feedFailed(w http.ResponseWriter, r *http.Request, err error) {
	n.log.ErrorContext(r.Context(), "serve a calendar", "error", err)
	http.Error(w, "the calendar cannot be read at the moment", http.StatusServiceUnavailable)
}

var _ digest.Writer = (*newsroom)(nil)
