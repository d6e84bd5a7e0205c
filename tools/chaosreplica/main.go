// Command chaosreplica is one process of the chaos tests: the program's courier,
// store and adapters, with three things that the program itself must not have: a
// clock that runs fast, editions that name themselves, and deaths at a chosen
// step. With -moves its editions are the program's own, of a calendar in which a
// session moves again and again, and are corrected. It never ships.
//
//	chaosreplica seed    writes subscriptions and prints what is owed
//	chaosreplica deliver delivers until it is killed
//	chaosreplica audit   prints what the ledger says in the end
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // the same rules on every machine

	"rapporteur/bot"
	"rapporteur/bot/matrix"
	"rapporteur/bot/slack"
	"rapporteur/digest"
	"rapporteur/store"
)

// settings are the command line.
type settings struct {
	database       string
	homeserver     string
	user, password string
	slackURL       string
	rooms          string // a JSON list; for seed
	epoch, began   int64  // Unix milliseconds: what the clock showed at an instant
	speed          float64
	window         time.Duration // by that clock; for seed
	lease          time.Duration // by that clock
	die            string
	platform       string
	zone           string
	every          time.Duration
	workers        int
	careless       bool
	moves          time.Duration // by that clock; 0 for editions that only name themselves
	most           int
}

// clock is the fast one, the same in every process.
func (s settings) clock() time.Time {
	passed := time.Since(time.UnixMilli(s.began))
	return time.UnixMilli(s.epoch).Add(time.Duration(float64(passed) * s.speed)).UTC()
}

func main() {
	var s settings
	flags := flag.NewFlagSet("chaosreplica", flag.ExitOnError)
	flags.StringVar(&s.database, "database", "", "file or address")
	flags.StringVar(&s.slackURL, "slack", "", "address of the fake's Web API")
	flags.StringVar(&s.homeserver, "homeserver", "", "address of the homeserver")
	flags.StringVar(&s.user, "user", "", "the bot's Matrix user")
	flags.StringVar(&s.password, "password", "", "and its password")
	flags.StringVar(&s.platform, "platform", "slack", "platform of the rooms")
	flags.StringVar(&s.rooms, "rooms", "[]", "the rooms, a JSON list")
	flags.StringVar(&s.zone, "zone", "America/New_York", "time zone of the rooms")
	flags.Int64Var(&s.epoch, "epoch", 0, "what the clock showed, in Unix milliseconds")
	flags.Int64Var(&s.began, "began", 0, "at this instant, in Unix milliseconds")
	flags.Float64Var(&s.speed, "speed", 1, "how fast the clock runs")
	flags.DurationVar(&s.window, "window", time.Hour, "in which the rooms' editions are due")
	flags.DurationVar(&s.lease, "lease", time.Minute, "by that clock")
	flags.DurationVar(&s.every, "every", 50*time.Millisecond, "how often to look")
	flags.IntVar(&s.workers, "workers", 8, "editions at once")
	flags.StringVar(&s.die, "die", "", "step, number and signal, as in claim.after:3:kill or write.after:1:stop")
	flags.BoolVar(&s.careless, "careless", false, "repeat doubtful posts without a look: the negative control")
	flags.DurationVar(&s.moves, "moves", 0, "how often a session of the calendar moves; editions are the program's own then, and are corrected")
	flags.IntVar(&s.most, "most", 3, "how often it moves at most")
	if len(os.Args) < 2 {
		flags.Usage()
		os.Exit(2)
	}
	_ = flags.Parse(os.Args[2:])
	run := map[string]func(context.Context, settings) error{"seed": seed, "deliver": deliver, "audit": audit}[os.Args[1]]
	if run == nil {
		fmt.Fprintln(os.Stderr, "chaosreplica: seed, deliver or audit")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "chaosreplica:", err)
		os.Exit(1)
	}
}

