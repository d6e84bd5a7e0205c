package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"rapporteur/bot/matrix"
	"rapporteur/config"
	"rapporteur/store"
)

// matrixSeat makes the seat on Matrix.
func (p *program) matrixSeat(c config.Config, db *store.Store, log *slog.Logger) (*matrix.Client, error) {
	keys, err := p.matrixKeys(c, db)
	if err != nil {
		return nil, fmt.Errorf("matrix: %w", err)
	}
	seat, err := matrix.New(matrix.Options{
		Homeserver: c.Matrix.Homeserver, User: c.Matrix.User, Password: c.Matrix.Password.Reveal(),
		Token: c.Matrix.Token.Reveal(), DeviceID: c.Matrix.DeviceID, OAuth: c.Matrix.OAuth, Prefix: c.Matrix.Prefix,
		AllowInvites: c.Matrix.AllowInvites, InvitesPerHour: c.Matrix.InvitesPerHour, AnswerWithin: c.Matrix.Within(),
		Log: log.With("platform", "matrix"), State: db, Notes: db, Leases: db, Mover: db, Keys: keys,
	})
	if err != nil {
		return nil, fmt.Errorf("matrix: %w", err)
	}
	return seat, nil
}

// matrixKeys says where what encryption needs is kept: in the database, and the
// two keys to that beside it, where no setting says otherwise.
func (p *program) matrixKeys(c config.Config, db *store.Store) (*matrix.Keys, error) {
	if !matrix.Encrypts {
		return nil, nil //nolint:nilnil // a program without encryption has no keys
	}
	keys := &matrix.Keys{DB: db.DB(), Postgres: db.Postgres(), PickleKey: c.Matrix.PickleKey.Reveal(), RecoveryFile: c.Matrix.RecoveryKeyFile}
	beside := c.Database.Reveal()
	if beside == "" {
		beside = defaultDatabase(p.env.getenv)
	}
	if keys.RecoveryFile == "" {
		keys.RecoveryFile = beside + ".recovery-key"
	}
	var err error
	if keys.PickleKey == "" {
		keys.PickleKey, err = matrix.PickleKey(beside + ".pickle-key")
	}
	return keys, err
}

type matrixLoginCmd struct{}

// Run logs in by the OAuth 2.0 device grant and keeps the session.
func (*matrixLoginCmd) Run(ctx context.Context, p *program) error {
	c, err := p.settings()
	if err != nil {
		return err
	}
	if !c.Matrix.OAuth {
		return errors.New("matrix-login: set matrix.oauth to true; with a password or an access token nobody has to log in")
	}
	log := p.logger(c, slog.LevelWarn)
	db, err := p.openStore(ctx, c)
	if err != nil {
		return err
	}
	defer closeStore(db, log)
	seat, err := p.matrixSeat(c, db, log)
	if err != nil {
		return err
	}
	err = seat.LogInByDevice(ctx, func(address, code string) {
		_, _ = fmt.Fprintf(p.env.out, "Open %s as %s, and enter the code %s.\n", address, c.Matrix.User, code)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.env.out, "Logged in. Now run: rapporteur serve")
	return err
}

type backupCmd struct {
	File string `arg:"" help:"The file to write; it must not be there yet."`
}

// Run writes a copy of the database, while the bot may run.
func (b *backupCmd) Run(ctx context.Context, p *program) error {
	c, err := p.settings()
	if err != nil {
		return err
	}
	path := p.database(c)
	if err := store.Backup(ctx, path, b.File); err != nil {
		return err
	}
	lines := []string{"The database is copied to " + b.File + "; keep it secret, for it holds the sessions and the encryption keys."}
	if c.Matrix.Enabled() && c.Matrix.PickleKey == "" {
		lines = append(lines, "Keep "+path+".pickle-key with it: without that key the copy's encryption keys cannot be opened.")
	}
	if c.Matrix.Enabled() {
		lines = append(lines, "Do not run the copy and the original at the same time, nor an old copy after the original went on: log in anew then.")
	}
	_, err = fmt.Fprintln(p.env.out, strings.Join(lines, "\n"))
	return err
}

// stander is a platform that leaves its work to another replica at times.
type stander interface{ StandsBy() bool }

// encryptionPlan says what would become of encrypted rooms.
func encryptionPlan(c config.Config, getenv func(string) string) string {
	if !matrix.Encrypts {
		return "encrypted rooms are refused, for this program was built without the tag goolm"
	}
	file := c.Matrix.RecoveryKeyFile
	if file == "" {
		file = c.Database.Reveal()
		if file == "" {
			file = defaultDatabase(getenv)
		}
		file += ".recovery-key"
	}
	return "encrypted rooms too; the account's recovery key is in " + file + ", or is written there at the first start"
}
