package main

import (
	"context"
	"fmt"
	"net/url"

	"rapporteur/bot/slack"
)

type slackCmd struct {
	Manifest slackManifestCmd `cmd:"" help:"Print the app's manifest, to be pasted at api.slack.com/apps."`
}

type slackManifestCmd struct {
	HTTP  string `name:"http" help:"The variant for HTTP, with the address at which Slack reaches the bot." placeholder:"URL"`
	OAuth bool   `name:"oauth" help:"With --http, the variant that people install in several workspaces, at slack.url of the settings."`
}

// Run prints the manifest. Links to one's own permalinks are previewed where the
// settings name their address.
func (m *slackManifestCmd) Run(_ context.Context, p *program) error {
	c, err := p.settings()
	if err != nil {
		return err
	}
	domains := unHosts()
	if u, err := url.Parse(c.Slack.Permalinks); err == nil && u.Hostname() != "" {
		domains = append(domains, u.Hostname())
	}
	app := slack.App{Address: m.HTTP, Domains: domains}
	if m.OAuth {
		app.URL = c.Slack.URL
		if u, err := url.Parse(m.HTTP); app.URL == "" && err == nil {
			app.URL = "https://" + u.Host
		}
	}
	text, err := slack.Manifest(app)
	if err != nil {
		return &usageError{"slack manifest: " + err.Error()}
	}
	_, err = fmt.Fprint(p.env.out, text)
	return err
}
