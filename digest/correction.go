package digest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
)

// RowLedger keeps what the rows of the calendar show.
type RowLedger interface {
	// Register writes down what rows show and returns those that have changed;
	// see [rapporteur/store.Store.Register].
	Register(ctx context.Context, l bot.Loaded, now time.Time) ([]bot.RowState, error)
	// RowStates returns what every row shows.
	RowStates(ctx context.Context) (map[string]bot.RowState, error)
}

// CorrectionLedger keeps which posts rely on which rows, and what was told.
type CorrectionLedger interface {
	// Intended keeps a post that is about to be made. Where it is doubtful, what an
	// earlier attempt kept stays.
	Intended(ctx context.Context, p bot.Posted, doubtful bool) error
	// Remember keeps a post that is in its room; what Intended kept of it stays.
	Remember(ctx context.Context, p bot.Posted) error
	// Replace keeps that the answer to a message says something else by now.
	Replace(ctx context.Context, p bot.Posted, message string) error
	// PlanCorrections writes down what is to be told because of a change.
	PlanCorrections(ctx context.Context, since, now time.Time) (int, error)
	// ClaimCorrection takes a correction of a platform; none or one.
	ClaimCorrection(ctx context.Context, platform string, now time.Time, lease time.Duration) ([]bot.Correction, error)
	// Corrected marks a correction as told.
	Corrected(ctx context.Context, c bot.Correction, receipt string, now time.Time) error
	// RetryCorrection gives it back; DropCorrection gives it up.
	RetryCorrection(ctx context.Context, c bot.Correction, notBefore time.Time, reason string) error
	DropCorrection(ctx context.Context, c bot.Correction, reason string, now time.Time) error
}

// Archive is what a [Corrector] needs of the database.
type Archive interface {
	RowLedger
	CorrectionLedger
}

// Corrector remembers what posts have shown, and puts it right when the calendar
// changes: it edits the posts and tells the room once, in a thread, what was and
// what is. Any number of correctors may work on one archive. Its fields must not
// change once it is used.
type Corrector struct {
	// Archive keeps what must survive a restart.
	Archive Archive
	// Posters are the platforms that this process serves, by their names. Those
	// that are a [bot.Editor] edit, and a [Replacer] tells what an answer replaces.
	Posters map[string]Poster
	// Serves says whether this process posts to a platform at present, as that of
	// [Courier] does.
	Serves func(platform string) bool
	// Log takes what goes wrong.
	Log *slog.Logger
	// Lease is how long a correction may take; a minute when 0.
	Lease time.Duration
	// PerSecond bounds how many rooms are told in a second on a platform, by its
	// name; a platform that is not named is not bounded.
	PerSecond map[string]float64
	// Now tells the time; [time.Now] when nil.
	Now func() time.Time

	known atomic.Pointer[knowledge]
}

// knowledge is one state of what is known.
type knowledge struct {
	calendar *calendar.Calendar
	corpus   *corpus.Corpus
	rows     map[string]calendar.Shown
	files    string // names what is in the calendar's files
}

const (
	// correctedFor is how old a post may be to be corrected.
	correctedFor = 180 * 24 * time.Hour
	// mostCorrections bounds how many rooms of a platform are told in one round.
	mostCorrections = 100
	// correctionLife is for how long a correction is tried.
	correctionLife = 48 * time.Hour
)

func (c *Corrector) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

func (c *Corrector) lease() time.Duration {
	if c.Lease == 0 {
		return time.Minute
	}
	return c.Lease
}

// Know tells the corrector what is known from now on, and writes down which rows
// of the calendar have changed since anybody last did. amended are the rows that
// people have just changed by hand: their change counts whatever the files say.
func (c *Corrector) Know(ctx context.Context, cal *calendar.Calendar, record *corpus.Corpus, amended ...string) error {
	when := map[string]time.Time{}
	for _, id := range amended {
		when[id] = c.now().Truncate(time.Millisecond) // as it is kept
	}
	return c.KnowAmended(ctx, cal, cal, record, when)
}

