package digest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/calendar"
	"rapporteur/corpus"
	"rapporteur/digest"
	"rapporteur/store"
)

// watch is a lookout over a store on a day of November 2026.
func watch(s *store.Store, p digest.Poster, day int) *digest.Lookout {
	return &digest.Lookout{Ledger: s, Posters: map[string]digest.Poster{"fake": p}, Log: quiet(), StaleAfter: 30 * 24 * time.Hour, Now: clockAt(day)}
}

// tell lets a lookout know a record and a calendar, and tell what there is to tell.
func tell(t *testing.T, l *digest.Lookout, cal *calendar.Calendar, record *corpus.Corpus) {
	t.Helper()
	ok(t, l.Know(t.Context(), cal, record))
	l.Tick(t.Context())
	l.Tick(t.Context())
}

// says lets somebody say something to a verb in room A.
func says(t *testing.T, s *store.Store, day int, text string) string {
	t.Helper()
	word, rest, _ := strings.Cut(text, " ")
	for _, v := range digest.TopicVerbs(s) {
		if v.Name == word {
			reply, err := v.Handler.Answer(t.Context(), bot.Message{Room: bot.Room{Platform: "fake", ID: "A"}, Sender: "ann", Text: rest, SentAt: clockAt(day)()})
			ok(t, err)
			return reply.String()
		}
	}
	t.Fatalf("there is no verb %s", word)
	return ""
}

func TestATopicIsToldOnceWhenItTurnsUpAndNeverForWhatWasThere(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, w := keep(t), &board{}
	tell(t, watch(s, w, 23), cal, record)
	for _, topic := range []string{"follow information security", "follow norms of behaviour", "follow Global Mechanism"} {
		says(t, s, 24, topic)
	}
	tell(t, watch(s, w, 25), cal, record)
	if len(w.posts) != 0 {
		t.Fatalf("got %d posts for what was there when it was followed, want none", len(w.posts))
	}
	grown := record.With(
		document(t, "ch-2026", "Statement by Switzerland", opening+"The norms of responsible behaviour need no revision. "+opening),
		document(t, "at-2026", "Statement by Austria", opening+"We turn to the safety of navigation. "+opening),
	)
	for range 2 { // two replicas
		tell(t, watch(s, w, 26), cal, grown)
		tell(t, watch(s, w, 27), cal, grown)
	}
	if len(w.posts) != 1 {
		t.Fatalf("got %d posts, want one", len(w.posts))
	}
	got := w.posts[0].Reply.String()
	for _, want := range []string{"New on norms of behaviour, which this room follows since 24 November 2026.", "«The norms of responsible behaviour need no revision.»", "follow norms of behaviour"} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant it to hold %q", got, want)
		}
	}
	if strings.Contains(got, "navigation") || w.posts[0].Room.ID != "A" {
		t.Errorf("got\n%s\nin room %s, want the one document in room A", got, w.posts[0].Room.ID)
	}
	// It is followed again; what it was told of does not count.
	says(t, s, 28, "follow norms of behaviour")
	tell(t, watch(s, w, 29), cal, grown)
	if len(w.posts) != 1 {
		t.Errorf("got %d posts, want no more than one", len(w.posts))
	}
}

func TestARoomIsNotToldOfADocumentThatIsWithheldFromIt(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, w := keep(t), &board{}
	tell(t, watch(s, w, 23), cal, record)
	says(t, s, 24, "follow norms of behaviour")
	grown := record.With(document(t, "ch-2026", "Statement by Switzerland", opening+"The norms of responsible behaviour need no revision. "+opening))
	withheld := watch(s, w, 26)
	withheld.Withheld = func(_ context.Context, _ bot.Room, document string) bool { return document == "ch-2026" }
	tell(t, withheld, cal, grown)
	if len(w.posts) != 0 {
		t.Errorf("got %d posts, want none of what is withheld", len(w.posts))
	}
}

func TestARowOfTheCalendarThatIsNewTurnsUpToo(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, w := keep(t), &board{}
	// The calendar of yesterday did not have the meetings of the thematic groups.
	var items []string
	for _, row := range cal.Shown() {
		if row.Row != "gm-dtg-2026" {
			items = append(items, "row:"+row.Row)
		}
	}
	for _, d := range record.Documents() {
		items = append(items, "document:"+d.ID)
	}
	ok(t, second(s.Arrive(t.Context(), items, clockAt(22)())))
	says(t, s, 23, "follow Global Mechanism")
	says(t, s, 23, "follow thematic group meetings")
	says(t, s, 23, "follow cybercrime convention")
	tell(t, watch(s, w, 24), cal, record)
	if len(w.posts) != 2 {
		t.Fatalf("got %d posts, want one for each of the two topics that the row is on", len(w.posts))
	}
	for _, p := range w.posts {
		if got := p.Reply.String(); !strings.Contains(got, "dedicated thematic group (DTG) meetings: 7–11 December 2026") || !strings.Contains(got, "source: https://meetings.unoda.org") {
			t.Errorf("got\n%s\nwant the row with its source", got)
		}
	}
}

