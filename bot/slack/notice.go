package slack

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"
)

// mostNotices is how many kinds are remembered before old ones are forgotten.
const mostNotices = 10_000

// noticeGap is how long the operators hear nothing more of the same thing.
const noticeGap = time.Hour

// notices are what operators are told.
type notices struct {
	now func() time.Time

	mu   sync.Mutex
	last map[string]time.Time // by kind
}

func newNotices(now func() time.Time) *notices {
	return &notices{now: now, last: map[string]time.Time{}}
}

// due says whether operators may hear of a kind of thing again.
func (n *notices) due(kind string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	if last, told := n.last[kind]; told && now.Sub(last) < noticeGap {
		return false
	}
	if len(n.last) >= mostNotices {
		maps.DeleteFunc(n.last, func(_ string, at time.Time) bool { return now.Sub(at) >= noticeGap })
	}
	n.last[kind] = now
	return true
}

// notify tells the operators, in the log and in direct messages, of what only
// they can mend: once an hour for each kind. Where there are several workspaces and
// it is about none that can be reached, the log must do.
func (c *Client) notify(ctx context.Context, kind, text string) {
	if c.installs != nil {
		c.notifyIn(ctx, nil, kind, text)
		return
	}
	c.notifyIn(ctx, c.only, kind, text)
}

// notifyIn is notify of what happened in a workspace, for each by itself: those of
// the operators who are there are told there.
func (c *Client) notifyIn(ctx context.Context, w *workspace, kind, text string) {
	c.counts.add("notice")
	where := ""
	if w != nil {
		where = w.key
	}
	if !c.notices.due(strings.TrimSpace(where + " " + kind)) {
		return
	}
	c.log.ErrorContext(ctx, "slack needs an operator", "kind", kind, "workspace", where, "what", text)
	if w == nil {
		return
	}
	for _, operator := range c.operators {
		c.errands.run(ctx, func(ctx context.Context) {
			_, _, err := w.api.PostMessageContext(ctx, c.directChannel(ctx, w, operator), message(topText(text, maxText), nil, "")...)
			if err != nil {
				c.log.WarnContext(ctx, "slack operator not told", "operator", operator, "workspace", where, "error", err)
			}
		})
	}
}
