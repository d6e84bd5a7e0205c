package matrix

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rapporteur/bot"
)

// Only one replica works for an account: two that sync would answer everything
// twice, and two that encrypt would use the same key for different words. A
// lease in the database says which one. It is renewed four times in its length,
// so that another replica takes over within twenty seconds, and whoever holds it
// stops by its own clock before the others may begin.
const (
	leaseLength = 16 * time.Second
	leaseBeat   = leaseLength / 4
	leaseMargin = 2 * time.Second
)

// errStandby means that another replica works for the account.
var errStandby = errors.New("another replica works for the Matrix account")

// patience is for how many seconds a replica may fail to reach the homeserver before it
// lets another one try, which may stand elsewhere.
const patience = 60

// errGiveWay means that the turn is to be given away.
var errGiveWay = errors.New("the homeserver cannot be reached from here")

// giveWay gives the turn away, and leaves others the time to take it.
func (c *Client) giveWay(ctx context.Context) {
	c.log.WarnContext(ctx, "matrix lets another replica try: the homeserver cannot be reached from here")
	c.standby.Store(true)
	c.dropCipher()
	c.reload()
	if err := c.release(); err != nil { //nolint:contextcheck // also where ctx has ended
		c.log.WarnContext(ctx, "matrix lease not given back", "error", err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(2 * leaseBeat):
	}
}

// release gives the lease back. Where that fails, it runs out.
func (c *Client) release() error {
	c.until.Store(0)
	ctx, cancel := context.WithTimeout(context.Background(), leaseBeat)
	defer cancel()
	return c.options.Leases.Release(ctx, c.space, c.holder)
}

// take takes or renews the lease, and says whether it is ours.
func (c *Client) take(ctx context.Context) (bool, error) {
	if c.options.Leases == nil {
		return true, nil
	}
	asked := time.Now()
	ctx, cancel := context.WithTimeout(ctx, leaseBeat)
	defer cancel()
	fence, held, err := c.options.Leases.Acquire(ctx, c.space, c.holder, leaseLength)
	if err != nil {
		return false, fmt.Errorf("ask whose turn it is: %w", err)
	}
	if !held {
		c.until.Store(0)
		return false, nil
	}
	c.fence.Store(fence)
	c.until.Store(asked.Add(leaseLength - leaseMargin).UnixNano())
	return true, nil
}

// holds says whether the lease is ours by this machine's clock.
func (c *Client) holds() bool {
	return c.options.Leases == nil || time.Now().UnixNano() < c.until.Load()
}

// mayWork says whether this replica may log in and encrypt now. A process that
// does not listen takes the lease when it needs it.
func (c *Client) mayWork(ctx context.Context) error {
	if c.holds() {
		return nil
	}
	if !c.listening.Load() {
		if held, err := c.take(ctx); held || err != nil {
			return err
		}
	}
	return &bot.PostError{Outcome: bot.NotSent, RetryAfter: 2 * time.Second, Err: errStandby}
}

// await waits until the lease is ours; it returns false when ctx ends first.
func (c *Client) await(ctx context.Context) bool {
	for told := false; ; {
		if ended(ctx) {
			return false
		}
		held, err := c.take(ctx)
		switch {
		case held:
			c.standby.Store(false)
			return true
		case err != nil && !ended(ctx):
			c.log.WarnContext(ctx, "matrix waits for the database", "error", err)
		case !told && !ended(ctx):
			c.log.InfoContext(ctx, "matrix stands by: another replica works for the account")
			told = true
		}
		c.standby.Store(true)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(leaseBeat):
		}
	}
}

// keep renews the lease until ctx ends, and calls lost when it is no longer ours.
func (c *Client) keep(ctx context.Context, lost func()) {
	tick := time.NewTicker(leaseBeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		held, err := c.take(ctx)
		if err != nil && !ended(ctx) {
			c.log.WarnContext(ctx, "matrix cannot renew its lease", "error", err)
		}
		if (err == nil && !held) || !c.holds() {
			lost()
			return
		}
	}
}

// StandsBy says whether another replica works for the account at present, as far as
// is known: until this one has asked, it may.
func (c *Client) StandsBy() bool { return c.standby.Load() }

// Close gives the lease back, so that another replica need not wait for its end.
// It does not log out: that would end the device.
func (c *Client) Close() error {
	c.dropCipher()
	if c.options.Leases == nil || !c.holds() {
		return nil
	}
	if err := c.release(); err != nil {
		return fmt.Errorf("matrix: %w", err)
	}
	return nil
}

// setFenced keeps a value unless another replica has taken over meanwhile.
func (c *Client) setFenced(ctx context.Context, key, value string) error {
	if c.options.Leases == nil {
		return c.options.State.Set(ctx, c.space, key, value)
	}
	kept, err := c.options.Leases.SetFenced(ctx, c.space, key, value, c.space, c.fence.Load())
	if err == nil && !kept {
		c.until.Store(0) // this process slept; keep finds out the same
		err = errStandby
	}
	return err
}
