package slack

import (
	"net"
	"net/url"
	"slices"
	"strings"

	slackgo "github.com/slack-go/slack"
)

// hosts says whose addresses the bot follows. Payloads and answers name
// addresses to post to, to open sockets at and to upload to; anybody else's
// would make the bot a tool against its own network.
type hosts struct {
	// own is the API's address where it is not Slack's; nil where it is.
	own *url.URL
}

func hostsOf(base *url.URL) hosts {
	if base.String() == slackgo.APIURL {
		return hosts{}
	}
	return hosts{own: base}
}

// accept says whether an address may be followed: one of Slack's, or, where the
// API has an address of its own, one on that host or below it. Nothing is
// followed on weaker terms than the API itself.
func (h hosts) accept(address string, schemes ...string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Hostname() == "" || !slices.Contains(schemes, u.Scheme) {
		return false
	}
	secure := u.Scheme == "https" || u.Scheme == "wss"
	host := strings.ToLower(u.Hostname())
	if h.own == nil {
		return secure && (u.Port() == "" || u.Port() == "443") &&
			slices.ContainsFunc([]string{"slack.com", "slack-gov.com"}, func(of string) bool { return within(host, of) })
	}
	own := strings.ToLower(h.own.Hostname())
	return (secure || h.own.Scheme == "http") && (within(host, own) || (loopback(host) && loopback(own)))
}

// within says whether a host is another or below it.
func within(host, of string) bool { return host == of || strings.HasSuffix(host, "."+of) }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// trusted says whether a response address may be posted to.
func (c *Client) trusted(address string) bool { return c.hosts.accept(address, "https", "http") }
