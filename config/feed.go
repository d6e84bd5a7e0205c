package config

import (
	"net"
	"slices"
	"strings"
)

// Feed is the calendar that calendar programs subscribe to over HTTP.
type Feed struct {
	// Listen is the address at which it is served, such as ":8080"; empty where
	// it is not served.
	Listen string `yaml:"listen"`
	// URL is the address under which people reach it, such as
	// "https://calendar.example.org"; empty where answers are not to name it.
	URL string `yaml:"url"`
}

const feedKeys = "listen url"

func (f *Feed) environment(e *environment) {
	e.plain("FEED_LISTEN", &f.Listen)
	e.plain("FEED_URL", &f.URL)
}

func (f *Feed) check(bad func(format string, args ...any)) {
	if f.Listen != "" {
		if _, _, err := net.SplitHostPort(f.Listen); err != nil {
			bad("feed.listen: %q is no address to listen at; write :8080 or 127.0.0.1:8080", f.Listen)
		}
	}
	if f.URL != "" && !address(f.URL) {
		bad("feed.url: %q is no http or https address", f.URL)
	}
	if f.URL != "" && f.Listen == "" {
		bad("feed.listen is missing; write the address at which the calendar is served, such as :8080")
	}
}

// Health is what operators look at: whether the bot lives, and what it counts.
type Health struct {
	// Listen is the address at which /livez, /readyz and /metrics are served, such
	// as "127.0.0.1:8091"; empty where they are not.
	Listen string `yaml:"listen"`
}

const healthKeys = "listen"

func (h *Health) environment(e *environment) { e.plain("HEALTH_LISTEN", &h.Listen) }

func (h *Health) check(bad func(format string, args ...any)) {
	if h.Listen == "" {
		return
	}
	if _, _, err := net.SplitHostPort(h.Listen); err != nil {
		bad("health.listen: %q is no address to listen at; write 127.0.0.1:8091", h.Listen)
	}
}

// IsAdministrator says whether a person is among the administrators, who are named
// as "slack:U0123" or "matrix:@name:example.org".
func (c *Config) IsAdministrator(platform, person string) bool {
	return slices.Contains(c.Administrators, platform+":"+person)
}

func checkAdministrators(administrators []string, bad func(format string, args ...any)) {
	for _, a := range administrators {
		if platform, person, named := strings.Cut(a, ":"); !named || platform == "" || person == "" {
			bad("administrators: %q names nobody; write slack:U0123 or matrix:@name:example.org", a)
		}
	}
}
