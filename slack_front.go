package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack"
	"rapporteur/config"
	"rapporteur/corpus"
	"rapporteur/digest"
	"rapporteur/store"
)

// front is what people meet in Slack besides answers: suggestions, the home tab,
// the times of a digest, previews of links, and what becomes of rooms.
type front struct {
	db         *store.Store
	now        func() time.Time
	permalinks string
	// open is what is known, once it is loaded.
	open atomic.Pointer[opened]
}

// opened is what the front shows.
type opened struct {
	knowledge
	code bot.Handler // answers for the code of a quotation
}

// quotation answers with the quotation of a code; with nothing where there is none,
// or where it is from a document that not everybody may see and only public ones
// are asked for.
func (o *opened) quotation(ctx context.Context, code string, now time.Time, public bool) (bot.Reply, error) {
	reply, err := o.code.Answer(onOwnAccount(ctx), bot.Message{ID: code, Room: bot.Room{Platform: "slack", ID: "link"}, Text: code, SentAt: now})
	if err != nil || len(reply.Quotations()) == 0 {
		return nil, err
	}
	for _, q := range reply.Quotations() {
		if public && !o.openTo(q.Document()) {
			return nil, nil
		}
	}
	return reply, nil
}

var (
	_ slack.Guide   = (*front)(nil)
	_ slack.Planner = (*front)(nil)
	_ slack.Cards   = (*front)(nil)
	_ slack.Words   = (*front)(nil)
	_ slack.Rooms   = (*front)(nil)

	_ digest.Confidant = slackSeat{}
)

// slackSeat is the seat in Slack with its front.
type slackSeat struct {
	*slack.Client
	front   *front
	wardens wardens
}

// Show gives the front what is known.
func (s slackSeat) Show(k knowledge, mux *bot.Mux) {
	verb, _ := mux.Parse("q Q-000000")
	s.front.open.Store(&opened{k, verb.Handler})
}

// Verbs returns what the buttons of the seat say besides the verbs there are.
func (s slackSeat) Verbs() []bot.Verb {
	return []bot.Verb{{
		Name: "paragraph", Usage: "paragraph CODE", Summary: "the whole paragraph that a quotation is from",
		Examples: []string{"paragraph Q-5D5E21"}, Handler: bot.HandlerFunc(s.front.paragraph),
	}, s.wardens.verb()}
}

// paragraph answers with the whole paragraph of a quotation.
func (f *front) paragraph(ctx context.Context, m bot.Message) (bot.Reply, error) {
	o := f.open.Load()
	if o == nil {
		return bot.Say("I am starting; please ask again in a moment."), nil
	}
	reply, err := o.code.Answer(ctx, m)
	if err != nil || len(reply.Quotations()) == 0 {
		return reply, err
	}
	if m.Public && !o.openTo(reply.Quotations()[0].Document()) {
		return bot.Reply{bot.Refusal{Text: "Not in the corpus: there is no quotation with this code among the public documents."}}, nil
	}
	p := reply.Quotations()[0].Passage()
	whole, err := p.Quote(0, len(p.Text))
	if err != nil {
		return nil, fmt.Errorf("quote paragraph %d whole: %w", p.Para, err)
	}
	return bot.Reply{bot.Quotation{Quotation: whole}, reply.Scope()}, nil
}

// slackSeat makes the seat in Slack.
func (p *program) slackSeat(c config.Config, db *store.Store, log *slog.Logger) (bot.Platform, error) {
	f := &front{db: db, now: p.clock, permalinks: strings.TrimSuffix(c.Slack.Permalinks, "/")}
	several, err := oauth(c.Slack, db)
	if err != nil {
		return nil, err
	}
	seat, err := slack.New(slack.Options{
		OAuth:    several,
		BotToken: c.Slack.BotToken.Reveal(), AppToken: c.Slack.AppToken.Reveal(), SigningSecrets: c.Slack.SigningSecret.Reveal(),
		Addr: c.Slack.Listen, APIURL: c.Slack.APIURL, Sockets: c.Slack.Sockets, Operators: c.Slack.Operators, Managers: c.Slack.Managers,
		Wardens: wardens{c, db}, Audit: func(ctx context.Context, what string) {
			auditor{c, db, log}.note(ctx, bot.Deed{At: p.clock(), Room: bot.Room{Platform: "slack"}, Act: "signature", Outcome: what})
		},
		Resend: c.Slack.ResendDoubtful, Streams: c.Slack.MayStream(), Names: db, Ratings: db, Rooms: f, Guide: f, Planner: f, Cards: f, Words: f,
		Log: log.With("platform", "slack"),
	})
	if err != nil {
		return nil, err
	}
	return slackSeat{seat, f, wardens{c, db}}, nil
}

// slackPlan says how the seat would start.
func slackPlan(c config.Slack) string {
	if c.OverHTTP() {
		return "slack: would start by HTTP, listening at " + c.Listen
	}
	return "slack: would start by Socket Mode"
}

// show gives the seats that show something what is known.
func show(seats []bot.Platform, k knowledge, mux *bot.Mux) {
	for _, seat := range seats {
		if shows, is := seat.(interface {
			Show(k knowledge, mux *bot.Mux)
		}); is {
			shows.Show(k, mux)
		}
	}
}

