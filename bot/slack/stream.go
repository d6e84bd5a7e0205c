package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"rapporteur/bot"
)

// In the agent's conversation an answer may arrive as a stream, a message that
// grows. It is a way to post and no other answer: nothing is streamed that is not
// complete, verified and drawn already, block by block and never as markdown, for
// in blocks Slack reads no mark-up.
//
// A stream takes its metadata only when it ends. Until then its first block bears
// the name of the delivery, so that a stream whose writer died is found
// (look.go) and put in order by an edit. Whatever a stream meets, it ends as one
// whole message or as none, and then the answer is one post.
// docs.slack.dev/reference/methods/chat.startStream.

const (
	// streamGap keeps streams of a workspace apart: Slack takes twenty a minute.
	streamGap = 3 * time.Second
	// streamMark begins the block_id that names a delivery.
	streamMark = "delivery "
	// mendings is how often an end is tried again that Slack is too busy for.
	mendings = 5
)

// sighting is one of the bot's own posts in a room. It is open where a stream
// was begun and its end was not seen.
type sighting struct {
	ts   string
	open bool
}

// streamable says whether an answer may go out as a stream: to a thread of the
// agent's conversation, in one post.
func (c *Client) streamable(w *workspace, channel string, p bot.Post, parts []part) bool {
	return c.streams && !w.streamless.Load() && !p.Doubtful && p.Purpose == bot.ForAnswer && p.Return == "" &&
		p.Thread != "" && strings.HasPrefix(channel, "D") && len(parts) == 1 && len(p.Reply.Files()) == 0
}

// postStream posts an answer as a stream. taken is false where Slack did not begin
// one: then nothing is in the room.
func (c *Client) postStream(ctx context.Context, w *workspace, channel string, p bot.Post, drawn part) (ts string, taken bool, err error) {
	lane := w.lane() + " streams"
	if tooMany := c.pace.turn(ctx, lane, streamGap, time.Millisecond); tooMany != nil {
		c.log.DebugContext(ctx, "slack takes no more streams now", "error", tooMany)
		return "", false, nil
	}
	if err := c.turn(ctx, w, channel, p.Purpose); err != nil {
		return "", true, err
	}
	drawn = c.within(ctx, drawn)
	if len(drawn.blocks) == 0 {
		return "", false, nil
	}
	s := stream{Client: c, w: w, channel: channel, name: deliveryName(p.Key, 0), part: drawn, asked: p}
	return s.run(ctx)
}

// stream is a message that is being written.
type stream struct {
	*Client
	w       *workspace
	channel string
	ts      string
	name    string
	part    part
	asked   bot.Post
}

// run begins the stream, writes what is left and ends it.
func (s *stream) run(ctx context.Context) (ts string, taken bool, err error) {
	first := s.part.first()
	if taken, err := s.start(ctx, marked(s.part.blocks[:first], s.name)); !taken || err != nil {
		return "", taken, err
	}
	if rest := s.part.blocks[first:]; len(rest) > 0 {
		if err := s.append(ctx, rest); err != nil {
			return s.ts, true, s.mend(ctx, first, err)
		}
	}
	if err := s.end(ctx, s.part.extra); err != nil {
		return s.ts, true, s.mend(ctx, len(s.part.blocks), err)
	}
	return s.ts, true, nil
}

// marked returns blocks of which the first bears the name of a delivery.
func marked(blocks []slackgo.Block, name string) []slackgo.Block {
	blocks = slices.Clone(blocks)
	switch b := blocks[0].(type) {
	case *slackgo.RichTextBlock:
		own := *b
		own.BlockID, blocks[0] = streamMark+name, &own
	case *slackgo.HeaderBlock:
		own := *b
		own.BlockID, blocks[0] = streamMark+name, &own
	case *slackgo.ContextBlock:
		own := *b
		own.BlockID, blocks[0] = streamMark+name, &own
	default:
		divider := slackgo.NewDividerBlock()
		divider.BlockID = streamMark + name
		blocks = slices.Insert(blocks, 0, slackgo.Block(divider))
	}
	return blocks
}

// streamOf returns the delivery that a message's first block names; empty for none.
func streamOf(m slackgo.Message) string {
	if len(m.Blocks.BlockSet) == 0 {
		return ""
	}
	name, is := strings.CutPrefix(m.Blocks.BlockSet[0].ID(), streamMark)
	if !is {
		return ""
	}
	return name
}

