package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rapporteur/bot"
	"rapporteur/corpus"
	"rapporteur/store"
)

// said is a message of a thread, sent so many minutes after noon.
func said(id, thread string, minutes int) bot.Message {
	m := message(id)
	m.Thread, m.SentAt = thread, noon().Add(time.Duration(minutes)*time.Minute)
	return m
}

// settle hears and settles a message whose turn asked the question.
func settle(t *testing.T, s *store.Store, m bot.Message, question string, said ...string) {
	t.Helper()
	must[bool](t)(s.Receive(t.Context(), m, m.SentAt, time.Minute))
	check(t, s.Answered(t.Context(), m, bot.Receipt{ID: "r"}, bot.Turn{Question: question, Said: said, At: m.SentAt}, m.SentAt))
}

func questions(t *testing.T, s *store.Store, m bot.Message) string {
	t.Helper()
	var all []string
	for _, turn := range must[[]bot.Turn](t)(s.Recall(t.Context(), m)) {
		all = append(all, turn.Question+" "+strings.Join(turn.Said, ","))
	}
	return strings.Join(all, "; ")
}

func TestAConversationIsItsThreadAndSurvivesARestart(t *testing.T) {
	both(t, func(t *testing.T, _ engine, dsn string, s *store.Store) {
		t.Helper()
		settle(t, s, said("1", "a", 0), "one?", "Q-000001", "fact:x")
		settle(t, s, said("2", "b", 1), "other thread?")
		settle(t, s, said("3", "", 2), "room?")
		settle(t, s, said("4", "a", 3), "two?")
		settle(t, s, said("5", "a", 4), "")
		elsewhere := said("6", "a", 5)
		elsewhere.Room.ID = "C2"
		settle(t, s, elsewhere, "other room?")
		check(t, s.Close())
		s = open(t, dsn)
		for thread, want := range map[string]string{
			"a": "one? Q-000001,fact:x; two? ",
			"b": "other thread? ",
			"":  "room? ",
			"c": "",
		} {
			if got := questions(t, s, said("7", thread, 6)); got != want {
				t.Errorf("thread %q: got %q, want %q", thread, got, want)
			}
		}
		turn := must[[]bot.Turn](t)(s.Recall(t.Context(), said("7", "b", 6)))[0]
		if !turn.At.Equal(noon().Add(time.Minute)) {
			t.Errorf("got %v, want when it was said", turn.At)
		}
	})
}

// TestAReplayedMessageNeitherDoublesNorChangesTheConversation settles a message
// twice, and lets one that was left unanswered be taken up after a later one.
func TestAReplayedMessageNeitherDoublesNorChangesTheConversation(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		replica := s
		if e.many {
			replica = open(t, dsn)
		}
		settle(t, s, said("1", "a", 0), "first?")
		for _, question := range []string{"first again?", "first, changed?"} {
			check(t, replica.Answered(ctx, said("1", "a", 0), bot.Receipt{}, bot.Turn{Question: question, At: noon()}, noon()))
		}
		if got, want := questions(t, replica, said("9", "a", 9)), "first? "; got != want {
			t.Errorf("got %q, want %q once", got, want)
		}
		left := said("2", "a", 1)
		must[bool](t)(s.Receive(ctx, left, left.SentAt, time.Minute))
		before := questions(t, s, left)
		settle(t, replica, said("3", "a", 2), "later?")
		taken := must[[]bot.Message](t)(replica.Reclaim(ctx, "slack", noon().Add(time.Hour), time.Minute, 5))
		if len(taken) != 1 || taken[0].ID != "2" {
			t.Fatalf("got %v, want the message that was left", taken)
		}
		if got := questions(t, replica, taken[0]); got != before || got != "first? " {
			t.Errorf("taken up again: got %q, want %q as the first time", got, before)
		}
		if got, want := questions(t, replica, said("4", "a", 3)), "first? ; later? "; got != want {
			t.Errorf("a fresh message: got %q, want %q", got, want)
		}
	})
}

func TestConversationsAgeOutAfterADayAndAreDeletedThen(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		settle(t, s, said("1", "a", 0), "old?")
		settle(t, s, said("2", "a", 60), "newer?")
		at := func(d time.Duration) bot.Message { return said("9", "a", int(d/time.Minute)) }
		for after, want := range map[time.Duration]string{
			24*time.Hour - time.Minute: "old? ; newer? ",
			24 * time.Hour:             "newer? ",
			25 * time.Hour:             "",
		} {
			if got := questions(t, s, at(after)); got != want {
				t.Errorf("after %v: got %q, want %q", after, got, want)
			}
		}
		for i, want := range []int64{1, 0} {
			if n := must[int64](t)(s.ForgetTurns(ctx, noon().Add(30*time.Minute))); n != want {
				t.Errorf("time %d: got %d deleted, want %d", i+1, n, want)
			}
		}
		var left int
		check(t, s.DB().QueryRowContext(ctx, `SELECT COUNT(*) FROM turn`).Scan(&left))
		if left != 1 {
			t.Errorf("got %d turns in the database, want 1", left)
		}
	})
}

