package slack_test

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/bottest"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
)

// installs keeps installations in memory.
type installs struct {
	mu     sync.Mutex
	kept   map[string]slack.Install
	leases map[string]time.Time
	states map[string]time.Time
	broken bool // nothing is kept
}

func newInstalls() *installs {
	return &installs{kept: map[string]slack.Install{}, leases: map[string]time.Time{}, states: map[string]time.Time{}}
}

// fail lets nothing be kept, or everything again.
func (i *installs) fail(broken bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.broken = broken
}

// copied is what is kept, in a database that was copied.
func (i *installs) copied() *installs {
	i.mu.Lock()
	defer i.mu.Unlock()
	c := newInstalls()
	maps.Copy(c.kept, i.kept)
	return c
}

func (i *installs) PutInstall(_ context.Context, kept slack.Install, _ time.Time) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.broken {
		return context.DeadlineExceeded
	}
	i.kept[kept.Enterprise+"."+kept.Team] = kept
	delete(i.leases, kept.Enterprise+"."+kept.Team)
	return nil
}

func (i *installs) Install(_ context.Context, enterprise, team string) (slack.Install, bool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	found, known := i.kept[enterprise+"."+team]
	if !known && enterprise != "" {
		found, known = i.kept[enterprise+"."]
	}
	return found, known, nil
}

func (i *installs) DeleteInstall(_ context.Context, enterprise, team string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.kept, enterprise+"."+team)
	return nil
}

func (i *installs) LeaseInstall(_ context.Context, of slack.Install, now, until time.Time) (bool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	key := of.Enterprise + "." + of.Team
	if i.leases[key].After(now) || i.kept[key].Sealed != of.Sealed {
		return false, nil
	}
	i.leases[key] = until
	return true, nil
}

func (i *installs) PutState(_ context.Context, state string, _, until time.Time) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.states[state] = until
	return nil
}

func (i *installs) TakeState(_ context.Context, state string, now time.Time) (bool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	until, known := i.states[state]
	delete(i.states, state)
	return known && !now.After(until), nil
}

func oauthOptions(kept *installs) *slack.OAuth {
	return &slack.OAuth{
		ClientID: "client", ClientSecret: "client-secret", Key: []byte(strings.Repeat("k", 32)), URL: "https://bot.example",
		Installs: kept, Leases: kept, States: kept,
	}
}

// replica is a bot that several workspaces can install.
func replica(t *testing.T, fake *slackfake.Server, kept *installs, rooms *ledger) (*slack.Client, http.Handler) {
	t.Helper()
	return replicaWith(t, fake, kept, rooms, slack.Options{})
}

// replicaWith is replica with further options.
func replicaWith(t *testing.T, fake *slackfake.Server, kept *installs, rooms *ledger, o slack.Options, answers ...bot.Handler) (*slack.Client, http.Handler) {
	t.Helper()
	o.APIURL, o.SigningSecrets, o.Transport = fake.APIURL(), []string{fake.SigningSecret()}, fake.Transport()
	o.OAuth, o.PostGap = oauthOptions(kept), time.Millisecond
	if o.Log == nil {
		o.Log = bottest.Log(t)
	}
	if rooms != nil {
		o.Rooms = rooms
	}
	client, err := slack.New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := &bot.Server{Platform: client, Handler: append(answers, echo())[0], Log: bottest.Log(t), Inbox: &bottest.Inbox{}}
	bottest.Serve(t, s)
	return client, client.Installing(client.Handler(s))
}

