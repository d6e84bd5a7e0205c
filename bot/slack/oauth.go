package slack

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"
)

const (
	pathInstall = "/slack/install"
	pathOAuth   = "/slack/oauth"
	stateCookie = "rapporteur_state"
	// stateLife is how long a person may take on Slack's page.
	stateLife = 10 * time.Minute
)

// redirect is where Slack sends people back to.
func (c *Client) redirect() string { return redirectOf(c.installs.URL) }

func redirectOf(own string) string { return strings.TrimSuffix(own, "/") + pathOAuth }

// Installing serves the pages with which a person installs the app; everything
// else goes to next. docs.slack.dev/authentication/installing-with-oauth.
func (c *Client) Installing(next http.Handler) http.Handler {
	if c.installs == nil {
		return next
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathInstall, c.beginInstall)
	mux.HandleFunc("GET "+pathOAuth, c.endInstall)
	mux.Handle("/", next)
	return mux
}

// beginInstall sends a person to Slack's page of consent, with a state that works
// once and in this browser alone.
func (c *Client) beginInstall(w http.ResponseWriter, r *http.Request) {
	if !c.installs.begins.allow(c.now()) {
		c.counts.add("install_shed")
		w.Header().Set("Retry-After", strconv.Itoa(int(beginsGap.Seconds())))
		c.page(w, http.StatusTooManyRequests, "Too many people are installing the app at once. Please try again in a minute.")
		return
	}
	state := make([]byte, 24)
	if _, err := rand.Read(state); err != nil {
		c.page(w, http.StatusInternalServerError, "Something went wrong on my side. Please try again.")
		return
	}
	value := hex.EncodeToString(state)
	if err := c.installs.States.PutState(r.Context(), hashed(value), c.now(), c.now().Add(stateLife)); err != nil {
		c.log.ErrorContext(r.Context(), "keep the state of an installation", "error", err)
		c.page(w, http.StatusServiceUnavailable, "I am temporarily unavailable. Please try again in a moment.")
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // secure wherever the bot's own address is
		Name: stateCookie, Value: value, Path: pathOAuth, MaxAge: int(stateLife.Seconds()), HttpOnly: true,
		Secure: strings.HasPrefix(c.installs.URL, "https://"), SameSite: http.SameSiteLaxMode,
	})
	needed, optional := scopes()
	query := url.Values{
		"client_id": {c.installs.ClientID}, "scope": {strings.Join(append(needed, optional...), ",")},
		"state": {value}, "redirect_uri": {c.redirect()},
	}
	http.Redirect(w, r, c.authorizePage()+"?"+query.Encode(), http.StatusFound) //nolint:gosec // Slack's page, or the API's host
}

// Everybody may begin an installation, and each that is begun is kept for a while:
// so many may begin at once, and one more at each gap.
const (
	beginsBurst = 30
	beginsGap   = 2 * time.Second
)

// begins bounds how many installations are begun.
type begins struct {
	mu   sync.Mutex
	next time.Time // when all that have begun are made up for
}

// allow says whether one more may begin.
func (b *begins) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next.Before(now) {
		b.next = now
	}
	if b.next.Sub(now) >= beginsBurst*beginsGap {
		return false
	}
	b.next = b.next.Add(beginsGap)
	return true
}

// authorizePage is Slack's page of consent, on the API's host.
func (c *Client) authorizePage() string {
	return strings.TrimSuffix(strings.TrimSuffix(c.base, "/"), "/api") + "/oauth/v2/authorize"
}

// endInstall takes a person back from Slack, and the tokens.
func (c *Client) endInstall(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	state := query.Get("state")
	cookie, err := r.Cookie(stateCookie)
	if err != nil || state == "" || subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(state)) != 1 {
		c.page(w, http.StatusForbidden, "This did not begin in this browser, or too long ago. Please begin again at "+pathInstall+".")
		return
	}
	fresh, err := c.installs.States.TakeState(r.Context(), hashed(state), c.now())
	switch {
	case err != nil:
		c.log.ErrorContext(r.Context(), "take the state of an installation", "error", err)
		c.page(w, http.StatusServiceUnavailable, "I am temporarily unavailable. Please try again in a moment.")
		return
	case !fresh:
		c.page(w, http.StatusForbidden, "This was used already, or began too long ago. Please begin again at "+pathInstall+".")
		return
	case query.Get("code") == "":
		c.page(w, http.StatusOK, "The app was not installed.")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	answer, err := slackgo.GetOAuthV2ResponseContext(ctx, c.http, c.installs.ClientID, c.installs.ClientSecret, query.Get("code"), c.redirect(), slackgo.OAuthOptionAPIURL(c.base))
	if err == nil {
		_, err = c.keep(ctx, answer, Install{})
	}
	if err != nil {
		c.log.ErrorContext(ctx, "install the app", "error", err)
		c.page(w, http.StatusBadGateway, "The app was not installed: Slack or I could not finish it. Please begin again at "+pathInstall+".")
		return
	}
	c.log.InfoContext(ctx, "the app was installed", "team", answer.Team.ID, "enterprise", answer.Enterprise.ID)
	c.page(w, http.StatusOK, "The app is installed. Invite the bot to a channel and mention it.")
}

// page answers a browser in plain text.
func (c *Client) page(w http.ResponseWriter, status int, says string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, says+"\n") // the browser may be gone
}

// hashed is how a state is kept: what is kept lets nobody in.
func hashed(state string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(state))) }
