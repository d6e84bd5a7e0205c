package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/terminal"
	"rapporteur/config"
	"rapporteur/digest"
	"rapporteur/store"
)

const (
	answerLimit = 30 * time.Second
	forgetAfter = 48 * time.Hour
	// chatWorkers is how many messages of a platform are answered at once: most of
	// that time is waiting for the platform.
	chatWorkers = 32
	// chatQuota is how many questions of one person may wait before the person is
	// told that they do.
	chatQuota = 20
	// forgetNotesAfter is how long a question can be taken back with its answer,
	// and the reactions under an answer work.
	forgetNotesAfter = 30 * 24 * time.Hour
	// forgetDeliveriesAfter is how long the verb status can tell what became of an
	// edition.
	forgetDeliveriesAfter = 400 * 24 * time.Hour
)

type serveCmd struct{}

// Run answers on every platform that is set up, and in the terminal where none
// is, until it is told to stop or the terminal's input ends.
func (*serveCmd) Run(ctx context.Context, p *program) error {
	c, err := p.settings()
	if err != nil {
		return err
	}
	if c.Slack.Enabled() || c.Matrix.Enabled() {
		return p.serveChat(ctx, c)
	}
	return p.serveTerminal(ctx, c)
}

// serveTerminal answers at the keyboard, or line by line where the input is no
// keyboard.
func (p *program) serveTerminal(ctx context.Context, c config.Config) error {
	log := p.logger(c, slog.LevelWarn)
	db, err := p.openStore(ctx, c)
	if err != nil && c.Database == "" {
		log.WarnContext(ctx, "subscriptions of this session are not kept", "reason", err.Error())
		db, err = store.Open(ctx, store.Memory)
	}
	if err != nil {
		return err
	}
	defer closeStore(db, log)
	prompt := ""
	if interactive(p.env.in) {
		prompt = "› "
		_, _ = fmt.Fprint(p.env.out, "rapporteur "+version+". Ask a question, or type help. Control-D ends.\n\n")
	}
	seat := terminal.New(p.env.in, p.env.out, prompt, p.clock)
	return p.serve(ctx, c, db, log, seat)
}

// serveChat answers on Slack and Matrix.
func (p *program) serveChat(ctx context.Context, c config.Config) error {
	log := p.logger(c, slog.LevelDebug)
	db, err := p.openStore(ctx, c)
	if err != nil {
		return err
	}
	defer closeStore(db, log)
	seats, err := p.chatSeats(c, db, log)
	if err != nil {
		return err
	}
	return p.serve(ctx, c, db, log, seats...)
}

// chatSeats makes the platforms that are set up. One that cannot be made is told
// in the log; it is an error where there is no other.
func (p *program) chatSeats(c config.Config, db *store.Store, log *slog.Logger) ([]bot.Platform, error) {
	var seats []bot.Platform
	var broken []error
	if c.Slack.Enabled() {
		seat, err := p.slackSeat(c, db, log)
		if err != nil {
			return nil, err
		}
		seats = append(seats, seat)
	}
	if c.Matrix.Enabled() {
		if seat, err := p.matrixSeat(c, db, log); err != nil {
			broken = append(broken, err)
		} else {
			seats = append(seats, seat)
		}
	}
	if len(seats) == 0 {
		return nil, errors.Join(broken...)
	}
	for _, err := range broken {
		log.Error("a platform cannot start; the others go on", "error", err)
	}
	return seats, nil
}

// serve answers on the seats and delivers digests to them until ctx ends. A seat
// that fails for good is told in the log; the others go on. When no seat is
// left, serve returns what felled them.
func (p *program) serve(ctx context.Context, c config.Config, db *store.Store, log *slog.Logger, seats ...bot.Platform) error {
	k, err := p.know(c)
	if err != nil {
		return err
	}
	for _, problem := range k.problems {
		log.WarnContext(ctx, "broken corpus file", "problem", problem.String())
	}
	news, err := p.openNewsroom(ctx, c, k, db, log, seats)
	if err != nil {
		return err
	}

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		background, listening sync.WaitGroup
		mu                    sync.Mutex
		fallen                []error
	)
	courier := p.courier(db, news, log)
	background.Go(func() { courier.Run(ctx) })
	background.Go(func() { news.run(ctx) })
	if c.Feed.Listen != "" {
		background.Go(func() {
			if err := news.serveFeed(ctx); err != nil {
				log.ErrorContext(ctx, "the calendar is not served", "error", err)
			}
		})
	}
	if c.Health.Listen != "" {
		background.Go(func() {
			if err := news.serveHealth(ctx); err != nil {
				log.ErrorContext(ctx, "health and metrics are not served", "error", err)
			}
		})
	}
	background.Go(func() { p.forget(ctx, db, log) })
	background.Go(func() { p.reload(ctx, c, log, news) })
	for _, seat := range seats {
		listening.Go(func() {
			handler := bot.Guard(log, answerLimit, news.swap)
			server := &bot.Server{Platform: seat, Handler: handler, Inbox: db, Posting: news.corrector.Posting, Posted: news.corrector.Posted, Log: log, Now: p.clock, Workers: chatWorkers, Quota: quotaOf(seat)}
			if seat.Name() == terminal.Platform {
				server.Workers = 1          // answers come in the order of the lines
				server.MaxAge = time.Minute // nobody waits for what an earlier session left
			}
			log.InfoContext(ctx, "listening", "seat", seat.Name())
			err := server.Run(ctx)
			if closer, is := seat.(io.Closer); is {
				err = errors.Join(err, closer.Close())
			}
			if err != nil {
				log.ErrorContext(ctx, "a platform has stopped for good; the others go on", "seat", seat.Name(), "error", err)
				news.fell(seat)
				mu.Lock()
				fallen = append(fallen, err)
				mu.Unlock()
			}
		})
	}
	listening.Wait()
	stop()
	background.Wait()
	if len(fallen) == len(seats) {
		return errors.Join(fallen...)
	}
	return nil
}

