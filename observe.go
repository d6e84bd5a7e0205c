package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"rapporteur/bot"
)

// What is counted has no names of people or rooms in it, and no words of theirs.

// observer counts what the bot does since it started.
type observer struct {
	set     *metrics.Set
	started time.Time
}

func newObserver(now time.Time) *observer { return &observer{metrics.NewSet(), now} }

// The outcomes of an answer.
const (
	outcomeAnswered = "answered"
	outcomeRefused  = "refused"
	outcomeFailed   = "failed"
)

// ownKey marks what is not asked by a person.
type ownKey struct{}

// onOwnAccount returns a context in which the bot itself asks, for an edition or a
// preview, or as part of what a person asked: that is not counted.
func onOwnAccount(ctx context.Context) context.Context {
	return context.WithValue(ctx, ownKey{}, true)
}

// watch returns a handler that counts what came of a verb that a person asked.
func (o *observer) watch(v bot.Verb, next bot.Handler) bot.Handler {
	return bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		if ctx.Value(ownKey{}) != nil {
			return next.Answer(ctx, m)
		}
		reply, err := next.Answer(onOwnAccount(ctx), m)
		outcome := outcomeAnswered
		switch {
		case err != nil:
			outcome = outcomeFailed
		case !reply.Answered():
			outcome = outcomeRefused
		}
		o.answers(v.Name, outcome).Inc()
		if v.Name == "verify" && err == nil {
			if verdict := verdictOf(reply); verdict != "" {
				o.verdicts(verdict).Inc()
			}
		}
		return reply, err
	})
}

func (o *observer) answers(verb, outcome string) *metrics.Counter {
	return o.set.GetOrCreateCounter(fmt.Sprintf("rapporteur_answers_total{verb=%q,outcome=%q}", verb, outcome))
}

func (o *observer) verdicts(verdict string) *metrics.Counter {
	return o.set.GetOrCreateCounter(fmt.Sprintf("rapporteur_verdicts_total{verdict=%q}", verdict))
}

// verdictOf is the verdict that a reply begins with, in capital letters: "altered".
func verdictOf(reply bot.Reply) string {
	verdict, _, _ := strings.Cut(reply.Lead(), ":")
	verdict, _, _ = strings.Cut(verdict, ",")
	if verdict = strings.TrimSpace(verdict); verdict == "" || verdict != strings.ToUpper(verdict) {
		return ""
	}
	return strings.ReplaceAll(strings.ToLower(verdict), " ", "_")
}

// told is what is counted, in words.
func (o *observer) told(verbs []bot.Verb) string {
	var answered, refused uint64
	verdicts := map[string]uint64{}
	for _, v := range verbs {
		answered += o.answers(v.Name, outcomeAnswered).Get()
		refused += o.answers(v.Name, outcomeRefused).Get()
	}
	for _, name := range []string{"verbatim", "altered", "stitched", "truncated", "right_words", "too_short_to_verify", "not_in_corpus"} {
		if n := o.verdicts(name).Get(); n > 0 {
			verdicts[strings.ReplaceAll(name, "_", " ")] = n
		}
	}
	words := fmt.Sprintf("%d answers and %d refusals since %s", answered, refused, o.started.UTC().Format("2 January 2006, 15:04 UTC"))
	if all := answered + refused; all > 0 {
		words += fmt.Sprintf(" (%d %% refused)", refused*100/all)
	}
	var checked []string
	for _, name := range slices.Sorted(maps.Keys(verdicts)) {
		checked = append(checked, fmt.Sprintf("%s %d", name, verdicts[name]))
	}
	if len(checked) > 0 {
		words += "; verdicts: " + strings.Join(checked, ", ")
	}
	return words
}

