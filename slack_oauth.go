package main

import (
	"context"
	"time"

	"rapporteur/bot/slack"
	"rapporteur/config"
	"rapporteur/store"
)

// oauth is what installing the app in several workspaces takes; nil where the
// settings name one workspace.
func oauth(c config.Slack, db *store.Store) (*slack.OAuth, error) {
	if !c.Installable() {
		return nil, nil //nolint:nilnil // one workspace needs none
	}
	key, err := c.Key()
	if err != nil {
		return nil, err
	}
	return &slack.OAuth{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), Key: key, URL: c.URL,
		Installs: installs{db}, Leases: installs{db}, States: db,
	}, nil
}

// installs keeps installations in the database.
type installs struct{ db *store.Store }

// PutInstall keeps one.
func (i installs) PutInstall(ctx context.Context, kept slack.Install, now time.Time) error {
	return i.db.PutInstall(ctx, store.Install(kept), now)
}

// Install returns one.
func (i installs) Install(ctx context.Context, enterprise, team string) (slack.Install, bool, error) {
	found, known, err := i.db.FindInstall(ctx, enterprise, team)
	return slack.Install(found), known, err
}

// DeleteInstall deletes one.
func (i installs) DeleteInstall(ctx context.Context, enterprise, team string) error {
	return i.db.DeleteInstall(ctx, enterprise, team)
}

// LeaseInstall leases one.
func (i installs) LeaseInstall(ctx context.Context, of slack.Install, now, until time.Time) (bool, error) {
	return i.db.LeaseInstall(ctx, store.Install(of), now, until)
}
