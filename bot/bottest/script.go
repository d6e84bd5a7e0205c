package bottest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"rapporteur/bot"
	"rapporteur/corpus"
)

// Hostile is text that tries to ping a room or a person, to hide, to run, and
// to make a client fetch something. Each attack stands between words that must
// arrive.
const Hostile = "alpha <!channel> bravo <@U1> charlie @room delta @here echo @everyone foxtrot " +
	"[x](javascript:alert(1)) golf <img src=https://evil.example/x> hotel <script>alert(1)</script> " +
	"india <https://evil.example/?q=1|click> juliett &lt;!here&gt; kilo @user:server.example lima " +
	"\u202Eesrever\u202C mike \u2066isolate\u2069 november \U000E0041\U000E0042 oscar *b* _i_ ~s~ `c` :tada: papa"

// LongLine returns a line of 40 kB without a line break, whose words are all
// different and in order.
func LongLine() string {
	var b strings.Builder
	for i := 0; b.Len() < 40_000; i++ {
		fmt.Fprintf(&b, "w%05d ", i)
	}
	return strings.TrimSpace(b.String())
}

// Script is the handler whose answers the suite knows: small, and with every
// block of the vocabulary.
type Script struct{}

var _ bot.Handler = Script{}

// Answer answers by the first word: silence, long, line, hostile, quote, fact,
// list, refuse, all. Anything else comes back as "You said: …".
func (Script) Answer(_ context.Context, m bot.Message) (bot.Reply, error) {
	verb, _, _ := strings.Cut(m.Text, " ")
	switch verb {
	case "silence":
		return nil, nil
	case "long":
		return long(), nil
	case "line":
		return bot.Reply{bot.Paragraph{Text: LongLine()}, bot.Paragraph{Text: theEnd}}, nil
	case "hostile":
		return HostileReply(), nil
	case "quote":
		return bot.Reply{quote(statement(), "No State may claim a monopoly on security."), scope()}, nil
	case "fact":
		return bot.Reply{bot.Lead{Text: "The next session begins in March."}, fact(), scope()}, nil
	case "list":
		return bot.Reply{bot.Heading{Text: "Three things"}, bot.List{Items: []string{"one thing", "another thing", "a third"}}}, nil
	case "refuse":
		return bot.Reply{bot.Refusal{Text: "This is not in the corpus: the price of tea."}, scope()}, nil
	case "all":
		return all(), nil
	}
	return bot.Say("You said: " + m.Text), nil
}

// theEnd is the last line of a long reply.
const theEnd = "This is the end of the long reply."

// LongReply is a reply of some 30,000 characters in 130 blocks that no platform
// with limits takes as one post.
func LongReply() bot.Reply { return long() }

func long() bot.Reply {
	r := bot.Reply{bot.Heading{Text: "A long reply"}}
	for i := range 60 {
		r = append(r, bot.Paragraph{Text: longParagraph(i)}, quote(passage(longQuotation(i)), longQuotation(i)))
	}
	for i := range 10 {
		f := fact()
		f.Text = fmt.Sprintf("Fact number %03d of the long reply.", i)
		r = append(r, f)
	}
	return append(r, bot.Paragraph{Text: theEnd})
}

func longParagraph(i int) string {
	return fmt.Sprintf("Paragraph %03d begins here, %sand paragraph %03d ends here.", i, strings.Repeat("says something, ", 10), i)
}

func longQuotation(i int) string {
	return fmt.Sprintf("Quotation %03d stands on the record%s.", i, strings.Repeat(" for all time", 12))
}

// HostileReply holds [Hostile] in every block that has text.
func HostileReply() bot.Reply {
	p := passage(Hostile)
	f := fact()
	f.Text, f.Note, f.Source = Hostile, "<!channel>", "javascript:alert(1)"
	return bot.Reply{
		bot.Heading{Text: Hostile},
		bot.Lead{Text: Hostile},
		bot.Paragraph{Text: Hostile},
		quote(p, Hostile),
		f,
		bot.Diff{{Op: bot.Equal, Text: Hostile}, {Op: bot.Delete, Text: Hostile}, {Op: bot.Insert, Text: Hostile}},
		bot.List{Items: []string{Hostile, Hostile}},
		bot.Times{{At: time.Unix(1_800_000_000, 0), Text: Hostile}, {Text: Hostile}},
		bot.Scope{Documents: 1, Passages: 1, Version: "<!here>", AsOf: "<@U1>"},
		bot.Actions{{Label: "<!channel> @room", Command: "echo <@U1> @here"}},
	}
}

