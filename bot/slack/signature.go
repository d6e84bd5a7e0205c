package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// signatureWindow is how far a request's time may be from now, before or after.
const signatureWindow = 5 * time.Minute

var (
	errNotSigned = errors.New("no signature")
	errStale     = errors.New("signed too long ago, or in the future: compare the clocks")
	errForged    = errors.New("the signature is not made with the signing secret")
)

// verify says whether a request is Slack's: version, time and body, signed with
// one of the secrets. docs.slack.dev/authentication/verifying-requests-from-slack.
func verify(header http.Header, body []byte, secrets []string, now time.Time) error {
	stamp := header.Get("X-Slack-Request-Timestamp")
	encoded, versioned := strings.CutPrefix(header.Get("X-Slack-Signature"), "v0=")
	claimed, err := hex.DecodeString(encoded)
	seconds, stampErr := strconv.ParseInt(stamp, 10, 64)
	if !versioned || err != nil || len(claimed) != sha256.Size || stampErr != nil {
		return errNotSigned
	}
	if now.Sub(time.Unix(seconds, 0)).Abs() > signatureWindow {
		return errStale
	}
	good := false
	for _, secret := range secrets { // all of them, whichever is right
		mac := hmac.New(sha256.New, []byte(secret))
		_, _ = mac.Write([]byte("v0:" + stamp + ":")) // a hash takes everything
		_, _ = mac.Write(body)
		if hmac.Equal(mac.Sum(nil), claimed) && secret != "" {
			good = true
		}
	}
	if !good {
		return errForged
	}
	return nil
}
