package matrix_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rapporteur/bot/matrix"
)

// service is the OAuth 2.0 service of a homeserver.
type service struct {
	mu      sync.Mutex
	pending int    // how often the device grant is not granted yet
	refresh string // the refresh token that is good
	renewed int
	refuses bool
	kept    func() string // what the bot has kept when it renews
	before  []string      // that, at each renewal
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
	case v.refuses || r.Form.Get("refresh_token") != v.refresh:
		reply(w, 400, `{"error":"invalid_grant"}`)
	default:
		v.renewed++
		v.before = append(v.before, v.kept())
		v.refresh = fmt.Sprintf("refresh%d", v.renewed)
		reply(w, 200, fmt.Sprintf(`{"access_token":"access%d","token_type":"Bearer","expires_in":3600,"refresh_token":%q}`, v.renewed, v.refresh))
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
	v.kept = func() string { return s.value("oauth") }
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
