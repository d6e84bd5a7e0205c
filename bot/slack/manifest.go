package slack

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// App says which variant of the app a manifest describes.
type App struct {
	// Address is the bot's own, https, where Slack calls it; empty for Socket Mode.
	Address string
	// URL is the bot's own address as browsers reach it, as in [OAuth], where people
	// install the app in several workspaces; empty for one workspace. Tokens rotate
	// then, and organisations may install the app.
	URL string
	// Domains are those whose links the bot previews.
	Domains []string
}

// Manifest returns the app as Slack wants it described, in YAML: paste it at
// api.slack.com/apps.
func Manifest(app App) (string, error) {
	address, domains, several := app.Address, app.Domains, app.URL != ""
	if several && address == "" {
		return "", errors.New("no request address: where people install the app in several workspaces, Slack calls the bot over HTTP")
	}
	for _, own := range []string{app.Address, app.URL} {
		if u, err := url.Parse(own); own != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
			return "", fmt.Errorf("address %q: want one that begins with https://", own)
		}
	}
	c := &Client{command: defaultCommand, quote: defaultQuote}
	var y yamlLines
	y.add(0, "# The Slack app. Paste this at api.slack.com/apps, Create New App, From a manifest.")
	y.add(0, "_metadata:")
	y.add(1, "major_version: 2")
	y.add(0, "display_information:")
	y.add(1, "name: rapporteur")
	y.add(1, "description: What was said on international information security, with sources")
	y.add(1, `background_color: "#1b3a57"`)
	y.add(0, "features:")
	y.add(1, "app_home:")
	y.add(2, "home_tab_enabled: true")
	y.add(2, "messages_tab_enabled: true")
	y.add(2, "messages_tab_read_only_enabled: false")
	y.add(1, "bot_user:")
	y.add(2, "display_name: rapporteur")
	y.add(2, "always_online: true")
	y.add(1, "agent_view:")
	y.add(2, "agent_description: Answers from the record and the calendar, word for word and with sources, or says that it holds nothing.")
	y.add(1, "shortcuts:")
	for _, s := range shortcuts() {
		y.add(2, "- name: "+s.name)
		y.add(3, "type: "+s.kind)
		y.add(3, "callback_id: "+s.id)
		y.add(3, "description: "+strconv.Quote(s.description))
	}
	y.add(1, "slash_commands:")
	for _, s := range commands() {
		y.add(2, "- command: "+s.name(c))
		y.add(3, "description: "+s.description)
		y.add(3, "usage_hint: "+strconv.Quote(s.hint))
		y.add(3, "should_escape: true")
		if address != "" {
			y.add(3, "url: "+address)
		}
	}
	if len(domains) > 0 {
		y.list(1, "unfurl_domains", domains, nil)
	}
	needed, optional := scopes()
	y.add(0, "oauth_config:")
	if several {
		y.list(1, "redirect_urls", []string{redirectOf(app.URL)}, nil)
	}
	y.add(1, "scopes:")
	y.list(2, "bot", needed, reasons())
	y.add(2, "# Without these the bot works, and does less.")
	y.list(2, "bot_optional", optional, reasons())
	y.add(0, "settings:")
	y.add(1, "event_subscriptions:")
	if address != "" {
		y.add(2, "request_url: "+address)
	}
	var names []string
	for _, e := range events() {
		if !e.unasked && (e.name != "link_shared" || len(domains) > 0) {
			names = append(names, e.name)
		}
	}
	y.list(2, "bot_events", names, nil)
	y.add(1, "interactivity:")
	y.add(2, "is_enabled: true")
	if address != "" {
		y.add(2, "request_url: "+address)
	}
	y.add(1, "org_deploy_enabled: "+strconv.FormatBool(several))
	y.add(1, "socket_mode_enabled: "+strconv.FormatBool(address == ""))
	y.add(1, "token_rotation_enabled: "+strconv.FormatBool(several))
	return y.String(), nil
}

// yamlLines are the lines of a YAML text.
type yamlLines struct{ strings.Builder }

func (y *yamlLines) add(depth int, line string) {
	_, _ = y.WriteString(strings.Repeat("  ", depth) + line + "\n") // a builder takes everything
}

// list writes a list, with what is to be said of its items.
func (y *yamlLines) list(depth int, name string, items []string, notes map[string]string) {
	y.add(depth, name+":")
	for _, item := range items {
		line := "- " + item
		if note := notes[item]; note != "" {
			line += " # " + note
		}
		y.add(depth+1, line)
	}
}