// KnowAmended is [Corrector.Know] of a calendar that is made of files and of
// changes by hand, of which amended tells when the last of each row was confirmed,
// whether it holds or the files know better by now.
func (c *Corrector) KnowAmended(ctx context.Context, files, cal *calendar.Calendar, record *corpus.Corpus, amended map[string]time.Time) error {
	k := &knowledge{calendar: cal, corpus: record, rows: map[string]calendar.Shown{}, files: nameOf(files)}
	l := bot.Loaded{Generation: files.Checked().ISO(), Files: k.files}
	if before := c.known.Load(); before != nil {
		l.Before = before.files
	}
	for _, s := range cal.Shown() {
		if _, twice := k.rows[s.Row]; twice {
			continue
		}
		k.rows[s.Row] = s
		shown, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("row %s: %w", s.Row, err)
		}
		l.Rows = append(l.Rows, bot.RowState{Row: s.Row, Version: s.Version(), Shown: shown, Amended: amended[s.Row]})
	}
	changed, err := c.Archive.Register(ctx, l, c.now())
	if err != nil {
		return err
	}
	c.known.Store(k)
	for _, row := range changed {
		c.Log.InfoContext(ctx, "a row of the calendar has changed", "row", row.Row, "sequence", row.Sequence, "gone", row.Gone)
	}
	return nil
}

// nameOf names what a calendar shows by its content.
func nameOf(cal *calendar.Calendar) string {
	versions := VersionsOf(cal)
	sum := sha256.New()
	for _, id := range slices.Sorted(maps.Keys(versions)) {
		_, _ = fmt.Fprintln(sum, id, versions[id]) // it never fails
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// Revisions returns how often each row has changed. It implements [Revisions].
func (c *Corrector) Revisions(ctx context.Context) (map[string]calendar.Revision, error) {
	states, err := c.Archive.RowStates(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[string]calendar.Revision, len(states))
	for id, s := range states {
		out[id] = revisionOf(s)
	}
	return out, nil
}

// Tick tells what is to be told now. Calling it again, here or in another process,
// tells nothing twice.
func (c *Corrector) Tick(ctx context.Context) {
	k := c.known.Load()
	if k == nil {
		return
	}
	if _, err := c.Archive.PlanCorrections(ctx, c.now().Add(-correctedFor), c.now()); err != nil {
		if ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "plan corrections", "error", err)
		}
		return
	}
	for platform, poster := range c.Posters {
		for range mostCorrections {
			if ctx.Err() != nil || !serves(c.Serves, platform) {
				break
			}
			claimed, err := c.Archive.ClaimCorrection(ctx, platform, c.now(), c.lease())
			if err != nil && ctx.Err() == nil {
				c.Log.ErrorContext(ctx, "claim a correction", "platform", platform, "error", err)
			}
			if len(claimed) == 0 {
				break
			}
			// It is not cut off between post and mark, and ends before the lease does.
			work, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.lease()*3/4)
			c.tellCorrection(work, k, poster, claimed[0])
			cancel()
			if rate := c.PerSecond[platform]; rate > 0 { // time between two rooms
				rest(ctx, time.Duration(float64(time.Second)/rate))
			}
		}
	}
}

// tellCorrection edits the posts of a room and tells the room.
func (c *Corrector) tellCorrection(ctx context.Context, k *knowledge, poster Poster, correction bot.Correction) {
	was, now := shownIn(correction.Was.Shown), shownIn(correction.Now.Shown)
	if correction.Now.Gone {
		now = calendar.Shown{}
	}
	if correction.Was.Gone { // it has come back
		was = calendar.Shown{}
	}
	log := c.Log.With("room", correction.Room.String(), "row", correction.Was.Row, "correction", correction.Key)
	if len(correction.Posts) == 0 || len(calendar.Differences(was, now)) == 0 {
		c.settle(ctx, log, func() error {
			return c.Archive.DropCorrection(ctx, correction, "no post of the room says otherwise any more", c.now())
		})
		return
	}
	if missing := k.unreadOf(poster, correction); missing > 0 && c.now().Sub(correction.FirstTried) <= readWithin {
		log.InfoContext(ctx, "correction left to a replica that has read what the posts quote", "quotations", missing)
		c.settle(ctx, log, func() error {
			return c.Archive.RetryCorrection(ctx, correction, c.now().Add(shortestPause), "quotes what is not known here")
		})
		return
	}
	edited, withdrawn, err := c.edit(ctx, log, k, poster, &correction, was, now)
	if err != nil {
		c.correctionFailed(ctx, log, correction, err)
		return
	}
	visible := correction
	visible.Posts = slices.DeleteFunc(slices.Clone(correction.Posts), func(p bot.Posted) bool { return withdrawn[p.Key] })
	if len(visible.Posts) == 0 {
		c.settle(ctx, log, func() error {
			return c.Archive.DropCorrection(ctx, correction, "what said otherwise was taken back", c.now())
		})
		return
	}
	latest := visible.Posts[len(visible.Posts)-1]
	thread := latest.Thread
	if thread == "" && latest.Receipt != bot.ReceiptElsewhere {
		thread = latest.Receipt
	}
	receipt, err := post(ctx, poster, bot.Post{
		Room: correction.Room, Thread: thread, Reply: c.notice(ctx, log, k, visible, was, now, edited), Key: correction.Key,
		Purpose: bot.ForDigest, Doubtful: correction.Doubtful, Since: correction.FirstTried,
	})
	if err != nil {
		c.correctionFailed(ctx, log, correction, err)
		return
	}
	log.InfoContext(ctx, "room told of a change", "posts", len(correction.Posts), "edited", edited)
	c.settle(ctx, log, func() error { return c.Archive.Corrected(ctx, correction, receipt.ID, c.now()) })
}

