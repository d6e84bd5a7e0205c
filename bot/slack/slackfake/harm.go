package slackfake

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Harm says in sentences what the message does besides being read: whom it
// notifies, what it makes Slack or a client fetch, which links it offers that
// are neither http nor https. It looks at the wire, not at what is drawn.
// docs.slack.dev/messaging/formatting-message-text lists what mentions.
func (m *Message) Harm() []string {
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	marked := func(where, text string) {
		for _, tag := range markup().FindAllString(text, -1) {
			if strings.HasPrefix(tag, "<!date^") {
				continue // a time, shown in the reader's zone
			}
			add("%s holds the control sequence %q", where, tag)
		}
	}
	marked("text", m.Text)
	if m.LinkNames || m.Parse == "full" {
		add("names in the text are linked (link_names %v, parse %q)", m.LinkNames, m.Parse)
	}
	if m.ShownTo == "" && (m.UnfurlLinks || m.UnfurlMedia) {
		add("links are unfurled (links %v, media %v)", m.UnfurlLinks, m.UnfurlMedia)
	}
	var walk func(v map[string]any)
	walk = func(v map[string]any) {
		text, _ := v["text"].(string)
		switch kind, _ := v["type"].(string); kind {
		case "mrkdwn", "markdown":
			marked(kind, text)
		case "user", "usergroup", "broadcast", "channel", "team":
			add("a block holds a %s element: %s", kind, asJSON(v))
		case "image", "video", "file":
			add("a block makes clients fetch a %s", kind)
		case "link":
			address, _ := v["url"].(string)
			if u, err := url.Parse(address); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
				add("a block links to %q", address)
			}
		case "button":
			if address, _ := v["url"].(string); address != "" {
				add("a button links to %q", address)
			}
		}
		for _, child := range v {
			switch child := child.(type) {
			case map[string]any:
				walk(child)
			case []any:
				for _, e := range child {
					if e, ok := e.(map[string]any); ok {
						walk(e)
					}
				}
			}
		}
	}
	for _, b := range blocks(m.Blocks) {
		walk(b)
	}
	return found
}

// markup matches what Slack reads as a mention or link in text and mrkdwn.
func markup() *regexp.Regexp { return regexp.MustCompile(`<[^<>]*>`) }