// seed subscribes each room to a digest that is due once in the window.
func seed(ctx context.Context, s settings) error {
	var rooms []string
	if err := json.Unmarshal([]byte(s.rooms), &rooms); err != nil {
		return fmt.Errorf("rooms: %w", err)
	}
	db, err := store.Open(ctx, s.database, store.CallersClock())
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(s.zone)
	if err != nil {
		return fmt.Errorf("zone: %w", err)
	}
	owed := []string{}
	start := time.UnixMilli(s.epoch)
	random := rand.New(rand.NewPCG(uint64(s.epoch), 1))
	for _, room := range rooms {
		at := start.Add(10 * time.Minute).Add(time.Duration(random.Int64N(int64(s.window)))).In(zone)
		spec := fmt.Sprintf("%d %d * * *", at.Minute(), at.Hour())
		schedule, err := digest.Parse(spec, s.zone)
		if err != nil {
			return err
		}
		due, slot, _ := schedule.Next(start)
		if _, err := db.Subscribe(ctx, bot.Subscription{
			Room: bot.Room{Platform: s.platform, ID: room}, Kind: digest.Kind, Cron: spec, Zone: s.zone,
			CreatedBy: "U1", CreatedAt: start, Next: due.UTC(), Slot: slot,
		}); errors.Is(err, store.ErrAlready) {
			continue // the same minute in the same room
		} else if err != nil {
			return err
		}
		owed = append(owed, room+" "+slot)
	}
	return errors.Join(json.NewEncoder(os.Stdout).Encode(owed), db.Close())
}

// audit prints how many deliveries there are in each state and which are not
// sent.
func audit(ctx context.Context, s settings) error {
	db, err := store.Open(ctx, s.database, store.CallersClock())
	if err != nil {
		return err
	}
	report := struct {
		States map[string]int `json:"states"`
		Unsent []string       `json:"unsent"`
		Intact string         `json:"intact"`
	}{States: map[string]int{}, Unsent: []string{}, Intact: "ok"}
	rows, err := db.DB().QueryContext(ctx, `SELECT s.room, d.slot, d.state, d.reason FROM delivery d JOIN subscription s ON s.id = d.subscription`)
	if err != nil {
		return err
	}
	for rows.Next() {
		var room, slot, state, reason string
		if err := rows.Scan(&room, &slot, &state, &reason); err != nil {
			return err
		}
		report.States[state]++
		if state != bot.DeliverySent {
			report.Unsent = append(report.Unsent, room+" "+slot+" "+state+" "+reason)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	if len(s.database) > 0 && s.database[0] == '/' {
		if err := db.DB().QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&report.Intact); err != nil {
			return err
		}
	}
	return errors.Join(json.NewEncoder(os.Stdout).Encode(report), db.Close())
}

// deliver is the program's courier.
func deliver(ctx context.Context, s settings) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	db, err := store.Open(ctx, s.database, store.CallersClock())
	if err != nil {
		return err
	}
	d, err := readDeath(s.die)
	if err != nil {
		return err
	}
	posters := map[string]digest.Poster{}
	if s.slackURL != "" {
		seat, err := slack.New(slack.Options{
			BotToken: "xoxb-e2e", AppToken: "xapp-e2e", APIURL: s.slackURL, Timeout: 2 * time.Second,
			Transport: wire{d}, Log: log, Now: s.clock,
		})
		if err != nil {
			return err
		}
		posters["slack"] = deadlyPoster{seat, d, s.careless}
	}
	if s.homeserver != "" {
		seat, err := matrix.New(matrix.Options{Homeserver: s.homeserver, User: s.user, Password: s.password, Log: log, State: db})
		if err != nil {
			return err
		}
		posters["matrix"] = deadlyPoster{seat, d, s.careless}
	}
	courier := &digest.Courier{
		Ledger: deadlyLedger{db, d}, Posters: posters, Writer: scribe{d}, Log: log,
		Every: s.every, Lease: s.lease, Workers: s.workers, Now: s.clock,
	}
	if s.moves == 0 {
		fmt.Println("delivering")
		courier.Run(ctx)
		return db.Close()
	}
	desk := &newsdesk{s: s, d: d, corrector: &digest.Corrector{Archive: db, Posters: posters, Log: log, Lease: s.lease, Now: s.clock}}
	if err := desk.take(ctx); err != nil {
		return err
	}
	courier.Writer, courier.Posted = desk, desk.corrector.Posted
	fmt.Println("delivering")
	var work sync.WaitGroup
	work.Go(func() { desk.run(ctx, log) })
	courier.Run(ctx)
	work.Wait()
	return db.Close()
}
