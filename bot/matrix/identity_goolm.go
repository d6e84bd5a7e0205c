//go:build goolm

package matrix

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/ssss"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// The account has an identity of its own, three cross-signing keys, which signs
// its devices: clients show messages of unsigned devices as untrusted or not at
// all. The private keys lie on the homeserver, encrypted with the recovery key.

// sign sees to it that the account's identity signs this device: it makes the
// identity at the first start, and opens it with the recovery key where the
// device is new.
func (m *machine) sign(ctx context.Context, file, password string) error {
	exists, signed, err := m.olm.GetOwnVerificationStatus(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read whether the device is signed: %w", err)
	case exists && signed:
		return nil
	case exists:
		return m.restore(ctx, file)
	}
	return m.found(ctx, file, password)
}

// restore signs the device with the identity that the recovery key opens.
func (m *machine) restore(ctx context.Context, file string) error {
	key, err := os.ReadFile(file)
	if err != nil {
		return &operatorError{fmt.Sprintf("the account %s has an identity (cross-signing), but its recovery key is not in %s: put the key there, "+
			"or reset the account's identity in a client, so that people can trust the bot's device", m.olm.Client.UserID, file), err}
	}
	err = m.olm.VerifyWithRecoveryKey(ctx, strings.TrimSpace(string(key)))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ssss.ErrIncorrectSSSSKey), errors.Is(err, ssss.ErrInvalidRecoveryKey), errors.Is(err, ssss.ErrNoDefaultKeyID):
		return &operatorError{fmt.Sprintf("the recovery key in %s does not open the identity of %s: put the right one there", file, m.olm.Client.UserID), err}
	}
	return fmt.Errorf("sign the device with the recovery key: %w", err)
}

// found makes the account's identity. The recovery key is on disk before
// anything is uploaded, for nobody could make it again.
func (m *machine) found(ctx context.Context, file, password string) error {
	recovery, err := m.recovery(ctx, file)
	if err != nil {
		return err
	}
	identity, err := m.olm.GenerateCrossSigningKeys()
	if err != nil {
		return fmt.Errorf("make the account's identity: %w", err)
	}
	if err := m.olm.SSSS.SetKeyData(ctx, recovery.ID, recovery.Metadata); err != nil {
		return fmt.Errorf("upload the recovery key's description: %w", err)
	}
	if err := m.olm.SSSS.SetDefaultKeyID(ctx, recovery.ID); err != nil {
		return fmt.Errorf("upload the recovery key's name: %w", err)
	}
	for name, seed := range map[event.Type][]byte{
		event.AccountDataCrossSigningMaster: identity.MasterKey.Seed(),
		event.AccountDataCrossSigningSelf:   identity.SelfSigningKey.Seed(),
		event.AccountDataCrossSigningUser:   identity.UserSigningKey.Seed(),
	} {
		if err := m.olm.SSSS.SetEncryptedAccountData(ctx, name, seed, recovery); err != nil {
			return fmt.Errorf("keep the account's identity on the homeserver: %w", err)
		}
	}
	page := ""
	err = m.olm.PublishCrossSigningKeys(ctx, identity, func(ask *mautrix.RespUserInteractive) any {
		page = pageOf(ask)
		if password == "" {
			return nil
		}
		return &mautrix.ReqUIAuthLogin{
			BaseAuthData: mautrix.BaseAuthData{Type: mautrix.AuthTypePassword, Session: ask.Session},
			User:         m.olm.Client.UserID.String(), Password: password,
		}
	})
	if status(err) == 401 && !isToken(err) {
		return &operatorError{unproven(m.olm.Client.UserID, password != "", page), err}
	}
	if err != nil {
		return fmt.Errorf("upload the account's identity: %w", err)
	}
	// Known to the store only now, so that a crash before leads here again.
	if err := m.olm.UploadCrossSigningKeysToSSSS(ctx, recovery, identity); err != nil {
		return fmt.Errorf("keep the account's identity: %w", err)
	}
	if err := m.olm.SignOwnDevice(ctx, m.olm.OwnIdentity()); err != nil {
		return fmt.Errorf("sign the device: %w", err)
	}
	if err := m.olm.SignOwnMasterKey(ctx); err != nil {
		return fmt.Errorf("sign the account's identity: %w", err)
	}
	m.log.InfoContext(ctx, "the account has a new identity (cross-signing); keep the recovery key in a safe place", "file", file)
	return nil
}

// recovery makes the recovery key and writes it to the file, or takes up the one
// of an attempt that was cut off: one that the homeserver knows.
func (m *machine) recovery(ctx context.Context, file string) (*ssss.Key, error) {
	written, err := os.ReadFile(file)
	if err == nil {
		name, data, err := m.olm.SSSS.GetDefaultKeyData(ctx)
		if err == nil {
			key, err := data.VerifyRecoveryKey(name, strings.TrimSpace(string(written)))
			if err != nil {
				return nil, &operatorError{fmt.Sprintf("the recovery key in %s is not that of %s: move the file away, or put the right key there", file, m.olm.Client.UserID), err}
			}
			return key, nil
		}
		if !errors.Is(err, ssss.ErrNoDefaultKeyID) && !isFinal(err) {
			return nil, fmt.Errorf("ask for the recovery key's name: %w", err)
		}
		// Never overwrite a recovery key, whosever it is.
		if err := setAside(file); err != nil {
			return nil, err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, &operatorError{"the file of the recovery key cannot be read", err}
	}
	key, err := ssss.NewKey("")
	if err != nil {
		return nil, fmt.Errorf("make a recovery key: %w", err)
	}
	if err := writeSecret(file, key.RecoveryKey()+"\n"); err != nil {
		return nil, &operatorError{"the recovery key cannot be written, and without it nothing is sent; make its folder writable or set matrix.recovery_key_file", err}
	}
	return key, nil
}

// pageOf returns the page on which a person allows what a homeserver asks about,
// where it leaves that to an OAuth 2.0 service.
func pageOf(ask *mautrix.RespUserInteractive) string {
	for _, stage := range ask.Params {
		if params, ok := stage.(map[string]any); ok {
			if page, ok := params["url"].(string); ok {
				return page
			}
		}
	}
	return ""
}

// unproven says what the operator can do where the homeserver wants a proof before
// it takes the account's identity.
func unproven(user id.UserID, password bool, page string) string {
	const wants = "the homeserver wants a proof before it takes the bot's identity (cross-signing): "
	switch {
	case page != "":
		return fmt.Sprintf("%sopen %s as %s, allow the reset of the identity, and start the bot again", wants, page, user)
	case password:
		return wants + "it does not take the password; ask the homeserver's administrator"
	}
	return fmt.Sprintf("%slog in as %s with any client, set up encryption there, and put the recovery key into the file of matrix.recovery_key_file; "+
		"or, for the first start alone, set matrix.password_file instead of the access token", wants, user)
}
