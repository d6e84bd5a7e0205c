package matrix

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/attachment"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// A file of a reply is uploaded and sent as an event of its own below the text;
// into an encrypted room the file itself goes encrypted too. Where the homeserver
// does not take it, the text shows what is in it instead.
const (
	// largestFile bounds what is uploaded.
	largestFile = 10 << 20
	// uploadTries is how often the upload for one post may fail by accident.
	uploadTries = 3
	uploadLimit = 20 * time.Second
)

// fileContent is an m.file on the wire: with url in a plain room and with file in
// an encrypted one.
type fileContent struct {
	MsgType   event.MessageType        `json:"msgtype"`
	Body      string                   `json:"body"`
	FileName  string                   `json:"filename"`
	Info      event.FileInfo           `json:"info"`
	URL       id.ContentURIString      `json:"url,omitempty"`
	File      *event.EncryptedFileInfo `json:"file,omitempty"`
	Mentions  mentions                 `json:"m.mentions"`
	RelatesTo *event.RelatesTo         `json:"m.relates_to,omitempty"`
	Delivery  string                   `json:"org.rapporteur.delivery,omitempty"`
}

// fileDelivery names the event of a file of a post.
func fileDelivery(key string, file int) string { return delivery(key+"|file", file) }

// filesOf parts a reply into its files and the rest. A file that cannot be sent as
// one stays in the reply.
func filesOf(r bot.Reply) (rest bot.Reply, files []bot.File) {
	for _, b := range r {
		f, is := b.(bot.File)
		if is && f.Name != "" && len(f.Data) > 0 && len(f.Data) <= largestFile {
			files = append(files, f)
			continue
		}
		rest = append(rest, b)
	}
	return rest, files
}

// uploads uploads the files of a post that are not sent yet. refused is true where
// the homeserver does not take one of them: then the text is to show them.
func (c *Client) uploads(ctx context.Context, cli *mautrix.Client, p bot.Post, files []bot.File, sent map[string]id.EventID) (ready map[int]*fileContent, refused bool, err error) {
	ready = map[int]*fileContent{}
	for i, f := range files {
		if _, done := sent[fileDelivery(p.Key, i)]; done {
			continue
		}
		ready[i], err = c.upload(ctx, cli, id.RoomID(p.Room.ID), f)
		if err == nil {
			continue
		}
		tries, _ := c.unsent.LoadOrStore(p.Key, new(atomic.Int32))
		if !isFinal(err) && status(err) != http.StatusRequestEntityTooLarge && tries.(*atomic.Int32).Add(1) < uploadTries {
			return nil, false, &bot.PostError{Outcome: bot.NotSent, RetryAfter: retryAfter(err), Err: fmt.Errorf("upload a file: %w", err)}
		}
		c.unsent.Delete(p.Key)
		c.log.WarnContext(ctx, "matrix file not taken; the text shows it", "room", p.Room.ID, "file", f.Name, "bytes", len(f.Data), "error", err)
		return nil, true, nil
	}
	c.unsent.Delete(p.Key)
	return ready, false, nil
}

// upload uploads one file, encrypted where the room is.
func (c *Client) upload(ctx context.Context, cli *mautrix.Client, room id.RoomID, f bot.File) (*fileContent, error) {
	ctx, cancel := context.WithTimeout(ctx, uploadLimit)
	defer cancel()
	encrypted, err := c.isEncrypted(ctx, cli, room)
	if err != nil {
		return nil, err
	}
	kind, _, _ := strings.Cut(f.Type, ";")
	name := visible(f.Name)
	content := &fileContent{MsgType: event.MsgFile, Body: name, FileName: name, Info: event.FileInfo{MimeType: kind, Size: len(f.Data)}}
	data := f.Data
	var sealed *attachment.EncryptedFile
	if encrypted {
		sealed = attachment.NewEncryptedFile()
		data, kind, name = bytes.Clone(f.Data), "application/octet-stream", ""
		sealed.EncryptInPlace(data)
	}
	got, err := cli.UploadBytesWithName(ctx, data, kind, name)
	if err != nil {
		return nil, err
	}
	if encrypted {
		content.File = &event.EncryptedFileInfo{EncryptedFile: *sealed, URL: got.ContentURI.CUString()}
	} else {
		content.URL = got.ContentURI.CUString()
	}
	return content, nil
}

// sendFiles sends the files of a post below its text and returns their events.
func (c *Client) sendFiles(ctx context.Context, cli *mautrix.Client, p bot.Post, ready map[int]*fileContent) ([]id.EventID, error) {
	asked, err := c.repliesTo(ctx, p)
	if err != nil {
		return nil, err
	}
	var events []id.EventID
	for _, i := range slices.Sorted(maps.Keys(ready)) {
		content := ready[i]
		content.Delivery = fileDelivery(p.Key, i)
		root := id.EventID(p.Thread)
		switch {
		case root != "":
			content.RelatesTo = new(event.RelatesTo).SetThread(root, cmp.Or(asked, root))
		case asked != "":
			content.RelatesTo = new(event.RelatesTo).SetReplyTo(asked)
		}
		sent, err := c.dispatch(ctx, cli, id.RoomID(p.Room.ID), event.EventMessage, content, content.Delivery)
		if root != "" && status(err) == 400 && code(err) == mautrix.MUnknown.ErrCode {
			content.RelatesTo = new(event.RelatesTo).SetReplyTo(cmp.Or(asked, root))
			sent, err = c.dispatch(ctx, cli, id.RoomID(p.Room.ID), event.EventMessage, content, delivery(content.Delivery, 0))
		}
		if err != nil {
			return events, err
		}
		events = append(events, sent)
	}
	return events, nil
}

// keepFiles remembers the events of the files that answer a message, and redacts
// those of an earlier wording.
func (c *Client) keepFiles(ctx context.Context, cli *mautrix.Client, room id.RoomID, cause id.EventID, events []id.EventID) error {
	if cause == "" {
		return nil
	}
	before, err := c.filesFor(ctx, room, cause)
	if err != nil {
		return err
	}
	for _, sent := range events {
		if err := c.options.Notes.Note(ctx, c.space+"/file", room.String()+"|"+cause.String()+"|"+sent.String(), sent.String(), time.Now()); err != nil {
			return fmt.Errorf("remember a file: %w", err)
		}
	}
	if len(events) == 0 {
		return nil
	}
	var failed []error
	for _, old := range before {
		if slices.Contains(events, old) {
			continue
		}
		_, err := cli.RedactEvent(ctx, room, old, mautrix.ReqRedact{Reason: "there is a newer file", TxnID: delivery("redact/"+old.String(), 0)})
		if err != nil && !isFinal(err) {
			failed = append(failed, fmt.Errorf("take back a file: %w", err))
		}
	}
	return errors.Join(failed...)
}

// filesFor returns the events of the files that answer a message.
func (c *Client) filesFor(ctx context.Context, room id.RoomID, cause id.EventID) ([]id.EventID, error) {
	found, err := c.options.Notes.Notes(ctx, c.space+"/file", room.String()+"|"+cause.String()+"|")
	if err != nil {
		return nil, fmt.Errorf("read which files were sent: %w", err)
	}
	var events []id.EventID
	for _, sent := range found {
		events = append(events, id.EventID(sent))
	}
	return events, nil
}