func (c *Corrector) settle(ctx context.Context, log *slog.Logger, write func() error) {
	if err := write(); err != nil {
		log.ErrorContext(ctx, "write down what became of a correction", "error", err)
	}
}

// edit puts the posts right, where the platform can, and returns how many it has
// put right, and which are there no more because their questions were taken back. An
// edit that a platform refuses for good is left to the notice.
func (c *Corrector) edit(ctx context.Context, log *slog.Logger, k *knowledge, poster Poster, correction *bot.Correction, was, now calendar.Shown) (edited int, withdrawn map[string]bool, err error) {
	editor, can := poster.(bot.Editor)
	withdrawn = map[string]bool{}
	for i := range correction.Posts {
		p := &correction.Posts[i]
		reply, err := readReply(p.Reply, k.corpus)
		if err != nil {
			log.ErrorContext(ctx, "post cannot be corrected", "post", p.Key, "error", err)
			continue
		}
		reply = corrected(reply, correction.Was.Row, was, now, k.calendar, p.AsOf)
		written, err := writeReply(struck(reply))
		if err != nil {
			return edited, nil, err
		}
		if !can || p.Receipt == bot.ReceiptElsewhere {
			continue
		}
		if missing := unreadIn(reply); missing > 0 {
			log.WarnContext(ctx, "post is corrected without words that it quoted", "post", p.Key, "quotations", missing)
		}
		err = editor.Edit(ctx, bot.Post{
			Room: correction.Room, Thread: p.Thread, Reply: visible(reply), Key: p.Key, Purpose: p.Purpose, Since: p.At,
		}, bot.Receipt{ID: p.Receipt}, correction.Key+"/"+p.Key)
		switch outcome, _ := bot.OutcomeOf(err); {
		case err == nil:
			edited++
			p.Reply = written
		case errors.Is(err, bot.ErrWithdrawn):
			withdrawn[p.Key] = true
		case outcome == bot.Refused:
			log.WarnContext(ctx, "post cannot be edited; the room is told all the same", "post", p.Key, "error", err)
		default:
			return edited, nil, err
		}
	}
	return edited, withdrawn, nil
}

// unreadOf counts the quotations that an edit of the posts would take away, because
// the record that is known here does not hold their words.
func (k *knowledge) unreadOf(poster Poster, correction bot.Correction) int {
	if _, can := poster.(bot.Editor); !can {
		return 0
	}
	n := 0
	for _, p := range correction.Posts {
		if reply, err := readReply(p.Reply, k.corpus); err == nil && p.Receipt != bot.ReceiptElsewhere {
			n += unreadIn(reply) // one that cannot be read is told of where it is edited
		}
	}
	return n
}

// correctionFailed gives a correction back for a while, or up.
func (c *Corrector) correctionFailed(ctx context.Context, log *slog.Logger, correction bot.Correction, err error) {
	outcome, after := bot.OutcomeOf(err)
	now := c.now()
	if outcome == bot.Gone || outcome == bot.Refused || now.Sub(correction.FirstTried) > correctionLife {
		log.ErrorContext(ctx, "correction given up", "error", err)
		c.settle(ctx, log, func() error { return c.Archive.DropCorrection(ctx, correction, err.Error(), now) })
		return
	}
	log.WarnContext(ctx, "correction not told yet", "error", err)
	if outcome == bot.Unknown {
		return // the lease runs out, and the next claim looks before it posts
	}
	notBefore := now.Add(max(after, pauseAfter(correction.Attempt)))
	c.settle(ctx, log, func() error { return c.Archive.RetryCorrection(ctx, correction, notBefore, err.Error()) })
}
