package slack

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"rapporteur/bot"
)

// interactivePayload is an envelope's payload for what a person does with a
// button, a shortcut or a modal.
// docs.slack.dev/reference/interaction-payloads.
type interactivePayload struct {
	Type        string `json:"type"`
	CallbackID  string `json:"callback_id"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	Team        struct {
		ID string `json:"id"`
	} `json:"team"`
	Enterprise struct {
		ID string `json:"id"`
	} `json:"enterprise"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		Type        string `json:"type"`
		MessageTS   string `json:"message_ts"`
		ThreadTS    string `json:"thread_ts"`
		IsEphemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Message struct {
		TS       string `json:"ts"`
		ThreadTS string `json:"thread_ts"`
		Text     string `json:"text"`
		User     string `json:"user"`
		BotID    string `json:"bot_id"`
	} `json:"message"`
	View     view     `json:"view"`
	Actions  []action `json:"actions"`
	envelope string
}

// action is what was done with one element.
type action struct {
	ActionID string `json:"action_id"`
	Value    string `json:"value"`
	ActionTS string `json:"action_ts"`
}

// view is a modal or a home tab as it was when something was done in it.
type view struct {
	ID              string `json:"id"`
	Hash            string `json:"hash"`
	Type            string `json:"type"`
	CallbackID      string `json:"callback_id"`
	PrivateMetadata string `json:"private_metadata"`
	State           struct {
		Values map[string]map[string]entered `json:"values"`
	} `json:"state"`
}

// entered is what a person has entered in one element.
type entered struct {
	Value          string `json:"value"`
	SelectedOption struct {
		Value string `json:"value"`
	} `json:"selected_option"`
	SelectedConversation string `json:"selected_conversation"`
	SelectedTime         string `json:"selected_time"`
}

// value returns what was entered in the element of a block; empty for nothing.
func (v *view) value(block string) string {
	for _, e := range v.State.Values[block] {
		for _, s := range []string{e.Value, e.SelectedOption.Value, e.SelectedConversation, e.SelectedTime} {
			if s != "" {
				return s
			}
		}
	}
	return ""
}

// workspace names the workspace of an interaction.
func (c *Client) workspaceOf(p interactivePayload) string { return c.key(p.Enterprise.ID, p.Team.ID) }

// readInteraction reads what a person did.
func (c *Client) readInteraction(p interactivePayload) reading {
	if p.User.ID == "" {
		return ignored("an interaction of nobody")
	}
	switch p.Type {
	case "block_actions":
		return c.readPress(p)
	case "message_action", "shortcut":
		kind := map[string]string{"message_action": onMessage, "shortcut": everywhere}[p.Type]
		for _, s := range shortcuts() {
			if s.id == p.CallbackID && s.kind == kind {
				return s.read(c, p)
			}
		}
		return ignored("shortcut " + strconv.Quote(p.CallbackID) + " is not the bot's")
	case "view_submission":
		switch p.View.CallbackID {
		case viewCheck:
			return c.readChecked(p)
		case viewOrder:
			return c.readOrdered(p)
		case viewShare:
			return c.readShared(p)
		case viewReason:
			return c.readReason(p)
		}
	}
	return ignored("interaction " + strconv.Quote(p.Type) + " is not for the bot")
}

// The action ids of buttons that are no command of themselves.
const (
	actionShare    = "share"
	actionCopy     = "copy"
	actionShareTo  = "share_to" // opens the modal that asks for a channel
	actionDismiss  = "dismiss"
	actionFeedback = "feedback"
	actionOrder    = "order"  // opens the modal that orders a digest
	actionTimes    = "times/" // an element of that modal
)

