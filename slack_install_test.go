package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/slack"
	"rapporteur/bot/slack/slackfake"
	"rapporteur/config"
	"rapporteur/store"
	"rapporteur/store/pgtest"
)

// nobody hears: these seats are not spoken to.
type nobody struct{}

func (nobody) Receive(context.Context, bot.Message) error { return nil }

// seat is a replica's seat in Slack on a database, with the pages where people
// install the app.
func seat(t *testing.T, fake *slackfake.Server, db *store.Store, cut http.RoundTripper) (*slack.Client, http.Handler) {
	t.Helper()
	several, err := oauth(config.Slack{
		ClientID: "client", ClientSecret: "client-secret", URL: "http://bot.example",
		TokenKey: "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
	}, db)
	if err != nil {
		t.Fatal(err)
	}
	client, err := slack.New(slack.Options{APIURL: fake.APIURL(), SigningSecrets: []string{fake.SigningSecret()}, OAuth: several, Transport: cut, PostGap: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return client, client.Installing(client.Handler(nobody{}))
}

// installIn walks through the installation as a person in a browser does.
func installIn(t *testing.T, fake *slackfake.Server, h http.Handler, g slackfake.Grant) {
	t.Helper()
	begun := httptest.NewRecorder()
	h.ServeHTTP(begun, httptest.NewRequest(http.MethodGet, "http://bot.example/slack/install", nil))
	to, err := url.Parse(begun.Header().Get("Location"))
	if err != nil || begun.Code != http.StatusFound {
		t.Fatalf("begin: got %d, %v", begun.Code, err)
	}
	back := httptest.NewRequest(http.MethodGet, "http://bot.example/slack/oauth?state="+to.Query().Get("state")+"&code="+fake.Code(g), nil)
	for _, c := range begun.Result().Cookies() {
		back.AddCookie(c)
	}
	ended := httptest.NewRecorder()
	if h.ServeHTTP(ended, back); ended.Code != http.StatusOK {
		t.Fatalf("end: got %d %s", ended.Code, ended.Body)
	}
}

// killed is a process that dies as kill -9 ends it, once Slack has given new
// tokens: nothing that it does afterwards happens.
type killed struct {
	http.RoundTripper
	at func()
}

func (k killed) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := k.RoundTripper.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/oauth.v2.access") {
		k.at()
	}
	return resp, err
}

// Test 34 with the real store on a real PostgreSQL: two replicas find a token
// expired at once, and one exchanges it; one dies between Slack's answer and the
// keeping of it, and the next says that the app must be installed again, once.
func TestAcceptance34OnPostgreSQL(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	postgres, err := pgtest.Start(ctx)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("no PostgreSQL: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = postgres.Stop() })
	dsn, err := postgres.Database(ctx, "tokens")
	if err != nil {
		t.Fatal(err)
	}
	open := func() *store.Store {
		t.Helper()
		db, err := store.Open(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	fake, err := slackfake.New(slackfake.Config{Rotation: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	first, h := seat(t, fake, open(), nil)
	second, _ := seat(t, fake, open(), nil)
	installIn(t, fake, h, slackfake.Grant{Team: "T0ONE", User: "U1"})
	say := func(c *slack.Client, n int) error {
		_, err := c.Post(ctx, bot.Post{Room: bot.Room{Platform: "slack", ID: fmt.Sprint("T0ONE/C", n)}, Reply: bot.Say("x"), Key: strconv.Itoa(n)})
		return err
	}
	for n := range 40 {
		fake.AddChannel(fmt.Sprint("C", n))
	}
	exchanges := func() int { return len(fake.Calls("oauth.v2.access")) }
	for round := range 5 {
		before := exchanges()
		fake.Expire("T0ONE")
		var both sync.WaitGroup
		for i, c := range []*slack.Client{first, second, first, second} {
			both.Go(func() {
				if err := say(c, 4*round+i); err != nil {
					t.Errorf("round %d, replica %d: %v", round, i%2+1, err)
				}
			})
		}
		both.Wait()
		if n := exchanges() - before; n != 1 || len(fake.Posts()) != 4*(round+1) {
			t.Errorf("round %d: got %d exchanges and %d posts, want one and %d", round, n, len(fake.Posts()), 4*(round+1))
		}
	}

	dying := open()
	doomed, _ := seat(t, fake, dying, killed{http.DefaultTransport, func() { _ = dying.Close() }})
	fake.Expire("T0ONE")
	if err := say(doomed, 30); err == nil {
		t.Fatal("the process that died has posted")
	}
	before := exchanges()
	var last error
	for n := range 5 {
		if last = say(first, 31+n); last == nil {
			t.Fatal("got a post with tokens that are lost")
		}
	}
	if n := exchanges() - before; n != 1 || !strings.Contains(last.Error(), "re-install needed") || first.Counts()["notice"] != 1 {
		t.Errorf("got %d exchanges, %v and %d notices, want one, the operator told once, and why", n, last, first.Counts()["notice"])
	}
	installIn(t, fake, h, slackfake.Grant{Team: "T0ONE", User: "U1"})
	if err := say(first, 39); err != nil {
		t.Errorf("installed again: %v", err)
	}
}
