package matrix

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
)

// session returns the open session, or opens one: with the access token that
// was kept, or by logging in. Nothing here ever logs out, for that would end
// the device, and with it the memory of what it has sent.
func (c *Client) session(ctx context.Context) (*mautrix.Client, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c.current != nil {
		return c.current, nil
	}
	open := c.logIn
	switch {
	case c.options.OAuth:
		open = c.withOAuth
	case c.options.Token != "":
		open = c.withToken
	}
	cli, err := open(ctx)
	if err != nil {
		return nil, lockedOut(err)
	}
	c.current = cli
	return cli, nil
}

// refuse forgets a session whose access token the homeserver refuses.
func (c *Client) refuse(cli *mautrix.Client) {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	if c.current == cli {
		c.current, c.refused = nil, cli.AccessToken
	}
}

// reload forgets the open session: another replica may have renewed it.
func (c *Client) reload() {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	c.current = nil
}

// withToken opens a session with the configured access token, after asking
// whose it is.
func (c *Client) withToken(ctx context.Context) (*mautrix.Client, error) {
	const advice = "the homeserver does not know the access token (any more); put a new one where matrix.token is set"
	if c.refused == c.options.Token {
		return nil, &operatorError{advice, nil}
	}
	cli, err := c.client(c.options.Token, c.options.DeviceID)
	if err != nil {
		return nil, err
	}
	me, err := cli.Whoami(ctx)
	switch {
	case isToken(err):
		return nil, &operatorError{advice, err}
	case err != nil:
		return nil, fmt.Errorf("ask whose the access token is: %w", err)
	case me.UserID != c.user:
		return nil, &operatorError{fmt.Sprintf("the access token belongs to %s, not to %s: change matrix.user or the token", me.UserID, c.user), nil}
	case c.options.DeviceID != "" && me.DeviceID.String() != c.options.DeviceID:
		return nil, &operatorError{fmt.Sprintf("the access token belongs to device %s, not to %s: change matrix.device_id or the token", me.DeviceID, c.options.DeviceID), nil}
	}
	cli.DeviceID = me.DeviceID
	return cli, nil
}

// logIn opens a session with the access token of an earlier login, or logs in
// with the password. Device and token are kept before they are used: a token
// that is lost is a device too many.
func (c *Client) logIn(ctx context.Context) (*mautrix.Client, error) {
	device, err := c.device(ctx)
	if err != nil {
		return nil, err
	}
	owner, _, err := c.options.State.Get(ctx, c.space, "token_device")
	if err != nil {
		return nil, fmt.Errorf("read the device of the access token: %w", err)
	}
	token, _, err := c.options.State.Get(ctx, c.space, "access_token")
	if err != nil {
		return nil, fmt.Errorf("read the access token: %w", err)
	}
	if token != "" && token != c.refused && owner == device {
		return c.client(token, device)
	}
	if err := c.mayWork(ctx); err != nil {
		return nil, err // two that log in would end each other's sessions
	}
	cli, err := c.client("", device)
	if err != nil {
		return nil, err
	}
	got, err := cli.Login(ctx, &mautrix.ReqLogin{
		Type:                     mautrix.AuthTypePassword,
		Identifier:               mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: c.user.String()},
		Password:                 c.options.Password,
		DeviceID:                 id.DeviceID(device),
		InitialDeviceDisplayName: "rapporteur",
	})
	switch {
	case errors.Is(err, mautrix.MForbidden):
		return nil, &operatorError{fmt.Sprintf("the homeserver refuses the password of %s: put the right one where matrix.password_file points", c.user), err}
	case err != nil:
		return nil, fmt.Errorf("log in as %s: %w", c.user, err)
	case got.UserID != c.user || got.AccessToken == "":
		return nil, &operatorError{fmt.Sprintf("the homeserver let %s in as %q: write matrix.user as it does", c.user, got.UserID), nil}
	}
	if got.DeviceID != "" {
		device = got.DeviceID.String()
	}
	for _, kept := range [][2]string{{"device_id", device}, {"token_device", device}, {"access_token", got.AccessToken}} {
		if err := c.options.State.Set(ctx, c.space, kept[0], kept[1]); err != nil {
			return nil, fmt.Errorf("keep the login: %w", err)
		}
	}
	return c.client(got.AccessToken, device)
}

// device returns the bot's device for life: the configured one, the one that
// was kept, or a new one, which is kept before anything is done with it.
func (c *Client) device(ctx context.Context) (string, error) {
	if c.options.DeviceID != "" {
		return c.options.DeviceID, nil
	}
	device, found, err := c.options.State.Get(ctx, c.space, "device_id")
	if err != nil {
		return "", fmt.Errorf("read the device: %w", err)
	}
	if found && device != "" {
		return device, nil
	}
	device = "RAPPORTEUR" + rand.Text()[:8]
	if err := c.options.State.Set(ctx, c.space, "device_id", device); err != nil {
		return "", fmt.Errorf("keep the device: %w", err)
	}
	return device, nil
}

// client returns a mautrix client that waits and reads within bounds.
func (c *Client) client(token, device string) (*mautrix.Client, error) {
	cli, err := mautrix.NewClient(c.options.Homeserver, c.user, token)
	if err != nil {
		return nil, fmt.Errorf("homeserver %s: %w", c.options.Homeserver, err)
	}
	cli.DeviceID = id.DeviceID(device)
	cli.Client = c.http
	cli.Log = quiet(c.log)
	cli.ResponseSizeLimit = 32 << 20
	cli.DefaultHTTPRetries = 2
	cli.DefaultHTTPBackoff = c.base / 2
	cli.MaxHTTPBackoff = 10 * time.Second
	cli.IgnoreRateLimit = true // whoever asked waits, for as long as the server said
	return cli, nil
}
