package matrix_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapporteur/bot"
	"rapporteur/bot/matrix"
)

// service is the OAuth 2.0 service of a homeserver.
type service struct {
	mu      sync.Mutex
	pending int    // how often the device grant is not granted yet
	refresh string // the refresh token that is good
	renewed int
	refuses bool
	fails   int                 // how often a renewal fails without a word
	while   func(*http.Request) // called while a session is renewed; may be nil
}

func (v *service) routes(mux *http.ServeMux, url func() string) {
	mux.HandleFunc("GET /_matrix/client/v1/auth_metadata", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, fmt.Sprintf(`{"issuer":%[1]q,"registration_endpoint":"%[2]s/register","device_authorization_endpoint":"%[2]s/device","token_endpoint":"%[2]s/token"}`, url(), url()))
	})
	mux.HandleFunc("POST /register", func(w http.ResponseWriter, _ *http.Request) { reply(w, 201, `{"client_id":"client","client_uri":"x"}`) })
	mux.HandleFunc("POST /device", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, fmt.Sprintf(`{"device_code":"dc","user_code":"ABCD","verification_uri":"%s/link","expires_in":60,"interval":1}`, url()))
	})
	mux.HandleFunc("POST /token", v.token)
}

func (v *service) token(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	_ = r.ParseForm()
	switch {
	case r.Form.Get("grant_type") != "refresh_token" && v.pending > 0:
		v.pending--
		reply(w, 400, `{"error":"authorization_pending"}`)
	case r.Form.Get("grant_type") != "refresh_token":
		v.refresh = "refresh0"
		reply(w, 200, `{"access_token":"access0","token_type":"Bearer","expires_in":1,"refresh_token":"refresh0"}`)
	case v.fails > 0:
		v.fails--
		reply(w, 503, `{"error":"temporarily_unavailable"}`)
	case v.refuses || r.Form.Get("refresh_token") != v.refresh:
		reply(w, 400, `{"error":"invalid_grant"}`)
	default:
		if v.while != nil {
			v.while(r)
		}
		v.renewed++
		v.refresh = fmt.Sprintf("refresh%d", v.renewed)
		reply(w, 200, fmt.Sprintf(`{"access_token":"access%d","token_type":"Bearer","expires_in":3600,"refresh_token":%q}`, v.renewed, v.refresh))
	}
}

// granted returns a homeserver with such a service, and the state of a bot that
// has logged in, whose access token has run out.
func granted(t *testing.T) (*hs, *state, *service) {
	t.Helper()
	h, s, v := newHS(t), started(), &service{refresh: "refresh0"}
	mux := http.NewServeMux()
	v.routes(mux, func() string { return h.URL })
	mux.Handle("/", h.routes())
	h.Config.Handler = mux
	h.whoami = `{"user_id":"` + self + `","device_id":"D"}`
	s.values["matrix/"+self+" oauth"] = `{"client":"client","device":"D","access":"access0","refresh":"refresh0","expires":"2026-01-01T00:00:00Z"}`
	return h, s, v
}

func byOAuth(o *matrix.Options) { o.Password, o.OAuth = "", true }

// TestASessionByOAuthIsKeptBeforeItIsUsed looks into the state at each request,
// while the service fails at first (acceptance 52).
func TestASessionByOAuthIsKeptBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	h, s, v := granted(t)
	v.fails = 4 // longer than mautrix tries by itself
	uses := 0
	h.used = func(token string) {
		if token == "" {
			return
		}
		uses++
		if kept := s.value("oauth"); !strings.Contains(kept, `"`+token+`"`) {
			t.Errorf("a request with %s: got %s kept, want the token kept before it is used", token, kept)
		}
	}
	h.token, h.batches = "access1", []string{joinBatch(), joinBatch(says("$1", "!iis one"))}
	e := &ear{h: h}
	c := newClient(t, h, s, byOAuth)
	c.Hurry()
	listen(t, c, e)
	h.settled(t, "s2")
	if uses == 0 || !slices.Equal(e.texts(), []string{"one"}) {
		t.Errorf("got %d requests with the new token and heard %q, want some and the question", uses, e.texts())
	}
}