// readPress reads the press of a button.
func (c *Client) readPress(p interactivePayload) reading {
	if len(p.Actions) == 0 {
		return ignored("a press of nothing")
	}
	a := p.Actions[0]
	switch {
	case strings.HasPrefix(a.ActionID, actionPrefix):
		return c.readCommand(p, a)
	case a.ActionID == actionShare:
		return c.readShare(p, a)
	case a.ActionID == actionCopy:
		return c.readCopy(p, a)
	case a.ActionID == actionShareTo:
		return c.readShareTo(p, a)
	case a.ActionID == actionDismiss && c.trusted(p.ResponseURL):
		return reading{then: func(ctx context.Context) {
			if _, err := c.respond(ctx, p.ResponseURL, map[string]any{"delete_original": true}); err != nil {
				c.log.WarnContext(ctx, "slack message not taken away", "error", err)
			}
		}}
	case a.ActionID == actionFeedback:
		return c.readFeedback(p, a)
	case a.ActionID == actionOrder:
		return c.readOrder(p)
	case strings.HasPrefix(a.ActionID, actionTimes):
		return c.readTimes(p)
	}
	return ignored("button " + strconv.Quote(a.ActionID) + " is no command")
}

// pressed names a press: by its time, else by what told of it.
func (p interactivePayload) pressed(a action) string {
	return either(a.ActionTS, gesture(p.TriggerID, p.ResponseURL, p.envelope))
}

// readCommand reads the press of a button as the command that it is. Under a
// message that one person was shown, the answer is for that person too; on the
// home tab, it goes to the direct conversation.
func (c *Client) readCommand(p interactivePayload, a action) reading {
	channel := p.Channel.ID
	if p.Container.Type == "view" {
		channel = metadataOf(p.View).Channel
	}
	if a.Value == "" || channel == "" {
		return ignored("button without command or channel")
	}
	r := reading{said: true, message: bot.Message{
		ID: p.pressed(a), Room: c.room(c.workspaceOf(p), channel), Sender: p.User.ID,
		Text: a.Value, SentAt: c.timeOf(a.ActionTS),
	}}
	if c.trusted(p.ResponseURL) {
		r.respond = p.ResponseURL
	}
	switch {
	case p.Container.Type == "view":
	case p.Container.IsEphemeral:
		r.message.Return = c.privately(p.ResponseURL)
	default:
		r.message.Thread = either(either(p.Message.ThreadTS, p.Container.ThreadTS), either(p.Message.TS, p.Container.MessageTS))
	}
	return r
}

// readVerify reads the shortcut that asks whether the record holds the words of
// a message. The answer is for the person alone: nobody is shamed in public.
func (c *Client) readVerify(p interactivePayload) reading { return c.readAbout(p, "verify") }

// readFind reads the shortcut that asks what the record says on what a message
// says.
func (c *Client) readFind(p interactivePayload) reading {
	topic := strings.Join(strings.Fields(unescape(p.Message.Text)), " ")
	return c.readAbout(p, "quote "+cut(topic, maxTopic))
}

// maxTopic is how much of a message is looked for.
const maxTopic = 300

// readAbout reads a shortcut of a message's menu as a command about that message.
func (c *Client) readAbout(p interactivePayload, text string) reading {
	if p.Channel.ID == "" || p.Message.TS == "" {
		return ignored("shortcut without channel or message")
	}
	back := c.privately(p.ResponseURL)
	return reading{said: true, respond: back, message: bot.Message{
		ID: gesture(p.TriggerID, p.ResponseURL, p.envelope), Room: c.room(c.workspaceOf(p), p.Channel.ID), Sender: p.User.ID,
		// The thread is where a correction would go.
		Thread: either(p.Message.ThreadTS, p.Message.TS),
		Text:   text, Quoted: unescape(p.Message.Text), SentAt: c.now(), Return: back,
	}}
}

// metadata is what a view carries: where what is done in it belongs.
type metadata struct {
	// Channel is the direct conversation, of the home tab, or the channel.
	Channel string `json:"channel,omitempty"`
	// Message is the post that is judged.
	Message string `json:"message,omitempty"`
	// Zone is the time zone of the person.
	Zone string `json:"zone,omitempty"`
	// Command gives what is shared.
	Command string `json:"command,omitempty"`
	// Nonce tells two modals apart that are otherwise the same.
	Nonce string `json:"nonce,omitempty"`
}

func (m metadata) String() string {
	data, err := json.Marshal(m)
	if err != nil {
		return ""
	}
	return string(data)
}

func metadataOf(v view) metadata {
	var m metadata
	if json.Unmarshal([]byte(v.PrivateMetadata), &m) != nil {
		return metadata{}
	}
	return m
}
