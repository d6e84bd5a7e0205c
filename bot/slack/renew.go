package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	slackgo "github.com/slack-go/slack"
)

const (
	// refreshLease is how long one replica may take to exchange tokens.
	refreshLease = 30 * time.Second
	// tokenLife is how long a token lives of which that was not kept.
	tokenLife = 12 * time.Hour
	// troubledPause is how long an exchange is not repeated that Slack did not
	// answer.
	troubledPause = time.Minute
)

// renew says from when tokens are to be exchanged: when four fifths of their life
// are over. It is zero where they do not end.
func (t tokens) renew(expires time.Time) time.Time {
	if expires.IsZero() || t.Refresh == "" {
		return time.Time{}
	}
	life := time.Duration(t.Life) * time.Second
	if life <= 0 {
		life = tokenLife
	}
	return expires.Add(-life / 5)
}

// hold is why tokens are not exchanged, and until when; for ever without a time.
type hold struct {
	until time.Time
	why   error
	// refused is set where Slack does not take the access token any more either.
	refused bool
}

// holding says why the tokens of an installation are not exchanged now; nil where
// they may be.
func (s *installed) holding(i Install, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, is := s.held[i.Sealed]
	switch {
	case !is:
		return nil
	case h.until.IsZero():
		return postError(unknown, deniedPause, h.why)
	case now.Before(h.until):
		return postError(unknown, h.until.Sub(now), h.why)
	}
	delete(s.held, i.Sealed)
	return nil
}

// hold keeps tokens from being exchanged for a while; for ever where that is 0:
// until other ones are in their place.
func (s *installed) hold(i Install, now time.Time, d time.Duration, why error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := hold{why: why}
	if d > 0 {
		h.until = now.Add(d)
	}
	s.held[i.Sealed] = h
	return postError(unknown, max(d, deniedPause), why)
}

// refuse notes that Slack does not take the access token of an installation, where
// its tokens are not exchanged for now.
func (s *installed) refuse(i Install) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h, is := s.held[i.Sealed]; is {
		h.refused = true
		s.held[i.Sealed] = h
	}
}

// refusal says why there is no token for an installation at present; nil where
// there is one.
func (s *installed) refusal(i Install, now time.Time) error {
	s.mu.Lock()
	h := s.held[i.Sealed]
	s.mu.Unlock()
	if !h.refused {
		return nil
	}
	return s.holding(i, now)
}

// renewInTime exchanges tokens that end soon. Where that does not work, they do
// until they end.
func (c *Client) renewInTime(ctx context.Context, i Install, t tokens) (Install, tokens, error) {
	renewed, err := c.refresh(ctx, i, false)
	switch {
	case err == nil:
		t, err = c.installs.decrypt(renewed)
		return renewed, t, err
	case errors.Is(err, errNotInstalled) || !c.now().Before(i.Expires):
		return i, t, err
	}
	c.log.InfoContext(ctx, "slack tokens not exchanged yet, the old ones do for now", "team", i.Team, "enterprise", i.Enterprise, "error", err)
	return i, t, nil
}

// refresh exchanges the tokens of an installation. One replica does it at a time,
// for the old refresh token works once; the others take what it has kept. must is
// set where Slack refuses the old ones: then it waits until there are new ones.
func (c *Client) refresh(ctx context.Context, i Install, must bool) (Install, error) {
	s := c.installs
	for {
		now := c.now()
		if err := s.holding(i, now); err != nil {
			return i, err
		}
		mine, err := s.Leases.LeaseInstall(ctx, i, now, now.Add(refreshLease))
		if err != nil {
			return i, fmt.Errorf("lease the installation: %w", err)
		}
		if mine {
			return c.exchange(ctx, i)
		}
		again, found, err := s.Installs.Install(ctx, i.Enterprise, i.Team)
		switch {
		case err != nil:
			return i, fmt.Errorf("read the installation: %w", err)
		case !found:
			return i, errNotInstalled
		case again.Sealed != i.Sealed:
			return again, nil // somebody was faster
		case !must && now.Before(i.Expires):
			return i, nil // somebody is at it, and this one is good still
		}
		if err := rest(ctx, c.stop, time.Second); err != nil {
			return i, err
		}
	}
}