// TestASessionThatAnotherReplicaRenewedIsReadAnew takes the lease from a replica
// that has renewed the session, renews it elsewhere, and gives the lease back. The
// replica that stands by renews nothing.
func TestASessionThatAnotherReplicaRenewedIsReadAnew(t *testing.T) {
	t.Parallel()
	h, s, v := granted(t)
	turns := &lease{state: s, free: true}
	shared := func(o *matrix.Options) { byOAuth(o); o.Leases = turns }
	first := newClient(t, h, s, shared)
	first.Hurry()
	e := &ear{h: h}
	h.token, h.batches = "access1", []string{joinBatch(says("$1", "!iis one"))}
	listen(t, first, e)
	h.settled(t, "s1")
	turns.mu.Lock()
	turns.holder = "another" // as after a sleep
	turns.fence++
	turns.mu.Unlock()
	waitFor(t, "the first replica to stand by", 20*time.Second, first.StandsBy)

	expired := `{"client":"client","device":"D","access":"access1","refresh":"refresh1","expires":"2026-01-01T00:00:00Z"}`
	need(t, s.Set(t.Context(), "matrix/"+self, "oauth", expired))
	if _, err := first.Post(t.Context(), bot.Post{Room: bot.Room{Platform: "matrix", ID: room}, Reply: bot.Say("x"), Key: "k"}); err == nil || outcome(err) != bot.NotSent {
		t.Errorf("Post while another replica works: got %v, want not sent", err)
	}
	v.mu.Lock()
	if v.renewed != 1 {
		t.Errorf("renewals: got %d, want none by a replica that stands by", v.renewed-1)
	}
	v.renewed, v.refresh = 2, "refresh2" // by the other one
	v.mu.Unlock()
	need(t, s.Set(t.Context(), "matrix/"+self, "oauth", fmt.Sprintf(`{"client":"client","device":"D","access":"access2","refresh":"refresh2","expires":%q}`, time.Now().Add(time.Hour).Format(time.RFC3339))))
	h.change(func() { h.token, h.batches = "access2", append(h.batches, joinBatch(says("$2", "!iis two"))) })
	need(t, turns.Release(t.Context(), "", "another"))
	waitFor(t, "the first replica to work again", 30*time.Second, func() bool { return slices.Contains(e.texts(), "two") })
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.renewed != 2 {
		t.Errorf("renewals after the lease came back: got %d more, want the session that was kept", v.renewed-2)
	}
}

// TestAReplicaThatSleptOverwritesNoSession lets another replica take over while
// the service answers: what that one has kept stays, and where it has kept nothing
// yet, the tokens are not lost.
func TestAReplicaThatSleptOverwritesNoSession(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ other, want string }{
		"the other one has renewed it": {`{"client":"client","device":"D","access":"access9","refresh":"refresh9","expires":"2036-01-01T00:00:00Z"}`, "refresh9"},
		"the other one has not yet":    {"", "refresh1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, s, v := granted(t)
			turns := &lease{state: s, free: true}
			renewing := make(chan struct{})
			v.while = func(*http.Request) {
				close(renewing)
				turns.mu.Lock()
				defer turns.mu.Unlock()
				turns.holder = "another"
				turns.fence++
				if c.other != "" {
					_ = s.Set(context.Background(), "matrix/"+self, "oauth", c.other)
				}
			}
			client := newClient(t, h, s, func(o *matrix.Options) { byOAuth(o); o.Leases = turns })
			client.Hurry()
			listen(t, client, &ear{h: h})
			<-renewing
			waitFor(t, "the replica to stand by", 20*time.Second, client.StandsBy)
			if kept := s.value("oauth"); !strings.Contains(kept, c.want) {
				t.Errorf("kept: got %s, want %s", kept, c.want)
			}
			if h.count("sync") > 0 {
				t.Error("got a sync by a replica that stands by")
			}
		})
	}
}