// perSecond is how many editions and corrections are posted in a second: Slack takes
// several hundred posts a minute, homeservers differ and say so.
func perSecond() map[string]float64 { return map[string]float64{"slack": 5, "matrix": 5} }

// courier delivers the digests to the seats.
func (p *program) courier(db *store.Store, news *newsroom, log *slog.Logger) *digest.Courier {
	c := &digest.Courier{
		Ledger: db, Posters: news.posters(), Writer: news, Posted: news.corrector.Posted, Sessions: news.sessions, Log: log, Now: p.clock,
		PerSecond: perSecond(), Serves: news.serves, Registry: news.corrector,
	}
	news.courier.Store(c)
	return c
}

// postEdition posts today's edition once to every subscribed room: it writes one
// delivery for each subscription, under a slot named for the day, and delivers
// what is due. A second call on the same day posts nothing.
func (p *program) postEdition(ctx context.Context) error {
	c, err := p.settings()
	if err != nil {
		return err
	}
	if !c.Slack.Enabled() && !c.Matrix.Enabled() {
		return errors.New("digest --post: no platform is set up; give --config FILE with a slack or matrix section")
	}
	log := p.logger(c, slog.LevelDebug)
	db, err := p.openStore(ctx, c)
	if err != nil {
		return err
	}
	defer closeStore(db, log)
	seats, err := p.chatSeats(c, db, log)
	if err != nil {
		return err
	}
	k, err := p.know(c)
	if err != nil {
		return err
	}
	subs, err := db.AllSubscriptions(ctx)
	if err != nil {
		return err
	}
	slot := "by hand " + p.at.Format(time.DateOnly)
	plans := make([]bot.Plan, len(subs))
	for i, sub := range subs {
		d := bot.Delivery{Slot: slot, Due: p.at, State: bot.DeliveryPlanned}
		plans[i] = bot.Plan{Subscription: sub, Occurrences: []bot.Delivery{d}, Next: sub.Next, Slot: sub.Slot}
	}
	if err := db.Plan(ctx, plans, p.at); err != nil {
		return err
	}
	news, err := p.openNewsroom(ctx, c, k, db, log, seats)
	if err != nil {
		return err
	}
	p.courier(db, news, log).Tick(ctx)
	_, err = fmt.Fprintf(p.env.out, "%s with an edition named %q\n", bot.Count(len(subs), "subscription"), slot)
	return err
}

// clock tells the time; with --at, the day it names, going on from there.
func (p *program) clock() time.Time {
	now := p.env.now()
	if p.cli.At == "" {
		return now
	}
	return p.at.Add(now.Sub(p.started))
}

// forget deletes answered messages when no platform repeats them any more, and
// conversations when they are over: at once and then every hour.
func (p *program) forget(ctx context.Context, db *store.Store, log *slog.Logger) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		now := p.clock()
		if _, err := db.Forget(ctx, now.Add(-forgetAfter)); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "forget answered messages", "error", err)
		}
		if _, err := db.ForgetNames(ctx, now.Add(-forgetAfter)); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "forget names of messages", "error", err)
		}
		if _, err := db.ForgetNotes(ctx, now.Add(-forgetNotesAfter)); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "forget the platforms' notes", "error", err)
		}
		if _, err := db.ForgetDeeds(ctx, now.Add(-forgetDeedsAfter)); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "forget old deeds", "error", err)
		}
		if _, err := db.ForgetDeliveries(ctx, now.Add(-forgetDeliveriesAfter)); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "forget old deliveries", "error", err)
		}
		if _, err := db.ForgetTurns(ctx, now.Add(-bot.ConversationAge)); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "forget conversations", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// openStore opens the database of the settings, or the default one.
func (p *program) openStore(ctx context.Context, c config.Config) (*store.Store, error) {
	path := c.Database.Reveal()
	if path == "" {
		path = defaultDatabase(p.env.getenv)
	}
	return store.Open(ctx, path)
}

func closeStore(db *store.Store, log *slog.Logger) {
	if err := db.Close(); err != nil {
		log.Error("close the database", "error", err)
	}
}

// defaultDatabase is where the database is when no setting says so.
func defaultDatabase(getenv func(string) string) string {
	if dir := getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "rapporteur", "rapporteur.db")
	}
	if home := getenv("HOME"); home != "" && home != "/" {
		return filepath.Join(home, ".local", "state", "rapporteur", "rapporteur.db")
	}
	return "rapporteur.db"
}

// interactive says whether a person types the input.
func interactive(in io.Reader) bool {
	file, is := in.(*os.File)
	if !is {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Mode()&os.ModeDevice != 0 && file.Name() != os.DevNull
}

// quotaOf is chatQuota where a platform slows its posts down, so that questions
// pile up: Slack takes one a second in each channel.
func quotaOf(seat bot.Platform) int {
	if seat.Name() == "slack" {
		return chatQuota
	}
	return 0
}
