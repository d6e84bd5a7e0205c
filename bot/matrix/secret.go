package matrix

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// PickleKey returns the key with which the encryption keys in the database are
// closed: the one in the file or, where there is no file yet, a new one, which
// is written there with mode 0600.
func PickleKey(file string) (string, error) {
	data, err := os.ReadFile(file)
	switch key := strings.TrimSpace(string(data)); {
	case err == nil && key != "":
		return key, nil
	case err == nil:
		return "", fmt.Errorf("the pickle key's file %s is empty; put the key back or, where there is nothing to lose yet, remove the file", file)
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the pickle key cannot be read; let the bot read its file, or set matrix.pickle_key: %w", err)
	}
	key := rand.Text() + rand.Text()
	if err := writeSecret(file, key+"\n"); err != nil {
		return "", fmt.Errorf("the pickle key cannot be written; make its folder writable, or set matrix.pickle_key: %w", err)
	}
	return key, nil
}

// writeSecret writes a new file that only its owner may read, down to the disk.
func writeSecret(file, text string) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = out.WriteString(text)
	return errors.Join(err, out.Sync(), out.Close())
}

// setAside renames a file to one of its name and a number.
func setAside(file string) error {
	for i := 1; ; i++ {
		other := fmt.Sprintf("%s.%d", file, i)
		if _, err := os.Lstat(other); errors.Is(err, fs.ErrNotExist) {
			if err := os.Rename(file, other); err != nil {
				return fmt.Errorf("set the old recovery key aside: %w", err)
			}
			return nil
		}
	}
}
