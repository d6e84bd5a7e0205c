package matrix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.mau.fi/util/exsync"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/oauth"
)

// Homeservers that leave logins to an OAuth 2.0 service know no passwords. A
// person opens an address once and enters a code; from then on the bot renews
// its own session, whose tokens it keeps before it uses them.

// grant is a session by OAuth 2.0 as it is kept.
type grant struct {
	Client  string    `json:"client"`
	Device  string    `json:"device"`
	Access  string    `json:"access"`
	Refresh string    `json:"refresh"`
	Expires time.Time `json:"expires"`
}

const loginAgain = "log in with: rapporteur matrix-login --config FILE"

// withOAuth opens the session that LogInByDevice kept.
func (c *Client) withOAuth(ctx context.Context) (*mautrix.Client, error) {
	kept, found, err := c.options.State.Get(ctx, c.space, "oauth")
	if err != nil {
		return nil, fmt.Errorf("read the session: %w", err)
	}
	var g grant
	if !found || json.Unmarshal([]byte(kept), &g) != nil {
		return nil, &operatorError{"there is no session on Matrix yet; " + loginAgain, nil}
	}
	if g.Access == c.refused && c.refused != "" {
		if err := c.mayWork(ctx); err != nil {
			return nil, err
		}
		g.Expires = time.Now() // the service may know better than its own promise
	}
	cli, err := c.client(g.Access, g.Device)
	if err != nil {
		return nil, err
	}
	// Without this, v0.31.0 of mautrix never learns with which token a request was
	// made, and repeats one that was refused for ever.
	cli.RequestRetryTrigger = exsync.NewEvent()
	cli.OAuthSetTokens(g.Client, g.Refresh, g.Access, g.Expires)
	cli.SaveNewToken = func(ctx context.Context, refresh, access string, expires time.Time) error {
		return c.renewed(ctx, &g, grant{g.Client, g.Device, access, refresh, expires})
	}
	// mautrix renews in the middle of any request, also of a replica that stands by.
	web := *c.http
	web.Transport = renewals{c, c.http.Transport}
	cli.Client = &web
	if time.Until(g.Expires) <= 0 {
		if err := cli.OAuthRefreshToken(ctx, 0); err != nil {
			return nil, c.refreshError(ctx, g, err)
		}
	}
	return cli, nil
}

