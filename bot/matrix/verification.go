package matrix

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"rapporteur/bot"
)

// Clients let a person verify another by comparing a row of emoji on two screens. The
// bot has no screen, and emoji that it wrote into the room would come by the way that
// is to be verified. So it declines at once, lest the person wait for ten minutes, and
// says what can be compared instead.

// verificationReturn in [bot.Message.Return] says that the message asked to verify the
// bot by emoji.
const verificationReturn = "verification"

// declineReason is what the client of who asked shows; clients cut what is longer.
const declineReason = "A bot cannot compare emoji; compare its fingerprint with its operator"

// askedToVerify returns the message that a request to verify the bot stands for; false
// where the content is no such request.
func (r reader) askedToVerify(room id.RoomID, evt *event.Event, s said) (bot.Message, bool) {
	if s.MsgType != string(event.MsgVerificationRequest) || s.To != r.self {
		return bot.Message{}, false
	}
	m := r.message(room, evt, evt.ID, "e2ee")
	m.Return = verificationReturn
	return m, true
}

// decline ends the verification that a message asked for. Said again, it is the same
// event.
func (c *Client) decline(ctx context.Context, m bot.Message) error {
	cli, err := c.session(ctx)
	if err != nil {
		return err
	}
	content := map[string]any{
		"code": event.VerificationCancelCodeUnknownMethod, "reason": declineReason,
		"m.relates_to": map[string]any{"rel_type": event.RelReference, "event_id": m.ID},
	}
	if _, err := c.dispatch(ctx, cli, id.RoomID(m.Room.ID), event.InRoomVerificationCancel, content, "decline/"+m.ID); err != nil && !isFinal(err) {
		return fmt.Errorf("decline a verification: %w", err)
	}
	return nil
}