// get asks for a page; what it says is not of interest here.
func get(h http.Handler, address string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, address, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func cookiesOf(w *httptest.ResponseRecorder) []*http.Cookie {
	return (&http.Response{Header: w.Header()}).Cookies()
}

// install walks through the installation as a person in a browser does.
func install(t *testing.T, fake *slackfake.Server, h http.Handler, g slackfake.Grant) {
	t.Helper()
	begun := get(h, "https://bot.example/slack/install")
	to, err := url.Parse(begun.Header().Get("Location"))
	if err != nil || begun.Code != http.StatusFound || to.Query().Get("client_id") != "client" || !strings.Contains(to.Query().Get("scope"), "chat:write") {
		t.Fatalf("begin: got %d to %s, want Slack's page of consent", begun.Code, to)
	}
	state := to.Query().Get("state")
	back := "https://bot.example/slack/oauth?state=" + state + "&code=" + fake.Code(g)
	for name, c := range map[string][]*http.Cookie{"without the cookie": nil, "with another": {{Name: "rapporteur_state", Value: "x"}}} {
		if got := get(h, back, c...); got.Code != http.StatusForbidden {
			t.Errorf("%s: got %d, want it refused", name, got.Code)
		}
	}
	if got := get(h, back, cookiesOf(begun)...); got.Code != http.StatusOK {
		t.Fatalf("end: got %d, want it installed", got.Code)
	}
	if got := get(h, back, cookiesOf(begun)...); got.Code != http.StatusForbidden {
		t.Errorf("the same state again: got %d, want it refused", got.Code)
	}
}

func TestSeveralWorkspacesInstallAndUninstall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept, rooms := newInstalls(), &ledger{tries: 1}
		fake := offline(t, slackfake.Config{})
		_, h := replica(t, fake, kept, rooms)
		fake.DeliverTo("http://bot.example/slack", slackfake.InMemory(h))
		install(t, fake, h, slackfake.Grant{Team: "T0ONE", User: alice})
		install(t, fake, h, slackfake.Grant{Team: "T0TWO", Enterprise: "E0ORG", User: alice})
		install(t, fake, h, slackfake.Grant{Enterprise: "E0ALL", OrgWide: true, User: alice})
		for _, i := range kept.kept {
			if strings.Contains(i.Sealed, "xox") || i.Sealed == "" {
				t.Errorf("got %q kept, want the tokens encrypted", i.Sealed)
			}
		}
		say := func(o slackfake.Origin, want int) {
			t.Helper()
			ts := fake.Say(room, alice, "", "x")
			fake.EventFrom(o, map[string]any{"type": "app_mention", "user": alice, "channel": room, "text": "hello", "ts": ts})
			time.Sleep(2 * time.Minute)
			if got := len(fake.Posts()); got != want {
				t.Errorf("said in %+v: got %d posts, want %d", o, got, want)
			}
		}
		say(slackfake.Origin{Team: "T0ONE"}, 1)
		say(slackfake.Origin{Team: "T0TWO", Enterprise: "E0ORG"}, 2)
		say(slackfake.Origin{Team: "T0ANY", Enterprise: "E0ALL"}, 3)
		say(slackfake.Origin{Team: "T0STRANGER"}, 3)
		tokens := map[string]bool{}
		for _, c := range fake.Calls("chat.postMessage") {
			tokens[c.Token] = true
		}
		if len(tokens) != 3 {
			t.Errorf("got %d tokens used, want one for each installation", len(tokens))
		}
		fake.Uninstall("T0ONE", true)
		time.Sleep(time.Minute)
		if _, found, _ := kept.Install(t.Context(), "", "T0ONE"); found {
			t.Error("the tokens are still there after the app was removed")
		}
		say(slackfake.Origin{Team: "T0ONE"}, 3)
		say(slackfake.Origin{Team: "T0TWO", Enterprise: "E0ORG"}, 4)
		rooms.mu.Lock()
		defer rooms.mu.Unlock()
		if len(rooms.notes) == 0 || !strings.HasPrefix(rooms.notes[0], "T0ONE/ all gone") {
			t.Errorf("got notes %q, want all rooms of the workspace stopped", rooms.notes)
		}
	})
}

func TestAcceptance34TokensAreExchangedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		kept := newInstalls()
		fake := offline(t, slackfake.Config{Rotation: true})
		first, h := replica(t, fake, kept, nil)
		second, _ := replica(t, fake, kept, nil)
		install(t, fake, h, slackfake.Grant{Team: "T0ONE", User: alice})
		time.Sleep(11 * time.Hour)
		exchanged := len(fake.Calls("oauth.v2.access"))
		var both sync.WaitGroup
		for i, c := range []*slack.Client{first, second} {
			both.Go(func() {
				p := post(bot.Say("x"))
				p.Room.ID, p.Key = "T0ONE/"+room, p.Key+strings.Repeat("x", i)
				if _, err := c.Post(patient(t), p); err != nil {
					t.Errorf("replica %d: %v", i+1, err)
				}
			})
		}
		both.Wait()
		if n := len(fake.Calls("oauth.v2.access")) - exchanged; n != 1 || len(fake.Posts()) != 2 {
			t.Errorf("got %d exchanges and %d posts, want one and two", n, len(fake.Posts()))
		}
		// What Slack gave could not be kept: it is kept later, and not asked for again.
		time.Sleep(11 * time.Hour)
		kept.fail(true)
		p := post(bot.Say("kept later"))
		p.Room.ID = "T0ONE/" + room
		before := len(fake.Calls("oauth.v2.access"))
		_, _ = first.Post(patient(t), p) // with the old token, where Slack takes it still
		time.Sleep(time.Minute)
		if _, err := first.Post(patient(t), p); err == nil || strings.Contains(err.Error(), "switch token rotation off") {
			t.Errorf("got %v, want an error as long as there is no token, and no advice on rotation", err)
		}
		time.Sleep(time.Minute)
		kept.fail(false)
		if _, err := first.Post(patient(t), p); err != nil {
			t.Errorf("once it can be kept: %v", err)
		}
		if n := len(fake.Calls("oauth.v2.access")) - before; n != 1 || first.Counts()["notice"] == 0 {
			t.Errorf("got %d exchanges and %d notices, want one, and the operator told", n, first.Counts()["notice"])
		}
	})
}