func TestQuotedWordsAreKeptUntilTheAnswerAndNoLonger(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		m := message("1")
		m.Quoted = "words\x00 of another"
		must[bool](t)(s.Receive(ctx, m, noon(), time.Minute))
		got := must[[]bot.Message](t)(s.Reclaim(ctx, "slack", noon().Add(time.Hour), time.Minute, 1))
		if len(got) != 1 || got[0].Quoted != "words\uFFFD of another" {
			t.Fatalf("got %+v, want the quoted words", got)
		}
		check(t, s.Answered(ctx, m, bot.Receipt{}, bot.Turn{}, noon()))
		var body, quoted string
		check(t, s.DB().QueryRowContext(ctx, `SELECT body, quoted FROM inbox`).Scan(&body, &quoted))
		if body != "" || quoted != "" {
			t.Errorf("got %q and %q kept, want nothing", body, quoted)
		}
	})
}

func given(words string) bot.Given {
	return bot.Given{Place: corpus.Place{Document: "doc", Para: 15, From: 7, Words: words}, At: noon()}
}

func TestACodeLeadsBackToItsWordsAfterARestart(t *testing.T) {
	both(t, func(t *testing.T, _ engine, dsn string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		codes := []string{"Q-AAAAAA", "Q-AAAAAA11", "Q-AAAAAA1122"}
		for range 2 { // given again, it is the same
			if got := must[string](t)(s.Give(ctx, given("ün “words”"), codes)); got != "Q-AAAAAA" {
				t.Errorf("got %s, want the short code", got)
			}
		}
		check(t, s.Close())
		s = open(t, dsn)
		want := given("ün “words”")
		want.Code = "Q-AAAAAA"
		for _, code := range codes {
			got := must[[]bot.Given](t)(s.Lookup(ctx, "Q-AAAAAA", code))
			if len(got) != 1 {
				t.Fatalf("%s: got %v, want one", code, got)
			}
			if diff := cmp.Diff(want, got[0]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", code, diff)
			}
		}
		for _, code := range []string{"Q-AAAAAB", "Q-AAAAAA12"} {
			if got := must[[]bot.Given](t)(s.Lookup(ctx, code[:8], code)); len(got) != 0 {
				t.Errorf("%s: got %v, want none", code, got)
			}
		}
	})
}

func TestTwoQuotationsOfOneCodeAreToldApart(t *testing.T) {
	both(t, func(t *testing.T, _ engine, _ string, s *store.Store) {
		t.Helper()
		ctx := t.Context()
		for _, c := range []struct {
			words, want string
			codes       []string
		}{
			{"one", "Q-AAAAAA", []string{"Q-AAAAAA", "Q-AAAAAA11", "Q-AAAAAA1122"}},
			{"two", "Q-AAAAAA22", []string{"Q-AAAAAA", "Q-AAAAAA22", "Q-AAAAAA2233"}},
			{"three", "Q-AAAAAA2244", []string{"Q-AAAAAA", "Q-AAAAAA22", "Q-AAAAAA2244"}},
			{"two", "Q-AAAAAA22", []string{"Q-AAAAAA", "Q-AAAAAA22", "Q-AAAAAA2233"}},
		} {
			if got := must[string](t)(s.Give(ctx, given(c.words), c.codes)); got != c.want {
				t.Errorf("%s: got %s, want %s", c.words, got, c.want)
			}
		}
		for code, want := range map[string]string{"Q-AAAAAA": "one two three", "Q-AAAAAA22": "two three", "Q-AAAAAA11": "one", "Q-AAAAAA2244": "three"} {
			var words []string
			for _, g := range must[[]bot.Given](t)(s.Lookup(ctx, "Q-AAAAAA", code)) {
				words = append(words, g.Words)
			}
			if got := strings.Join(words, " "); got != want {
				t.Errorf("%s: got %s, want %s", code, got, want)
			}
		}
	})
}

// TestReplicasGiveOneCodeForOneQuotation gives the same quotations from many.
func TestReplicasGiveOneCodeForOneQuotation(t *testing.T) {
	both(t, func(t *testing.T, e engine, dsn string, s *store.Store) {
		t.Helper()
		stores := []*store.Store{s}
		if e.many {
			stores = append(stores, open(t, dsn))
		}
		var (
			mu   sync.Mutex
			seen = map[int]map[string]bool{}
			wg   sync.WaitGroup
		)
		for i := range 6 {
			wg.Go(func() {
				for n := range 20 {
					code := fmt.Sprintf("Q-%06X", n/2) // every second one collides
					got, err := stores[i%len(stores)].Give(t.Context(), given(fmt.Sprint("words ", n)), []string{code, fmt.Sprintf("%s%02X", code, n), fmt.Sprintf("%s%04X", code, n)})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					if seen[n] == nil {
						seen[n] = map[string]bool{}
					}
					seen[n][got] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		owner := map[string]int{}
		for n, codes := range seen {
			if len(codes) != 1 {
				t.Errorf("quotation %d: got codes %v, want one", n, codes)
			}
			for c := range codes {
				if o, taken := owner[c]; taken {
					t.Errorf("code %s: got quotations %d and %d, want one", c, o, n)
				}
				owner[c] = n
			}
		}
	})
}