func TestAProcessThatDiesOverATopicTellsItOnce(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, w := keep(t), &board{}
	tell(t, watch(s, w, 23), cal, record)
	says(t, s, 24, "follow navigation")
	grown := record.With(document(t, "at-2026", "Statement by Austria", "We turn to the safety of navigation. "))
	w.die = true
	tell(t, watch(s, w, 25), cal, grown)
	w.die = false
	tell(t, watch(s, w, 26), cal, grown)
	tell(t, watch(s, w, 27), cal, grown)
	if len(w.posts) != 1 {
		t.Errorf("got %d posts, want one", len(w.posts))
	}
}

// full is a platform on which nothing can be posted yet.
type full struct{ err error }

func (f full) Post(context.Context, bot.Post) (bot.Receipt, error) { return bot.Receipt{}, f.err }

func TestARoomThatCannotBeToldYetIsToldLater(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, w := keep(t), &board{}
	tell(t, watch(s, w, 23), cal, record)
	says(t, s, 24, "follow navigation")
	grown := record.With(document(t, "at-2026", "Statement by Austria", "We turn to the safety of navigation. "))
	tell(t, watch(s, full{&bot.PostError{Outcome: bot.NotSent, Err: errors.New("busy")}}, 25), cal, grown)
	tell(t, watch(s, w, 26), cal, grown)
	if len(w.posts) != 1 {
		t.Errorf("got %d posts, want one", len(w.posts))
	}
}

// TestAReplicaThatDoesNotKnowTheDocumentLeavesItToAnother claims a topic on a replica
// that has not read the files anew: the one that has tells it, with the words.
func TestAReplicaThatDoesNotKnowTheDocumentLeavesItToAnother(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	s, w := keep(t), &board{}
	tell(t, watch(s, w, 23), cal, record)
	says(t, s, 24, "follow norms of behaviour")
	grown := record.With(document(t, "ch-2026", "Statement by Switzerland", opening+"The norms of responsible behaviour need no revision. "+opening))
	ok(t, watch(s, w, 25).Know(t.Context(), cal, grown)) // it finds the topic, and another one is faster
	behind := watch(s, w, 25)
	ok(t, behind.Know(t.Context(), cal, record))
	behind.Tick(t.Context())
	if len(w.posts) != 0 {
		t.Fatalf("got %d posts of a replica that does not know the document, the first\n%s", len(w.posts), w.posts[0].Reply)
	}
	tell(t, watch(s, w, 26), cal, grown)
	if len(w.posts) != 1 || !strings.Contains(w.posts[0].Reply.String(), "norms of responsible behaviour") {
		t.Errorf("got %d posts, want one with the words", len(w.posts))
	}
}

func TestPeopleFollowAndUnfollow(t *testing.T) {
	t.Parallel()
	s := keep(t)
	for _, step := range []struct{ text, want string }{
		{"follow", "This room follows nothing. Name a topic"},
		{"unfollow 1", "This room follows nothing, so there is nothing to end."},
		{"follow the", `"the" holds no word that could be found`},
		{"follow " + strings.Repeat("word ", 30), "That is longer than 100 characters"},
		{"follow critical\tinfrastructure", "This room follows critical infrastructure from now on, as number 1."},
		{"follow critical infrastructure", "This room follows critical infrastructure already, since 24 November 2026, as number 1."},
		{"follow due diligence", "as number 2."},
		{"follow", "This room follows 2 topics.\n\n• 1: critical infrastructure, since 24 November 2026\n• 2: due diligence"},
		{"unfollow 7", "Say which one, for example unfollow 1."},
		{"unfollow #2", "This room follows due diligence no more."},
		{"unfollow Critical Infrastructure", "This room follows critical infrastructure no more."},
	} {
		if got := says(t, s, 24, step.text); !strings.Contains(got, step.want) {
			t.Errorf("%q: got\n%s\nwant it to hold %q", step.text, got, step.want)
		}
	}
}

func TestAnExcerptIsTheSentencesAroundTheMatch(t *testing.T) {
	t.Parallel()
	cal, record := known(t)
	for _, c := range []struct{ topic, text, want string }{
		{"capacity building", opening + "First we want capacity building for all. " + opening, "First we want capacity building for all."},
		{"norm", opening + "The Норма — norms of behaviour — are agreed. " + opening, "The Норма — norms of behaviour — are agreed."},
		{"ceasefire in cyberspace", opening + "We ask for a ceasefire. It must hold in cyberspace too. " + opening, "We ask for a ceasefire. It must hold in cyberspace too."},
		{"ceasefire", strings.Repeat("слово и дело ", 60) + "ceasefire" + strings.Repeat(" слово и дело", 60), "ceasefire"},
	} {
		s, w := keep(t), &board{}
		tell(t, watch(s, w, 23), cal, record)
		says(t, s, 24, "follow "+c.topic)
		tell(t, watch(s, w, 25), cal, record.With(document(t, "x-2026", "Statement of a Delegation", c.text)))
		if len(w.posts) != 1 {
			t.Errorf("%q: got %d posts, want one", c.topic, len(w.posts))
			continue
		}
		q := w.posts[0].Reply.Quotations()
		if len(q) != 1 || !strings.Contains(q[0].Text(), c.want) || len(q[0].Text()) > 600 || strings.HasPrefix(q[0].Text(), "Madam Chair") {
			t.Errorf("%q: got %q, want the words around %q", c.topic, w.posts[0].Reply, c.want)
		}
	}
}