func all() bot.Reply {
	return bot.Reply{
		bot.Heading{Text: "Every block"},
		bot.Lead{Text: "The lead is the one line a reader needs."},
		bot.Paragraph{Text: "A paragraph is the bot's own prose.\nIt may have two lines."},
		quote(statement(), "The Charter applies in its entirety."),
		fact(),
		bot.Diff{{Op: bot.Equal, Text: "States must"}, {Op: bot.Delete, Text: "not"}, {Op: bot.Insert, Text: "always"}, {Op: bot.Equal, Text: "impose"}},
		bot.List{Items: []string{"first item", "second item"}},
		scope(),
		bot.Actions{{Label: "Show the passage", Command: "show Q-123456"}, {Label: "Help", Command: "help"}},
	}
}

func scope() bot.Scope {
	return bot.Scope{Documents: 1, Passages: 19, Version: "5b1f0a2c", AsOf: "2026-11-23"}
}

func fact() bot.Fact {
	return bot.Fact{
		ID: "suite-fact", Text: "The session takes place on 9 March 2027.", Source: "https://example.org/calendar",
		Checked: "2026-11-20", Confidence: "high", Note: "expected",
	}
}

// statement is the passage that the suite quotes.
func statement() corpus.Passage {
	return passage("The Charter applies in its entirety. No State may claim a monopoly on security. We stand ready to co-operate.")
}

func passage(text string) corpus.Passage {
	doc := &corpus.Document{
		ID: "suite-statement", Symbol: "S/2021/999", Title: "Statement", Kind: "statement", RecordKind: "mission release",
		Body: "Security Council", Language: "en", URL: "https://example.org/statement", Date: "2021-06-29",
		DateSource: corpus.DateFromMetadata, Speaker: "A. Speaker", Delegation: "Ruritania", Text: text,
	}
	return corpus.Passage{ID: doc.ID + "#1", Doc: doc, Para: 1, Text: text}
}

// quote quotes words of p; words that are not in p quote nothing.
func quote(p corpus.Passage, words string) bot.Quotation {
	from := strings.Index(p.Text, words)
	q, err := p.Quote(from, from+len(words))
	if err != nil {
		return bot.Quotation{}
	}
	return bot.Quotation{Quotation: q}
}

// recorder is a handler that remembers what it was asked. It holds the questions
// that begin with present until there are as many as workers.
type recorder struct {
	next bot.Handler

	mu      sync.Mutex
	asked   []bot.Message
	changed chan struct{}
	here    int
	all     chan struct{} // closed when all are here
	alone   bool          // they do not come together on this platform
}

const (
	present = "are you there"
	workers = 8                      // of a bot.Server that is told nothing else
	company = 500 * time.Millisecond // to wait for each other
)

func newRecorder(next bot.Handler) *recorder {
	return &recorder{next: next, changed: make(chan struct{}), all: make(chan struct{})}
}

// Answer remembers the message and lets the next handler answer.
func (r *recorder) Answer(ctx context.Context, m bot.Message) (bot.Reply, error) {
	r.mu.Lock()
	r.asked = append(r.asked, m)
	close(r.changed)
	r.changed = make(chan struct{})
	r.mu.Unlock()
	if strings.HasPrefix(m.Text, present) {
		r.meet()
	}
	return r.next.Answer(ctx, m)
}

// meet waits until all workers are here, or for a while.
func (r *recorder) meet() {
	r.mu.Lock()
	r.here++
	all, alone := r.all, r.alone
	if r.here == workers {
		r.here, r.all = 0, make(chan struct{})
		close(all)
	}
	r.mu.Unlock()
	if alone {
		return
	}
	timer := time.NewTimer(company)
	defer timer.Stop()
	select {
	case <-all:
	case <-timer.C:
		r.mu.Lock()
		r.alone = true
		r.mu.Unlock()
	}
}

// times counts how often the text was asked.
func (r *recorder) times(text string) (int, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, m := range r.asked {
		if m.Text == text {
			n++
		}
	}
	return n, r.changed
}

func (r *recorder) wait(ctx context.Context, text string, n int) error {
	for {
		got, changed := r.times(text)
		if got >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the handler to be asked %q %d times: got %d: %w", text, n, got, ctx.Err())
		case <-changed:
		}
	}
}