// Prompts suggests four questions, the first of them from the calendar.
func (f *front) Prompts(_ context.Context, now time.Time) []bot.Action {
	prompts := []bot.Action{
		{Label: "Quote what was said", Command: "quote sovereignty in the digital domain"},
		{Label: "Check a quotation", Command: `verify "Each country should define parameters of regulating its information space"`},
		{Label: "What can you do?", Command: "help"},
	}
	o := f.open.Load()
	if o == nil {
		return prompts
	}
	if ahead := o.calendar.Upcoming(now, now.AddDate(1, 0, 0)); len(ahead) > 0 {
		days := ahead[0].When()
		return append([]bot.Action{{Label: "What is on " + days + "?", Command: "What is on " + days + "?"}}, prompts...)
	}
	return append([]bot.Action{{Label: "What is ahead?", Command: "upcoming"}}, prompts...)
}

// Preview says when a digest would come.
func (f *front) Preview(phrase string, now time.Time) (bot.Reply, error) {
	sessions := digest.Sessions(nil)
	if o := f.open.Load(); o != nil {
		sessions = digest.SessionsOf(o.calendar)
	}
	times, err := digest.PreviewFollowing(sessions, phrase, now)
	if err != nil {
		return nil, err
	}
	return bot.Reply{bot.Paragraph{Text: "It would come next on:"}, digest.Times(times)}, nil
}

// Card says what is known behind a link: of one of our own the quotation, of one
// to a document of the United Nations what it is.
func (f *front) Card(ctx context.Context, address string, now time.Time) (bot.Reply, error) {
	o := f.open.Load()
	u, err := url.Parse(address)
	if o == nil || err != nil || u.Host == "" {
		return nil, nil //nolint:nilerr // what is no address has nothing behind it
	}
	if code, ours := strings.CutPrefix(address, f.permalinks+"/"); ours && f.permalinks != "" && o.code != nil {
		return o.quotation(ctx, code, now, true)
	}
	symbol := symbolIn(u)
	at := slices.IndexFunc(o.public.Documents(), func(d *corpus.Document) bool {
		return d.Symbol != "" && (strings.EqualFold(d.Symbol, symbol) || (d.URL != "" && d.URL == address))
	})
	if at < 0 {
		return nil, nil
	}
	d := o.public.Documents()[at]
	about := []string{d.Attribution(), d.Occasion(), bot.Day(d.Date), d.RecordKind}
	about = slices.DeleteFunc(about, func(s string) bool { return s == "" })
	return bot.Reply{
		bot.Lead{Text: strings.TrimSuffix(d.Symbol+" · "+d.Title, " · ")},
		bot.Paragraph{Text: strings.Join(about, " · ")},
		bot.Paragraph{Text: "In the record here, with " + bot.Count(len(d.Passages()), "passage") + ": ask me about it."},
	}, nil
}

// Words returns the words of the quotation with a code.
func (f *front) Words(ctx context.Context, code string, public bool, now time.Time) (string, error) {
	o := f.open.Load()
	if o == nil {
		return "", nil
	}
	reply, err := o.quotation(ctx, code, now, public)
	if err != nil || len(reply.Quotations()) == 0 {
		return "", err
	}
	return reply.Quotations()[0].Text(), nil
}

// unHosts are where the United Nations publish documents by their symbols.
func unHosts() []string { return []string{"docs.un.org", "undocs.org", "documents.un.org"} }

// symbolIn returns the symbol of a document in an address of the United Nations;
// empty where there is none.
func symbolIn(u *url.URL) string {
	if !slices.Contains(unHosts(), strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")) {
		return ""
	}
	if symbol := u.Query().Get("FinalSymbol"); symbol != "" {
		return symbol
	}
	if symbol := u.Query().Get("symbol"); symbol != "" {
		return symbol
	}
	path := strings.Trim(u.Path, "/")
	if first, rest, found := strings.Cut(path, "/"); found && len(first) == 2 && strings.ToLower(first) == first {
		path = rest // the language
	}
	return path
}

// RoomGone stops what the room has ordered. The courier tells its owner.
func (f *front) RoomGone(ctx context.Context, room bot.Room, why string) error {
	_, err := f.db.Pause(ctx, room, why, f.now())
	return err
}

// RoomBack starts it again; the courier judges what fell due meanwhile.
func (f *front) RoomBack(ctx context.Context, room bot.Room) error {
	_, err := f.db.Resume(ctx, room, f.now())
	return err
}

// RoomsGone stops what all rooms have ordered whose ids begin like this one's: the
// app was removed, so that nobody can be told.
func (f *front) RoomsGone(ctx context.Context, room bot.Room, why string) error {
	return f.db.PauseAll(ctx, room, why, f.now())
}

// RoomsBack starts again what stopped for this reason.
func (f *front) RoomsBack(ctx context.Context, room bot.Room, why string) error {
	return f.db.ResumeAll(ctx, room, why, f.now())
}

// RoomMoved gives what a room has ordered, and what was said there, to the room
// that it is from now on.
func (f *front) RoomMoved(ctx context.Context, from, to bot.Room) error {
	_, err := f.db.RenameRoom(ctx, from, to)
	return err
}