// start begins the stream. Whatever refuses it leaves nothing in the room.
func (s *stream) start(ctx context.Context, blocks []slackgo.Block) (taken bool, err error) {
	traced, reached := traced(ctx)
	options := []slackgo.MsgOption{slackgo.MsgOptionTS(s.asked.Thread), slackgo.MsgOptionChunks(slackgo.NewBlocksChunk(blocks...))}
	if s.asked.To != "" {
		options = append(options, slackgo.MsgOptionRecipientUserID(s.asked.To))
		if team := s.w.team(); team != "" {
			options = append(options, slackgo.MsgOptionRecipientTeamID(team))
		}
	}
	_, ts, err := s.w.api.StartStreamContext(traced, s.channel, options...)
	if err == nil && ts == "" {
		err = errNoTimestamp
	}
	if err == nil {
		s.ts = ts
		return true, nil
	}
	v, after := judge(err, reached.Load())
	if status, is := errors.AsType[slackgo.StatusCodeError](err); is && status.Code >= http.StatusBadRequest && status.Code < http.StatusInternalServerError {
		v = refused // a server that knows no streams
	}
	switch v {
	case unknown:
		return true, s.failure(v, limited{fmt.Errorf("chat.startStream: %w", err), after})
	case notSent: // too many at once, or not reached: one post may go
	default:
		s.w.streamless.Store(true)
	}
	s.log.InfoContext(ctx, "slack takes no stream, posting the answer at once", "error", err)
	return false, nil
}

// append writes further blocks.
func (s *stream) append(ctx context.Context, blocks []slackgo.Block) error {
	_, _, err := s.w.api.AppendStreamContext(ctx, s.channel, s.ts, slackgo.MsgOptionChunks(slackgo.NewBlocksChunk(blocks...)))
	return err
}

// end ends the stream: with its metadata, and what stands below the answer.
func (s *stream) end(ctx context.Context, extra []slackgo.Block) error {
	options := []slackgo.MsgOption{named(s.name)}
	if len(extra) > 0 {
		options = append(options, slackgo.MsgOptionBlocks(extra...))
	}
	_, _, err := s.w.api.StopStreamContext(ctx, s.channel, s.ts, options...)
	return err
}

// stoppedByUser is what Slack says of a stream that its reader stopped.
const stoppedByUser = "stopped_by_user"

// mend makes one whole message of a stream that met trouble after so many blocks
// of it: what is written already is written over. Where a person stopped it, it
// keeps what the person has seen and says so.
func (s *stream) mend(ctx context.Context, written int, trouble error) error {
	whole := s.part
	if apiError(trouble) == stoppedByUser {
		whole.blocks = append(whole.blocks[:written:written], drawProse("Stopped.", nil)[0].block)
		whole.plain, whole.extra = "Stopped.\n\n"+whole.plain, nil
	}
	s.log.InfoContext(ctx, "slack stream ended early, writing the message whole", "error", trouble)
	return s.mendStream(ctx, s.w, s.channel, s.ts, s.name, whole)
}

// mendStream writes a message whole that was a stream, ending the stream first
// where it is one still.
func (c *Client) mendStream(ctx context.Context, w *workspace, channel, ts, name string, whole part) error {
	s := stream{Client: c, w: w, channel: channel, ts: ts, name: name}
	var err error
	for range mendings {
		if endErr := s.end(ctx, nil); endErr != nil {
			c.log.DebugContext(ctx, "slack stream not ended", "error", endErr)
		}
		err = c.update(ctx, w, channel, ts, name, bot.ForDigest, part{blocks: whole.all(), plain: whole.plain})
		outcome, after := bot.OutcomeOf(err)
		if err == nil || (outcome != bot.NotSent && apiError(err) != "streaming_state_conflict") {
			break
		}
		if rest(ctx, c.stop, max(after, time.Second)) != nil {
			break
		}
	}
	if err != nil {
		// It is in the room, though not whole: it must be found again.
		_, after := bot.OutcomeOf(err)
		return postError(unknown, after, fmt.Errorf("write a stream whole: %w", err))
	}
	return nil
}

// apiError is the code that Slack gave; empty for other errors.
func apiError(err error) string {
	if answer, ok := errors.AsType[slackgo.SlackErrorResponse](err); ok {
		return answer.Err
	}
	return ""
}

// named is the metadata that names a delivery.
func named(name string) slackgo.MsgOption {
	return slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: deliveryEvent, EventPayload: map[string]any{"delivery": name}})
}