// TestTheTokensOfARenewalAreKeptWhateverEnds stops the program between the answer of
// the service and the saving, which fails twice.
func TestTheTokensOfARenewalAreKeptWhateverEnds(t *testing.T) {
	t.Parallel()
	h, s, _ := granted(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	tries := 0
	s.fail = func(key string) error {
		if key != "oauth" {
			return nil
		}
		stop()
		if tries++; tries <= 2 {
			return errors.New("the database is away")
		}
		return nil
	}
	client := newClient(t, h, s, byOAuth)
	client.Hurry()
	if err := client.Listen(ctx, &ear{h: h}); err != nil {
		t.Errorf("Listen: got %v, want nil", err)
	}
	if kept := s.value("oauth"); tries != 3 || !strings.Contains(kept, "refresh1") {
		t.Errorf("got %d attempts and %s kept, want the new tokens at the third", tries, kept)
	}
}

// TestARenewalIsNotCutOff stops the program while the service renews the session.
func TestARenewalIsNotCutOff(t *testing.T) {
	t.Parallel()
	h, s, v := granted(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	v.while = func(r *http.Request) {
		stop()
		select {
		case <-r.Context().Done():
			t.Error("the renewal was cut off, and the tokens that it brought are lost")
		case <-time.After(300 * time.Millisecond): // a cut would have come long before
		}
	}
	if err := newClient(t, h, s, byOAuth).Listen(ctx, &ear{h: h}); err != nil {
		t.Errorf("Listen: got %v, want nil", err)
	}
	if kept := s.value("oauth"); !strings.Contains(kept, "refresh1") {
		t.Errorf("got %s kept, want the new tokens", kept)
	}
}

func need(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestASessionByOAuthIsRenewedAndKeptBeforeItIsUsed logs in by the device grant,
// renews the session when it has run out, and says what to do when that fails
// (acceptance 52).
func TestASessionByOAuthIsRenewedAndKeptBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	h, s, v := newHS(t), &state{}, &service{pending: 2}
	mux := http.NewServeMux()
	v.routes(mux, func() string { return h.URL })
	mux.Handle("/", h.routes())
	h.Config.Handler = mux
	h.whoami = `{"user_id":"` + self + `","device_id":"D"}`
	oauth := func(o *matrix.Options) { o.Password, o.OAuth = "", true }

	if err := newClient(t, h, s, oauth).Listen(t.Context(), &ear{h: h}); err == nil || !strings.Contains(err.Error(), "matrix-login") {
		t.Errorf("without a session: got %v, want to be told to log in", err)
	}
	var shown string
	if err := newClient(t, h, s, oauth).LogInByDevice(t.Context(), func(address, code string) { shown = address + " " + code }); err != nil {
		t.Fatal(err)
	}
	if shown != h.URL+"/link ABCD" {
		t.Errorf("shown: got %q, want the address and the code", shown)
	}
	time.Sleep(1100 * time.Millisecond) // the access token runs out
	h.change(func() { h.token, h.batches = "access1", []string{joinBatch(), joinBatch(says("$1", "!iis one"))} })
	e := &ear{h: h}
	func() {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- newClient(t, h, s, oauth).Listen(ctx, e) }()
		h.settled(t, "s2")
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Listen: got %v, want nil", err)
		}
	}()
	if !slices.Equal(e.texts(), []string{"one"}) || !strings.Contains(s.value("oauth"), "access1") || !strings.Contains(s.value("oauth"), "refresh1") {
		t.Errorf("renewed: heard %q with %s, want the new tokens kept", e.texts(), s.value("oauth"))
	}
	if h.count("login") > 0 {
		t.Error("got a login by password")
	}

	// The homeserver ends the session early, and the service will not renew it.
	v.mu.Lock()
	v.refuses = true
	v.mu.Unlock()
	h.change(func() { h.token = "another" })
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if err := newClient(t, h, s, oauth).Listen(ctx, &ear{h: h}); err == nil || !strings.Contains(err.Error(), "cannot be renewed") {
		t.Errorf("a session that has ended: got %v, want advice", err)
	}
}
