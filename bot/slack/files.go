package slack

import (
	"bytes"
	"context"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// attach puts the files of a reply below it. Slack has no way to tell an upload
// that was made from one that was not, so it is tried once: a file may be missing,
// and is never there twice. What became of it is logged.
func (c *Client) attach(ctx context.Context, w *workspace, channel, thread string, files []bot.File) {
	for _, f := range files {
		if len(f.Data) == 0 || f.Name == "" || w.fileless.Load() {
			continue
		}
		_, err := w.api.UploadFileContext(ctx, slackgo.UploadFileParameters{
			Reader: bytes.NewReader(f.Data), FileSize: len(f.Data), Filename: tidy(f.Name), Title: tidy(f.Name), Channel: channel, ThreadTimestamp: thread,
		})
		switch {
		case err == nil:
			c.counts.add("file_attached")
			continue
		case lacksScope(err):
			w.fileless.Store(true)
			c.notifyIn(ctx, w, "files", "I cannot attach files, such as calendar files: give me the scope files:write of the manifest.")
		}
		c.counts.add("file_not_attached")
		c.log.WarnContext(ctx, "file not attached, and not tried again", "channel", channel, "file", f.Name, "bytes", len(f.Data), "error", err)
	}
}
