//go:build !goolm

package matrix

import (
	"context"
	"log/slog"

	"maunium.net/go/mautrix"
)

// Encrypts says whether this program can read and write in encrypted rooms.
const Encrypts = false

func openCipher(context.Context, *mautrix.Client, *Keys, string, *slog.Logger) (cipher, error) {
	return nil, errNoCipher
}