// renewals lets the session be renewed only by the replica whose turn it is: a
// refresh token is good once, and whoever uses it second ends the session. Once
// begun, a renewal is not cut off: its answer holds the only tokens that are good
// from then on.
type renewals struct {
	c    *Client
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (r renewals) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Header.Get("Content-Type") != "application/x-www-form-urlencoded" { // no request of Matrix itself is
		return r.next.RoundTrip(request)
	}
	if err := r.c.mayWork(request.Context()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(request.Context()), renewLimit)
	defer cancel()
	answer, err := r.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxTokens))
	if err != nil {
		return nil, fmt.Errorf("read the new tokens: %w", err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// refreshError says what a failed renewal means. Where another replica has
// renewed the session meanwhile, there is a newer one to try.
func (c *Client) refreshError(ctx context.Context, used grant, err error) error {
	if !isStale(err) {
		return fmt.Errorf("renew the session: %w", err)
	}
	var newer grant
	kept, _, readErr := c.options.State.Get(ctx, c.space, "oauth")
	if readErr != nil {
		return fmt.Errorf("read the session: %w", readErr)
	}
	if json.Unmarshal([]byte(kept), &newer) == nil && newer.Refresh != used.Refresh {
		return fmt.Errorf("renew the session, which another replica has done: %s", err.Error())
	}
	return &operatorError{"the session on Matrix has ended and cannot be renewed; " + loginAgain, err}
}

// isStale says whether the renewal of a session was refused.
func isStale(err error) bool {
	s := status(err)
	return s == http.StatusBadRequest || s == http.StatusUnauthorized || isToken(err)
}

const (
	// renewLimit is how long a renewal may take, whatever ends meanwhile; a program
	// that stops waits no longer for its platforms.
	renewLimit = 10 * time.Second
	// maxTokens bounds the answer of a renewal, in bytes.
	maxTokens = 1 << 20
	// saveLimit is how long the tokens of a renewal are tried to be kept, saveTry how
	// long one attempt may take.
	saveLimit = 10 * time.Second
	saveTry   = 3 * time.Second
)

// renewed keeps the tokens of a renewal before they are used. The refresh token of
// before is good no more: whatever ends meanwhile, the program or the lease, these are
// tried to be kept again and again.
func (c *Client) renewed(ctx context.Context, used *grant, fresh grant) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveLimit)
	defer cancel()
	for wait := c.base / 2; ; wait *= 2 {
		err := c.tryKeep(ctx, used, fresh)
		if err == nil || errors.Is(err, errStandby) {
			return err
		}
		c.log.WarnContext(ctx, "matrix session renewed but not kept yet", "error", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// tryKeep tries once to keep the tokens of a renewal. A replica that has lost its turn
// meanwhile keeps them only where nobody has renewed the session since, for then these
// are the only ones that are good; it returns just errStandby then, for they are not
// used here.
func (c *Client) tryKeep(ctx context.Context, used *grant, fresh grant) error {
	ctx, cancel := context.WithTimeout(ctx, saveTry)
	defer cancel()
	err := c.keepGrant(ctx, fresh, c.setFenced)
	if err == nil {
		*used = fresh
		return nil
	}
	if !errors.Is(err, errStandby) {
		return err
	}
	var kept grant
	value, _, err := c.options.State.Get(ctx, c.space, "oauth")
	if err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	if json.Unmarshal([]byte(value), &kept) == nil && kept.Refresh == used.Refresh {
		if err := c.keepGrant(ctx, fresh, c.keepAnyway); err != nil {
			return err
		}
	}
	return errStandby
}

// keepAnyway keeps a value, whoever's turn it is.
func (c *Client) keepAnyway(ctx context.Context, key, value string) error {
	return c.options.State.Set(ctx, c.space, key, value)
}

// keepGrant keeps the tokens, by the given way of keeping.
func (c *Client) keepGrant(ctx context.Context, g grant, set func(ctx context.Context, key, value string) error) error {
	data, err := json.Marshal(g)
	if err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	if err := set(ctx, "oauth", string(data)); err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	return nil
}

// LogInByDevice logs in by the OAuth 2.0 device grant and keeps the session. It
// calls show with the address to open and the code to enter there, and returns
// when the person has done so, or an error when they refused or took too long.
func (c *Client) LogInByDevice(ctx context.Context, show func(address, code string)) error {
	device, err := c.device(ctx)
	if err != nil {
		return err
	}
	cli, err := c.client("", device)
	if err != nil {
		return err
	}
	registered, err := cli.OAuthRegisterClient(ctx, &oauth.ClientMetadata{
		ClientName: "rapporteur", ClientURI: "https://rapporteur.invalid/", ApplicationType: oauth.ApplicationTypeNative,
		TokenEndpointAuthMethod: oauth.AuthMethodNone,
		GrantTypes:              []oauth.GrantType{oauth.GrantTypeDeviceCode, oauth.GrantTypeRefreshToken},
	})
	if err != nil {
		return fmt.Errorf("matrix: the homeserver offers no login by OAuth 2.0, or refuses the bot as a client: %w", err)
	}
	code, err := cli.OAuthGenerateDeviceCode(ctx, oauth.GenerateDeviceCodeParams{
		UserIDHint: c.user, Scopes: []oauth.Scope{oauth.ScopeClientAPI, oauth.ScopeDevice(id.DeviceID(device))},
	})
	if err != nil {
		return fmt.Errorf("matrix: ask for a code: %w", err)
	}
	address := code.VerificationURIComplete
	if address == "" {
		address = code.VerificationURI
	}
	show(address, code.UserCode)
	got, err := c.poll(ctx, cli, code)
	if err != nil {
		return err
	}
	g := grant{registered.ClientID, device, got.AccessToken, got.RefreshToken, time.Now().Add(got.ExpiresIn.Duration)}
	// Nobody else has this session yet, whoever holds the lease.
	set := func(ctx context.Context, key, value string) error {
		return c.options.State.Set(ctx, c.space, key, value)
	}
	if err := c.keepGrant(ctx, g, set); err != nil {
		return err
	}
	cli.AccessToken = got.AccessToken
	me, err := cli.Whoami(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("matrix: ask who has logged in: %w", err)
	case me.UserID != c.user:
		_ = c.options.State.Set(ctx, c.space, "oauth", "")
		return fmt.Errorf("matrix: %s has logged in, not %s: log in as the bot, or change matrix.user", me.UserID, c.user)
	}
	return nil
}

// poll asks for the tokens until the person has entered the code.
func (c *Client) poll(ctx context.Context, cli *mautrix.Client, asked *oauth.DeviceCodeResponse) (*oauth.TokenResponse, error) {
	pause := max(asked.Interval.Duration, time.Second)
	ctx, cancel := context.WithTimeout(ctx, max(asked.ExpiresIn.Duration, time.Minute))
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return nil, errors.New("matrix: nobody entered the code in time; try again")
		case <-time.After(pause):
		}
		got, err := cli.OAuthPollDeviceCode(ctx, oauth.PollDeviceCodeParams{DeviceCode: asked.DeviceCode})
		switch {
		case err == nil:
			return got, nil
		case code(err) == "authorization_pending":
		case code(err) == "slow_down":
			pause += 5 * time.Second
		case status(err) >= 400 && status(err) < 500:
			return nil, fmt.Errorf("matrix: the login was refused: %w", err)
		}
	}
}