// exchange exchanges the tokens. What Slack gives is kept before it is used; what
// it gave before and could not be kept is kept now.
func (c *Client) exchange(ctx context.Context, i Install) (Install, error) {
	s, now := c.installs, c.now()
	s.mu.Lock()
	given, unkept := s.unkept[i.Sealed]
	s.mu.Unlock()
	if unkept {
		return given, c.put(ctx, given, i)
	}
	t, err := s.decrypt(i)
	if err != nil {
		return i, err
	}
	answer, err := slackgo.RefreshOAuthV2TokenContext(ctx, c.http, s.ClientID, s.ClientSecret, t.Refresh, slackgo.OAuthOptionAPIURL(c.base))
	if err == nil {
		return c.keep(ctx, answer, i)
	}
	err = fmt.Errorf("exchange tokens: %w", err)
	where := either(i.Team, i.Enterprise)
	code, refused := errors.AsType[slackgo.SlackErrorResponse](err)
	switch {
	case refused && (code.Err == "invalid_refresh_token" || code.Err == "token_revoked"):
		// A token that was exchanged and lost cannot be exchanged again.
		c.notify(ctx, "install "+joinedKey(i.Enterprise, i.Team), "Re-install needed: the tokens for the workspace "+where+" are lost; install the app there again.")
		return i, s.hold(i, now, 0, fmt.Errorf("%w: re-install needed", err))
	case refused && verdictOf(code.Err) != notSent && verdictOf(code.Err) != unknown:
		c.notify(ctx, "install "+joinedKey(i.Enterprise, i.Team), "Slack does not exchange the tokens for the workspace "+where+": "+err.Error()+".")
		return i, s.hold(i, now, deniedPause, err)
	}
	return i, s.hold(i, now, troubledPause, err)
}

// keep keeps what Slack has granted. before is what is kept already, for answers
// that do not name the workspace.
func (c *Client) keep(ctx context.Context, answer *slackgo.OAuthV2Response, before Install) (Install, error) {
	i := Install{Enterprise: either(answer.Enterprise.ID, before.Enterprise), Team: either(answer.Team.ID, before.Team), BotUser: either(answer.BotUserID, before.BotUser)}
	if answer.IsEnterpriseInstall {
		i.Team = ""
	}
	if answer.AccessToken == "" || (i.Team == "" && i.Enterprise == "") {
		return before, errors.New("slack granted no token, or for nobody")
	}
	if answer.ExpiresIn > 0 {
		i.Expires = c.now().Add(time.Duration(answer.ExpiresIn) * time.Second)
	}
	var err error
	if i.Sealed, err = c.installs.encrypt(tokens{answer.AccessToken, answer.RefreshToken, answer.ExpiresIn}, i.Enterprise, i.Team); err != nil {
		return before, err
	}
	return i, c.put(ctx, i, before)
}

// put puts new tokens in the place of old ones. Where that fails they are
// remembered, for the old ones are of no use any more.
func (c *Client) put(ctx context.Context, i, before Install) error {
	s := c.installs
	err := s.Installs.PutInstall(ctx, i, c.now())
	s.mu.Lock()
	if err != nil && before.Sealed != "" {
		s.unkept[before.Sealed] = i
	} else {
		delete(s.unkept, before.Sealed)
		delete(s.held, before.Sealed)
	}
	s.mu.Unlock()
	if err != nil {
		c.notify(ctx, "unkept "+joinedKey(i.Enterprise, i.Team), "The new tokens for the workspace "+either(i.Team, i.Enterprise)+" could not be kept. I try it again; should I be started anew before that works, install the app there again.")
		return fmt.Errorf("keep the installation: %w", err)
	}
	c.forgetInstall(i.Enterprise, i.Team)
	c.pace.free(laneOf(either(i.Team, i.Enterprise)))
	return nil
}

// library is slack-go with the tokens of an installation.
func (c *Client) library(t tokens, i Install) *slackgo.Client {
	calls := c.http
	if t.Refresh != "" {
		calls = &http.Client{Transport: &renewing{base: c.http.Transport, client: c, of: i, token: t.Access}, CheckRedirect: c.http.CheckRedirect}
	}
	return slackgo.New(t.Access, slackgo.OptionAPIURL(c.base), slackgo.OptionHTTPClient(calls), slackgo.OptionLog(libraryLog{c.log}))
}

// replaced returns the token that is in the place of one that Slack calls expired,
// exchanging it where nobody has yet.
func (c *Client) replaced(ctx context.Context, of Install, old string) (string, error) {
	i, found, err := c.installs.Installs.Install(ctx, of.Enterprise, of.Team)
	switch {
	case err != nil:
		return "", fmt.Errorf("read the installation: %w", err)
	case !found:
		return "", errNotInstalled
	}
	t, err := c.installs.decrypt(i)
	if err == nil && t.Access == old {
		if i, err = c.refresh(ctx, i, true); err == nil {
			t, err = c.installs.decrypt(i)
		}
	}
	c.forgetInstall(i.Enterprise, i.Team)
	if err != nil {
		c.installs.refuse(i)
		return "", err
	}
	return t.Access, nil
}
