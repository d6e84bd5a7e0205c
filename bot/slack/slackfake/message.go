package slackfake

import (
	"encoding/json"
	"strings"
)

// Message is a message in a room, or one that a single person was shown.
type Message struct {
	Channel, TS, ThreadTS string
	// User, BotID and AppID say who posted it; BotID and AppID are empty for
	// people.
	User, BotID, AppID string
	Text               string
	// Blocks and Metadata are JSON as it came; nil for none.
	Blocks, Metadata json.RawMessage
	// ShownTo is the person who alone sees it; empty for everybody.
	ShownTo string
	Edited  bool
	// Deleted is set for an ephemeral message that the app took away again.
	Deleted bool
	// Links are the links in it that the app was told of; Unfurls are the blocks
	// with which the app previews them.
	Links   []string
	Unfurls map[string]json.RawMessage
	// Parse, LinkNames, UnfurlLinks and UnfurlMedia are as the sender set them,
	// or as Slack sets them otherwise.
	Parse                               string
	LinkNames, UnfurlLinks, UnfurlMedia bool
}

// wire returns the message as the Web API shows it.
func (m *Message) wire(metadata bool) map[string]any {
	w := map[string]any{"type": "message", "user": m.User, "ts": m.TS, "text": m.Text}
	add := func(name, value string) {
		if value != "" {
			w[name] = value
		}
	}
	add("thread_ts", m.ThreadTS)
	add("bot_id", m.BotID)
	add("app_id", m.AppID)
	if m.Blocks != nil {
		w["blocks"] = m.Blocks
	}
	if metadata && m.Metadata != nil {
		w["metadata"] = m.Metadata
	}
	return w
}

// Delivery returns a string from the payload of the message's metadata.
func (m *Message) Delivery(name string) string {
	var meta struct {
		EventPayload map[string]any `json:"event_payload"`
	}
	if m.Metadata == nil || json.Unmarshal(m.Metadata, &meta) != nil {
		return ""
	}
	s, _ := meta.EventPayload[name].(string)
	return s
}

// blocks parses the blocks.
func blocks(data json.RawMessage) []map[string]any {
	var all []map[string]any
	if json.Unmarshal(data, &all) != nil {
		return nil
	}
	return all
}

// Visible returns what a person reads, as plain text: the blocks where there
// are any, else the text. A button reads "label: value".
func (m *Message) Visible() string {
	all := blocks(m.Blocks)
	if len(all) == 0 {
		return unescape(m.Text)
	}
	var out []string
	for _, b := range all {
		out = append(out, visible(b))
	}
	return strings.Join(out, "\n\n")
}

func visible(v map[string]any) string {
	kind, _ := v["type"].(string)
	text, _ := v["text"].(string)
	switch kind {
	case "plain_text", "text":
		return text
	case "mrkdwn", "markdown":
		return unescape(text)
	case "link":
		if text == "" {
			text, _ = v["url"].(string)
		}
		return text
	case "date":
		fallback, _ := v["fallback"].(string)
		return fallback
	case "feedback_buttons":
		positive, _ := v["positive_button"].(map[string]any)
		negative, _ := v["negative_button"].(map[string]any)
		yes, _ := positive["text"].(map[string]any)
		no, _ := negative["text"].(map[string]any)
		return visible(yes) + " / " + visible(no)
	case "button":
		label, _ := v["text"].(map[string]any)
		value, _ := v["value"].(string)
		return visible(label) + ": " + value
	}
	var parts []string
	for _, name := range []string{"label", "text", "placeholder", "element", "accessory"} {
		if inner, ok := v[name].(map[string]any); ok {
			parts = append(parts, visible(inner))
		}
	}
	rows, _ := v["rows"].([]any)
	for _, r := range rows {
		var row []string
		cells, _ := r.([]any)
		for _, cell := range cells {
			if cell, ok := cell.(map[string]any); ok {
				row = append(row, either(visible(cell), rawCell(cell)))
			}
		}
		parts = append(parts, strings.Join(row, " | "))
	}
	for _, name := range []string{"fields", "elements"} {
		list, _ := v[name].([]any)
		for _, e := range list {
			if e, ok := e.(map[string]any); ok {
				parts = append(parts, visible(e))
			}
		}
	}
	switch kind {
	case "rich_text_section", "rich_text_quote", "rich_text_preformatted":
		return strings.Join(parts, "")
	case "context":
		return strings.Join(parts, "  ")
	}
	return strings.Join(parts, "\n")
}

func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// rawCell is the text of a table's cell that is no rich text.
func rawCell(cell map[string]any) string {
	text, _ := cell["text"].(string)
	return text
}