// withHealth lets the verb that tells how a room's digests do tell how the bot does
// too.
func (n *newsroom) withHealth(v bot.Verb) bot.Verb {
	digests := v.Handler
	v.Summary += ", and how I do"
	v.Handler = bot.HandlerFunc(func(ctx context.Context, m bot.Message) (bot.Reply, error) {
		reply, err := digests.Answer(ctx, m)
		if err != nil {
			return nil, err
		}
		now := n.known.Load()
		k := now.knowledge
		if m.Public {
			k.corpus = k.public
		}
		items := []string{
			fmt.Sprintf("corpus %s: %s, %s, in %s", k.corpus.Version(), bot.Count(len(k.corpus.Documents()), "document"), bot.Count(k.corpus.Numbered(), "passage"), strings.Join(languages(k), ", ")),
			fmt.Sprintf("calendar: %s, checked on %s", bot.Count(k.calendar.Rows(), "row"), k.calendar.Checked()),
			n.observer.told(now.mux.Verbs()),
			"version " + version,
		}
		for _, seat := range n.seats {
			items = append(items, n.condition(ctx, now, seat, m))
		}
		return append(reply, bot.Heading{Text: "How I do"}, bot.List{Items: items}), nil
	})
	return v
}

// condition says how a seat does.
func (n *newsroom) condition(ctx context.Context, now *current, seat bot.Platform, m bot.Message) string {
	words := seat.Name() + ": listening"
	if other, is := seat.(stander); is && other.StandsBy() {
		words = seat.Name() + ": standing by for another replica"
	}
	if seat.Name() != m.Room.Platform {
		return words
	}
	for _, v := range now.mux.Verbs() {
		if v.Name != "e2ee" {
			continue
		}
		if reply, err := v.Handler.Answer(ctx, m); err == nil && reply.Lead() != "" {
			return words + "; " + reply.Lead()
		}
	}
	return words
}

func languages(k knowledge) []string {
	seen := map[string]bool{}
	for _, d := range k.corpus.Documents() {
		seen[either(d.Language, "an unknown language")] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// healthTimeout bounds a look at the database.
const healthTimeout = 3 * time.Second

// serveHealth serves what operators look at until ctx ends: /livez, /readyz and
// /metrics, in Prometheus' format.
func (n *newsroom) serveHealth(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", n.c.Health.Listen)
	if err != nil {
		return fmt.Errorf("health.listen: %w", err)
	}
	server := &http.Server{Handler: n.health(), ReadHeaderTimeout: feedTimeout, ReadTimeout: feedTimeout, WriteTimeout: feedTimeout, MaxHeaderBytes: 16 << 10}
	go func() {
		<-ctx.Done()
		_ = server.Close() // nobody waits for it
	}()
	n.log.InfoContext(ctx, "serving health and metrics", "address", listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve health and metrics: %w", err)
	}
	return nil
}

func (n *newsroom) health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
		defer cancel()
		if err := n.db.Set(ctx, "health", "ready", n.clock().UTC().Format(time.RFC3339)); err != nil {
			n.log.WarnContext(ctx, "not ready: the database cannot be written", "error", err)
			http.Error(w, "the database cannot be written", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		n.measure(r.Context())
		n.observer.set.WritePrometheus(w)
		metrics.WriteProcessMetrics(w) // memory, goroutines
		metrics.WriteFDMetrics(w)      // open files
	})
	return mux
}

// measure sets what is measured when somebody looks.
func (n *newsroom) measure(ctx context.Context) {
	gauge := func(name string, value float64) { n.observer.set.GetOrCreateGauge(name, nil).Set(value) }
	k := n.known.Load().knowledge
	gauge("rapporteur_corpus_documents", float64(len(k.corpus.Documents())))
	gauge("rapporteur_corpus_passages", float64(k.corpus.Numbered()))
	gauge("rapporteur_calendar_rows", float64(k.calendar.Rows()))
	for _, seat := range n.seats {
		if counted, is := seat.(interface{ Counts() map[string]int64 }); is {
			for kind, times := range counted.Counts() {
				gauge(fmt.Sprintf("rapporteur_%s_events{kind=%q}", seat.Name(), kind), float64(times))
			}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	states, err := n.db.DeliveryStates(ctx, n.clock().Add(-90*24*time.Hour))
	if err != nil {
		n.log.WarnContext(ctx, "deliveries not counted", "error", err)
		return
	}
	for state, times := range states {
		gauge(fmt.Sprintf("rapporteur_deliveries{state=%q}", state), float64(times))
	}
}
