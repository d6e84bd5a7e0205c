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
	"rapporteur/bot/matrix"
	"rapporteur/bot/slack"
	"rapporteur/bot/terminal"
	"rapporteur/config"
	"rapporteur/digest"
	"rapporteur/handlers"
	"rapporteur/store"
)

const (
	answerLimit = 30 * time.Second
	forgetAfter = 48 * time.Hour
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
	seats, err := chatSeats(c, db, log)
	if err != nil {
		return err
	}
	return p.serve(ctx, c, db, log, seats...)
}

// chatSeats makes the platforms that are set up.
func chatSeats(c config.Config, db *store.Store, log *slog.Logger) ([]bot.Platform, error) {
	var seats []bot.Platform
	if c.Slack.Enabled() {
		seat, err := slack.New(slack.Options{
			BotToken: c.Slack.BotToken.Reveal(), AppToken: c.Slack.AppToken.Reveal(), APIURL: c.Slack.APIURL, Log: log.With("platform", "slack"),
		})
		if err != nil {
			return nil, fmt.Errorf("slack: %w", err)
		}
		seats = append(seats, seat)
	}
	if c.Matrix.Enabled() {
		seat, err := matrix.New(matrix.Options{
			Homeserver: c.Matrix.Homeserver, User: c.Matrix.User, Password: c.Matrix.Password.Reveal(),
			Token: c.Matrix.Token.Reveal(), DeviceID: c.Matrix.DeviceID, Prefix: c.Matrix.Prefix,
			AllowInvites: c.Matrix.AllowInvites, Log: log.With("platform", "matrix"), State: db,
		})
		if err != nil {
			return nil, fmt.Errorf("matrix: %w", err)
		}
		seats = append(seats, seat)
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
	desk, err := handlers.New(k.corpus, k.calendar, c.Stale())
	if err != nil {
		return err
	}
	desk = desk.Remembering(db)
	press := digest.NewPress(k.calendar, k.corpus, c.Stale())
	mux, err := bot.NewMux(append(append(desk.Verbs(), press.Verb()), digest.Verbs(db)...)...)
	if err != nil {
		return err
	}
	handler := bot.Guard(log, answerLimit, desk.Converse(mux))

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		background, listening sync.WaitGroup
		mu                    sync.Mutex
		fallen                []error
	)
	courier := p.courier(db, press, log, seats)
	background.Go(func() { courier.Run(ctx) })
	background.Go(func() { p.forget(ctx, db, log) })
	for _, seat := range seats {
		listening.Go(func() {
			server := &bot.Server{Platform: seat, Handler: handler, Inbox: db, Log: log, Now: p.clock}
			if seat.Name() == terminal.Platform {
				server.Workers = 1          // answers come in the order of the lines
				server.MaxAge = time.Minute // nobody waits for what an earlier session left
			}
			log.InfoContext(ctx, "listening", "seat", seat.Name())
			if err := server.Run(ctx); err != nil {
				log.ErrorContext(ctx, "a platform has stopped for good; the others go on", "seat", seat.Name(), "error", err)
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

// courier delivers the digests to the seats.
func (p *program) courier(db *store.Store, press *digest.Press, log *slog.Logger, seats []bot.Platform) *digest.Courier {
	posters := make(map[string]digest.Poster, len(seats))
	for _, seat := range seats {
		posters[seat.Name()] = seat
	}
	return &digest.Courier{Ledger: db, Posters: posters, Writer: press, Log: log, Now: p.clock}
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
	seats, err := chatSeats(c, db, log)
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
	for _, sub := range subs {
		d := bot.Delivery{Slot: slot, Due: p.at, State: bot.DeliveryPlanned}
		if err := db.Plan(ctx, sub, []bot.Delivery{d}, sub.Next, sub.Slot, p.at); err != nil {
			return err
		}
	}
	courier := p.courier(db, digest.NewPress(k.calendar, k.corpus, c.Stale()), log, seats)
	courier.Tick(ctx)
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
